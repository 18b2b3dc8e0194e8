"""How much one person or one initiative may make, so that a slip or a script stays small.

The numbers are ``settings.QUOTAS``. Who is over is told so where they stand; nothing is stored.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.locks import count_alone
from initiatives.tenancy import current_initiative_id

TEXTS = {
    "initiatives": _("You began %(most)s initiatives today. Begin the next one tomorrow."),
    "invitations": _("Today %(most)s people were invited here. Invite the next ones tomorrow."),
    "invitations_by_person": _("You invited %(most)s people today. Invite the next ones tomorrow."),
    "invitation_letters": _("This person was written to %(most)s times today. Try tomorrow."),
    "waiting_megabytes": _(
        "Too many files wait to be imported. Import or drop some of them first."
    ),
    "evidence_megabytes": _(
        "The files behind answers fill all of %(most)s MB. Send a smaller one."
    ),
    "paper_megabytes": _("The pre-reads of meetings fill all of %(most)s MB. Send a smaller one."),
    "share_links": _("%(most)s links are open. Close one that is not needed any more."),
    "outside_delegates": _(
        "Today your organization named %(most)s delegates without an account. Name the next one "
        "tomorrow."
    ),
    "outside_letters": _("This address was written to %(most)s times today. Try tomorrow."),
}


def a_day_ago() -> datetime:
    return timezone.now() - timedelta(days=1)


def check_bytes(name: str, used: Callable[[], int], *, more: int) -> None:
    """The same for a quota in megabytes.

    :raises ValidationError: it would be over the quota; says how much that is.
    """
    check(name, used, more=more, unit=1 << 20)


def check(
    name: str, used: Callable[[], int], *, more: int = 1, unit: int = 1, whose: int | None = None
) -> None:
    """Refuse ``more`` where ``used()`` are there already. Whoever asks for the same quota of the same
    initiative waits until this transaction ends: of two at once the second counts the first's.

    ``whose``: the id of the person, for what is counted outside any initiative.

    :raises ValidationError: it would be over the quota; says how much that is.
    """
    most = settings.QUOTAS[name]
    count_alone(f"quota {name} {whose or current_initiative_id()}")
    if used() + more > most * unit:
        raise ValidationError(TEXTS[name], params={"most": most}, code="quota")
