"""How an indicator comes to be agreed: what it is, what it means from when on, where it stands."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import audit, jobs
from initiatives.models import Membership
from initiatives.versions import check_version
from measures import ledger
from measures.choices import IndicatorKind, IndicatorState
from measures.models import (
    Calendar,
    Entry,
    Indicator,
    IndicatorVersion,
    Observation,
    Partition,
    Period,
    Rollup,
)
from measures.services.setup.indicators import BEGINNING, create_indicator, operators_of
from measures.services.setup.partitions import create_breakdown, ensure_partition, free_code
from measures.services.setup.terms import check_terms

NEXT: dict[str, tuple[IndicatorState, ...]] = {
    IndicatorState.DRAFT: (IndicatorState.PROPOSED, IndicatorState.AGREED),
    IndicatorState.PROPOSED: (IndicatorState.AGREED, IndicatorState.DRAFT),
    IndicatorState.AGREED: (IndicatorState.RETIRED,),
    IndicatorState.RETIRED: (IndicatorState.AGREED,),
}
NOT_AGREED = (IndicatorState.DRAFT, IndicatorState.PROPOSED)
OPERATORS = ("cells", "time", "organizations", "scale")


class UndefinedError(ValidationError):
    """It cannot be agreed, since nothing says what it means."""


@transaction.atomic
def draft_indicator(
    *,
    actor: Membership,
    name: str,
    kind: str,
    calendar: Calendar,
    frequency: str,
    partition: Partition | None = None,
    breakdown: str = "",
    categories: tuple[str, ...] = (),
    time: str = "",
    code: str = "",
    definition: Mapping[str, str],
    **fields: Any,
) -> Indicator:
    """A new indicator that is not agreed yet, with its first meaning.

    ``breakdown`` and ``categories`` make a new dimension to break it down by.

    :raises ValidationError: the calendar has no such periods, or the code is taken.
    """
    _check_periods(calendar, frequency)
    codes = tuple(partition.code.split(";")) if partition else ()
    if breakdown:
        codes = (create_breakdown(breakdown, categories).code,)
    taken = Indicator.objects.values_list("code", flat=True)
    return create_indicator(
        actor=actor,
        code=code or free_code(name, taken, "indicator"),
        name=name,
        kind=kind,
        calendar=calendar,
        frequency=frequency,
        partition=codes,
        operators={"time": time},
        definition=definition,
        state=IndicatorState.DRAFT,
        position=min(Indicator.objects.count(), 32_000),
        **fields,
    )


@transaction.atomic
def update_indicator(
    *,
    actor: Membership,
    indicator: Indicator,
    version: str | None = None,
    breakdown: str = "",
    categories: tuple[str, ...] = (),
    operators: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Indicator:
    """Say anew what an indicator is; what numbers rest on changes only while there are none.

    ``operators``: how its kind is put together over ``time``, its ``scale`` unless that stays, and
    the texts of its two parts; until it is agreed also its ``definition`` and ``source``.

    :raises ValidationError: the code is taken, or somebody else was faster.
    """
    # Who writes a first number holds the row for its key: either is waited for.
    found: Indicator = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)
    indicator = found
    check_version(version, indicator)
    if Indicator.objects.filter(code=fields["code"]).exclude(pk=indicator.pk).exists():
        raise ValidationError({"code": _("Another indicator has this code.")})
    if is_reported(indicator):
        if fields.get("kind", indicator.kind) != indicator.kind:
            raise ValidationError(_("Somebody reported a number meanwhile: its kind stays."))
        for name in ("calendar", "frequency", "partition", "kind"):
            fields.pop(name, None)
    else:
        _check_periods(fields["calendar"], fields["frequency"])
        if breakdown:
            new = create_breakdown(breakdown, categories)
            fields["partition"] = ensure_partition([new.code])
    changed = [name for name, value in fields.items() if getattr(indicator, name) != value]
    for name, value in fields.items():
        setattr(indicator, name, value)
    indicator.save()
    if operators is not None and not is_reported(indicator) and _mean_anew(indicator, operators):
        changed.append("operators")
    if changed:
        check_terms(indicator)
    if changed:
        audit.record(actor, "measures.indicator_updated", indicator, changed=changed)
    return indicator


def _mean_anew(indicator: Indicator, said: Mapping[str, Any]) -> bool:
    """Say every meaning again as the kind asks, where it differs; whether any did."""
    fixed: dict[str, Any] = {"time": operators_of(indicator.kind, {"time": said["time"]})["time"]}
    if "scale" in said:
        fixed["scale"] = said["scale"]
    if indicator.kind != IndicatorKind.STOCK:
        fixed["carry"] = 0
    sentences = {name: said[name] for name in ("definition", "source") if name in said}
    if sentences and not is_open(indicator):
        raise ValidationError(_("It was agreed meanwhile: define it anew from a day on."))
    parts = ("numerator_text", "denominator_text")
    texts = {name: said[name] if indicator.is_pair else "" for name in parts}
    standing = list(IndicatorVersion.objects.filter(indicator=indicator))
    is_anew = False
    for version in standing:
        wanted = fixed | (texts if version is standing[-1] or not indicator.is_pair else {})
        wanted |= sentences if version is standing[-1] else {}
        if all(getattr(version, name) == value for name, value in wanted.items()):
            continue
        is_anew = True
        _say_again(version, wanted)
    if is_anew and Rollup.objects.filter(indicator=indicator).exists():
        ledger.mark_dirty([indicator.pk])
    return is_anew


def _say_again(version: IndicatorVersion, fields: Mapping[str, Any]) -> None:
    """Put another meaning in the place of one on which no number rests."""
    now = timezone.now()
    IndicatorVersion.objects.filter(pk=version.pk).update(superseded_at=now)
    for name, value in fields.items():
        setattr(version, name, value)
    version.pk, version.recorded_at = None, now
    version.save()


def _mean_from_the_beginning(indicator: Indicator) -> None:
    """The first definition that was written holds for every period: before it nothing was agreed.

    So the form of a period that began before the agreement says what is asked.
    """
    standing = list(IndicatorVersion.objects.filter(indicator=indicator))
    first = next(at for at, version in enumerate(standing) if version.definition)
    if standing[first].effective_from == BEGINNING or is_reported(indicator):
        return
    blank = [version.pk for version in standing[:first]]
    IndicatorVersion.objects.filter(pk__in=blank).update(superseded_at=timezone.now())
    _say_again(standing[first], {"effective_from": BEGINNING})


def is_open(indicator: Indicator) -> bool:
    """Whether it is still to be agreed, so that what it means may be said otherwise."""
    return indicator.state in NOT_AGREED


def is_reported(indicator: Indicator) -> bool:
    """Whether somebody wrote a number for it, on a form or accepted."""
    return (
        Observation.objects.filter(indicator=indicator).exists()
        or Entry.objects.reported().filter(indicator=indicator).exists()
    )


@transaction.atomic
def add_version(
    *,
    actor: Membership,
    indicator: Indicator,
    effective_from: date,
    carry: int = 0,
    **texts: str,
) -> IndicatorVersion:
    """What the indicator means from a day on; what was reported before keeps its meaning.

    :raises ValidationError: another meaning begins on that day.
    """
    indicator = _locked(indicator)
    versions = IndicatorVersion.objects.filter(indicator=indicator)
    if versions.filter(effective_from=effective_from).exists():
        raise ValidationError(
            {"effective_from": _("Another meaning begins on that day: choose a later one.")}
        )
    before = versions.filter(effective_from__lt=effective_from).last() or versions.first()
    kept = {name: getattr(before, name) for name in OPERATORS} if before else {}
    version = IndicatorVersion.here(
        indicator=indicator, effective_from=effective_from, carry=carry, **kept, **texts
    )
    version.save()
    check_terms(indicator)
    if Rollup.objects.filter(indicator=indicator).exists():
        ledger.mark_dirty([indicator.pk])
    audit.record(
        actor, "measures.definition_added", indicator, effective_from=effective_from.isoformat()
    )
    jobs.enqueue("agenda.find_uses")
    return version


@transaction.atomic
def change_state(*, actor: Membership, indicator: Indicator, state: str) -> Indicator:
    """Propose, agree on, retire or take up again; doing it twice is doing it once.

    :raises ValidationError: there is no such step from here, or nothing says what it means, or it
        is said in words that are not agreed (A11).
    """
    indicator = _locked(indicator)
    if indicator.state == state:
        return indicator
    before = IndicatorState(indicator.state)
    if state not in NEXT[before]:
        raise ValidationError(
            _("It is “%(state)s” by now: look at it again.") % {"state": before.label}
        )
    meant = IndicatorVersion.objects.filter(indicator=indicator).exclude(definition="")
    if state == IndicatorState.AGREED and not meant.exists():
        raise UndefinedError(_("Nothing says yet what it means: write the definition first."))
    if state == IndicatorState.AGREED and before in NOT_AGREED:
        _mean_from_the_beginning(indicator)
    indicator.state = state
    check_terms(indicator)
    indicator.save(update_fields=["state"])
    jobs.enqueue("measures.advance_rounds", key="rounds")  # who is asked for it gets a form
    audit.record(actor, f"measures.indicator_{state}", indicator, before=before)
    return indicator


def _check_periods(calendar: Calendar, frequency: str) -> None:
    if not Period.objects.filter(calendar=calendar, frequency=frequency).exists():
        raise ValidationError({"frequency": _("This calendar has no such periods.")})


def _locked(indicator: Indicator) -> Indicator:
    rows = Indicator.objects.select_for_update(of=("self",), no_key=True)
    found: Indicator = rows.get(pk=indicator.pk)
    return found
