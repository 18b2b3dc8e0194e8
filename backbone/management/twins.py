"""Two initiatives of the same shape, side by side, with a row of every kind in each.

Whoever probes the walls needs real ids of somebody else. Texts that only one initiative (or one
organization) may see carry a canary: a word found nowhere else.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from initiatives import audit, links
from initiatives.choices import LinkPurpose, OrganizationKind, OrganizationState
from initiatives.models import (
    Initiative,
    InitiativeProfile,
    Invitation,
    Membership,
    Notice,
    Organization,
    OrganizationPlace,
    Place,
    User,
)
from initiatives.permissions import BACKBONE_ROLES, Role
from initiatives.tenancy import scope
from measures import models as measured
from measures.choices import Frequency, IndicatorKind, RoundState, ScopeKind, SubmissionState

PASSWORD = "correct-twin-battery-staple"  # noqa: S105 - of a rehearsal only
SLUGS = ("twin-a", "twin-b")
# Partners of these roles are in both organizations; the others are in one.
IN_BOTH = (Role.PARTNER_LEAD, Role.PARTNER_REPORTER)


@dataclass
class Twin:
    """One of the two, by everything that an address or a form may name."""

    slug: str
    initiative_id: int
    objects: dict[str, int] = field(default_factory=dict)
    organizations: dict[str, int] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    expired_tokens: dict[str, str] = field(default_factory=dict)

    @property
    def canary(self) -> str:
        """In every text of this initiative."""
        return f"canary-{self.slug}"

    @property
    def private_canary(self) -> str:
        """In every text of the first organization's own papers."""
        return f"nightingale-{self.slug}"

    def person(self, role: str, organization: str = "") -> str:
        """The e-mail address of somebody who holds ``role``."""
        return next(
            person["email"]
            for person in self.people
            if person["role"] == role and organization in {"", person["organization"]}
        )


def seed() -> tuple[Twin, Twin]:
    """Write both twins."""
    hashed = make_password(PASSWORD)
    first, second = (_seed_one(slug, hashed) for slug in SLUGS)
    return first, second


def _seed_one(slug: str, hashed: str) -> Twin:
    name = f"Twin canary-{slug}"
    twin = Twin(slug, Initiative.objects.create(slug=slug, name=name).pk)
    with scope(twin.initiative_id):
        place = _new(Place, code="town", name=f"Town {twin.canary}", level="community")
        _new(
            InitiativeProfile,
            place=place,
            question=f"Question {twin.canary}",
            description=f"Description {twin.canary}",
        )
        organizations = _seed_organizations(twin, place)
        _seed_people(twin, organizations, hashed)
        _seed_measures(twin, organizations["first"])
        _seed_letters(twin, organizations["first"])
        audit.seal()
    return twin


def _new(model: Any, **fields: Any) -> Any:
    row = model.here(**fields)
    row.save(force_insert=True)
    return row


def _seed_organizations(twin: Twin, place: Place) -> dict[str, Organization]:
    kinds = {
        "backbone": OrganizationKind.BACKBONE,
        "first": OrganizationKind.PARTNER,
        "second": OrganizationKind.PARTNER,
    }
    rows = {}
    for code, kind in kinds.items():
        rows[code] = _new(
            Organization,
            code=code,
            name=f"{code.title()} {twin.canary}",
            kind=kind,
            state=OrganizationState.ACTIVE,
        )
        _new(OrganizationPlace, organization=rows[code], place=place)
        twin.organizations[code] = rows[code].pk
    twin.objects["organization_id"] = rows["first"].pk
    twin.objects["place_id"] = place.pk
    return rows


def _seed_people(twin: Twin, organizations: dict[str, Organization], hashed: str) -> None:
    for role in Role:
        codes = ["backbone"] if role in BACKBONE_ROLES else ["first"]
        codes = ["first", "second"] if role in IN_BOTH else codes
        for code in codes:
            email = f"{role.replace('_', '-')}.{code}@{twin.slug}.test"
            user = User.objects.create(
                email=email, name=f"{role.label} {twin.canary}", password=hashed
            )
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
            membership = _new(
                Membership,
                user=user,
                organization=organizations[code],
                roles=[role],
                starts_on=timezone.localdate() - timedelta(days=30),
            )
            audit.record(None, "initiatives.member_added", membership, note=twin.canary)
            twin.people.append(
                {
                    "email": email,
                    "password": PASSWORD,
                    "role": str(role),
                    "organization": code,
                    "user_id": user.pk,
                    "membership_id": membership.pk,
                }
            )
            if role == Role.PARTNER_REPORTER and code == "first":
                twin.objects["membership_id"] = membership.pk


def _seed_measures(twin: Twin, organization: Organization) -> None:
    now, canary, private = timezone.now(), twin.canary, twin.private_canary
    calendar = _new(measured.Calendar, code="years", name=f"Years {canary}")
    # Last month, by the world's clock: its round is open now.
    starts_on = _month_before(now.astimezone(UTC))
    ends_on = now.astimezone(UTC).date().replace(day=1)
    period = _new(
        measured.Period,
        calendar=calendar,
        frequency=Frequency.MONTH,
        code=f"{starts_on:%Y-%m}",
        name=f"{starts_on:%B %Y}",
        starts_on=starts_on,
        ends_on=ends_on,
    )
    round_ = _new(
        measured.Round,
        period=period,
        state=RoundState.OPEN,
        opens_at=now - timedelta(days=3),
        due_at=now + timedelta(days=10),
        closes_at=now + timedelta(days=20),
    )
    dimension = _new(measured.Dimension, code="age", name=f"Age {canary}")
    _new(measured.Category, dimension=dimension, code="old", name=f"Old {canary}")
    partition = _new(measured.Partition, code="age")
    _new(measured.PartitionDimension, partition=partition, dimension=dimension, position=0)
    cell = _new(measured.Cell, partition=partition, key="age=old", name=f"Old {canary}")
    _new(measured.CellLeaf, cell=cell, leaf=cell)
    indicator = _new(
        measured.Indicator,
        code="served",
        name=f"Served {canary}",
        kind=IndicatorKind.COUNT,
        calendar=calendar,
        frequency=Frequency.MONTH,
    )
    version = _new(
        measured.IndicatorVersion,
        indicator=indicator,
        effective_from=starts_on,
        definition=f"Definition {canary}",
    )
    _new(measured.Baseline, indicator=indicator, period=period, value=1, reason=canary)
    _new(measured.Target, indicator=indicator, period=period, value=9, reason=canary)
    _new(measured.Assignment, indicator=indicator, organization=organization, starts_on=starts_on)
    submission = _new(
        measured.Submission,
        round=round_,
        organization=organization,
        state=SubmissionState.DRAFT,
        note=private,
    )
    _new(measured.Entry, submission=submission, indicator=indicator, value=5, note=private)
    fact = {"indicator": indicator, "organization": organization, "period": period}
    _new(measured.Observation, **fact, value=Decimal(5), note=private)
    for kind, scope_id in (
        (ScopeKind.ORGANIZATION, organization.pk),
        (ScopeKind.INITIATIVE, twin.initiative_id),
    ):
        _new(
            measured.Rollup,
            indicator=indicator,
            scope=kind,
            scope_id=scope_id,
            period=period,
            version=version,
            value=5,
            numerator=5,
            expected=1,
            reported=1,
            inputs_expected=1,
            inputs_present=1,
            status="complete",
        )
    _new(measured.DirtyKey, **fact)
    _new(measured.ImportRun, name=f"{canary}.csv", digest="0" * 64)
    share = _new(measured.ShareLink, name=f"Readers {canary}")
    _issue(twin, LinkPurpose.DASHBOARD, share.pk)
    share.link = links.SignedLink.objects.get(digest=links.digest(twin.tokens["dashboard"]))
    share.save()
    _issue(twin, LinkPurpose.SUBMISSION, submission.pk)
    twin.objects |= {
        "assignment_id": measured.Assignment.objects.get().pk,
        "calendar_id": calendar.pk,
        "cell_id": cell.pk,
        "dimension_id": dimension.pk,
        "indicator_id": indicator.pk,
        "observation_id": measured.Observation.objects.get().id,
        "partition_id": partition.pk,
        "period_id": period.pk,
        "round_id": round_.pk,
        "share_id": share.pk,
        "submission_id": submission.pk,
    }


def _month_before(moment: datetime) -> date:
    return (moment.date().replace(day=1) - timedelta(days=1)).replace(day=1)


def _seed_letters(twin: Twin, organization: Organization) -> None:
    invitation = _new(
        Invitation,
        organization=organization,
        email=f"invited@{twin.slug}.test",
        name=f"Invited {twin.canary}",
        roles=[Role.PARTNER_REPORTER],
        expires_at=timezone.now() + timedelta(days=14),
    )
    _issue(twin, LinkPurpose.INVITATION, invitation.pk)
    notice = _new(
        Notice,
        kind="invitation",
        subject_type=invitation._meta.label_lower,
        subject_id=invitation.pk,
        occasion="sent",
        recipient=invitation.email,
        context={"note": twin.canary},
    )
    twin.objects |= {"invitation_id": invitation.pk, "notice_id": notice.pk}


def _issue(twin: Twin, purpose: LinkPurpose, object_id: int) -> None:
    twin.tokens[purpose], _link = links.issue(purpose, object_id)
    twin.expired_tokens[purpose], _old = links.issue(
        purpose, object_id, expires_at=timezone.now() - timedelta(days=1)
    )
