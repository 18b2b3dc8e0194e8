"""The ground of a twin: who is there, and the letters under way."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone

from backbone.management.twins.base import PASSWORD, Twin, issue, new
from initiatives import audit
from initiatives.choices import (
    JobState,
    LinkPurpose,
    NoticeState,
    OrganizationKind,
    OrganizationState,
)
from initiatives.models import (
    Invitation,
    Job,
    Membership,
    Notice,
    Organization,
    OrganizationPlace,
    Place,
    User,
)
from initiatives.permissions import BACKBONE_ROLES, Role

# Partners of these roles are in both organizations; the others are in one.
IN_BOTH = (Role.PARTNER_LEAD, Role.PARTNER_REPORTER)


def seed_organizations(twin: Twin, place: Place) -> dict[str, Organization]:
    kinds = {
        "backbone": OrganizationKind.BACKBONE,
        "first": OrganizationKind.PARTNER,
        "second": OrganizationKind.PARTNER,
    }
    rows = {}
    for code, kind in kinds.items():
        rows[code] = new(
            Organization,
            code=code,
            name=f"{code.title()} {twin.canary}",
            kind=kind,
            state=OrganizationState.ACTIVE,
        )
        new(OrganizationPlace, organization=rows[code], place=place)
        twin.organizations[code] = rows[code].pk
    twin.objects["organization_id"] = rows["first"].pk
    twin.objects["place_id"] = place.pk
    return rows


def seed_people(twin: Twin, organizations: dict[str, Organization], hashed: str) -> None:
    for role in Role:
        codes = ["backbone"] if role in BACKBONE_ROLES else ["first"]
        codes = ["first", "second"] if role in IN_BOTH else codes
        for code in codes:
            email = f"{role.replace('_', '-')}.{code}@{twin.slug}.test"
            user = User.objects.create(
                email=email, name=f"{role.label} {twin.canary}", password=hashed
            )
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
            membership = new(
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


def seed_letters(twin: Twin, organization: Organization) -> None:
    invitation = new(
        Invitation,
        organization=organization,
        email=f"invited@{twin.slug}.test",
        name=f"Invited {twin.canary}",
        roles=[Role.PARTNER_REPORTER],
        expires_at=timezone.now() + timedelta(days=14),
    )
    issue(twin, LinkPurpose.INVITATION, invitation.pk)
    notice = new(
        Notice,
        kind="invitation",
        subject_type=invitation._meta.label_lower,
        subject_id=invitation.pk,
        occasion="sent",
        recipient=invitation.email,
        context={"note": twin.canary},
        state=NoticeState.FAILED,
    )
    job = Job.objects.create(
        initiative_id=twin.initiative_id,
        kind="rollup",
        state=JobState.DEAD,
        attempts=5,
        last_error=f"It failed: {twin.canary}",
        finished_at=timezone.now(),
    )
    ids = {"invitation_id": invitation.pk, "notice_id": notice.pk, "job_id": job.pk}
    twin.objects |= ids
