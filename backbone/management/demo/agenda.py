"""The common agenda of the demonstration: views revealed, two live differences, words that clash."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from agenda.choices import FacetKind, ListeningState, StatementState
from agenda.models import (
    Asked,
    Difference,
    ListeningRound,
    PositionFacet,
    PositionStatement,
    RoundFacet,
)
from agenda.services import facets, glossary, listening
from agenda.services.differences import board, resolutions
from agenda.services.differences.measured import propose_differences
from backbone.management.demo.positions import (
    ASKED_WITHOUT_ANSWER,
    CHOICES,
    LEADS,
    POSITIONS,
    PROBLEM,
)
from initiatives.models import Membership, Organization, User
from initiatives.permissions import Role
from initiatives.tenancy import current_initiative_id, enter
from measures.choices import IndicatorState
from measures.models import Calendar
from measures.services import setup

INTRODUCTION = (
    "Before we write an agenda: what is the problem, for whom, and what should we reach? "
    "These answers are made up for the demonstration."
)


def load() -> None:
    """Everything, in the scope that is open."""
    facilitator = Membership.objects.get(roles=[Role.FACILITATOR])
    leads = _leads()
    round_ = _round(facilitator)
    for code, said in POSITIONS.items():
        _say(leads[code], round_, said)
    listening.reveal_if_due(round_)
    propose_differences(round_)
    _talk(facilitator, leads, round_)
    _words(facilitator, leads)
    _indicator_in_words_that_clash()


def _leads() -> dict[str, Membership]:
    """Who speaks for each organization: the cast where it does, else somebody new."""
    found = {}
    for code in POSITIONS:
        organization = Organization.objects.get(code=code)
        if code in LEADS:
            key, name = LEADS[code]
            email = f"{key}@concert.example"
            user = User.objects.filter(email=email).first() or User.objects.create_user(
                email, name=name
            )
            EmailAddress.objects.get_or_create(
                user=user, email=email, defaults={"verified": True, "primary": True}
            )
            Membership.here(user=user, organization=organization, roles=[Role.PARTNER_LEAD]).save()
        wanted = [Role.PARTNER_LEAD] if code != "FUND" else [Role.FUNDER]
        found[code] = Membership.objects.select_related("user", "organization").get(
            organization=organization, roles__contains=wanted
        )
    return found


def _round(facilitator: Membership) -> ListeningRound:
    """A round whose time is over, with the questions of this initiative."""
    now = timezone.now()
    round_ = listening.prepare_round(
        actor=facilitator,
        name="How do we see homelessness among veterans?",
        introduction=INTRODUCTION,
        closes_at=now - timedelta(hours=2),
    )
    for facet in round_.facets.filter(key__in=CHOICES):
        facets.write_facet(
            actor=facilitator,
            round_=round_,
            facet=facet,
            name=facet.name,
            question=facet.question,
            kind=facet.kind,
            choices=CHOICES[facet.key],
        )
    round_.refresh_from_db()
    round_.state, round_.opens_at = ListeningState.OPEN, now - timedelta(days=23)
    round_.level = Decimal("2.20")
    round_.save()
    for organization in Organization.objects.filter(code__in=[*POSITIONS, *ASKED_WITHOUT_ANSWER]):
        Asked.here(round=round_, organization=organization).save()
    return round_


def _say(lead: Membership, round_: ListeningRound, said: dict[str, Any]) -> None:
    at = timezone.now() - timedelta(days=4)
    with enter(current_initiative_id(), user_id=lead.user_id):
        statement = PositionStatement.here(
            round=round_,
            organization=lead.organization,
            state=StatementState.SUBMITTED,
            submitted_at=at,
            submitted_by=lead.user,
        )
        statement.save()
        asked = {each.key: each for each in RoundFacet.objects.filter(round=round_)}
        for key, value in said.items():
            PositionFacet.here(
                statement=statement, facet=asked[key], **_told(asked[key], value)
            ).save()
        # Who has answered is said by the organization's own people, too.
        Asked.objects.filter(round=round_, organization=lead.organization).update(answered_at=at)


def _told(facet: RoundFacet, value: Any) -> dict[str, Any]:
    if facet.key == PROBLEM:
        return {"text": value}
    given, importance, flexibility, why = value
    answer = {"number": given} if facet.kind == FacetKind.NUMBER else {"chosen": given}
    return answer | {"importance": importance, "flexibility": flexibility, "why": why}


def _talk(facilitator: Membership, leads: dict[str, Membership], round_: ListeningRound) -> None:
    """One difference in dialogue, one with a resolution that waits for one side."""
    approach = Difference.objects.filter(round=round_, facet__key="approach").first()
    goal = Difference.objects.filter(round=round_, facet__key="goal").first()
    if approach:
        _state(
            facilitator,
            leads,
            approach,
            "A home of one's own first, with a name on one list, and help for whoever wants it: "
            "that has held in other places.",
            "A bed tonight and treatment first: a lease alone is lost within a year.",
        )
        board.move_difference(actor=facilitator, difference=approach, to="in_dialogue")
        first = board.comment_difference(
            actor=leads["OR-501"],
            difference=approach,
            text="In January we lost four people. None of them would have waited for a lease.",
        )
        board.comment_difference(
            actor=leads["OR-506"],
            difference=approach,
            parent=first,
            text="We do not argue against beds. We argue against people staying in them for years.",
        )
        board.comment_difference(
            actor=leads["FUND"],
            difference=approach,
            text="Do we know how many leases are lost within a year, with and without treatment?",
        )
    if goal:
        _state(
            facilitator,
            leads,
            goal,
            "The goal is people and not a rate: no veteran sleeps outside, no veteran loses a home.",
            "Homelessness is rare and brief: in a month fewer veterans become homeless than find "
            "a home. That can be checked.",
        )
        text = "First goal: rare and brief. Second goal: fewer veterans lose a home each year."
        proposal = board.make_proposal(actor=leads["CO-503"], difference=goal, text=text)
        resolution = resolutions.propose_resolution(
            actor=facilitator, difference=goal, kind="merged", text=text, proposal=proposal
        )
        resolutions.confirm_resolution(actor=leads["CO-503"], resolution=resolution)


def _state(
    facilitator: Membership,
    leads: dict[str, Membership],
    difference: Difference,
    *statements: str,
) -> None:
    """Word both sides, and let a holder of each call the words fair."""
    by_organization = {each.organization_id: each for each in leads.values()}
    for side, statement in zip(difference.sides.all(), statements, strict=True):
        worded = board.word_side(
            actor=facilitator,
            side=side,
            label=side.label,
            statement=statement,
            version=side.version,
        )
        holder = side.holders.order_by("id").first()
        if holder:
            board.call_fair(
                actor=by_organization[holder.organization_id], side=worded, version=worded.version
            )
    difference.refresh_from_db()


def _words(facilitator: Membership, leads: dict[str, Membership]) -> None:
    """A word that is agreed, one agreed with a mapped clash, one that clashes still."""
    homeless = glossary.propose_term(
        actor=facilitator,
        label="homeless",
        also=["without a home", "homelessness"],
        meaning="Sleeping in a place not meant for people, or in a shelter, on the night asked about.",
        source="After HUD's count on one night in January",
    )
    glossary.agree_term(actor=facilitator, term=homeless, version=homeless.version)
    veteran = glossary.propose_term(
        actor=facilitator,
        label="veteran",
        also=["veterans"],
        meaning="Anyone who served on active duty, whatever the discharge says.",
    )
    clash = glossary.say_variant(
        actor=leads["CO-500"],
        term=veteran,
        label="eligible veteran",
        meaning="Somebody with a discharge that opens the VA's services.",
        mapping="clashes",
    )
    glossary.map_variant(
        actor=facilitator, variant=clash, mapped_as="A veteran with access to VA services."
    )
    veteran.refresh_from_db()
    glossary.agree_term(actor=facilitator, term=veteran, version=veteran.version)
    brief = glossary.propose_term(
        actor=leads["WA-501"],
        label="rare and brief",
        also=["functional zero"],
        meaning="Fewer veterans become homeless in a month than find a home.",
    )
    glossary.move_term(actor=facilitator, term=brief, to="in_discussion")
    glossary.say_variant(
        actor=leads["OR-501"],
        term=brief,
        label="functional zero",
        meaning="Nobody outside on any night, whatever the flow.",
        mapping="clashes",
    )
    glossary.say_variant(actor=leads["WA-500"], term=brief, label="", meaning="", mapping="same")


def _indicator_in_words_that_clash() -> None:
    """An indicator that cannot be agreed before its word is."""
    data_manager = Membership.objects.get(roles=[Role.DATA_MANAGER])
    calendar = Calendar.objects.filter(periods__frequency="year").distinct()[0]
    indicator = setup.draft_indicator(
        actor=data_manager,
        name="Communities in which homelessness is rare and brief",
        kind="stock",
        calendar=calendar,
        frequency="year",
        unit="communities",
        definition={"definition": "Communities that are at functional zero when the year ends."},
    )
    setup.change_state(actor=data_manager, indicator=indicator, state=IndicatorState.PROPOSED)
