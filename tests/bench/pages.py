"""Pages as gunicorn would ask for them: through every middleware, without a network."""

import gzip
import io
from importlib import import_module
from urllib.parse import urlencode

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
TOKEN = "a" * 32


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
            f" {settings.CSRF_COOKIE_NAME}={TOKEN}"
        )
        if __name__ != settings.ROOT_URLCONF:
            HELLO_BESIDES.enable()
        self.handler = WSGIHandler()

    def get(self, address, tag=""):
        """Status, headers and body."""
        return self._answer("GET", address, {"HTTP_IF_NONE_MATCH": tag} if tag else {})

    def post(self, address, fields):
        """Send a form; status, headers and body."""
        sent = urlencode({"csrfmiddlewaretoken": TOKEN, **fields}).encode()
        more = {
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(sent)),
        }
        return self._answer("POST", address, {**more, "wsgi.input": io.BytesIO(sent)})

    def _answer(self, method, address, more):
        environ = {
            "REQUEST_METHOD": method,
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
            **more,
        }
        found = {}
        answer = self.handler(
            environ, lambda status, headers: found.update(status=status, headers=dict(headers))
        )
        body = b"".join(answer)
        answer.close()
        return int(found["status"].split()[0]), found["headers"], body


def compressed(body):
    return len(gzip.compress(body, 6))
