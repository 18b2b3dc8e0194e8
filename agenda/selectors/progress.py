"""How far an agenda is that nobody has ratified yet, for readers: the step, and never its text."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agenda.choices import VersionState
from agenda.models import AgendaVersion, ListeningRound
from agenda.selectors.versions import under_work

ANSWERS_TAKE = timedelta(days=21)  # unless whoever opens the ratification says otherwise


class Stage(NamedTuple):
    """One of the steps on the way."""

    name: Promise
    said: Promise  # what happens in it


STAGES = (
    Stage(_("Listening"), _("Every organization is asked how it sees the issue.")),
    Stage(
        _("Talking"),
        _("All views are on the table, and the organizations talk about what differs."),
    ),
    Stage(_("Writing"), _("The text is being written.")),
    Stage(_("Comments"), _("The organizations read the text and comment on it.")),
    Stage(
        _("Answers"),
        _("The text is fixed, and every organization says whether it agrees."),
    ),
)
LISTENING, TALKING, WRITING, COMMENTS, ANSWERS = range(len(STAGES))
STEPS = {
    VersionState.DRAFTING: WRITING,
    VersionState.CIRCULATED: COMMENTS,
    VersionState.RATIFYING: ANSWERS,
}


@dataclass(frozen=True)
class Progress:
    """At which step the agenda is, since when, and when it may be expected."""

    step: int | None  # nothing: the work has not begun
    since: datetime | None = None
    until: datetime | None = None  # of the step, where a day is set
    expected: datetime | None = None  # the agenda, at the earliest

    @property
    def said(self) -> Promise:
        if self.step is None:
            return _("The work on it has not begun yet.")
        return STAGES[self.step].said

    @property
    def steps(self) -> list[tuple[Promise, str]]:
        """Each step with whether it is done, current or to come."""
        return [
            (stage.name, "current" if n == self.step else "done" if n < (self.step or 0) else "")
            for n, stage in enumerate(STAGES)
        ]


def progress() -> Progress:
    """Where the work on an agenda stands in the initiative in scope."""
    if agenda := under_work():
        return _of_version(agenda)
    opened = ListeningRound.objects.exclude(opens_at=None).order_by("-opens_at", "-id").first()
    if opened is None:
        return Progress(None)
    if opened.is_revealed:
        return Progress(TALKING, opened.revealed_at)
    return Progress(LISTENING, opened.opens_at, opened.closes_at)


def _of_version(agenda: AgendaVersion) -> Progress:
    step = STEPS[VersionState(agenda.state)]
    if step == ANSWERS:
        return Progress(step, agenda.opened_at, agenda.closes_at, agenda.closes_at)
    if step == COMMENTS and agenda.comments_until:
        until = agenda.comments_until
        return Progress(step, agenda.circulated_at, until, until + ANSWERS_TAKE)
    return Progress(step, agenda.created_at)
