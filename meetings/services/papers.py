"""What is read before a meeting: published in versions, acknowledged, waived when it comes late."""

import hashlib
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db.models import F
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from meetings.choices import ItemPurpose, ItemState, MeetingState
from meetings.models import (
    Acknowledgement,
    AgendaItem,
    Attendance,
    Meeting,
    PreRead,
    PreReadWaiver,
    Seat,
)
from meetings.selectors.people import may_speak_for
from meetings.selectors.pre_reads import is_waived, late_papers
from meetings.selectors.rights import may_at, permit
from meetings.services import files
from meetings.services.attendance import seat_of
from meetings.services.locks import locked_before, locking
from meetings.services.series import ConflictError


def publish_paper(
    *,
    actor: Membership,
    meeting: Meeting,
    name: str,
    minutes: int,
    item: AgendaItem | None = None,
    text: str = "",
    link: str = "",
    file: File | None = None,
    difference: str = "",
) -> PreRead:
    """Give people something to read. Under a name that is known, it is the next version of it.

    :raises ValidationError: nothing to read, or a new version that does not say what changed.
    """
    permit(may_publish(actor, meeting, item))
    if not (text.strip() or link or file):
        raise ValidationError(_("Write something, link something or add a file."))
    if item is not None and item.meeting_id != meeting.pk:
        raise ValidationError({"item": _("This item is not of this meeting.")})
    locked = locked_before(meeting, _("The meeting has begun; pre-reads are read before it."))
    name, digest = name.strip(), _digest(text, link, file)
    last = PreRead.objects.filter(meeting=locked, name=name).order_by("-number").first()
    if last is not None and last.digest == digest:
        return last  # sent twice
    if last is not None and not difference.strip():
        text_ = _("“%(name)s” was published before. Say what changed.")
        raise ValidationError({"difference": text_ % {"name": name}})
    paper = PreRead.here(
        meeting=locked,
        item=item or (last.item if last else None),
        name=name,
        number=last.number + 1 if last else 1,
        text=text.strip(),
        link=link,
        difference=difference.strip() if last else "",
        minutes=minutes,
        digest=digest,
        published_by=actor,
        file=files.keep(file) if file else "",
        file_name=files.plain_name(file.name or "") if file else "",
    )
    paper.save()
    record(actor, "meetings.paper_published", paper, number=paper.number)
    return paper


def may_publish(actor: Membership, meeting: Meeting, item: AgendaItem | None) -> bool:
    """Who sets the agenda, and for an item whoever proposed or owns it."""
    if may_at(actor, Permission.MEETINGS_AGENDA, meeting):
        return True
    return item is not None and actor.pk in {item.proposed_by_id, item.owner_id}


def acknowledge(*, actor: Membership, paper: PreRead, means: Means = Means.WEB) -> Acknowledgement:
    """Say that one has read a paper as it stands; twice is once.

    :raises ConflictError: there is a newer version.
    """
    newer = PreRead.objects.filter(meeting=paper.meeting_id, name=paper.name)
    if newer.filter(number__gt=paper.number).exists():
        raise ConflictError(_("There is a newer version. Please read what changed."))
    row, is_new = Acknowledgement.objects.get_or_create(
        initiative_id=paper.initiative_id,
        pre_read=paper,
        user=actor.user,
        defaults={"means": means},
    )
    if is_new:
        record(actor, "meetings.paper_read", paper, means=means)
    return row


def waive_notice(*, actor: Membership, item: AgendaItem, everybody: bool = False) -> AgendaItem:
    """Let an item be decided although its papers came late: for one's own organization, or, by
    who runs the meeting, for every organization that is there and said so aloud.
    """
    meeting = item.meeting
    if meeting is None or not item.asks_to_decide or not item.is_open:
        raise ValidationError(_("There is nothing to waive."))
    permit(not everybody or may_at(actor, Permission.MEETINGS_RUN, meeting))
    for organization in _present(meeting) if everybody else [_own(actor, meeting)]:
        _row, is_new = PreReadWaiver.objects.get_or_create(
            initiative_id=item.initiative_id,
            item=item,
            organization=organization,
            defaults={"given_by": actor},
        )
        if is_new:
            record(actor, "meetings.notice_waived", item, organization=organization.name)
    raised = AgendaItem.objects.filter(pk=item.pk, is_lowered=True)
    if meeting.state == MeetingState.IN_PROGRESS and is_waived(item):
        raised.update(is_lowered=False, purpose=ItemPurpose.DECIDE, version=F("version") + 1)
    item.refresh_from_db()
    return item


def lower_late_items(meeting: Meeting) -> list[AgendaItem]:
    """Let items whose papers came late be discussed and not decided, unless all waived that."""
    rows = locking(AgendaItem)
    items = list(
        rows.filter(meeting=meeting, state=ItemState.SCHEDULED, purpose=ItemPurpose.DECIDE)
    )
    late = late_papers(meeting, items)
    seated = set(
        Seat.objects.current()
        .filter(body_id=meeting.series.body_id)
        .values_list("organization_id", flat=True)
    )
    lowered = []
    for item in items:
        waived = PreReadWaiver.objects.filter(item=item).values_list("organization_id", flat=True)
        if item.pk not in late or seated <= set(waived):
            continue
        item.purpose, item.is_lowered = ItemPurpose.DISCUSS, True
        item.version += 1
        item.save(update_fields=["purpose", "is_lowered", "version"])
        record(None, "meetings.item_lowered", item, means=Means.CLOCK)
        lowered.append(item)
    return lowered


def _own(actor: Membership, meeting: Meeting) -> Organization:
    seats = Seat.objects.current().filter(body_id=meeting.series.body_id)
    own = seats.filter(organization_id=actor.organization_id).select_related("organization")
    seat = next((each for each in own if may_speak_for(actor, each)), None)
    seat = seat or seat_of(meeting, actor)
    if seat is None:
        raise PermissionDenied
    return seat.organization


def _present(meeting: Meeting) -> Iterable[Organization]:
    rows = Attendance.objects.filter(meeting=meeting, left_at=None, seat__isnull=False)
    found = {each.seat.organization for each in rows.select_related("seat__organization")}
    if not found:
        raise ValidationError(_("Nobody is marked as being there."))
    return sorted(found, key=lambda each: each.pk)


def _digest(text: str, link: str, file: File | None) -> str:
    found = hashlib.sha256(f"{text.strip()}\0{link}\0".encode())
    if file is not None:
        for chunk in file.chunks():
            found.update(chunk)
        file.seek(0)
    return found.hexdigest()
