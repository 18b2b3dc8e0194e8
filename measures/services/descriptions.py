"""Storing a described initiative, as a whole: everything in bulk, in one transaction."""

from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.services.glossary import describe_term
from initiatives import audit
from initiatives.choices import Means
from initiatives.models import (
    Initiative,
    InitiativeProfile,
    Membership,
    Organization,
    OrganizationPlace,
    Place,
    User,
)
from initiatives.tenancy import enter
from measures.imports.description.schema import EVERYONE
from measures.imports.description.specs import Description, IndicatorSpec, PlaceSpec
from measures.models import Calendar, Indicator, Period, Round
from measures.services.setup.assignments import assign
from measures.services.setup.calendars import create_calendar
from measures.services.setup.indicators import (
    BEGINNING,
    add_baseline,
    add_target,
    create_indicator,
)
from measures.services.setup.partitions import ensure_dimension
from measures.services.setup.rounds import round_of


class Stored(NamedTuple):
    """What was made of a description."""

    initiative: Initiative
    counts: dict[str, int]


def store_description(described: Description) -> Stored:
    """A new initiative from its description.

    :raises ValidationError: the address is taken, or something named does not exist.
    """
    spec = described.initiative
    with transaction.atomic():
        if Initiative.objects.filter(slug=spec.slug).exists():
            raise ValidationError(
                _("There is an initiative “%(slug)s” already; nothing was changed.")
                % {"slug": spec.slug}
            )
        initiative = Initiative.objects.create(slug=spec.slug, name=spec.name)
        with enter(initiative.pk):
            counts = _fill(described)
            audit.record(
                None,
                "measures.description_loaded",
                initiative,
                means=Means.COMMAND,
                counts=counts,
            )
    return Stored(initiative, counts)


def _fill(described: Description) -> dict[str, int]:
    spec = described.initiative
    places = _store_places(described.places)
    InitiativeProfile.here(
        question=spec.question,
        description=spec.description,
        time_zone=spec.time_zone,
        locale=spec.locale,
        place=places.get(spec.place),
    ).save()
    organizations = _store_organizations(described, places)
    calendars = {
        each.code: create_calendar(
            actor=None,
            code=each.code,
            name=each.name,
            kind=each.kind,
            start_month=each.start_month,
            first_year=each.first_year,
            last_year=each.last_year,
            frequencies=each.frequencies,
        )
        for each in described.calendars
    }
    periods = {(each.calendar_id, each.code): each for each in Period.objects.all()}
    for dimension in described.dimensions:
        ensure_dimension(
            dimension.code,
            dimension.name,
            [(each.code, each.name, each.not_stated) for each in dimension.categories],
        )
    for term in described.terms:
        describe_term(
            label=term.label,
            meaning=term.meaning,
            also=term.also,
            source=term.source,
            state=term.state,
        )
    for position, each in enumerate(described.indicators):
        _store_indicator(each, position, calendars, periods, organizations)
    rounds = _store_rounds(described, calendars, periods)
    _store_people(described, organizations)
    return {
        "places": len(places),
        "organizations": len(organizations),
        "calendars": len(calendars),
        "periods": len(periods),
        "indicators": len(described.indicators),
        "rounds": rounds,
        "people": len(described.people),
    }


def _store_places(specs: list[PlaceSpec]) -> dict[str, Place]:
    """A level of the tree at a time: a place needs the number of the one above it."""
    places: dict[str, Place] = {}
    waiting = list(specs)
    while waiting:
        ready = [each for each in waiting if not each.parent or each.parent in places]
        if not ready:
            raise ValidationError(_("The places lie within each other in a circle."))
        made = Place.objects.bulk_create(
            Place.here(
                code=each.code,
                name=each.name,
                level=each.level,
                parent=places.get(each.parent),
            )
            for each in ready
        )
        places.update((each.code, each) for each in made)
        waiting = [each for each in waiting if each.code not in places]
    return places


def _store_organizations(
    described: Description, places: dict[str, Place]
) -> dict[str, Organization]:
    organizations = {
        each.code: each
        for each in Organization.objects.bulk_create(
            Organization.here(
                code=each.code,
                name=each.name,
                kind=each.kind,
                sector=each.sector,
                state=each.state,
                outside_id=each.outside_id,
            )
            for each in described.organizations
        )
    }
    OrganizationPlace.objects.bulk_create(
        OrganizationPlace.here(organization=organizations[each.code], place=places[code])
        for each in described.organizations
        for code in each.places
    )
    return organizations


def _store_indicator(
    spec: IndicatorSpec,
    position: int,
    calendars: dict[str, Calendar],
    periods: dict[tuple[int, str], Period],
    organizations: dict[str, Organization],
) -> Indicator:
    calendar = calendars[spec.calendar]
    indicator = create_indicator(
        actor=None,
        code=spec.code,
        name=spec.name,
        kind=spec.kind,
        calendar=calendar,
        frequency=spec.frequency,
        partition=spec.partition,
        operators=spec.operators,
        scale=spec.scale,
        carry=spec.carry,
        definition={
            "definition": spec.definition.text,
            "numerator_text": spec.definition.numerator,
            "denominator_text": spec.definition.denominator,
            "inclusion": spec.definition.inclusion,
            "exclusion": spec.definition.exclusion,
            "source": spec.definition.source,
        },
        unit=spec.unit,
        direction=spec.direction,
        level=spec.level,
        decimals=spec.decimals,
        minimum=spec.minimum,
        maximum=spec.maximum,
        is_within=spec.within,
        position=position,
    )
    if spec.baseline is not None:
        period = _period(periods, calendar, spec.baseline_period)
        add_baseline(actor=None, indicator=indicator, period=period, value=spec.baseline)
    for target in spec.targets:
        add_target(
            actor=None,
            indicator=indicator,
            period=_period(periods, calendar, target.period),
            value=target.value,
            low=target.low,
            high=target.high,
            reason=target.reason,
        )
    for each in spec.assignments:
        everyone = each.organizations == (EVERYONE,)
        assign(
            actor=None,
            indicator=indicator,
            organizations=[
                organization
                for code, organization in organizations.items()
                if code in each.organizations or (everyone and organization.kind == "partner")
            ],
            starts_on=_period(periods, calendar, each.since).starts_on if each.since else BEGINNING,
            ends_on=_period(periods, calendar, each.until).ends_on if each.until else None,
        )
    return indicator


def _period(periods: dict[tuple[int, str], Period], calendar: Calendar, code: str) -> Period:
    try:
        return periods[calendar.pk, code]
    except KeyError as error:
        raise ValidationError(
            _("There is no period “%(period)s” in the calendar “%(calendar)s”.")
            % {"period": code, "calendar": calendar.code}
        ) from error


def _store_rounds(
    described: Description,
    calendars: dict[str, Calendar],
    periods: dict[tuple[int, str], Period],
) -> int:
    """Those described; and, unless it says otherwise, an open one for every begun period."""
    rounds: dict[int, Round] = {}
    if described.past_rounds == "open":
        wanted = {(calendars[each.calendar].pk, each.frequency) for each in described.indicators}
        today = timezone.localdate()
        for period in periods.values():
            begun = period.starts_on <= today
            if begun and (period.calendar_id, period.frequency) in wanted:
                rounds[period.pk] = round_of(period)
    for each in described.rounds:
        among = [calendars[each.calendar]] if each.calendar else list(calendars.values())
        calendar = next((c for c in among if (c.pk, each.period) in periods), among[0])
        period = _period(periods, calendar, each.period)
        rounds[period.pk] = round_of(period, each.opens, each.due, each.closes)
    Round.objects.bulk_create(rounds.values())
    return len(rounds)


def _store_people(described: Description, organizations: dict[str, Organization]) -> None:
    """People with their roles; who is new sets a password by mail."""
    for each in described.people:
        user = User.objects.filter(email__lower=each.email.lower()).first()
        if user is None:
            user = User.objects.create_user(each.email, name=each.name)
        if each.organization not in organizations:
            raise ValidationError(
                _("“%(email)s” works for an organization that is not described.")
                % {"email": each.email}
            )
        Membership.here(
            user=user,
            organization=organizations[each.organization],
            roles=list(each.roles),
            level=each.level,
        ).save()
