"""Where a ratification stands: who answered what, who is silent, what stands against it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.utils import timezone

from agenda.arithmetic.consent import Answer, Verdict, judge
from agenda.choices import PartyStanding, Stance, VersionState
from agenda.models import (
    AgendaDimension,
    AgendaVersion,
    Contact,
    DimensionStance,
    Party,
    Reservation,
    ReservationDraft,
    Response,
)
from agenda.selectors.silent import Silent, silent_of, silent_parties
from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.together import together


def dimensions_asked(agenda: AgendaVersion) -> list[AgendaDimension]:
    """The statements that answers are given to: those split out since are not."""
    return list(agenda.dimensions.filter(split_out_at=None))


def _is_contestable(response: Response, now: datetime) -> bool:
    return (
        response.contestable_until is not None
        and response.confirmed_at is None
        and now < response.contestable_until
    )


def answers_of(agenda: AgendaVersion, now: datetime | None = None) -> dict[int, Answer[int]]:
    """The effective answer of each organization, by its id and the dimensions'."""
    now = now or timezone.now()
    responses = {
        each.pk: each
        for each in Response.objects.effective().filter(
            agenda=agenda, version_hash=agenda.content_hash
        )
    }
    stances: dict[int, dict[int, str]] = defaultdict(dict)
    reserved: dict[int, set[int]] = defaultdict(set)
    for each in DimensionStance.objects.filter(response__in=list(responses)):
        stances[each.response_id][each.dimension_id] = each.stance
        if each.reservation_id:
            reserved[each.response_id].add(each.dimension_id)
    return {
        each.organization_id: Answer(stances[pk], reserved[pk], _is_contestable(each, now))
        for pk, each in responses.items()
    }


def verdict_of(agenda: AgendaVersion, now: datetime | None = None) -> Verdict[int, int]:
    """What stands between a version and its ratification now."""
    asked = agenda.parties.filter(standing=PartyStanding.ELIGIBLE)
    ids = list(asked.values_list("organization_id", flat=True))
    return _verdict(agenda, ids, dimensions_asked(agenda), now)


def _verdict(
    agenda: AgendaVersion,
    asked: list[int],
    dimensions: list[AgendaDimension],
    now: datetime | None = None,
) -> Verdict[int, int]:
    goals = {each.pk: each.is_primary_goal for each in dimensions}
    return judge(asked, goals, answers_of(agenda, now), agenda.primary_goal_rule)


@dataclass
class Line:
    """One organization in a ratification."""

    party: Party
    response: Response | None = None
    counts: Counter[str] = field(default_factory=Counter)
    exceptions: list[DimensionStance] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    silent: Silent | None = None  # who could answer, for whoever may remind them

    @property
    def state(self) -> str:
        """The word for the row: what its answer says as a whole."""
        if self.response is None:
            return "outstanding"
        for stance in (Stance.OBJECT, Stance.STAND_ASIDE, Stance.RESERVATION):
            if self.counts[stance]:
                return str(stance)
        return "consented"

    @property
    def is_contestable(self) -> bool:
        return self.response is not None and self.response.is_contestable

    @property
    def is_plain(self) -> bool:
        """Whether it consents to everything, and nobody can contest that."""
        return self.state == "consented" and not self.is_contestable

    @property
    def need(self) -> int:
        """Its place on the page: first what somebody has to do something about."""
        if self.is_contestable:
            return NEEDS.index("outstanding")
        return NEEDS.index(self.state)


NEEDS = ("object", "outstanding", "stand_aside", "reservation", "consented")


class Tally(NamedTuple):
    """How one statement fares."""

    dimension: AgendaDimension
    counts: Counter[str]
    objectors: list[DimensionStance]

    @property
    def exceptions(self) -> int:
        """How many answers are something else than plain consent."""
        return sum(n for stance, n in self.counts.items() if stance != Stance.CONSENT)


@dataclass
class Board:
    """A ratification on one page."""

    agenda: AgendaVersion
    lines: list[Line]
    joined: list[Line]
    tallies: list[Tally]
    verdict: Verdict[int, int] | None
    asked: int
    answered: int
    is_own: bool  # the reader sees their own organization's answer alone, and how many there are

    @property
    def outstanding(self) -> list[Line]:
        return [each for each in self.lines if each.response is None]

    @property
    def remarkable(self) -> list[Line]:
        """Answers of which there is more to say than that they consent."""
        return [each for each in self.lines if each.response and not each.is_plain]

    @property
    def plain(self) -> list[Line]:
        """Those who consent to everything."""
        return [each for each in self.lines if each.response and each.is_plain]

    @property
    def remindable(self) -> list[Line]:
        """Those without an answer of whom somebody can be reminded today."""
        return [each for each in self.outstanding if each.silent and each.silent.is_remindable]

    @property
    def whole(self) -> int:
        """How many statements have nothing but consent so far."""
        return sum(not each.exceptions for each in self.tallies)

    @property
    def states(self) -> Counter[str]:
        """How many organizations say what, as a whole."""
        return Counter(each.state for each in self.lines)


def board(agenda: AgendaVersion, membership: Membership) -> Board:
    """Everything the page of a ratification shows; the same few queries for any number."""
    contacts = Contact.objects.filter(agenda=agenda).select_related("user")
    answered_by = Response.objects.visible_to(membership).effective().filter(agenda=agenda)
    parties, responses, spoken, dimensions = together(
        [
            agenda.parties.select_related("organization"),
            answered_by.select_related("user", "evidence"),
            contacts if membership.is_backbone else contacts.none(),
            agenda.dimensions.all(),
        ]
    )
    lines = {each.organization_id: Line(each) for each in parties}
    by_response = {}
    for response in responses:
        line = lines.get(response.organization_id)
        if line:
            line.response = response
            by_response[response.pk] = line
    stances = DimensionStance.objects.filter(response__in=list(by_response)).select_related(
        "dimension", "reservation", "response"
    )
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    objectors: dict[int, list[DimensionStance]] = defaultdict(list)
    for each in stances.order_by("dimension__position", "id"):
        line = by_response[each.response_id]
        each.party = line.party
        line.counts[each.stance] += 1
        counts[each.dimension_id][each.stance] += 1
        if each.stance != Stance.CONSENT:
            line.exceptions.append(each)
        if each.stance == Stance.OBJECT:
            objectors[each.dimension_id].append(each)
    _add_silence(lines, spoken, agenda, membership)
    eligible = [each for each in lines.values() if each.party.standing == PartyStanding.ELIGIBLE]
    asked, answered = len(eligible), sum(each.response is not None for each in eligible)
    is_own = not membership.may(Permission.AGENDA_RESERVERS_VIEW)
    if is_own:
        answered = asked - silent_parties(agenda).count()
        eligible = [each for each in eligible if each.response]
    verdict = None
    if asked and agenda.state == VersionState.RATIFYING:
        open_ones = [each for each in dimensions if each.split_out_at is None]
        ids = [each.organization_id for each in parties if each.standing == PartyStanding.ELIGIBLE]
        verdict = _verdict(agenda, ids, open_ones)
    return Board(
        agenda,
        sorted(eligible, key=lambda each: each.need),
        [each for each in lines.values() if each.party.standing != PartyStanding.ELIGIBLE],
        [Tally(each, counts[each.pk], objectors[each.pk]) for each in dimensions],
        verdict,
        asked,
        answered,
        is_own,
    )


def _add_silence(
    lines: dict[int, Line], spoken: list[Contact], agenda: AgendaVersion, membership: Membership
) -> None:
    """What is known of those who do not answer, for whoever looks after that."""
    for contact in spoken:
        if contact.organization_id in lines:
            lines[contact.organization_id].contacts.append(contact)
    if agenda.is_open and membership.may(Permission.AGENDA_RATIFICATION_OPEN):
        for silent in silent_of(agenda):
            lines[silent.party.organization_id].silent = silent


@dataclass
class Place:
    """One statement on the sheet of answers, with what the organization says to it so far."""

    dimension: AgendaDimension
    stance: str = Stance.CONSENT
    reason: str = ""
    condition: str = ""
    review_on: Any = None
    carried: Reservation | None = None
    draft: ReservationDraft | None = None  # what somebody wrote down who may not send it
    error: str = ""


def places_of(
    agenda: AgendaVersion,
    organization_id: int,
    drafts: Mapping[str, ReservationDraft] | None = None,
) -> list[Place]:
    """The sheet as the organization left it; else consent, and where a reservation stands that.

    What was drafted since is set, too: whoever may answer sends it or takes it out.
    """
    response = (
        Response.objects.effective()
        .filter(agenda=agenda, organization_id=organization_id)
        .prefetch_related(
            Prefetch("stances", DimensionStance.objects.select_related("reservation"))
        )
        .first()
    )
    said = {each.dimension_id: each for each in response.stances.all()} if response else {}
    live = {
        each.dimension_key: each
        for each in Reservation.objects.live().filter(
            agenda=agenda, organization_id=organization_id
        )
    }
    places = []
    for dimension in dimensions_asked(agenda):
        stance, reservation = said.get(dimension.pk), live.get(dimension.key)
        place = Place(dimension, carried=reservation if response is None else None)
        if stance:
            place.stance, place.reason = stance.stance, stance.reason
        elif reservation:
            place.stance = Stance.STAND_ASIDE if reservation.is_stand_aside else Stance.RESERVATION
        if reservation and place.stance in {Stance.RESERVATION, Stance.STAND_ASIDE}:
            place.reason = reservation.text
            place.condition, place.review_on = reservation.condition, reservation.review_on
        draft = (drafts or {}).get(dimension.key)
        if draft and (response is None or draft.at > response.at):
            place.draft, place.reason, place.condition = draft, draft.text, draft.condition
            place.review_on = draft.review_on or place.review_on
            if place.stance not in {Stance.RESERVATION, Stance.STAND_ASIDE}:
                place.stance = Stance.RESERVATION
        places.append(place)
    return places


def party_of(agenda: AgendaVersion, organization_id: int) -> Party | None:
    found: Party | None = agenda.parties.filter(organization_id=organization_id).first()
    return found


def response_of(agenda: AgendaVersion, organization_id: int) -> Response | None:
    """The answer of an organization that counts."""
    found: Response | None = (
        Response.objects.effective()
        .filter(agenda=agenda, organization_id=organization_id)
        .select_related("user", "evidence")
        .defer("evidence__content")
        .first()
    )
    return found
