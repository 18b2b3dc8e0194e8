"""How sure a number is, as files say it."""

from django.utils.translation import gettext as _

from measures.choices import FactStatus
from measures.imports.names import fold
from measures.imports.problems import Code, Problem, shown

COLUMN = "how_sure"
WORDS = {
    "final": FactStatus.NORMAL,
    "normal": FactStatus.NORMAL,
    "provisional": FactStatus.PROVISIONAL,
    "estimated": FactStatus.ESTIMATED,
    "estimate": FactStatus.ESTIMATED,
}


def read_sureness(text: str) -> FactStatus | Problem | None:
    """What a cell says; None where it says nothing."""
    word = fold(text)
    if not word:
        return None
    known = WORDS | {fold(str(each.label)): each for each in set(WORDS.values())}
    return known.get(word) or Problem(
        Code.CATEGORY,
        COLUMN,
        text.strip(),
        _("“%(text)s” does not say how sure a number is.") % {"text": shown(text.strip())},
        _("Write final, provisional or estimated, or leave it empty."),
    )
