"""An initiative whose agenda is being agreed, for tests: built in the scope that is open."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from agenda.models import AgendaVersion, Response
from agenda.services import ratification, responses, versions
from agenda.services.versions import Written
from initiatives.models import Initiative, Membership, Organization, User
from initiatives.tenancy import scope

TEXTS = (
    ("problem", "Too few children read well."),
    ("vision", "Every child reads with joy."),
    ("primary_goal", "By 2030 eight of ten read at level."),
    ("approach", "We read with children every day."),
    ("action", "Each school opens a reading room."),
)
_numbers = count(1)


def member(organization, role, name=""):
    name = name or f"{organization.code}-{role}"
    user = User.objects.create(email=f"{name}-{next(_numbers)}@example.org", name=name)
    row = Membership.here(user=user, organization=organization, roles=[role])
    row.save()
    return row


def organization(code, kind="partner", state="active"):
    row = Organization.here(code=code, name=code.title(), kind=kind, state=state)
    row.save()
    return row


class World:
    """A backbone and some partners, each with a lead."""

    def __init__(self, partners=3, slug="here"):
        self.initiative = Initiative.objects.create(slug=slug, name=slug.title())
        with self.inside():
            self.backbone = organization("backbone", "backbone")
            self.pm = member(self.backbone, "project_manager", "pat")
            self.fa = member(self.backbone, "facilitator", "fran")
            self.leads = [self.join(f"org{n}") for n in range(1, partners + 1)]

    def inside(self):
        return scope(self.initiative.pk)

    def join(self, code, **fields):
        return member(organization(code, **fields), "partner_lead")

    def draft(self, texts=TEXTS):
        agenda = AgendaVersion.objects.under_work().first()
        agenda = agenda or versions.start_version(actor=self.pm)
        written = [Written(kind, text) for kind, text in texts]
        return versions.save_dimensions(
            actor=self.pm, agenda=agenda, written=written, version=agenda.version
        )

    def opened(self, *, days=21, rule="strict", texts=TEXTS, agenda=None):
        agenda = agenda or self.draft(texts)
        versions.circulate(actor=self.pm, agenda=agenda)
        over = timezone.now() - timedelta(minutes=1)
        AgendaVersion.objects.filter(pk=agenda.pk).update(comments_until=over)
        return ratification.open_ratification(
            actor=self.fa,
            agenda=agenda,
            closes_at=timezone.now() + timedelta(days=days),
            rule=rule,
        )


def key_of(agenda, kind):
    return agenda.dimensions.get(kind=kind).key


def sheet(agenda, token=None, **exceptions):
    """Consent to everything but for kinds: ``action=("object", "why")``."""
    said = {
        key_of(agenda, kind): responses.Said(stance, reason)
        for kind, (stance, reason) in exceptions.items()
    }
    return responses.Sheet(said, agenda.content_hash, token or f"form-{next(_numbers)}")


def answer(lead, agenda, token=None, **exceptions):
    """Answer, and let the job that the answer asks for run."""
    given = responses.respond(actor=lead, agenda=agenda, sheet=sheet(agenda, token, **exceptions))
    ratification.settle_version(agenda.pk)
    return given


def on_behalf(world, lead, agenda, token=None, **exceptions):
    given = responses.respond_on_behalf(
        actor=world.pm,
        agenda=agenda,
        organization=lead.organization,
        sheet=sheet(agenda, token, **exceptions),
        file=responses.File("letter.txt", b"We agree."),
    )
    ratification.settle_version(agenda.pk)
    return given


def later(**span):
    return timezone.now() + timedelta(**span)


def effective(agenda):
    return Response.objects.effective().filter(agenda=agenda)


DOUBT = ("reservation", "Only if the bus runs.")
ASIDE = ("stand_aside", "Not ours to do.")
NO = ("object", "It leaves out the parents.")


def ratified(world, agenda=None):
    agenda = agenda or world.opened()
    for lead in world.leads:
        answer(lead, agenda)
    agenda.refresh_from_db()
    assert agenda.state == "ratified"
    return agenda


def returned(world, **exceptions):
    agenda = world.opened(agenda=AgendaVersion.objects.under_work().first())
    for lead in world.leads[1:]:
        answer(lead, agenda)
    if exceptions:
        answer(world.leads[0], agenda, **exceptions)
    ratification.advance_ratifications(later(days=22))
    agenda.refresh_from_db()
    assert agenda.state == "returned"
    return agenda


def refused(work):
    """Whether the database itself refuses ``work``."""
    with pytest.raises(DatabaseError), transaction.atomic():
        work()
