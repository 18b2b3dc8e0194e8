"""What every request passes through, whoever asks: an id for the logs, and no stored copies."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.log import log_response

from initiatives import logs

GetResponse = Callable[[HttpRequest], HttpResponse]
SEEN_KEY = "seen"
BORN_KEY = "born"
SEEN_STEP_SECONDS = 15 * 60  # noted this often, so that reading does not write a session each time
BAD, TOO_LARGE = 400, 413
LONGEST = 20  # digits of a size
OVERRIDES = re.compile("[\u202d\u202e]")  # of the direction of writing
ACCEPTABLE_ID = re.compile(r"[\w-]{8,64}")


def request_id(get_response: GetResponse) -> GetResponse:
    """Name each request: the proxy's ``X-Request-ID`` if it is one, else a new id; echo it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex[:16]
        token = logs.request_id.set(name)
        try:
            response = get_response(request)
            if response.status_code >= BAD:  # Django would say it after the id is gone
                log_response(
                    "%s: %s",
                    response.reason_phrase,
                    request.path,
                    response=response,
                    request=request,
                )
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = name
        return response

    return middleware


def idle_sessions(get_response: GetResponse) -> GetResponse:
    """Sign out whoever was not seen for a while, or signed in too long ago; note where from."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(SEEN_KEY, now)
            is_idle = now - seen > settings.SESSION_IDLE_SECONDS
            if is_idle or session_age(request) > settings.SESSION_LONGEST_SECONDS:
                logout(request)
            elif now - seen >= SEEN_STEP_SECONDS or SEEN_KEY not in request.session:
                request.session[SEEN_KEY] = now
                request.session.setdefault(BORN_KEY, now)
                UserSession.objects.create_from_request(request)
        return get_response(request)

    return middleware


def bounded_bodies(get_response: GetResponse) -> GetResponse:
    """Refuse a request that says more than it may before any of it is read.

    Django bounds fields, and no files: those it writes to the disk, whoever sends them. What it
    refuses itself (too many fields, parts without an end) is refused
    here: its own pages for errors read the request once more, and fall over it without an answer.
    So is an address that asks the same twice: none of ours does, and of two answers readers would
    take different ones.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_known = request.user.is_authenticated
        most = settings.MOST_BODY_BYTES if is_known else settings.MOST_BODY_BYTES_OF_STRANGERS
        if _length(request) > most:
            return render(request, "413.html", {"most": most >> 20}, status=TOO_LARGE)
        if not _is_readable(request):
            request.GET = QueryDict()  # the page looks at it
            return render(request, "400.html", status=BAD)
        _straighten(request)
        return get_response(request)

    return middleware


def _is_readable(request: HttpRequest) -> bool:
    """Whether the address and the form can be read."""
    try:
        request.POST  # noqa: B018 - read now, and kept
        return all(len(said) == 1 for _name, said in request.GET.lists())
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return False


def _straighten(request: HttpRequest) -> None:
    """Leave out what makes a reader see letters and digits in another order than they stand in.

    No keyboard has these two characters, and no language needs them: right-to-left letters know
    their direction. An open one would turn around whatever is shown behind it.
    """
    if any(OVERRIDES.search(text) for _name, said in request.POST.lists() for text in said):
        straight = request.POST.copy()
        for name, said in request.POST.lists():
            straight.setlist(name, [OVERRIDES.sub("", text) for text in said])
        straight._mutable = False
        request.POST = straight  # type: ignore[assignment]


def _length(request: HttpRequest) -> int:
    """The announced size; without one, or with another word, nothing is read."""
    given = request.META.get("CONTENT_LENGTH") or ""
    return int(given.lstrip("0")[:LONGEST] or 0) if given.isascii() and given.isdigit() else 0


def session_age(request: HttpRequest) -> float:
    """Seconds since signing in; what was used in between does not make a session younger."""
    now = time.time()
    return now - float(request.session.get(BORN_KEY, now))


def _view_of(request: HttpRequest) -> Any:
    return request.resolver_match.func if request.resolver_match else None


def private_pages(get_response: GetResponse) -> GetResponse:
    """Keep pages out of every cache, unless the view says otherwise: what a signed-in reader sees,
    and what stands before signing in. Who signs out takes along what the browser kept.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        token = logs.user_id.set(user.pk)
        try:
            response = get_response(request)
        finally:
            logs.user_id.reset(token)
        is_published = getattr(_view_of(request), "door", "") == "public"
        if not response.has_header("Cache-Control") and (user.is_authenticated or not is_published):
            patch_cache_control(response, private=True, no_store=True)
        if user.is_authenticated and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache"'
        return response

    return middleware
