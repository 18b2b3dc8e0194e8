"""Signed links: a token that opens one thing, for one purpose, until a day, and can be taken back.

Only the SHA-256 of a token is stored: 256 random bits need no slow hash. The token is shown once.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from initiatives.choices import LinkPurpose
from initiatives.models import SignedLink, User
from initiatives.tenancy import current_initiative_id

PREFIX = "cip_"
LASTS = timedelta(days=90)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue(
    purpose: LinkPurpose,
    object_id: int,
    *,
    user: User | None = None,
    expires_at: datetime | None = None,
) -> tuple[str, SignedLink]:
    """A new token and its row, for an object of the initiative in scope."""
    token = PREFIX + secrets.token_urlsafe(32)
    link = SignedLink.objects.create(
        digest=digest(token),
        purpose=purpose,
        initiative_id=current_initiative_id(),
        object_id=object_id,
        user=user,
        expires_at=expires_at or timezone.now() + LASTS,
    )
    return token, link


def find(token: str, purpose: LinkPurpose) -> SignedLink | None:
    """The open link of a token for this purpose; None for anything else."""
    link = SignedLink.objects.filter(digest=digest(token), purpose=purpose).first()
    if link is None or not link.is_open:
        return None
    return link


def latest(purpose: LinkPurpose, object_id: int) -> SignedLink | None:
    """The open link last given out for an object of the initiative in scope."""
    rows = SignedLink.objects.filter(
        initiative_id=current_initiative_id(),
        purpose=purpose,
        object_id=object_id,
        revoked_at=None,
        expires_at__gt=timezone.now(),
    )
    return rows.order_by("-id").first()


def use_up(link: SignedLink) -> bool:
    """Spend a link that works once; False if somebody was faster."""
    now = timezone.now()
    fresh = SignedLink.objects.filter(pk=link.pk, used_at=None, revoked_at=None, expires_at__gt=now)
    return fresh.update(used_at=now) == 1


def note_use(link: SignedLink) -> None:
    """Remember that the link was used, to the hour."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(hours=1))
    SignedLink.objects.filter(stale, pk=link.pk).update(last_used_at=now)


def revoke(purpose: LinkPurpose, *object_ids: int) -> int:
    """Close every open link to objects of the initiative in scope; how many."""
    return SignedLink.objects.filter(
        initiative_id=current_initiative_id(),
        purpose=purpose,
        object_id__in=object_ids,
        used_at=None,
        revoked_at=None,
    ).update(revoked_at=timezone.now())


def prolong(purpose: LinkPurpose, *object_ids: int, until: datetime) -> int:
    """Let the open links to objects of the initiative in scope last until then; how many."""
    now = timezone.now()
    return SignedLink.objects.filter(
        initiative_id=current_initiative_id(),
        purpose=purpose,
        object_id__in=object_ids,
        used_at=None,
        revoked_at=None,
        expires_at__gt=now,
        expires_at__lt=until,
    ).update(expires_at=until)


def revoke_of_user(user: User) -> int:
    """Close every open link that a person was given in the initiative in scope; how many."""
    return SignedLink.objects.filter(
        initiative_id=current_initiative_id(), user=user, used_at=None, revoked_at=None
    ).update(revoked_at=timezone.now())


def address(view: str, token: str) -> str:
    """The whole address of a link, for a letter."""
    return settings.SITE_URL + reverse(view, args=[token])
