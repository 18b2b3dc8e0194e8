"""What comes next on the way to a common agenda, for those who keep it going."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _, ngettext

from agenda.choices import DimensionKind, PrimaryGoalRule, Stance, VersionState
from agenda.models import (
    AgendaVersion,
    Amendment,
    Difference,
    DimensionStance,
    ListeningRound,
    Response,
)
from agenda.selectors.cover import Agreed
from agenda.selectors.goals import standings
from agenda.selectors.silent import Silent, days_left, silent_of
from agenda.selectors.versions import objections_to_circulating
from initiatives.clock import at_home
from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.together import together

MOST_NAMES = 8


@dataclass
class Next:
    """One thing to see to now: by when, what stands in the way, what happens then."""

    title: str
    lines: list[str] = field(default_factory=list)
    silent: list[Silent] = field(default_factory=list)  # who has not answered
    agenda: AgendaVersion | None = None
    url: str = ""
    action: str = ""

    @property
    def named(self) -> list[Silent]:
        return self.silent[:MOST_NAMES]

    @property
    def unnamed(self) -> int:
        return len(self.silent) - len(self.named)

    @property
    def remindable(self) -> int:
        """How many organizations can be reminded today."""
        return sum(each.is_remindable for each in self.silent)


def comes_next(
    membership: Membership, agreed: Agreed, round_: ListeningRound | None
) -> Next | None:
    """What the facilitator or project manager sees to next; nothing for anybody else.

    :param agreed: where the agenda stands; they see all of it.
    :param round_: the latest round of listening, if there is one.
    """
    if not membership.may(Permission.AGENDA_RATIFICATION_OPEN):
        return None
    agenda = agreed.under_work
    if agenda is None:
        return _without_work(membership, agreed.current, round_)
    steps: dict[str, Callable[[Membership, AgendaVersion], Next]] = {
        VersionState.RATIFYING: _answers,
        VersionState.CIRCULATED: _comments,
        VersionState.DRAFTING: _draft,
    }
    return steps[agenda.state](membership, agenda)


def _answers(membership: Membership, agenda: AgendaVersion) -> Next:
    now = timezone.now()
    left, close = days_left(agenda, now), _day(agenda.closes_at)
    title = (
        ngettext(
            "Answers are taken until %(day)s: %(n)d day left",
            "Answers are taken until %(day)s: %(n)d days left",
            left,
        )
        if left
        else _("Answers are taken until today, %(day)s")
    )
    silent = silent_of(agenda, now)
    stances, responses = together([_against(agenda), _contestable(agenda)])
    against = [_stands_against(each) for each in stances]
    lines = [*against, *(_waits_for(each) for each in responses)]
    if against:
        lines.append(
            _("Unless that changes, the version comes back as the next draft on %(day)s.")
            % {"day": close}
        )
    elif silent:
        lines.append(
            _(
                "When the last answer is in and nobody stands against it, it is ratified at once."
                " If one is missing after %(day)s, it comes back as the next draft: no answer is"
                " not an agreement."
            )
            % {"day": close}
        )
    return Next(
        title % {"day": close, "n": left},
        lines,
        silent,
        agenda,
        _to(membership, "ratification", agenda.pk),
        _("Who answered what"),
    )


def _against(agenda: AgendaVersion) -> QuerySet[DimensionStance]:
    """Who stands against which statement."""
    barred = Q(stance=Stance.OBJECT)
    if agenda.primary_goal_rule == PrimaryGoalRule.STRICT:
        barred |= Q(stance=Stance.STAND_ASIDE, dimension__kind=DimensionKind.PRIMARY_GOAL)
    rows = DimensionStance.objects.filter(
        barred,
        response__agenda=agenda,
        response__superseded_at=None,
        dimension__split_out_at=None,
    ).select_related("response__organization", "dimension")
    return rows.order_by("dimension__position", "id")


def _stands_against(stance: DimensionStance) -> str:
    words = {
        Stance.OBJECT: _("%(who)s objects to: %(text)s"),
        Stance.STAND_ASIDE: _(
            "%(who)s stands aside on a primary goal, which needs everyone: %(text)s"
        ),
    }
    return words[Stance(stance.stance)] % {
        "who": stance.response.organization.name,
        "text": str(stance.dimension),
    }


def _contestable(agenda: AgendaVersion) -> QuerySet[Response]:
    """What was written down for somebody who can still contest it."""
    rows: QuerySet[Response] = Response.objects.effective().filter(
        agenda=agenda, confirmed_at=None, contestable_until__gt=timezone.now()
    )
    return rows.select_related("organization").order_by("id")


def _waits_for(response: Response) -> str:
    return _(
        "What was written down for %(who)s can be contested until %(day)s; until then, or until"
        " they confirm it, nothing is ratified."
    ) % {"who": response.organization.name, "day": _day(response.contestable_until)}


def _comments(membership: Membership, agenda: AgendaVersion) -> Next:
    until = agenda.comments_until
    waiting = Amendment.objects.evaluating().filter(agenda=agenda).count()
    is_over = until is not None and until <= timezone.now()
    lines = []
    if waiting:
        lines.append(
            ngettext(
                "%(n)d proposal of other words waits for your decision.",
                "%(n)d proposals of other words wait for your decision.",
                waiting,
            )
            % {"n": waiting}
        )
    lines.append(
        _("Then the text is fixed and put to everyone: each organization gives one answer.")
    )
    is_ready = is_over and not waiting
    return Next(
        _("Everyone has had their say: version %(number)s can be put to everyone")
        % {"number": agenda.number}
        if is_over
        else _("Version %(number)s is open for comments until %(day)s")
        % {"number": agenda.number, "day": _day(until)},
        lines,
        url=_to(membership, "ratification_open" if is_ready else "agenda_version", agenda.pk),
        action=_("Put it to everyone") if is_ready else _("Read what is said"),
    )


def _draft(membership: Membership, agenda: AgendaVersion) -> Next:
    missing = objections_to_circulating(agenda)
    return Next(
        _("Version %(number)s is being written") % {"number": agenda.number},
        missing or [_("Nothing is missing: open it for comments.")],
        url=_to(membership, "version_edit" if missing else "agenda_version", agenda.pk),
        action=_("Write") if missing else _("Open it for comments"),
    )


def _without_work(
    membership: Membership, agenda: AgendaVersion | None, round_: ListeningRound | None
) -> Next | None:
    """No version is under work: listening comes first, then writing; after that, measuring."""
    if agenda:
        bare = [each for each in standings() if not each.is_measured]
        if not bare:
            return None
        title = ngettext(
            "A goal has no agreed indicator: agree on one by %(day)s",
            "%(n)d goals have no agreed indicator: agree on them by %(day)s",
            len(bare),
        )
        due = min(each.due_at for each in bare)
        return Next(
            title % {"n": len(bare), "day": _day(due)},
            [_("From that day on the agenda is shown as provisional until they are agreed.")],
            url=_to(membership, "agenda_version", agenda.pk),
            action=_("Look at the goals"),
        )
    if round_ is None:
        return None  # the page says how to begin
    if not round_.is_revealed:
        title = (
            _("Every organization is being asked how it sees the issue, until %(day)s")
            if round_.is_open
            else _("A round of questions is prepared: nobody has been asked yet")
        )
        return Next(
            title % {"day": _day(round_.closes_at)},
            [_("All views are shown at the same moment; what differs is then talked about.")],
            url=_to(membership, "listening", round_.pk),
            action=_("Look who has answered") if round_.is_open else _("Open the round"),
        )
    if Difference.objects.visible_to(membership).live().exists():
        return Next(
            _("All views are on the table: talk about what differs"),
            [
                _(
                    "Both sides put their view into words and look for what they can live with."
                    " What you share can be written down at any time, under All versions."
                )
            ],
            url=_to(membership, "differences"),
            action=_("Talk about what differs"),
        )
    return Next(
        _("All views are on the table: write the first version"),
        [_("What you share becomes the text.")],
        url=_to(membership, "versions"),
        action=_("Write the first version"),
    )


def _day(moment: datetime | None) -> str:
    return formats.date_format(at_home(moment), "DATE_FORMAT") if moment else str(_("no day"))


def _to(membership: Membership, name: str, *args: int) -> str:
    return reverse(f"agenda:{name}", args=[membership.initiative.slug, *args])
