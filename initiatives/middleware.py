"""What every request passes through, whoever asks: an id for the logs, and no stored copies."""

import re
import time
import uuid
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from initiatives import logs

GetResponse = Callable[[HttpRequest], HttpResponse]
SEEN_KEY = "seen"
SEEN_STEP_SECONDS = 15 * 60  # noted this often, so that reading does not write a session each time
ACCEPTABLE_ID = re.compile(r"[\w-]{8,64}")


def request_id(get_response: GetResponse) -> GetResponse:
    """Name each request: the proxy's ``X-Request-ID`` if it is one, else a new id; echo it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex[:16]
        token = logs.request_id.set(name)
        try:
            response = get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = name
        return response

    return middleware


def idle_sessions(get_response: GetResponse) -> GetResponse:
    """Sign out whoever has not been seen for ``SESSION_IDLE_SECONDS``; note where from they come."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(SEEN_KEY, now)
            if now - seen > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif now - seen >= SEEN_STEP_SECONDS or SEEN_KEY not in request.session:
                request.session[SEEN_KEY] = now
                UserSession.objects.create_from_request(request)
        return get_response(request)

    return middleware


def private_pages(get_response: GetResponse) -> GetResponse:
    """Keep a signed-in reader's pages out of every cache, unless the view says otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        token = logs.user_id.set(user.pk)
        try:
            response = get_response(request)
        finally:
            logs.user_id.reset(token)
        if user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return middleware
