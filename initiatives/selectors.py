"""What the pages of the ground show."""

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Func, IntegerField, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from initiatives import jobs, panels, today
from initiatives.choices import OrganizationKind, OrganizationState
from initiatives.models import (
    Act,
    Initiative,
    Invitation,
    Job,
    Membership,
    Notice,
    Organization,
    OrganizationPlace,
    Place,
    User,
)
from initiatives.permissions import Permission, Role
from initiatives.querysets import world_day
from initiatives.tenancy import current_initiative_id
from initiatives.together import together

LATEST = 8
LOOKED_AT = 80  # acts, for that many lines
MOST_FAILURES = 100


class Today(NamedTuple):
    """What the page of today shows: what the apps know, and the ground's own."""

    items: list[today.Waiting]
    invitations: Any
    organizations: Any
    acts: Any
    steps: list[today.Step]

    @property
    def next_step(self) -> today.Step | None:
        """The first that is left to do."""
        return next((each for each in self.steps if not each.is_done), None)

    @property
    def number(self) -> int:
        return (
            sum(each.number for each in self.items)
            + len(self.invitations)
            + len(self.organizations)
        )


class Node(NamedTuple):
    """A place in the tree, with how deep it lies and how many organizations work right there."""

    place: Place
    depth: int
    organizations: int

    @property
    def indent(self) -> str:
        return "–\N{NO-BREAK SPACE}" * self.depth

    @property
    def label(self) -> str:
        return f"{self.indent}{self.place.name}"


class OrganizationPage(NamedTuple):
    """Everything about one organization that a member may see."""

    organization: Organization
    places: list[Place]
    members: list[Membership]
    invitations: list[Invitation]
    panels: list[panels.Panel]


class Failures(NamedTuple):
    """What did not work: work given up, and letters that did not leave."""

    jobs: list[Job]
    notices: list[Notice]


def memberships_of(user: User) -> Any:
    """The person's current memberships with their initiatives; one per initiative."""
    rows = Membership.objects.current().filter(user=user).select_related("initiative")
    return list({each.initiative_id: each for each in rows.order_by("initiative__name")}.values())


def waiting_for(membership: Membership) -> Today:
    """What the apps know, open invitations, organizations that have not come yet, and what happened last."""
    manages = membership.may(Permission.ORGANIZATIONS_MANAGE)
    pending = Invitation.objects.visible_to(membership).pending()
    # Who was written to stands among the invitations, and nowhere else.
    invited = Organization.objects.filter(state=OrganizationState.INVITED)
    unasked = invited.exclude(pk__in=pending.values("organization_id"))
    invitations, organizations = together(
        [pending.select_related("organization"), unasked if manages else unasked.none()]
    )
    return Today(
        today.waiting(membership),
        invitations,
        organizations,
        latest_acts(membership),
        today.first_steps(membership),
    )


def acts_for(membership: Membership) -> Any:
    """What was done, latest first, as far as the member may see it."""
    return Act.objects.visible_to(membership).select_related("user", "organization")


def latest_acts(membership: Membership) -> list[Act]:
    """What happened last, each kind of it in one line: what the clock hands out to forty at once
    is one thing to whoever reads it.
    """

    def alike(act: Act) -> tuple[Any, ...]:
        return act.action, act.user_id, act.organization_id, act.means

    told = []
    for _key, acts in itertools.groupby(acts_for(membership)[:LOOKED_AT], alike):
        first, *rest = acts
        first.more = len(rest)
        told.append(first)
    return told[:LATEST]


def organizations_for(membership: Membership) -> Any:
    """Organizations with how many people speak for each today."""
    now = world_day()
    current = Q(memberships__starts_on__lte=now) & (
        Q(memberships__ends_on=None) | Q(memberships__ends_on__gt=now)
    )
    return (
        Organization.objects.visible_to(membership)
        .annotate(people=Count("memberships", filter=current, distinct=True))
        .prefetch_related("homes__place")
        .order_by("name", "id")
    )


def members_for(membership: Membership, wanted: str = "") -> Any:
    """Current members, by organization and name; with ``wanted`` in a name or an address of theirs."""
    rows = Membership.objects.visible_to(membership).current()
    if wanted:
        rows = rows.filter(
            Q(user__name__icontains=wanted)
            | Q(user__email__icontains=wanted)
            | Q(organization__name__icontains=wanted)
        )
    return rows.select_related("user", "organization").order_by(
        "organization__name", "user__name", "id"
    )


def manageable_ids(membership: Membership, shown: Iterable[Membership]) -> set[int]:
    """Who of the members that are shown may be changed by this one."""
    ids = [each.pk for each in shown]
    rows = Membership.objects.manageable_by(membership).current().filter(pk__in=ids)
    return {each.pk for each in rows if each.rank <= membership.rank}


def organization_page(membership: Membership, organization: Organization) -> OrganizationPage:
    """One organization: where it works, who speaks for it, and what the apps know."""
    here = {"organization": organization}
    return OrganizationPage(
        organization,
        list(Place.objects.filter(homes__organization=organization)),
        list(members_for(membership).filter(**here)),
        list(Invitation.objects.visible_to(membership).pending().filter(**here)),
        panels.panels_of(membership, organization),
    )


def place_tree() -> list[Node]:
    """All places, each after the one it lies in, with one query for the whole tree."""
    rows = Place.objects.annotate(there=Count("homes")).order_by("name", "id")
    below: dict[int | None, list[Any]] = {}
    for each in rows:
        below.setdefault(each.parent_id, []).append(each)
    nodes: list[Node] = []
    waiting = [(each, 0) for each in reversed(below.get(None, []))]
    while waiting:
        place, depth = waiting.pop()
        nodes.append(Node(place, depth, place.there))
        waiting += [(each, depth + 1) for each in reversed(below.get(place.pk, []))]
    return nodes


def failures() -> Failures:
    """What was given up in the initiative in scope, latest first."""
    failed = Notice.objects.failed().order_by("-created_at", "-id")
    return Failures(list(jobs.given_up()[:MOST_FAILURES]), list(failed[:MOST_FAILURES]))


def _given_up(membership: Membership) -> Any:
    """The initiative, with how many things did not work here; nothing where everything did."""
    if not membership.may(Permission.INITIATIVE_EDIT):
        return None
    number = _counted(jobs.given_up()) + _counted(Notice.objects.failed())
    here = Initiative.objects.filter(pk=current_initiative_id())
    return here.annotate(given_up=number).filter(given_up__gt=0)


def _counted(rows: Any) -> Any:
    """How many rows there are, as an expression."""
    numbers = rows.order_by().values(number=Func(template="COUNT(*)", output_field=IntegerField()))
    return Subquery(numbers, output_field=IntegerField())


@today.waits.for_each(_given_up)
def what_failed(membership: Membership, here: Any) -> today.Waiting:
    """For who sets the initiative up: that something did not work."""
    number = here.given_up
    text = ngettext("%(n)d thing did not work", "%(n)d things did not work", number)
    url = reverse("initiatives:failures", args=[membership.initiative.slug])
    note = _("Letters that did not leave, or work that was given up.")
    return today.Waiting(text % {"n": number}, url, note, number=number)


@today.begins
def first_things(membership: Membership) -> list[today.FirstStep]:
    """An initiative begins with where it works, who is in it and who leads its talk."""
    if not membership.may(Permission.ORGANIZATIONS_MANAGE):
        return []
    slug = membership.initiative.slug
    others = Organization.objects.present().exclude(kind=OrganizationKind.BACKBONE)
    leads_the_talk = Membership.objects.current().filter(roles__contains=[Role.FACILITATOR])
    return [
        today.FirstStep(
            1,
            _("Say where you work"),
            _("Places lie within each other; numbers are added up for each of them."),
            reverse("initiatives:places", args=[slug]),
            Place.objects.all(),
        ),
        today.FirstStep(
            2,
            _("Bring the organizations in"),
            _("Add them, or invite somebody of each by e-mail."),
            reverse("initiatives:organizations", args=[slug]),
            others,
        ),
        today.FirstStep(
            3,
            _("Have somebody facilitate"),
            _(
                "A facilitator closes decisions and approves minutes, so that who manages does not "
                "decide as well. Invite one, or take the role yourself."
            ),
            reverse("initiatives:members", args=[slug]),
            leads_the_talk,
        ),
        today.FirstStep(
            4,
            _("Say where each organization works"),
            _("Then there is a number for each place, and for those it lies in."),
            reverse("initiatives:organizations", args=[slug]),
            OrganizationPlace.objects.all(),
        ),
    ]
