"""What organizations are written about a ratification and about their reservations."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from agenda.models import AgendaVersion, Amendment, Party, Reservation, Response
from agenda.selectors.people import backbone_of_agenda, speakers_of
from agenda.selectors.silent import by_hand_on, days_left, reminded_by_hand, told_today
from initiatives.models import Membership, Notice
from initiatives.notices import cancel, notify

CIRCULATED = "version_circulated"


def write_opened(agenda: AgendaVersion, organization_ids: Iterable[int]) -> None:
    """Ask every organization's lead for an answer."""
    for speaker in speakers_of(organization_ids):
        _write("ratification_opened", agenda, speaker, occasion="opened", closes=_closes(agenda))


def write_circulated(agenda: AgendaVersion, organization_ids: Iterable[int]) -> None:
    """Ask those who speak for organizations what they would say differently."""
    for speaker in speakers_of(organization_ids):
        _write(
            CIRCULATED,
            agenda,
            speaker,
            occasion=_comments(agenda),
            path="agenda:agenda_version",
            not_after=agenda.comments_until,
            closes=_day(agenda.comments_until),
        )


def take_back_circulated(agenda: AgendaVersion) -> int:
    """Take back the letters about comments that have not left; how many."""
    return cancel(agenda, occasion=_comments(agenda))


def _comments(agenda: AgendaVersion) -> str:
    return f"comments {agenda.circulated_at:%Y-%m-%dT%H:%M:%S}"


def write_reminder(agenda: AgendaVersion, organization_id: int, days: int, now: datetime) -> None:
    """Remind who has not answered; once for each of the agreed days, and not on a day on which
    somebody did so by hand.
    """
    told = reminded_by_hand(agenda, now)
    for speaker in speakers_of([organization_id]):
        if speaker.user_id not in told:
            _write_reminder(agenda, speaker, f"{days} days before", now)


def write_reminder_by_hand(
    agenda: AgendaVersion, organization_ids: Iterable[int], now: datetime
) -> list[Membership]:
    """Remind who has not answered now; whoever had a letter about it today is left in peace."""
    told, occasion = told_today(agenda, now), by_hand_on(now)
    return [
        each
        for each in speakers_of(organization_ids)
        if each.user_id not in told and _write_reminder(agenda, each, occasion, now)
    ]


def _write_reminder(
    agenda: AgendaVersion, speaker: Membership, occasion: str, now: datetime
) -> Notice | None:
    return _write(
        "ratification_reminder",
        agenda,
        speaker,
        occasion=occasion,
        not_after=agenda.closes_at,
        days=days_left(agenda, now),
        closes=_closes(agenda),
    )


def write_answered_for(response: Response, *, actor: Membership) -> None:
    """Tell an organization what was written down in its name, and until when it can object."""
    for speaker in speakers_of([response.organization_id]):
        _write(
            "answered_for_you",
            response.agenda,
            speaker,
            occasion=f"answer {response.pk}",
            actor=str(actor.user),
            until=_day(response.contestable_until),
        )


def write_decided(agenda: AgendaVersion, organization_ids: Iterable[int], reasons: str) -> None:
    """Tell everyone who was asked, and the backbone, how it ended."""
    for reader in {each.user_id: each for each in _readers(organization_ids)}.values():
        _write(
            "ratification_decided",
            agenda,
            reader,
            occasion=agenda.state,
            path="agenda:agenda_version",
            is_ratified=agenda.state == "ratified",
            reasons=reasons,
        )


def write_amendment_decided(amendment: Amendment) -> None:
    """Tell an organization what became of the words that it proposed."""
    for speaker in speakers_of([amendment.organization_id]):
        _write(
            "amendment_decided",
            amendment.agenda,
            speaker,
            occasion=f"amendment {amendment.pk} {amendment.state}",
            path="agenda:agenda_version",
            is_accepted=amendment.state == "accepted",
            words=amendment.to_text,
            said=amendment.word,
        )


def write_accession(agenda: AgendaVersion, party: Party) -> None:
    """Ask an organization that joined since to accede to what was ratified."""
    for speaker in speakers_of([party.organization_id]):
        _write("accession_asked", agenda, speaker, occasion="joined", until=_day(party.due_at))


def write_review_due(reservation: Reservation) -> None:
    """Ask an organization to look at its reservation again."""
    for speaker in speakers_of([reservation.organization_id]):
        notify(
            "reservation_review",
            reservation,
            occasion=f"review {reservation.review_on.isoformat()}",
            recipient=speaker.user.email,
            user=speaker.user,
            url=_address(reservation, "agenda:reservation", reservation.pk),
            organization=speaker.organization.name,
            reservation=reservation.text,
            day=formats.date_format(reservation.review_on, "DATE_FORMAT"),
        )


def _readers(organization_ids: Iterable[int]) -> list[Membership]:
    return [*speakers_of(organization_ids), *backbone_of_agenda()]


def _write(
    kind: str,
    agenda: AgendaVersion,
    reader: Membership,
    *,
    occasion: str,
    path: str = "agenda:ratification_respond",
    not_after: Any = None,
    **context: Any,
) -> Notice | None:
    return notify(
        kind,
        agenda,
        occasion=occasion,
        recipient=reader.user.email,
        user=reader.user,
        not_after=not_after,
        url=_address(agenda, path, agenda.pk),
        organization=reader.organization.name,
        number=agenda.number,
        **context,
    )


def _address(row: Any, name: str, key: int) -> str:
    return settings.SITE_URL + reverse(name, args=[row.initiative.slug, key])


def _closes(agenda: AgendaVersion) -> str:
    return _day(agenda.closes_at)


def _day(moment: Any) -> str:
    if moment is None:
        return str(_("no day"))
    return formats.date_format(timezone.localtime(moment), "DATE_FORMAT")
