"""Why a version was ratified, returned or withdrawn, in plain words."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _, ngettext

from agenda.choices import VersionState
from agenda.models import AgendaVersion


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


def _names(names: list[str]) -> str:
    return get_text_list(names, str(_("and")))
