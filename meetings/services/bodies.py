"""Bodies, and who sits in them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from meetings.models import Body, MeetingSeries, Seat
from meetings.selectors.rights import may_in_body, permit
from meetings.services.delegations import end_delegations
from meetings.services.envelopes import was_taken_out, write_series, write_series_off
from meetings.services.locks import locking
from meetings.services.series import ConflictError


def create_body(
    *, actor: Membership, name: str, purpose: str = "", facilitator: Membership | None = None
) -> Body:
    """A new body.

    :raises ValidationError: there is one of that name.
    """
    permit(actor.may(Permission.MEETINGS_EDIT))
    code = slugify(name)[:40] or "body"
    # Locked through the unique key: of two who make the same body at once one is told.
    body, is_new = Body.objects.get_or_create(
        initiative_id=actor.initiative_id,
        code=code,
        defaults={"name": name.strip(), "purpose": purpose, "facilitator": facilitator},
    )
    if not is_new:
        raise ValidationError({"name": _("There is a body of this name.")})
    record(actor, "meetings.body_created", body)
    return body


def add_seats(*, actor: Membership, body: Body, organizations: list[Organization]) -> list[Seat]:
    """Give organizations a seat; those that have one keep it. The new seats."""
    permit(may_in_body(actor, Permission.MEETINGS_EDIT, body.pk))
    with transaction.atomic():
        # Two who seat at once wait for each other, so nobody is seated twice.
        locking(Body).get(pk=body.pk)
        seated = set(
            Seat.objects.current().filter(body=body).values_list("organization_id", flat=True)
        )
        made = []
        for organization in organizations:
            if organization.pk in seated:
                continue
            seat = Seat.here(body=body, organization=organization, holder=_lead_of(organization))
            seat.save()
            record(actor, "meetings.seat_given", seat)
            made.append(seat)
        _invite(body, [seat.holder for seat in made if seat.holder])
    return made


def _invite(body: Body, people: list[Membership]) -> None:
    """Put what the body meets for into the calendars of these people."""
    rows = locking(MeetingSeries, "body", "initiative").running().filter(body=body)
    for series in rows.order_by("id"):
        if was_taken_out(series, people):
            # Their calendars take it back in only as a later word than the cancellation.
            series.sequence += 1
            series.save(update_fields=["sequence"])
        write_series(series, to=people)


def _uninvite(body: Body, people: list[Membership]) -> None:
    rows = MeetingSeries.objects.running().filter(body=body).select_related("body", "initiative")
    for series in rows.order_by("id"):
        write_series_off(series, to=people)


def _lead_of(organization: Organization) -> Membership | None:
    """Who holds a new seat until somebody says otherwise: the highest current member."""
    people = Membership.objects.current().filter(organization=organization, user__is_active=True)
    return max(people.order_by("id"), key=lambda each: each.rank, default=None)


def may_fill(actor: Membership, seat: Seat) -> bool:
    """The backbone for everyone, a lead for the own organization."""
    own = actor.may(Permission.MEETINGS_SEAT) and seat.organization_id == actor.organization_id
    return own or may_in_body(actor, Permission.MEETINGS_EDIT, seat.body_id)


def fill_seat(
    *, actor: Membership, seat: Seat, holder: Membership | None, version: int | None = None
) -> Seat:
    """Say who holds a seat.

    :raises ConflictError: somebody said so since ``version``.
    """
    permit(may_fill(actor, seat))
    if holder is not None and (
        holder.organization_id != seat.organization_id or not holder.is_current
    ):
        raise ValidationError({"holder": _("The holder must speak for the organization.")})
    with transaction.atomic():
        locked: Seat = locking(Seat).get(pk=seat.pk)
        if locked.holder_id == (holder.pk if holder else None):
            return locked
        if version is not None and locked.version != version:
            raise ConflictError(_("Somebody gave this seat to somebody else since you looked."))
        if locked.ends_on is not None:
            raise ValidationError(_("This seat has ended."))
        before, locked.holder = locked.holder, holder
        locked.version += 1
        locked.save(update_fields=["holder", "version"])
        _uninvite(locked.body, [before] if before else [])
        _invite(locked.body, [holder] if holder else [])
        end_delegations(locked)
        record(actor, "meetings.seat_filled", locked, holder=str(holder.user) if holder else "")
    return locked


def end_seat(*, actor: Membership, seat: Seat) -> Seat:
    """Take a seat away from today on; what was said from it stays."""
    permit(may_in_body(actor, Permission.MEETINGS_EDIT, seat.body_id))
    with transaction.atomic():
        locked: Seat = locking(Seat).get(pk=seat.pk)
        if locked.ends_on is None:
            locked.ends_on = max(timezone.localdate(), locked.starts_on)
            locked.save(update_fields=["ends_on"])
            record(actor, "meetings.seat_ended", locked)
            _uninvite(locked.body, [locked.holder] if locked.holder else [])
            end_delegations(locked)
    return locked
