"""Who joins an organization while its position is sealed: let in by its own people alone."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.models import Outsider
from agenda.querysets.listening import speaks
from agenda.selectors.listening import held_out
from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission


def admit_newcomer(*, actor: Membership, newcomer: Outsider) -> Outsider:
    """Say that somebody who joined while the round was open speaks for the organization (A7).

    :raises ValidationError: the seal holds the actor out as well.
    """
    if not speaks(actor, Permission.AGENDA_POSITION_DRAFT):
        raise PermissionDenied
    with transaction.atomic():
        rows = Outsider.objects.select_for_update(of=("self",), no_key=True)
        row: Outsider = rows.select_related("round").get(pk=newcomer.pk)
        if row.organization_id is None or row.organization_id != actor.organization_id:
            raise PermissionDenied
        if row.admitted_at:
            return row
        if row.user_id == actor.user_id or held_out(actor, row.round):
            raise ValidationError(
                _("Somebody who was of your organization before the round was opened lets you in.")
            )
        row.admitted_at, row.admitted_by_id = timezone.now(), actor.user_id
        row.save(update_fields=["admitted_at", "admitted_by"])
        record(actor, "agenda.newcomer_admitted", row)
    return row
