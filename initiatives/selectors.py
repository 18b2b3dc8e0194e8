"""What the pages of the ground show."""

from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from initiatives import today
from initiatives.choices import OrganizationState
from initiatives.models import Act, Invitation, Membership, Organization, User
from initiatives.permissions import Permission

LATEST = 8


class Today(NamedTuple):
    """What the page of today shows: what the apps know, and the ground's own."""

    items: list[today.Waiting]
    invitations: Any
    organizations: Any
    acts: Any

    @property
    def number(self) -> int:
        return (
            sum(each.number for each in self.items)
            + len(self.invitations)
            + len(self.organizations)
        )


def memberships_of(user: User) -> Any:
    """The person's current memberships with their initiatives; one per initiative."""
    rows = Membership.objects.current().filter(user=user).select_related("initiative")
    return list({each.initiative_id: each for each in rows.order_by("initiative__name")}.values())


def waiting_for(membership: Membership) -> Today:
    """What the apps know, open invitations, organizations that have not come yet, and what happened last."""
    manages = membership.may(Permission.ORGANIZATIONS_MANAGE)
    invited = Organization.objects.filter(state=OrganizationState.INVITED)
    return Today(
        today.waiting(membership),
        list(Invitation.objects.visible_to(membership).pending().select_related("organization")),
        list(invited) if manages else [],
        list(acts_for(membership)[:LATEST]),
    )


def acts_for(membership: Membership) -> Any:
    """What was done, latest first, as far as the member may see it."""
    return Act.objects.visible_to(membership).select_related("user", "organization")


def organizations_for(membership: Membership) -> Any:
    """Organizations with how many people speak for each today."""
    now = timezone.localdate()
    current = Q(memberships__starts_on__lte=now) & (
        Q(memberships__ends_on=None) | Q(memberships__ends_on__gt=now)
    )
    return Organization.objects.visible_to(membership).annotate(
        people=Count("memberships", filter=current, distinct=True)
    )


def members_for(membership: Membership) -> Any:
    """Current members, by organization and name."""
    return (
        Membership.objects.visible_to(membership)
        .current()
        .select_related("user", "organization")
        .order_by("organization__name", "user__name", "id")
    )


def manageable_ids(membership: Membership) -> set[int]:
    """Who of the members may be changed by this one."""
    rows = Membership.objects.manageable_by(membership).current()
    return {each.pk for each in rows if each.rank <= membership.rank}
