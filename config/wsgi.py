"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from config import stack
from config.encoding import in_utf_8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
stack.ensure()
application = in_utf_8(get_wsgi_application())

from initiatives.checks import refuse_unwalled  # noqa: E402 - needs Django set up

refuse_unwalled()
