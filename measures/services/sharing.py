"""Links for readers without an account: given out, and taken back."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import audit, links, quotas
from initiatives.choices import LinkPurpose
from initiatives.models import Membership
from measures.models import Indicator, ShareLink


def create_share(
    *,
    actor: Membership,
    name: str,
    expires_at: datetime,
    indicator: Indicator | None = None,
    has_agenda: bool = False,
) -> tuple[str, ShareLink]:
    """A new link to the dashboard or to one indicator, and with ``has_agenda`` to the ratified
    agenda, public or not; its token is shown this once.

    :raises ValidationError: the day is past, so the link would open nothing.
    """
    if expires_at <= timezone.now():
        raise ValidationError({"expires_on": _("Choose a day that is still to come.")})
    open_ones = ShareLink.objects.filter(link__revoked_at=None, link__expires_at__gt=timezone.now())
    with transaction.atomic():
        quotas.check("share_links", open_ones.count)
        share = ShareLink.here(
            name=name, indicator=indicator, has_agenda=has_agenda, created_by_id=actor.user_id
        )
        share.save()
        # Whoever gave it out answers for it: it closes when they leave.
        token, share.link = links.issue(
            LinkPurpose.DASHBOARD, share.pk, user=actor.user, expires_at=expires_at
        )
        share.save(update_fields=["link"])
        audit.record(actor, "measures.share_created", share, expires_at=expires_at.isoformat())
    return token, share


def revoke_share(*, actor: Membership, share: ShareLink) -> None:
    """Close a link; doing it again changes nothing."""
    with transaction.atomic():
        if links.revoke(LinkPurpose.DASHBOARD, share.pk):
            audit.record(actor, "measures.share_revoked", share)
