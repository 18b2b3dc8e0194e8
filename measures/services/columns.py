"""What headings were told to be is kept for the files to come, of one organization or for all."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import audit
from initiatives.models import Membership
from measures.choices import LEFT_OUT
from measures.imports.columns import key_of, names_known, targets_of
from measures.imports.stored import dimension_names, measured
from measures.models import RememberedColumn

MOST_REMEMBERED = 500  # of one organization; the oldest are forgotten


def remembered_columns(organization_id: int | None) -> dict[str, str]:
    """Each heading, by its ``key_of``, with what it was told to be."""
    rows = RememberedColumn.objects.filter(organization_id=organization_id)
    return dict(rows.values_list("heading", "target"))


def remember_columns(
    *, actor: Membership, organization_id: int | None, columns: Mapping[str, str]
) -> None:
    """Keep what headings, as they are written, are: a canonical column, a dimension, a part of an
    indicator, or left out.

    :raises ValidationError: there is no such column.
    """
    allowed = {*names_known(dimension_names()).values(), *targets_of(measured()), LEFT_OUT}
    if not set(columns.values()) <= allowed:
        raise ValidationError(_("There is no such column."))
    for written, target in columns.items():
        RememberedColumn.objects.update_or_create(
            initiative_id=actor.initiative_id,
            organization_id=organization_id,
            heading=key_of(written),
            defaults={
                "written": written,
                "target": target,
                "user_id": actor.user_id,
                "told_at": timezone.now(),
            },
        )
    rows = RememberedColumn.objects.filter(organization_id=organization_id)
    kept = rows.order_by("-told_at", "-id")[:MOST_REMEMBERED]
    rows.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def forget_column(*, actor: Membership, column: RememberedColumn) -> None:
    """Read the heading by its name again, in the files to come."""
    column.delete()
    audit.record(actor, "measures.column_forgotten", column, heading=column.written)
