"""What waits for a member about versions of the agenda and reservations."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from agenda.choices import DifferenceSource, PartyStanding, VersionState
from agenda.models import (
    AgendaVersion,
    Amendment,
    Contact,
    Difference,
    DimensionComment,
    Party,
    Response,
)
from agenda.selectors.amendments import DECIDABLE, drafted_amendments, may_amend
from agenda.selectors.goals import standings, unmeasured
from agenda.selectors.ratification import party_of
from agenda.selectors.reservations import drafts_since, due_for
from agenda.selectors.silent import silent_parties
from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.today import Waiting, waits

CALL_BEFORE = timedelta(days=2)
ANSWER_TAKES = 10  # minutes


def _standing(*states: VersionState) -> Any:
    return AgendaVersion.objects.filter(state__in=states).order_by("-number")


def _responding(membership: Membership) -> Any:
    """The version that the member's organization may have to answer."""
    if not membership.may(Permission.AGENDA_RESPOND):
        return None
    parties = Party.objects.filter(
        agenda=OuterRef("pk"), organization_id=membership.organization_id
    )
    rows = _standing(VersionState.RATIFYING, VersionState.RATIFIED)
    return rows.filter(Exists(parties))


@waits.when(_responding)
def answers_due(membership: Membership) -> Iterator[Waiting]:
    """The answer of the member's organization to the agenda, or one written down for it."""
    agenda = _standing(VersionState.RATIFYING, VersionState.RATIFIED)[0]
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
    elif asked and drafts_since(agenda, response):
        yield Waiting(
            _("A reservation was drafted for our answer"),
            where,
            note=membership.organization.name,
            due_on=timezone.localtime(agenda.closes_at).date(),
            condition="agenda",
        )
    if response and response.is_contestable and response.contestable_until:
        yield Waiting(
            _("An answer was written down for you: is it right?"),
            where,
            note=membership.organization.name,
            due_on=timezone.localtime(response.contestable_until).date(),
            condition="agenda",
        )


def _reviewing(membership: Membership) -> Any:
    return due_for(membership) if membership.may(Permission.AGENDA_RESPOND) else None


@waits.for_each(_reviewing)
def reservations_to_review(membership: Membership, reservation: Any) -> Waiting:
    """Does what the organization holds back still stand?"""
    return Waiting(
        _("Does your reservation still stand?"),
        _url(membership, "reservation", reservation.pk),
        note=str(reservation),
        due_on=reservation.review_on,
        condition="agenda",
    )


def _closing(membership: Membership) -> Any:
    """The version in ratification whose end is so near that no reminder helps any more."""
    if not membership.may(Permission.AGENDA_RESPOND_ON_BEHALF):
        return None
    now = timezone.now()
    rows = _standing(VersionState.RATIFYING)
    return rows.filter(closes_at__gt=now, closes_at__lte=now + CALL_BEFORE)


@waits.when(_closing)
def calls_to_make(membership: Membership) -> Iterator[Waiting]:
    """Two days before the close reminders are over: somebody has to call."""
    agenda = _closing(membership)[0]
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


def _unmeasured(membership: Membership) -> Any:
    if not membership.may(Permission.AGENDA_RESPOND_ON_BEHALF):
        return None
    return unmeasured()


@waits.when(_unmeasured)
def goals_to_measure(membership: Membership) -> Iterator[Waiting]:
    """Goals of the ratified agenda that no agreed indicator measures."""
    agenda = _standing(VersionState.RATIFYING, VersionState.RATIFIED).first()
    waiting = [each for each in standings() if not each.is_measured]
    if agenda and agenda.state == VersionState.RATIFIED and waiting:
        n = len(waiting)
        yield Waiting(
            ngettext("A goal has no agreed indicator", "%(n)d goals have no agreed indicator", n)
            % {"n": n},
            _url(membership, "agenda_version", agenda.pk),
            due_on=timezone.localtime(min(each.due_at for each in waiting)).date(),
            condition="agenda",
        )


def _objections(membership: Membership) -> Any:
    if not membership.may(Permission.AGENDA_DIFFERENCE_FACILITATE):
        return None
    return Difference.objects.live().filter(source=DifferenceSource.OBJECTION, state="noticed")


@waits.for_each(_objections)
def objections_to_take_up(membership: Membership, difference: Any) -> Waiting:
    """An objection became a difference that nobody looks after yet."""
    return Waiting(
        _("Take up an objection"),
        _url(membership, "difference", difference.pk),
        note=difference.title,
        due_on=difference.review_on,
        condition="agenda",
    )


def _undecided(membership: Membership) -> Any:
    if not membership.may(Permission.AGENDA_DRAFT):
        return None
    return Amendment.objects.evaluating().filter(agenda__state__in=DECIDABLE)


@waits.when(_undecided)
def words_to_decide(membership: Membership) -> Iterator[Waiting]:
    """Other words were proposed for statements: they wait for who drafts the text."""
    by_agenda = Counter(_undecided(membership).values_list("agenda_id", flat=True))
    for agenda_id, n in by_agenda.items():
        yield Waiting(
            ngettext(
                "A proposal of other words waits for your decision",
                "%(n)d proposals of other words wait for your decision",
                n,
            )
            % {"n": n},
            _url(membership, "agenda_version", agenda_id),
            condition="agenda",
            number=n,
        )


def _drafted(membership: Membership) -> Any:
    return drafted_amendments(membership) if may_amend(membership) else None


@waits.for_each(_drafted)
def words_to_propose(membership: Membership, amendment: Any) -> Waiting:
    """Somebody of the organization drafted other words that the member may propose."""
    return Waiting(
        _("Propose other words?"),
        _url(membership, "agenda_version", amendment.agenda_id) + f"#w-{amendment.pk}",
        note=str(amendment),
        condition="agenda",
    )


def _commenting(membership: Membership) -> Any:
    """The version that is open for comments, until somebody of the organization said something."""
    if membership.is_backbone or not membership.may(Permission.AGENDA_COMMENT):
        return None
    ours = DimensionComment.objects.filter(
        agenda=OuterRef("pk"), organization_id=membership.organization_id
    )
    circulated = AgendaVersion.objects.filter(state=VersionState.CIRCULATED)
    return circulated.filter(~Exists(ours), comments_until__gt=timezone.now())


@waits.for_each(_commenting)
def versions_to_comment(membership: Membership, agenda: Any) -> Waiting:
    """The text can still become another one: later it can only be answered."""
    return Waiting(
        _("Read the agenda that is proposed, and say what should change"),
        _url(membership, "agenda_version", agenda.pk),
        note=str(agenda),
        due_on=timezone.localtime(agenda.comments_until).date(),
        condition="agenda",
        minutes=ANSWER_TAKES,
    )


def _openings(membership: Membership) -> Any:
    if not membership.may(Permission.AGENDA_RATIFICATION_OPEN):
        return None
    circulated = AgendaVersion.objects.filter(state=VersionState.CIRCULATED)
    return circulated.filter(comments_until__lte=timezone.now())


@waits.for_each(_openings)
def versions_to_open(membership: Membership, agenda: Any) -> Waiting:
    """Everybody had their say: the version can be put to everyone."""
    return Waiting(
        _("Comments are over: put the agenda to everyone"),
        _url(membership, "ratification_open", agenda.pk),
        note=str(agenda),
        condition="agenda",
    )


def _url(membership: Membership, name: str, key: int) -> str:
    return reverse(f"agenda:{name}", args=[membership.initiative.slug, key])
