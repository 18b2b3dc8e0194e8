"""An objection opens a difference: it is to be talked about, not outvoted."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import DifferenceKind, DifferenceSource, DimensionKind, Severity, Stance
from agenda.models import AgendaDimension, Difference, DifferenceSide, DimensionStance, SideMember
from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Role

FACILITATE_WITHIN = timedelta(days=14)
ABOUT = {
    DimensionKind.PROBLEM: DifferenceKind.DEFINITION,
    DimensionKind.CAUSE: DifferenceKind.CAUSE,
    DimensionKind.POPULATION: DifferenceKind.SCOPE,
    DimensionKind.PLACE: DifferenceKind.SCOPE,
    DimensionKind.EXCLUSION: DifferenceKind.SCOPE,
    DimensionKind.PRINCIPLE: DifferenceKind.VALUE,
    DimensionKind.APPROACH: DifferenceKind.APPROACH,
    DimensionKind.ACTION: DifferenceKind.APPROACH,
}


def open_difference(*, actor: Membership, stance: DimensionStance) -> Difference:
    """The difference that an objection opens: one per statement, with a side for each objector."""
    # Objectors to one statement take turns, or each would open a difference of its own.
    rows = AgendaDimension.objects.select_for_update(of=("self",), no_key=True)
    dimension, organization = rows.get(pk=stance.dimension_id), stance.response.organization
    found: Difference | None = (
        Difference.objects.live()
        .filter(source=DifferenceSource.OBJECTION, dimension_key=dimension.key)
        .first()
    )
    difference = found or _new(actor, stance)
    holder = SideMember.objects.filter(difference=difference, organization=organization).first()
    if holder and holder.side.position:
        if holder.side.statement != stance.reason:
            holder.side.statement = stance.reason
            holder.side.version += 1
            holder.side.save(update_fields=["statement", "version"])
        return difference
    if holder:
        holder.delete()  # it stood by the text before
    side = DifferenceSide.here(
        difference=difference,
        position=DifferenceSide.objects.filter(difference=difference).count(),
        label=organization.name[:120],
        statement=stance.reason,
    )
    side.save()
    SideMember.here(difference=difference, side=side, organization=organization).save()
    return difference


def _new(actor: Membership, stance: DimensionStance) -> Difference:
    dimension = stance.dimension
    title = _("Objection to: %(text)s") % {"text": dimension}
    difference = Difference.here(
        kind=ABOUT.get(DimensionKind(dimension.kind), DifferenceKind.GOAL),
        title=title[:200],
        source=DifferenceSource.OBJECTION,
        dimension_key=dimension.key,
        severity=Severity.SEVERE,
        facilitator=_facilitator(),
        review_on=timezone.localdate() + FACILITATE_WITHIN,
        noted_by_id=actor.user_id,
    )
    difference.save()
    side = DifferenceSide.here(
        difference=difference, position=0, label=_("As written"), statement=dimension.text
    )
    side.save()
    consenting = DimensionStance.objects.filter(
        dimension=dimension, stance=Stance.CONSENT, response__superseded_at=None
    )
    SideMember.objects.bulk_create(
        SideMember.here(difference=difference, side=side, organization_id=each)
        for each in consenting.values_list("response__organization_id", flat=True)
    )
    record(actor, "agenda.difference_opened", difference, by="objection")
    return difference


def _facilitator() -> Membership | None:
    rows = Membership.objects.current().filter(roles__contains=[Role.FACILITATOR])
    found: Membership | None = rows.filter(user__is_active=True).order_by("id").first()
    return found
