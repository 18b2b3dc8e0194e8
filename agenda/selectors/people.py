"""Who speaks for an organization on the agenda, and who of the backbone looks after it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from initiatives.choices import OrganizationKind
from initiatives.models import Membership, Organization
from initiatives.permissions import GRANTS, Permission, Role

SPEAKERS = [role for role in Role if Permission.AGENDA_RESPOND in GRANTS[role]]
LEADS = [role for role in SPEAKERS if role != Role.FUNDER]  # who speaks whatever it is
KEEPERS = [Role.PROJECT_MANAGER, Role.FACILITATOR]
ASKED_KINDS = ("partner", "lead", "funder")


def speakers_of(organization_ids: Iterable[int]) -> list[Membership]:
    """The members whose answer is their organization's."""
    return list(speakers_among(list(organization_ids)))


def speakers_among(organizations: Any) -> QuerySet[Membership]:
    """The same, to be asked; ``organizations``: their ids, or the question for them."""
    rows: QuerySet[Membership] = Membership.objects.current().filter(
        Q(roles__overlap=LEADS) | Q(organization__kind=OrganizationKind.FUNDER),
        organization_id__in=organizations,
        roles__overlap=SPEAKERS,
        user__is_active=True,
    )
    return rows.select_related("user", "organization").order_by("organization_id", "id")


def backbone_of_agenda() -> list[Membership]:
    """The project managers and facilitators."""
    rows = Membership.objects.current().filter(roles__overlap=KEEPERS, user__is_active=True)
    return list(rows.select_related("user", "organization").order_by("id"))


def organizations_to_ask() -> list[Organization]:
    """Who takes part now: partners, leads and funders that are active."""
    rows = Organization.objects.filter(kind__in=ASKED_KINDS, state="active")
    return list(rows.order_by("name", "id"))


def without_speakers(organizations: Iterable[Organization]) -> list[Organization]:
    """Those of ``organizations`` that nobody could answer for yet."""
    rows = list(organizations)
    spoken = {each.organization_id for each in speakers_of(each.pk for each in rows)}
    return [each for each in rows if each.pk not in spoken]
