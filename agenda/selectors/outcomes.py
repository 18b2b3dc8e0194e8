"""Why a version was ratified, returned or withdrawn, in plain words."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils import formats
from django.utils.text import get_text_list
from django.utils.translation import gettext as _, ngettext

from agenda.choices import PartyStanding, VersionState
from agenda.models import AgendaVersion, Response
from agenda.selectors.ratification import party_of, verdict_of
from initiatives.clock import at_home
from initiatives.models import Membership

MOST_NAMES = 8


def sentences_of(agenda: AgendaVersion) -> list[str]:
    """One sentence for each thing that decided it."""
    said = agenda.outcome
    if agenda.state == VersionState.WITHDRAWN:
        return [_("It was withdrawn: %(reason)s") % {"reason": said.get("withdrawn", "")}]
    if agenda.state in {VersionState.RATIFIED, VersionState.SUPERSEDED}:
        n = said.get("parties", 0)
        return [
            ngettext(
                "The one organization that was asked agreed to it.",
                "All %(n)s organizations that were asked agreed to it.",
                n,
            )
            % {"n": n}
        ]
    if agenda.state != VersionState.RETURNED:
        return []
    texts = {each.key: str(each) for each in agenda.dimensions.all()}
    found = []
    for why, sentence in (
        ("object", _("%(who)s objects to: %(text)s")),
        (
            "stand_aside",
            _("%(who)s stands aside on a primary goal, which needs everyone: %(text)s"),
        ),
    ):
        by_key: dict[str, list[str]] = {}
        for each in said.get("against", []):
            if each["why"] == why:
                by_key.setdefault(each["key"], []).append(each["organization"])
        found += [
            sentence % {"who": _names(names), "text": texts.get(key, "")}
            for key, names in by_key.items()
        ]
    if missing := said.get("missing", []):
        found.append(
            ngettext(
                "%(who)s did not answer. Silence is not consent.",
                "%(who)s did not answer. Silence is not consent.",
                len(missing),
            )
            % {"who": _names(missing)}
        )
    return found


class Told(NamedTuple):
    """What became of an answer that was just given, and whether it may still be changed."""

    text: str
    is_changeable: bool = False


def told_after(response: Response) -> Told:
    """What an answer did: the last one ends a ratification, all others wait for the rest."""
    agenda = AgendaVersion.objects.get(pk=response.agenda_id)
    party = party_of(agenda, response.organization_id)
    if party and party.standing == PartyStanding.ACCEDED:
        return Told(_("You acceded: you are a party to the common agenda from today."))
    if party and party.standing != PartyStanding.ELIGIBLE:
        text = _(
            "Your answer is in. You are not a party yet: talk about what stands against it first."
        )
        return Told(text, is_changeable=True)
    if agenda.state == VersionState.RATIFIED:
        return Told(_("Yours was the last answer, and everyone agreed: it is ratified."))
    if agenda.state != VersionState.RATIFYING or agenda.closes_at is None:
        return Told(_("Your answer is in, and the version is decided."))
    verdict = verdict_of(agenda)
    if verdict.is_ratified:
        text = _(
            "Yours was the last answer, and everyone agreed: the agenda is being ratified now."
        )
        return Told(text)
    day = formats.date_format(at_home(agenda.closes_at), "DATE_FORMAT")
    if n := len(verdict.missing):
        text = ngettext(
            "Your answer is in. One organization has not answered yet; the close is on %(day)s.",
            "Your answer is in. %(n)s organizations have not answered yet; the close is on"
            " %(day)s.",
            n,
        )
    elif verdict.is_barred:
        text = _(
            "Yours was the last answer. It is not ratified as answers stand now: unless one is"
            " changed until %(day)s, it comes back as a new draft."
        )
    else:
        text = _(
            "Yours was the last answer, and everyone agreed. It is ratified once an answer that was"
            " written down for somebody is confirmed or cannot be contested any more."
        )
    return Told(text % {"n": n, "day": day}, is_changeable=True)


def reminded_of(written: Sequence[Membership]) -> str:
    """To whom a reminder went that somebody sent by hand."""
    if not written:
        return _(
            "Everyone who could answer has had a letter about it today; tomorrow you can remind"
            " them again. A call may help more."
        )
    people = ngettext("%(n)s person", "%(n)s people", len(written)) % {"n": len(written)}
    names = list(dict.fromkeys(str(each.organization) for each in written))
    told = "; ".join(names[:MOST_NAMES])  # names have commas of their own
    if (more := len(names) - MOST_NAMES) > 0:
        told += ngettext("; and %(n)s more", "; and %(n)s more", more) % {"n": more}
    return _("A reminder goes to %(people)s: %(names)s.") % {
        "people": people,
        "names": told,
    }


def _names(names: list[str]) -> str:
    return get_text_list(names, str(_("and")))
