"""Pages that a browser may keep, if it asks each time whether they still hold.

A page gets a tag made of what it depends on: the version of the rows, the reader, the session, the
language, the day, the code. If the browser comes back with that tag, it is told that nothing
changed (304), before anything of the page is read. Whoever comes without it gets the part that all
readers of one kind share as it was made for the first of them (``shared_part``).
"""

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache as shared
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import get_language

View = Callable[..., HttpResponse]
OK, UNCHANGED = 200, 304
KEPT_SECONDS = 3600
FORM_NOTE = "CSRF_COOKIE_NEEDS_UPDATE"  # Django notes here that a form took a token


def revalidated(version: Callable[[Any], str]) -> Callable[[View], View]:
    """Answer 304 while ``version(request)``, one cheap query, and all about the reader are the same.

    Stands below the door: who may not come in is not told that nothing changed. An empty version
    means that the page cannot be known by one.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            tag = tag_of(request, version)
            response = unchanged(request, tag) if tag else None
            if response is None:
                response = view(request, *args, **kwargs)
                if tag and response.status_code == OK:
                    response["ETag"] = quoted(tag, has_forms=FORM_NOTE in request.META)
            patch_cache_control(response, private=True, no_cache=True)
            patch_vary_headers(response, ("Cookie", "HX-Request"))
            return response

        return wrapped

    return decorate


def tag_of(request: Any, version: Callable[[Any], str]) -> str | None:
    """The tag of a page for this reader; None where it says something only once."""
    if request.method not in {"GET", "HEAD"} or len(get_messages(request)):
        return None
    rows = request.rows_version = version(request)
    if not rows:
        return None
    user = request.user
    parts = (
        *(rows, request.get_full_path(), user.pk, user.name, user.email),
        *(request.membership.pk, len(request.memberships), request.session.session_key),
        *(get_language(), timezone.localdate(), bool(request.htmx), code_version()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def unchanged(request: HttpRequest, tag: str) -> HttpResponse | None:
    """The answer that nothing changed, or None.

    A page with forms is kept only as long as the browser has the cookie that they are sent with.
    """
    for has_forms in (False, True):
        if has_forms and settings.CSRF_COOKIE_NAME not in request.COOKIES:
            continue
        etag = quoted(tag, has_forms=has_forms)
        response: HttpResponse | None = get_conditional_response(request, etag=etag)
        if response is not None and response.status_code == UNCHANGED:
            # The kept page goes with the policy it came with: its scripts carry that nonce.
            response._csp_exempt = True  # type: ignore[attr-defined]
            response["ETag"] = etag
            return response
    return None


def shared_part(request: Any, name: str, make: Callable[[], SafeString]) -> SafeString:
    """A part of a page below ``revalidated``, made once for all readers who may see the same.

    It must depend on the rows behind the version, on what the membership may and on its
    organization, and on nothing else of the reader: no form, no name, no session.
    """
    rows = getattr(request, "rows_version", "")
    if not rows:
        return make()
    membership = request.membership
    parts = (
        *(rows, sorted(membership.permissions), membership.organization_id),
        *(get_language(), timezone.localdate(), code_version()),
    )
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    key = f"i{membership.initiative_id}:{name}:{digest}"
    found = shared.get(key)
    if isinstance(found, str):
        # It was safe when it was made; the cache keeps plain texts.
        return SafeString(found)  # nosec B703
    made = make()
    shared.set(key, made, KEPT_SECONDS)
    return made


def quoted(tag: str, *, has_forms: bool) -> str:
    return f'W/"{tag}{"f" if has_forms else ""}"'


@cache
def code_version() -> int:
    """When the newest template, style, script or module was written: the same for all workers."""
    folders = ("templates", "static", *settings.LOCAL_APPS)
    files = (each for folder in folders for each in Path(settings.BASE_DIR, folder).rglob("*.*"))
    return max(int(each.stat().st_mtime) for each in files if "__pycache__" not in each.parts)
