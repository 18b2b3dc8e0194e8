"""The meetings of the demonstration: three series, an agenda being agreed, words to all.

``BODIES`` says who meets and when; the series begin two years ago, so that meetings that were held
find their day by the same rule.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta

from django.utils import timezone

from backbone.management.demo import held
from initiatives.models import InitiativeProfile, Membership, Organization, User
from initiatives.permissions import Role
from initiatives.tenancy import current_initiative_id
from meetings.arithmetic import recurrence
from meetings.models import Body, Meeting, MeetingSeries, Seat
from meetings.selectors.agendas import digest_of
from meetings.services.agendas import accept_item, answer_agenda, propose_item
from meetings.services.announcements import (
    answer_request,
    send_announcement,
    write_announcement,
)
from meetings.services.bodies import add_seats, create_body
from meetings.services.facilitations import give_series
from meetings.services.replies import name_delegate, reply
from meetings.services.series import create_series, open_meeting

YEARS = timedelta(days=730)


@dataclass(frozen=True)
class Planned:
    """One body and its series."""

    name: str
    purpose: str
    codes: tuple[str, ...]  # of the organizations with a seat; none: everyone who has a lead
    series: str
    rule: str
    at: time
    minutes: int
    place: str


STEERING = Planned(
    "Steering committee",
    "Decides what we do together, on the numbers that we share.",
    ("CO-500", "CO-503", "OR-501", "OR-506", "WA-500", "WA-502", "FUND"),
    "Steering committee",
    "FREQ=MONTHLY;BYDAY=2TU",
    time(14, 0),
    90,
    "Room 2.11 and by video",
)
DATA = Planned(
    "Working group on data",
    "One list by name, counted alike everywhere.",
    ("CO-503", "OR-501", "WA-500", "WA-502"),
    "Data working group",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
    time(10, 30),
    60,
    "By video",
)
PARTNERS = Planned(
    "All partners",
    "Everyone who takes part: what we learned, what comes next.",
    (),
    "Partners' day",
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1WE",
    time(9, 0),
    180,
    "Community hall, Elm Street",
)
BODIES = {"steering": STEERING, "data": DATA, "partners": PARTNERS}

ITEMS = (
    ("CO-503", "How did January compare with a year ago?", "learn", 15),
    ("OR-501", "Beds for this winter, or leases?", "decide", 35),
    ("WA-500", "One list by name for both shores", "discuss", 20),
)
ANSWERS = (
    "Three of us, one without meat.",
    "Two, and we bring the new colleague from the night shelter.",
    "Nobody this time: we are at the state's meeting. Please send us the slides.",
    "Four. Can we show the list by name for ten minutes?",
)
NEWS = {
    "The numbers of the last round are out": "All but one community reported. The dashboard shows "
    "every community beside its target; have a look at yours before the committee meets.",
    "Two communities kept it rare and brief for a year": "They tell at the next partners' day how "
    "they did it, and what they would not do again.",
}


def load() -> dict[str, MeetingSeries]:
    """Everything, in the scope that is open; the series by the key of their body."""
    manager = Membership.objects.get(roles=[Role.PROJECT_MANAGER])
    facilitator = Membership.objects.get(roles=[Role.FACILITATOR])
    series = {key: _series(manager, facilitator, each) for key, each in BODIES.items()}
    _give(manager, series["data"])
    held.load(series.values())
    next_meeting(series["data"])
    next_meeting(series["partners"])
    _agenda(facilitator, next_meeting(series["steering"]))
    _words(manager)
    return series


def next_meeting(series: MeetingSeries) -> Meeting:
    """The next meeting of a series, with a row of its own."""
    now = timezone.now()
    # Not one of the next days: an agenda needs some time to be agreed.
    soon = now + timedelta(days=4)
    found = next(recurrence.occurrences(series.recurrence, soon, now + timedelta(days=200)))
    return open_meeting(actor=None, series=series, day=found.day)


def _series(manager: Membership, facilitator: Membership, planned: Planned) -> MeetingSeries:
    profile = InitiativeProfile.objects.get()
    body = create_body(
        actor=manager, name=planned.name, purpose=planned.purpose, facilitator=facilitator
    )
    add_seats(actor=manager, body=body, organizations=_organizations(planned))
    return create_series(
        actor=manager,
        body=body,
        name=planned.series,
        rule=planned.rule,
        starts_on=_first_day(planned, profile.time_zone),
        starts_at=planned.at,
        minutes=planned.minutes,
        time_zone=profile.time_zone,
        place=planned.place,
        facilitator=facilitator,
        quorum=max(2, len(planned.codes) // 2),
    )


def _give(manager: Membership, series: MeetingSeries) -> None:
    """One series to somebody from outside, for half a year."""
    today = timezone.localdate()
    give_series(
        actor=manager,
        series=series,
        membership=Membership.objects.get(roles=[Role.SERIES_FACILITATOR]),
        starts_on=today,
        last_day=today + timedelta(days=180),
    )


def _first_day(planned: Planned, zone: str) -> date:
    """The first day of the rule two years ago, so that the form knows it as what it is."""
    since = timezone.localdate() - YEARS
    rule = recurrence.Rule(planned.rule, since, planned.at, planned.minutes, zone)
    return next(iter(recurrence.days(rule, since, since + timedelta(days=100))))


def _organizations(planned: Planned) -> list[Organization]:
    if planned.codes:
        return list(Organization.objects.filter(code__in=planned.codes).order_by("code"))
    led = Membership.objects.current().exclude(organization__kind="backbone")
    return list(Organization.objects.filter(pk__in=led.values("organization_id")).order_by("code"))


def _agenda(facilitator: Membership, meeting: Meeting) -> None:
    """Three items; most seats agree, one asks for a change, one sends a delegate."""
    seats = {
        each.organization.code: each
        for each in Seat.objects.filter(body=meeting.series.body_id)
        .select_related("organization", "holder__user", "body")
        .order_by("id")
        if each.holder
    }
    body = Body.objects.get(pk=meeting.series.body_id)
    for code, title, purpose, minutes in ITEMS:
        item = propose_item(
            actor=seats[code].holder, body=body, title=title, purpose=purpose, minutes=minutes
        )
        accept_item(actor=facilitator, item=item, meeting=meeting)
    digest = digest_of(meeting)
    for code in ("CO-500", "CO-503", "OR-501", "WA-502"):
        seat = seats[code]
        answer_agenda(actor=seat.holder, meeting=meeting, seat=seat, kind="agree", digest=digest)
        reply(actor=seat.holder, meeting=meeting, seat=seat, kind="yes")
    asks = seats["OR-506"]
    answer_agenda(
        actor=asks.holder,
        meeting=meeting,
        seat=asks,
        kind="change",
        digest=digest,
        text="Leases before beds, please: we decide on what lasts first.",
    )
    sends = seats["WA-500"]
    name_delegate(
        actor=sends.holder,
        meeting=meeting,
        seat=sends,
        delegate=_deputy(sends.organization),
        mandate="Yes to leases, if the beds of this winter stay paid for.",
    )


def _deputy(organization: Organization) -> Membership:
    user = User.objects.create_user(
        f"deputy-{current_initiative_id()}@concert.example", name="Ines Valdez"
    )
    made = Membership.here(
        user=user, organization=organization, roles=[Role.PARTNER_REPORTER], level="management"
    )
    made.save()
    return made


def _words(manager: Membership) -> None:
    """Two pieces of news, a request to all, and a draft that waits for a look."""
    for title, text in NEWS.items():
        news = write_announcement(actor=manager, title=title, text=text, kind="news", minutes=2)
        send_announcement(actor=manager, announcement=news, version=news.version)
    request = write_announcement(
        actor=manager,
        title="Who comes to the partners' day?",
        text="We order lunch on Friday. Please say for how many of you.",
        kind="request",
        minutes=3,
    )
    send_announcement(actor=manager, announcement=request, version=request.version)
    leads = Membership.objects.filter(roles=[Role.PARTNER_LEAD]).order_by("id")
    for lead, text in zip(leads, ANSWERS, strict=False):
        answer_request(actor=lead, announcement=request, text=text)
    coordinator = Membership.objects.get(roles=[Role.EDUCATION_COORDINATOR])
    write_announcement(
        actor=coordinator,
        title="A course on talking with landlords",
        text="Four evenings in spring, free for all partners. Tell us who of yours wants to come.",
        kind="request",
        minutes=58,
    )
