"""The doors. Every view comes in through one of them, and they set the scope.

``initiative_view`` for members, ``person_view`` for who is signed in, ``link_view`` for the holder
of a signed link, ``public_view`` for everyone. Exceptions pass through the open transaction, so a
failing request leaves nothing behind.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode
from django_htmx.middleware import HtmxDetails

from initiatives import clock, links, locks
from initiatives.choices import LinkPurpose, Means
from initiatives.middleware import session_age
from initiatives.models import Membership, SignedLink, User
from initiatives.permissions import SECOND_FACTOR_ROLES, SHORT_SESSION_ROLES, Permission
from initiatives.tenancy import BusyError, TooSlowError, scope, steadily, visitor

View = Callable[..., HttpResponseBase]
logger = logging.getLogger(__name__)
RETRY_AFTER = "3"  # seconds
ACTING = "acting"  # session: initiative id -> membership id


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in."""

    htmx: HtmxDetails
    user: User


class InitiativeRequest(PersonRequest):
    """A request of a member, with the initiative in scope."""

    membership: Membership
    memberships: list[Membership]


class LinkRequest(HttpRequest):
    """A request of whoever holds a signed link, with its initiative in scope."""

    htmx: HtmxDetails
    user: User
    link: SignedLink
    token: str


def initiative_view(permission: Permission, *, also_given: bool = False) -> Callable[[View], View]:
    """Let members with ``permission`` in. 404 for outsiders, 403 for members without it.

    ``also_given``: those too who have it only with what was given to them by name. The view finds
    the row through ``visible_to`` and the service asks again about that row.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: Any, initiative: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())

            def answer() -> HttpResponseBase:
                with visitor(request.user.pk) as step_in:
                    mine = _memberships(request.user, initiative)
                    if not mine:
                        raise Http404
                    request.memberships = mine
                    request.membership = _acting(request, mine)
                    if refusal := _not_yet(request, mine):
                        return refusal
                    step_in(mine[0].initiative_id)
                    if request.method == "POST":
                        _hold(request.membership)
                    if not _may_enter(request.membership, permission, also_given):
                        raise PermissionDenied
                    with clock.set_here():
                        return view(request, *args, **kwargs)

            return _steady(request, answer)

        wrapped.door, wrapped.permission = "initiative", permission  # type: ignore[attr-defined]
        wrapped.also_given = also_given  # type: ignore[attr-defined]
        return wrapped

    return decorate


def _may_enter(membership: Membership, permission: Permission, also_given: bool) -> bool:
    return membership.may(permission) or (also_given and membership.may_where_given(permission))


def _steady(request: Any, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answer in one transaction; once more where another one was in its way, else say so."""

    def from_the_start() -> HttpResponseBase:
        if request.method == "POST":
            for file in request.FILES.values():
                file.seek(0)
        return answer()

    try:
        return steadily(from_the_start)
    except BusyError as error:
        is_slow = isinstance(error, TooSlowError)
        said = "A statement ran for too long" if is_slow else "Others were writing for too long"
        logger.warning("%s: %s", said, request.path)
        response = render(request, "503.html", {"is_slow": is_slow}, status=503)
        response["Retry-After"] = RETRY_AFTER
        return response


def second_factors(user_id: Any) -> Any:
    """What a person can prove themselves with besides a password; recovery codes only stand in."""
    rows = Authenticator.objects.filter(user_id=user_id)
    return rows.exclude(type=Authenticator.Type.RECOVERY_CODES)


def _memberships(user: User, slug: str) -> list[Membership]:
    rows = Membership.objects.current().filter(
        initiative__slug=slug, user=user, user__is_active=True
    )
    rows = rows.annotate(has_second_factor=Exists(second_factors(OuterRef("user_id"))))
    found = list(rows.select_related("initiative").order_by("id"))
    for each in found:
        each.user, each.initiative = user, found[0].initiative
    return found


def _not_yet(request: Any, mine: list[Membership]) -> HttpResponseBase | None:
    """Where a member goes first whose roles ask for more: a fresh sign-in, a second factor."""
    roles = {role for each in mine for role in each.roles}
    if roles & SHORT_SESSION_ROLES and session_age(request) > settings.SESSION_MANAGER_SECONDS:
        logout(request)
        return redirect_to_login(request.get_full_path())
    is_proven = any(getattr(each, "has_second_factor", False) for each in mine)
    if settings.MFA_REQUIRED and roles & SECOND_FACTOR_ROLES and not is_proven:
        back = urlencode({"next": request.get_full_path() if request.method == "GET" else "/"})
        return redirect(f"{reverse('initiatives:second_factor')}?{back}")
    return None


def _hold(membership: Membership) -> None:
    """Keep a membership as it was read until what it writes is stored: who ends it, or takes its
    roles, waits for that, and whoever comes after them is refused.

    :raises BusyError: it was changed since it was read; the next request reads it anew.
    """
    held = locks.share(membership)
    if held.version != membership.version:
        raise BusyError


def _acting(request: Any, mine: list[Membership]) -> Membership:
    """The membership chosen in this session, else the one that may most."""
    chosen = request.session.get(ACTING, {}).get(str(mine[0].initiative_id))
    for each in mine:
        if each.pk == chosen:
            return each
    return max(mine, key=lambda each: each.rank)


def person_view(view: View) -> View:
    """Let in whoever is signed in; they see their own memberships and no initiative's rows."""

    @wraps(view)
    def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())

        def answer() -> HttpResponseBase:
            with visitor(request.user.pk):
                return view(request, *args, **kwargs)

        return _steady(request, answer)

    wrapped.door = "person"  # type: ignore[attr-defined]
    return wrapped


def link_view(purpose: LinkPurpose) -> Callable[[View], View]:
    """Let in the holder of an open link for ``purpose``; 404 for any other token."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: Any, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            link = links.find(token, purpose)
            if link is None:
                raise Http404
            request.link, request.token, request.means = link, token, Means.LINK
            user_id = request.user.pk if request.user.is_authenticated else None

            def answer() -> HttpResponseBase:
                with scope(link.initiative_id, user_id=user_id), clock.set_here():
                    return view(request, *args, **kwargs)

            response = _steady(request, answer)
            # Not "no-referrer": a browser would then post the page's own form as from nowhere.
            response.setdefault("Referrer-Policy", "same-origin")
            response["X-Robots-Tag"] = "noindex"
            patch_cache_control(response, private=True, no_store=True)
            return response

        wrapped.door, wrapped.purpose = "link", purpose  # type: ignore[attr-defined]
        return wrapped

    return decorate


def public_view(reason: str) -> Callable[[View], View]:
    """Let everyone in; ``reason`` is for the reader of the list of such pages."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return _steady(request, lambda: view(request, *args, **kwargs))

        wrapped.door, wrapped.reason = "public", reason  # type: ignore[attr-defined]
        return wrapped

    return decorate
