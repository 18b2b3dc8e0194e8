"""Answers: one organization, one voice; changed until the close, and all of them kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import PartyStanding, ResponseMeans, Stance, VersionState
from agenda.models import (
    AgendaDimension,
    AgendaVersion,
    Contact,
    DimensionStance,
    Evidence,
    Party,
    Response,
)
from agenda.selectors.people import speakers_of
from agenda.selectors.ratification import dimensions_asked
from agenda.services import letters
from agenda.services.drafts import settle_drafts
from agenda.services.objections import open_difference
from agenda.services.parties import accede_if_agreed
from agenda.services.ratification import CONTEST_DAYS, SETTLE, settle
from agenda.services.reservations import drop_unsaid, raise_reservation
from agenda.services.versions import ConflictError, lock, share
from initiatives import quotas
from initiatives.audit import record
from initiatives.jobs import enqueue
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission

MOST_TEXT = 4000
MOST_BYTES = 5 * 1024 * 1024
EVIDENCE_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
    "eml": "message/rfc822",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
DOUBTS = (Stance.RESERVATION, Stance.STAND_ASIDE)


@dataclass(frozen=True)
class Said:
    """What is said to one dimension, where it is not plain consent."""

    stance: str
    reason: str = ""
    condition: str = ""
    review_on: date | None = None


@dataclass(frozen=True)
class Sheet:
    """A whole answer: consent to everything, with these exceptions (A14)."""

    exceptions: Mapping[str, Said]  # by the key of the dimension
    text: str  # the hash of what was read
    token: str  # of the form: the same one twice is one answer


@dataclass(frozen=True)
class File:
    """A file as it was handed in."""

    name: str
    content: bytes


class Unanswerable(ValidationError):
    """Something is missing at a dimension; ``by_key`` says what, where."""

    def __init__(self, by_key: Mapping[str, str]) -> None:
        super().__init__(list(by_key.values()))
        self.by_key = dict(by_key)


def respond(*, actor: Membership, agenda: AgendaVersion, sheet: Sheet) -> Response:
    """Answer for one's own organization.

    :raises ValidationError: no mandate, not asked, over, or something is missing.
    :raises ConflictError: the text is another than the one that was read.
    """
    if not (actor.may(Permission.AGENDA_RESPOND) and actor.is_current):
        raise PermissionDenied
    with transaction.atomic():
        return _answer(
            share(agenda),
            actor,
            actor.organization,
            sheet,
            Response.here(mandate=actor, means=ResponseMeans.OWN),
        )


def respond_on_behalf(
    *,
    actor: Membership,
    agenda: AgendaVersion,
    organization: Organization,
    sheet: Sheet,
    file: File,
) -> Response:
    """Write down what an organization answered elsewhere: with evidence, told to it, and open to
    its objection for seven days (A5).
    """
    if not actor.may(Permission.AGENDA_RESPOND_ON_BEHALF):
        raise PermissionDenied
    with transaction.atomic():
        shared, now = share(agenda), timezone.now()
        _party(shared, organization)
        if (
            Response.objects.effective()
            .filter(agenda=shared, organization=organization, means=ResponseMeans.OWN)
            .exists()
        ):
            raise ValidationError(
                _("%(name)s has answered itself. Nobody answers over it."),
                params={"name": organization.name},
            )
        again = _found(shared, organization, sheet)
        if again:
            return again
        response = _answer(
            shared,
            actor,
            organization,
            sheet,
            Response.here(
                means=ResponseMeans.BEHALF,
                evidence=_keep_file(actor, organization, file),
                contestable_until=now + timedelta(days=CONTEST_DAYS),
            ),
        )
        letters.write_answered_for(response, actor=actor)
    return response


def _found(agenda: AgendaVersion, organization: Organization, sheet: Sheet) -> Response | None:
    found: Response | None = Response.objects.filter(
        agenda=agenda, organization=organization, token=sheet.token
    ).first()
    return found


def _answer(
    agenda: AgendaVersion,
    actor: Membership,
    organization: Organization,
    sheet: Sheet,
    response: Response,
) -> Response:
    party = _party(agenda, organization)
    if found := _found(agenda, organization, sheet):
        return found
    _check_open(agenda, party)
    if sheet.text != agenda.content_hash:
        raise ConflictError(_("The text is another one than you read. Read it again, please."))
    dimensions = dimensions_asked(agenda)
    _check(dimensions, sheet)
    now = timezone.now()
    before = list(Response.objects.effective().filter(agenda=agenda, organization=organization))
    Response.objects.filter(pk__in=[each.pk for each in before]).update(superseded_at=now)
    response.agenda, response.organization = agenda, organization
    response.version_hash, response.user_id = agenda.content_hash, actor.user_id
    response.at, response.token = now, sheet.token
    response.save()
    Response.objects.filter(pk__in=[each.pk for each in before]).update(superseded_by=response)
    _take_stances(actor, response, dimensions, sheet)
    if response.means == ResponseMeans.OWN:
        doubts = {key for key, said in sheet.exceptions.items() if said.stance in DOUBTS}
        settle_drafts(agenda=agenda, organization_id=organization.pk, sent=doubts)
    record(
        actor,
        "agenda.responded" if response.means == ResponseMeans.OWN else "agenda.responded_on_behalf",
        response,
        organization=organization.pk,
        exceptions={key: said.stance for key, said in sheet.exceptions.items()},
        hash=agenda.content_hash,
    )
    if party.standing == PartyStanding.ELIGIBLE:
        # Another transaction ends the version: this one shares it, and many may.
        enqueue(SETTLE, key=str(agenda.pk), agenda_id=agenda.pk)
    else:
        accede_if_agreed(agenda, party)
    return response


def _party(agenda: AgendaVersion, organization: Organization) -> Party:
    """The organization's place on the list, locked: those who answer for it take turns."""
    rows = agenda.parties.select_for_update(of=("self",), no_key=True)
    party: Party | None = rows.filter(organization=organization).first()
    if party is None:
        raise ValidationError(
            _("%(name)s was not on the list when this ratification was opened."),
            params={"name": organization.name},
        )
    return party


def _check_open(agenda: AgendaVersion, party: Party) -> None:
    if party.standing == PartyStanding.ELIGIBLE:
        if agenda.state != VersionState.RATIFYING or not agenda.closes_at:
            raise ValidationError(_("This version is not open for answers."))
        if timezone.now() >= agenda.closes_at:
            raise ValidationError(_("Answers were taken until the close. It is over."))
    elif agenda.state != VersionState.RATIFIED or party.standing == PartyStanding.ACCEDED:
        raise ValidationError(_("There is nothing to accede to."))


def is_taken(agenda: AgendaVersion, party: Party | None) -> bool:
    """Whether an answer of this party would be taken now."""
    if party is None:
        return False
    if party.standing == PartyStanding.ELIGIBLE:
        return agenda.is_open
    return agenda.state == VersionState.RATIFIED and party.standing != PartyStanding.ACCEDED


def _check(dimensions: list[AgendaDimension], sheet: Sheet) -> None:
    known, wrong = {each.key for each in dimensions}, {}
    for key, said in sheet.exceptions.items():
        if key not in known or said.stance not in Stance.values or said.stance == Stance.CONSENT:
            raise ValidationError(_("Something on this page is out of date. Load it again."))
        if not said.reason.strip():
            wrong[key] = (
                _("Say why you object: others can only answer a reason.")
                if said.stance == Stance.OBJECT
                else _("Say what the reservation is, so that it can be kept in view.")
            )
        elif len(said.reason) > MOST_TEXT or len(said.condition) > MOST_TEXT:
            wrong[key] = _("Keep it under %(most)s characters.") % {"most": MOST_TEXT}
        elif said.review_on and said.review_on <= timezone.localdate():
            wrong[key] = _("Choose a day that is still to come.")
    if wrong:
        raise Unanswerable(wrong)


def _take_stances(
    actor: Membership, response: Response, dimensions: list[AgendaDimension], sheet: Sheet
) -> None:
    rows, kept = [], set()
    for dimension in dimensions:
        said = sheet.exceptions.get(dimension.key, Said(Stance.CONSENT))
        row = DimensionStance.here(
            response=response, dimension=dimension, stance=said.stance, reason=said.reason.strip()
        )
        if said.stance in DOUBTS:
            row.reservation = raise_reservation(
                actor=actor,
                organization_id=response.organization_id,
                dimension=dimension,
                text=said.reason.strip(),
                condition=said.condition.strip(),
                review_on=said.review_on,
                is_stand_aside=said.stance == Stance.STAND_ASIDE,
            )
            kept.add(row.reservation.pk)
        rows.append(row)
    DimensionStance.objects.bulk_create(rows)
    drop_unsaid(
        actor=actor,
        agenda=response.agenda,
        organization_id=response.organization_id,
        kept=kept,
    )
    for row in rows:
        if row.stance == Stance.OBJECT:
            open_difference(actor=actor, stance=row)


def _kept() -> int:
    """The bytes of all files behind answers."""
    return Evidence.objects.aggregate(size=Sum("size"))["size"] or 0


def _keep_file(actor: Membership, organization: Organization, file: File) -> Evidence:
    ending = file.name.rsplit(".", 1)[-1].lower() if "." in file.name else ""
    if not file.content:
        raise ValidationError({"file": _("Add the file that shows what they answered.")})
    if ending not in EVIDENCE_TYPES:
        raise ValidationError(
            {"file": _("Add a PDF, a picture, a letter (eml, docx) or a text file.")}
        )
    if len(file.content) > MOST_BYTES:
        raise ValidationError({"file": _("Keep the file under 5 MB.")})
    quotas.check_bytes("evidence_megabytes", _kept, more=len(file.content))
    row = Evidence.here(
        organization=organization,
        name=file.name.replace("\0", "")[-200:],
        content_type=EVIDENCE_TYPES[ending],
        size=len(file.content),
        digest=hashlib.sha256(file.content).hexdigest(),
        content=file.content,
        uploaded_by_id=actor.user_id,
    )
    row.save()
    return row


def contest(*, actor: Membership, response: Response) -> Response:
    """Take back what somebody else wrote down for one's organization: it counts no more (A5)."""
    with transaction.atomic():
        locked, row = _own_answer(actor, response)
        row.contested_at = row.superseded_at = timezone.now()
        row.save(update_fields=["contested_at", "superseded_at"])
        record(actor, "agenda.response_contested", row)
        settle(locked)
    return row


def confirm(*, actor: Membership, response: Response) -> Response:
    """Say that what was written down is right: it need not wait for seven days."""
    with transaction.atomic():
        locked, row = _own_answer(actor, response)
        row.confirmed_at = timezone.now()
        row.save(update_fields=["confirmed_at"])
        record(actor, "agenda.response_confirmed", row)
        settle(locked)
    return row


def _own_answer(actor: Membership, response: Response) -> tuple[AgendaVersion, Response]:
    if (
        not actor.may(Permission.AGENDA_RESPOND)
        or actor.organization_id != response.organization_id
    ):
        raise PermissionDenied
    locked = lock(response.agenda)
    row = Response.objects.select_for_update(of=("self",), no_key=True).get(pk=response.pk)
    if not row.is_contestable:
        raise ValidationError(_("This answer cannot be contested any more."))
    return locked, row


def record_contact(
    *, actor: Membership, agenda: AgendaVersion, organization: Organization, means: str, text: str
) -> Contact:
    """Note that an organization that does not answer was spoken to."""
    if not actor.may(Permission.AGENDA_RESPOND_ON_BEHALF):
        raise PermissionDenied
    if not text.strip():
        raise ValidationError({"text": _("Say what came of it.")})
    with transaction.atomic():
        locked = lock(agenda)
        if not locked.parties.filter(organization=organization).exists():
            raise ValidationError(_("This organization is not asked about this version."))
        row = Contact.here(
            agenda=locked,
            organization=organization,
            means=means,
            note=text.strip()[:500],
            user_id=actor.user_id,
        )
        row.save()
        record(actor, "agenda.contact_made", row, organization=organization.pk)
    return row


def mandates_of(organization: Organization) -> list[str]:
    """Who may answer for an organization, by name."""
    return [str(each.user) for each in speakers_of([organization.pk])]
