"""Pages that a browser may keep, if it asks each time whether they still hold.

A page gets a tag made of what it depends on: the version of the rows, the reader, the session, the
language, the day, the code. If the browser comes back with that tag, it is told that nothing
changed (304), before anything of the page is read.
"""

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language

View = Callable[..., HttpResponse]
OK = 200


def revalidated(version: Callable[[Any], str]) -> Callable[[View], View]:
    """Answer 304 while ``version(request)``, one cheap query, and all about the reader are the same.

    Stands below the door: who may not come in is not told that nothing changed. An empty version
    means that the page cannot be known by one.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            tag = tag_of(request, version)
            response = get_conditional_response(request, etag=tag) if is_complete(request) else None
            if response is None:
                response = view(request, *args, **kwargs)
            else:
                # The kept page goes with the policy it came with: its scripts carry that nonce.
                response._csp_exempt = True  # type: ignore[attr-defined]
            if tag and response.status_code in {OK, 304}:
                response["ETag"] = tag
            patch_cache_control(response, private=True, no_cache=True)
            patch_vary_headers(response, ("Cookie", "HX-Request"))
            return response

        return wrapped

    return decorate


def tag_of(request: Any, version: Callable[[Any], str]) -> str | None:
    """The tag of a page for this reader; None where it says something only once."""
    if request.method not in {"GET", "HEAD"} or len(get_messages(request)):
        return None
    rows = version(request)
    if not rows:
        return None
    user = request.user
    parts = (
        *(rows, request.get_full_path(), user.pk, user.name, user.email),
        *(request.membership.pk, len(request.memberships), request.session.session_key),
        *(get_language(), timezone.localdate(), bool(request.htmx), code_version()),
    )
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def is_complete(request: HttpRequest) -> bool:
    """Whether the browser still has what a kept page's forms need to be sent."""
    return settings.CSRF_COOKIE_NAME in request.COOKIES


@cache
def code_version() -> int:
    """When the newest template, style, script or module was written: the same for all workers."""
    folders = ("templates", "static", *settings.LOCAL_APPS)
    files = (each for folder in folders for each in Path(settings.BASE_DIR, folder).rglob("*.*"))
    return max(int(each.stat().st_mtime) for each in files if "__pycache__" not in each.parts)
