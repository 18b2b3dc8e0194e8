"""``manage.py load_demo``: two initiatives with published figures and people in every role.

Doing it twice is doing it once. What an organization reported is the publisher's; who they are,
the targets and the rounds' dates are made up, and the initiatives say that they are a
demonstration.
"""

import csv
import gzip
import io
import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from backbone.management.demo import agenda, collected, meetings, ratification
from initiatives.choices import Means, Sector
from initiatives.models import Initiative, Membership, User
from initiatives.permissions import Role
from initiatives.tenancy import enter
from measures import rollups
from measures.choices import SubmissionState
from measures.imports.description.schema import read_description
from measures.models import Submission
from measures.services.descriptions import store_description
from measures.services.imports import import_values
from measures.services.submissions import return_submission

FIGURES = Path(__file__).parents[2] / "demo"
PASSWORD_FILE = Path(settings.BASE_DIR) / "var" / "demo-password"
TO_FILES = "django.core.mail.backends.filebased.EmailBackend"
NAMES = ("veterans", "offers")
AGENDA_OF = "veterans-homelessness"
CAST = (
    ("pat", "Pat Morgan", Role.PROJECT_MANAGER, "BACKBONE"),
    ("dana", "Dana Okafor", Role.DATA_MANAGER, "BACKBONE"),
    ("edu", "Edda Lindqvist", Role.EDUCATION_COORDINATOR, "BACKBONE"),
    ("fran", "Fran Castillo", Role.FACILITATOR, "BACKBONE"),
    ("lee", "Lee Nakamura", Role.PARTNER_LEAD, ""),
    ("rae", "Rae Thompson", Role.PARTNER_REPORTER, ""),
    ("finn", "Finn Abara", Role.FUNDER, "FUND"),
    ("ollie", "Ollie Petrov", Role.OBSERVER, "FUND"),
    ("eve", "Eve Marchetti", Role.SERIES_FACILITATOR, "FUND"),
)
# Who leads a community is made up too: a county, or an association.
ASSOCIATIONS = {"CO-503", "CO-504", "CO-505", "OR-503", "OR-506", "WA-502", "WA-508"}
NOT_ASKED = ("veterans_unsheltered", "unsheltered_pct"), "2021"
PARTIAL = (
    "A partial count: in January 2021 no count of people outside was asked for because of the"
    " pandemic. This 0 is as HUD published it and may mean that nobody was looked for."
)
RETURNED_BECAUSE = "Have a look at the total: it does not match the parts you sent last year."


class Command(BaseCommand):
    help = "Load the demo's initiatives, once, and say who may sign in."

    def handle(self, *_args: Any, **_options: Any) -> None:
        password = _password()
        for name in NAMES:
            figures = json.loads(gzip.decompress((FIGURES / f"{name}.json.gz").read_bytes()))
            slug = figures["description"]["initiative"]["slug"]
            if not Initiative.objects.filter(slug=slug).exists():
                _load(figures)
            self.stdout.write(f"{figures['description']['initiative']['name']}: /i/{slug}/")
            self.stdout.write(f"  figures: {figures['source']} ({figures['licence']})")
        people = {_email(key) for key, _name, _role, _code in CAST}
        for user in User.objects.filter(email__in=people):
            if not user.check_password(password):
                user.set_password(password)
                user.save(update_fields=["password"])
            # Nobody reads the demo's mail, so its addresses count as confirmed.
            EmailAddress.objects.update_or_create(
                user=user, email=user.email, defaults={"verified": True, "primary": True}
            )
        self.stdout.write(f"Sign in with the password {password} as")
        for key, name, role, _code in CAST:
            self.stdout.write(f"  {_email(key):<24} {name}, {role.label}")
        if settings.EMAIL_BACKEND == TO_FILES:
            self.stdout.write(
                f"Letters, also the code for who signs up: {settings.EMAIL_FILE_PATH}/"
            )


def _email(key: str) -> str:
    return f"{key}@concert.example"


def _password() -> str:
    """Made once for each checkout: nothing that is published opens anybody's server."""
    try:
        return PASSWORD_FILE.read_text().strip()
    except FileNotFoundError:
        PASSWORD_FILE.parent.mkdir(parents=True, exist_ok=True)
        PASSWORD_FILE.touch(mode=0o600)
        password = secrets.token_urlsafe(9)
        PASSWORD_FILE.write_text(password + "\n")
        return password


def _load(figures: dict[str, Any]) -> None:
    """Load one initiative whole: an interrupted load leaves nothing behind."""
    description = figures["description"]
    description["people"] = _people(figures["held"][0])
    description["rounds"] = collected.rounds(figures)
    for each in description["indicators"]:
        each["assignments"] = collected.assignments(figures)
    for each in description["organizations"]:
        if each["code"] in ASSOCIATIONS:
            each["sector"] = Sector.NONPROFIT.value
    data = json.dumps(description).encode()
    described = read_description(data, today=timezone.localdate())
    with transaction.atomic():
        initiative = store_description(described).initiative
        with enter(initiative.pk):
            data_manager = Membership.objects.get(roles=[Role.DATA_MANAGER])
            _report(figures, data_manager)
            rollups.drain()
            if description["initiative"]["slug"] == AGENDA_OF:
                agenda.load()
                ratification.load()
                meetings.load()


def _people(partner: str) -> list[dict[str, Any]]:
    return [
        {
            "email": _email(key),
            "name": name,
            "organization": code or partner,
            "roles": [role.value],
        }
        for key, name, role, code in CAST
    ]


def _report(figures: dict[str, Any], data_manager: Membership) -> None:
    """Everyone reported the past; of the late round some forms are under way, one is missing."""
    late, held = figures["late"], figures["held"]
    waiting, returned, drafted, *_missing = held

    def read(rows: Iterable[list[str]], name: str, *, accept: bool) -> None:
        report = import_values(
            actor=data_manager,
            file=io.BytesIO(_table(rows, figures["dimensions"])),
            name=name,
            accept=accept,
            reason=name,
            means=Means.COMMAND,
        )
        if report.refused:
            wrong = next((row for row in report.rows if row.problems), None)
            raise CommandError(f"The demo's figures are refused: {wrong or report.broken}")

    rows = figures["values"]
    read(
        (row for row in rows if row[2] != late or row[1] not in held),
        "published figures",
        accept=True,
    )
    collected.date_back(figures)
    read(
        (row for row in rows if row[2] == late and row[1] in {waiting, returned, drafted}),
        "forms under way",
        accept=False,
    )
    submissions = {
        each.organization.code: each
        for each in Submission.objects.filter(
            round__period__code=late, organization__code__in=[returned, drafted]
        ).select_related("organization", "round")
    }
    return_submission(actor=data_manager, submission=submissions[returned], reason=RETURNED_BECAUSE)
    draft = submissions[drafted]
    draft.state, draft.submitted_at, draft.submitted_by = SubmissionState.DRAFT, None, None
    draft.version += 1  # somebody wrote on it
    draft.save()


def _note(row: list[str]) -> str:
    """What a reader must know of a figure that looks like a fault."""
    indicator, _organization, period, *amounts = row
    indicators, winter = NOT_ASKED
    is_nobody = "0" in (amounts[0], amounts[1])
    return PARTIAL if indicator in indicators and period == winter and is_nobody else ""


def _table(rows: Iterable[list[str]], dimensions: list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            *("indicator_code", "organization_code", "period"),
            *dimensions,
            *("value", "numerator", "denominator", "comment"),
        ]
    )
    for row in rows:
        writer.writerow([*row, _note(row)])
    return text.getvalue().encode()
