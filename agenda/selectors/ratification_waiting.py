"""What waits for a member about versions of the agenda and reservations."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
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
    ReservationDraft,
    Response,
)
from agenda.selectors.amendments import DECIDABLE, drafted_amendments, may_amend
from agenda.selectors.goals import due_at, unmeasured
from agenda.selectors.reservations import due_for
from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.today import Waiting, waits
from initiatives.together import together

CALL_BEFORE = timedelta(days=2)
ANSWER_TAKES = 10  # minutes
PUT_TO_EVERYONE = (VersionState.RATIFYING, VersionState.RATIFIED)


def _standing(*states: VersionState) -> Any:
    return AgendaVersion.objects.filter(state__in=states).order_by("-number")


def _responding(membership: Membership) -> Any:
    """The version that the member's organization may have to answer."""
    if not membership.may(Permission.AGENDA_RESPOND):
        return None
    parties = Party.objects.filter(
        agenda=OuterRef("pk"), organization_id=membership.organization_id
    )
    return _standing(*PUT_TO_EVERYONE).filter(Exists(parties))


@waits.when(_responding)
def answers_due(membership: Membership, standing: list[AgendaVersion]) -> Iterator[Waiting]:
    """The answer of the member's organization to the agenda, or one written down for it."""
    agenda = standing[0]
    ours = {"organization_id": membership.organization_id}
    parties, newer, responses, drafted = together(
        [
            agenda.parties.filter(**ours),
            _standing(*PUT_TO_EVERYONE).filter(number__gt=agenda.number),
            Response.objects.effective().filter(agenda=agenda, **ours),
            ReservationDraft.objects.live().filter(agenda=agenda, **ours),
        ]
    )
    if not parties or newer:
        return
    party, response = parties[0], next(iter(responses), None)
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
    elif asked and response and any(each.at > response.at for each in drafted):
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


def _uncalled(membership: Membership) -> Any:
    """Who has not answered a version whose end is so near that no reminder helps any more, and was
    not called since.
    """
    if not membership.may(Permission.AGENDA_RESPOND_ON_BEHALF):
        return None
    now = timezone.now()
    theirs = {"agenda": OuterRef("agenda"), "organization": OuterRef("organization")}
    since = OuterRef("agenda__closes_at") - CALL_BEFORE
    rows = Party.objects.filter(
        ~Exists(Response.objects.effective().filter(**theirs)),
        ~Exists(Contact.objects.filter(**theirs, at__gte=since)),
        standing=PartyStanding.ELIGIBLE,
        agenda__state=VersionState.RATIFYING,
        agenda__closes_at__gt=now,
        agenda__closes_at__lte=now + CALL_BEFORE,
    )
    return rows.select_related("agenda")


@waits.for_each(_uncalled)
def calls_to_make(membership: Membership, party: Party) -> Waiting:
    """Two days before the close reminders are over: somebody has to call."""
    return Waiting(
        _("Call %(name)s: no answer to the agenda yet") % {"name": party.name},
        _url(membership, "ratification", party.agenda_id),
        due_on=timezone.localtime(party.agenda.closes_at).date(),
        condition="agenda",
        minutes=ANSWER_TAKES,
    )


def _unmeasured(membership: Membership) -> Any:
    """Goals that nothing measures, while the version that holds them is the last one."""
    if not membership.may(Permission.AGENDA_RESPOND_ON_BEHALF):
        return None
    asked = _standing(VersionState.RATIFYING)
    ratified = _standing(VersionState.RATIFIED).values("pk")
    return unmeasured().filter(~Exists(asked)).annotate(held_by=Subquery(ratified[:1]))


@waits.when(_unmeasured)
def goals_to_measure(membership: Membership, goals: list[Any]) -> Iterator[Waiting]:
    """Goals of the ratified agenda that no agreed indicator measures."""
    n, agenda_id = len(goals), goals[0].held_by
    if agenda_id:
        yield Waiting(
            ngettext("A goal has no agreed indicator", "%(n)d goals have no agreed indicator", n)
            % {"n": n},
            _url(membership, "agenda_version", agenda_id),
            due_on=timezone.localtime(min(due_at(each) for each in goals)).date(),
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
def words_to_decide(membership: Membership, proposed: list[Amendment]) -> Iterator[Waiting]:
    """Other words were proposed for statements: they wait for who drafts the text."""
    for agenda_id, n in Counter(each.agenda_id for each in proposed).items():
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
