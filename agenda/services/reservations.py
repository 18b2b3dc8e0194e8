"""Reservations live on: looked at again, kept, lifted by their own organization, carried on."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import ReservationState
from agenda.models import AgendaDimension, AgendaVersion, Reservation, ReservationNote
from agenda.services.letters import write_review_due
from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.permissions import Permission

REVIEW_AFTER = timedelta(days=180)
WRITE_BEFORE = timedelta(days=7)


def note(
    reservation: Reservation, text: str, *, actor: Membership | None = None
) -> ReservationNote:
    """Add what happened to a reservation's record."""
    row = ReservationNote.here(
        reservation=reservation,
        state=reservation.state,
        text=text,
        organization_id=actor.organization_id if actor else None,
        user_id=actor.user_id if actor else None,
    )
    row.save()
    return row


def raise_reservation(
    *,
    actor: Membership,
    organization_id: int,
    dimension: AgendaDimension,
    text: str,
    condition: str = "",
    review_on: date | None = None,
    is_stand_aside: bool = False,
) -> Reservation:
    """The live reservation of an organization on a dimension: a new one, or the one it has, as it
    is said now.
    """
    live = (
        Reservation.objects.live()
        .filter(
            agenda_id=dimension.agenda_id,
            organization_id=organization_id,
            dimension_key=dimension.key,
        )
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    said = {"text": text, "condition": condition, "is_stand_aside": is_stand_aside}
    if live:
        if review_on:
            said["review_on"] = review_on
        if any(getattr(live, name) != value for name, value in said.items()):
            for name, value in said.items():
                setattr(live, name, value)
            live.version += 1
            live.save()
            note(live, text, actor=actor)
        return live
    row = Reservation.here(
        agenda_id=dimension.agenda_id,
        raised_in_id=dimension.agenda_id,
        organization_id=organization_id,
        dimension_key=dimension.key,
        dimension_text=dimension.text,
        review_on=review_on or timezone.localdate() + REVIEW_AFTER,
        **{name: value for name, value in said.items() if name != "review_on"},
    )
    row.save()
    note(row, text, actor=actor)
    record(actor, "agenda.reservation_raised", row)
    return row


def drop_unsaid(
    *, actor: Membership, agenda: AgendaVersion, organization_id: int, kept: set[int]
) -> None:
    """Lift what an organization's new answer does not hold up any more."""
    rows = (
        Reservation.objects.live()
        .filter(agenda=agenda, organization_id=organization_id)
        .exclude(pk__in=kept)
    )
    answered = set(agenda.dimensions.values_list("key", flat=True))
    for row in rows.select_for_update(of=("self",), no_key=True):
        if row.dimension_key in answered:
            _end(row, ReservationState.LIFTED, _("Consented without it."), actor=actor)


def carry_reservations(agenda: AgendaVersion) -> int:
    """Copy every live reservation to a new version; the old row stays and says so (A6)."""
    rows = Reservation.objects.live().exclude(agenda=agenda)
    carried = 0
    for row in rows.select_for_update(of=("self",), no_key=True).order_by("id"):
        now = timezone.now()
        state = row.state
        row.state, row.ended_at = ReservationState.CARRIED, now
        row.save(update_fields=["state", "ended_at"])
        copy = Reservation.here(
            agenda=agenda,
            carried_from=row,
            state=state,
            **{
                name: getattr(row, name)
                for name in (
                    *("organization_id", "dimension_key", "dimension_text", "text", "condition"),
                    *("review_on", "is_stand_aside", "is_shown_to_funders", "raised_in_id"),
                    "raised_at",
                )
            },
        )
        copy.save()
        note(copy, _("Carried on to %(agenda)s.") % {"agenda": agenda})
        carried += 1
    return carried


def review(*, actor: Membership, reservation: Reservation, text: str = "") -> Reservation:
    """Take a reservation up again: the backbone or its own organization."""
    row = _locked(reservation)
    if not (actor.may(Permission.AGENDA_DRAFT) or _is_own(actor, row)):
        raise PermissionDenied
    if row.state != ReservationState.OPEN:
        raise ValidationError(_("It is under review or settled already."))
    return _step(row, ReservationState.UNDER_REVIEW, text, actor=actor)


def keep(
    *,
    actor: Membership,
    reservation: Reservation,
    version: int,
    text: str,
    condition: str,
    review_on: date,
    is_shown_to_funders: bool,
) -> Reservation:
    """Say it as it stands now, and when to look again.

    :raises ValidationError: settled, changed meanwhile, or the day is past.
    """
    with transaction.atomic():
        row = _own(actor, reservation, version)
        if not text.strip():
            raise ValidationError({"text": _("Say what the reservation is; or lift it.")})
        if review_on <= timezone.localdate():
            raise ValidationError({"review_on": _("Choose a day that is still to come.")})
        row.text, row.condition = text.strip(), condition.strip()
        row.review_on, row.is_shown_to_funders = review_on, is_shown_to_funders
        return _step(row, ReservationState.OPEN, row.text, actor=actor)


def lift(*, actor: Membership, reservation: Reservation, text: str = "") -> Reservation:
    """Take a reservation back: its own organization alone (A6)."""
    with transaction.atomic():
        row = _own(actor, reservation)
        return _end(row, ReservationState.LIFTED, text, actor=actor)


def confirm_overtaken(
    *, actor: Membership, reservation: Reservation, text: str = ""
) -> Reservation:
    """Agree that a reservation has lost its subject: its statement is in no version any more (A6)."""
    with transaction.atomic():
        row = _own(actor, reservation)
        if row.agenda.dimensions.filter(key=row.dimension_key).exists():
            raise ValidationError(_("The statement is still there. Lift the reservation instead."))
        return _end(row, ReservationState.OVERTAKEN, text, actor=actor)


def review_due_reservations(today: date | None = None) -> int:
    """Write to organizations ahead of the day, and put under review what has reached it."""
    today, steps = today or timezone.localdate(), 0
    soon = Reservation.objects.live().filter(review_on__lte=today + WRITE_BEFORE)
    for row in soon.select_for_update(of=("self",), no_key=True, skip_locked=True):
        write_review_due(row)
        if row.review_on <= today and row.state == ReservationState.OPEN:
            _step(row, ReservationState.UNDER_REVIEW, _("Its day has come."), means=Means.CLOCK)
            steps += 1
    return steps


def _own(actor: Membership, reservation: Reservation, version: int | None = None) -> Reservation:
    row = _locked(reservation)
    if not _is_own(actor, row):
        raise PermissionDenied
    if not row.is_live:
        raise ValidationError(_("This reservation is settled already."))
    if version is not None and version != row.version:
        raise ValidationError(_("Somebody changed it since you opened it. Look again."))
    return row


def _is_own(actor: Membership, reservation: Reservation) -> bool:
    return (
        actor.may(Permission.AGENDA_RESERVE)
        and actor.organization_id == reservation.organization_id
    )


def _locked(reservation: Reservation) -> Reservation:
    rows = Reservation.objects.select_for_update(of=("self",), no_key=True)
    found: Reservation = rows.select_related("agenda").get(pk=reservation.pk)
    return found


def _end(row: Reservation, state: ReservationState, text: str, *, actor: Membership) -> Reservation:
    row.ended_at = timezone.now()
    return _step(row, state, text, actor=actor)


def _step(
    row: Reservation,
    state: ReservationState,
    text: str,
    *,
    actor: Membership | None = None,
    means: Means = Means.WEB,
) -> Reservation:
    before, row.state = row.state, state
    row.version += 1
    row.save()
    note(row, text.strip(), actor=actor)
    record(actor, "agenda.reservation_changed", row, means=means, before=before, after=state)
    return row
