"""The agenda of a twin in versions: one ratified and published, one that is being answered."""

from datetime import timedelta

from django.utils import timezone

from agenda.models import AgendaVersion, Reservation, Response
from agenda.services import amendments, drafts, ratification, responses, versions
from agenda.services.versions import Written
from backbone.management.twins.base import Twin
from initiatives.models import Membership, Notice, Organization
from initiatives.permissions import Role

KINDS = ("problem", "vision", "primary_goal", "approach", "action")


def seed(twin: Twin, first: Organization) -> None:
    manager = _member(Role.PROJECT_MANAGER)
    leads = list(
        Membership.objects.filter(roles=[Role.PARTNER_LEAD]).select_related("user", "organization")
    )
    ratified = _opened(twin, manager)
    for lead in leads:
        sheet = responses.Sheet({}, ratified.content_hash, "seeded")
        responses.respond(actor=lead, agenda=ratified, sheet=sheet)
    ratification.settle_version(ratified.pk)
    versions.publish(actor=manager, agenda=ratified, is_public=True)
    agenda = _opened(twin, manager, leads[0])
    dimension = agenda.dimensions.get(kind="action")
    doubt = responses.Said("reservation", f"Reservation {twin.canary}", twin.canary)
    responses.respond_on_behalf(
        actor=manager,
        agenda=agenda,
        organization=first,
        sheet=responses.Sheet({dimension.key: doubt}, agenda.content_hash, "seeded"),
        file=responses.File("letter.txt", f"Evidence {twin.canary}".encode()),
    )
    comment = versions.add_comment(
        actor=leads[0],
        agenda=agenda,
        dimension_key=dimension.key,
        text=f"Said of the action {twin.canary}",
    )
    responses.record_contact(
        actor=manager, agenda=agenda, organization=first, means="call", text=twin.canary
    )
    # As if it had been opened yesterday: who does not answer can be reminded.
    Notice.objects.filter(kind="ratification_opened").update(
        created_at=timezone.now() - timedelta(days=1)
    )
    noted = drafts.Noted(dimension.key, twin.private_canary, f"Unless {twin.private_canary}")
    drafts.save_drafts(actor=leads[0], agenda=agenda, noted=[noted])
    twin.objects |= {
        "agenda_id": agenda.pk,
        "agenda_dimension_id": dimension.pk,
        "agenda_comment_id": comment.pk,
        "answer_id": Response.objects.exclude(evidence=None).get().pk,
        "reservation_id": Reservation.objects.get().pk,
    }


def _opened(twin: Twin, manager: Membership, amends: Membership | None = None) -> AgendaVersion:
    """A version that was circulated long enough and put to everyone."""
    agenda = versions.start_version(actor=manager)
    if not agenda.dimensions.exists():
        agenda = versions.save_dimensions(
            actor=manager,
            agenda=agenda,
            written=[Written(kind, f"{kind} {twin.canary}") for kind in KINDS],
            version=agenda.version,
        )
    versions.circulate(actor=manager, agenda=agenda)
    if amends:
        amendment = amendments.write_amendment(
            actor=amends,
            agenda=agenda,
            dimension_key=agenda.dimensions.get(kind="vision").key,
            to_text=f"Other words {twin.canary}",
            reason=f"Because {twin.canary}",
        )
        amendments.decline_amendment(
            actor=manager, amendment=amendment, word=f"A word {twin.canary}"
        )
        twin.objects["amendment_id"] = amendment.pk
    over = timezone.now() - timedelta(minutes=1)
    AgendaVersion.objects.filter(pk=agenda.pk).update(comments_until=over)
    return ratification.open_ratification(
        actor=manager, agenda=agenda, closes_at=timezone.now() + timedelta(days=21)
    )


def _member(role: str) -> Membership:
    found: Membership = Membership.objects.select_related("user", "organization").get(roles=[role])
    return found
