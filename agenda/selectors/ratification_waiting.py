"""What waits for a member about versions of the agenda and reservations."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from agenda.choices import DifferenceSource, PartyStanding, VersionState
from agenda.models import AgendaVersion, Contact, Difference, Response
from agenda.selectors.goals import standings
from agenda.selectors.ratification import party_of, silent_parties
from agenda.selectors.reservations import due_for
from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.today import Waiting, waits

CALL_BEFORE = timedelta(days=2)
ANSWER_TAKES = 10  # minutes


@waits
def agenda_waiting(membership: Membership) -> Iterator[Waiting]:
    """The answer, the reservations to look at, the calls to make, the objections to take up."""
    agenda = (
        AgendaVersion.objects.filter(state__in=[VersionState.RATIFYING, VersionState.RATIFIED])
        .order_by("-number")
        .first()
    )
    if membership.may(Permission.AGENDA_RESPOND):
        if agenda:
            yield from _answers(membership, agenda)
        for each in due_for(membership):
            yield Waiting(
                _("Does your reservation still stand?"),
                _url(membership, "reservation", each.pk),
                note=str(each),
                due_on=each.review_on,
                condition="agenda",
            )
    if agenda and membership.may(Permission.AGENDA_RESPOND_ON_BEHALF):
        yield from _calls(membership, agenda)
        yield from _unmeasured(membership, agenda)
    if membership.may(Permission.AGENDA_DIFFERENCE_FACILITATE):
        yield from _objections(membership)
    if membership.may(Permission.AGENDA_RATIFICATION_OPEN):
        yield from _openings(membership)


def _answers(membership: Membership, agenda: AgendaVersion) -> Iterator[Waiting]:
    party = party_of(agenda, membership.organization_id)
    if party is None:
        return
    effective = Response.objects.effective().filter(
        agenda=agenda, organization_id=membership.organization_id
    )
    response = effective.first()
    asked = agenda.is_open and party.standing == PartyStanding.ELIGIBLE
    joining = agenda.state == VersionState.RATIFIED and party.standing == PartyStanding.ACCEDING
    where = _url(membership, "ratification_respond", agenda.pk)
    if response is None and (asked or joining):
        due = agenda.closes_at if asked else party.due_at
        yield Waiting(
            _("Do we agree to the common agenda?") if asked else _("Do we accede to the agenda?"),
            where,
            note=membership.organization.name,
            due_on=timezone.localtime(due).date() if due else None,
            condition="agenda",
            minutes=ANSWER_TAKES,
        )
    elif response and response.is_contestable and response.contestable_until:
        yield Waiting(
            _("An answer was written down for you: is it right?"),
            where,
            note=membership.organization.name,
            due_on=timezone.localtime(response.contestable_until).date(),
            condition="agenda",
        )


def _calls(membership: Membership, agenda: AgendaVersion) -> Iterator[Waiting]:
    """Two days before the close reminders are over: somebody has to call."""
    if not agenda.is_open or not agenda.closes_at:
        return
    if timezone.now() < agenda.closes_at - CALL_BEFORE:
        return
    called = set(
        Contact.objects.filter(agenda=agenda, at__gte=agenda.closes_at - CALL_BEFORE).values_list(
            "organization_id", flat=True
        )
    )
    for party in silent_parties(agenda):
        if party.organization_id not in called:
            yield Waiting(
                _("Call %(name)s: no answer to the agenda yet") % {"name": party.name},
                _url(membership, "ratification", agenda.pk),
                due_on=timezone.localtime(agenda.closes_at).date(),
                condition="agenda",
                minutes=ANSWER_TAKES,
            )


def _unmeasured(membership: Membership, agenda: AgendaVersion) -> Iterator[Waiting]:
    waiting = [each for each in standings() if not each.is_measured]
    if agenda.state == VersionState.RATIFIED and waiting:
        n = len(waiting)
        yield Waiting(
            ngettext("A goal has no agreed indicator", "%(n)d goals have no agreed indicator", n)
            % {"n": n},
            _url(membership, "agenda_version", agenda.pk),
            due_on=timezone.localtime(min(each.due_at for each in waiting)).date(),
            condition="agenda",
        )


def _objections(membership: Membership) -> Iterator[Waiting]:
    found = Difference.objects.live().filter(source=DifferenceSource.OBJECTION, state="noticed")
    slug = membership.initiative.slug
    for each in found:
        yield Waiting(
            _("Take up an objection"),
            reverse("agenda:difference", args=[slug, each.pk]),
            note=each.title,
            due_on=each.review_on,
            condition="agenda",
        )


def _openings(membership: Membership) -> Iterator[Waiting]:
    ready = AgendaVersion.objects.filter(
        state=VersionState.CIRCULATED, comments_until__lte=timezone.now()
    )
    for each in ready:
        yield Waiting(
            _("Comments are over: put the agenda to everyone"),
            _url(membership, "ratification_open", each.pk),
            note=str(each),
            condition="agenda",
        )


def _url(membership: Membership, name: str, key: int) -> str:
    return reverse(f"agenda:{name}", args=[membership.initiative.slug, key])
