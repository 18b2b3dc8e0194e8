"""Pages as gunicorn would ask for them: through every middleware, without a network."""

import gzip
import io
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from initiatives.models import User


def hello(_request):
    return HttpResponse("hello")


urlpatterns = [path("hello", hello), path("", include("config.urls"))]


# Once for all requests: with each change of it, Django forgets every address it knows.
HELLO_BESIDES = override_settings(ROOT_URLCONF=__name__)


class Site:
    """One signed-in reader of the whole site, and of ``/hello``."""

    def __init__(self, email):
        user = User.objects.get(email=email)
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        self.cookie = (
            f"{settings.SESSION_COOKIE_NAME}={session.session_key};"
            f" {settings.CSRF_COOKIE_NAME}={'a' * 32}"
        )
        if __name__ != settings.ROOT_URLCONF:
            HELLO_BESIDES.enable()
        self.handler = WSGIHandler()

    def get(self, address, tag=""):
        """Status, headers and body."""
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": address.partition("?")[0],
            "QUERY_STRING": address.partition("?")[2],
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self.cookie,
            "wsgi.input": io.BytesIO(),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
        }
        if tag:
            environ["HTTP_IF_NONE_MATCH"] = tag
        found = {}
        answer = self.handler(
            environ, lambda status, headers: found.update(status=status, headers=dict(headers))
        )
        body = b"".join(answer)
        answer.close()
        return int(found["status"].split()[0]), found["headers"], body


def compressed(body):
    return len(gzip.compress(body, 6))
