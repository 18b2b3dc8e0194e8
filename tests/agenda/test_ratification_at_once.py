"""Many at once: forty organizations answer, an edit races an answer, a form is sent twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from agenda.models import AgendaVersion, Difference, Goal, Response
from agenda.services import ratification, responses, versions
from agenda.services.ratification import content_hash
from agenda.services.versions import Written
from initiatives import jobs
from initiatives.models import Act, Job
from tests.agenda.ratifying import NO, World, later, sheet
from tests.waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def at_once(works):
    """Start all of ``works`` together, each with its own connection; what each came to."""
    ready = Barrier(len(works))

    def run(work):
        try:
            ready.wait(PATIENCE)
            return work()
        except Exception as error:  # noqa: BLE001 -- the outcome is what is tested
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def send(lead, agenda, token=None, **exceptions):
    """Answer as a page does: the job that ends the version runs when a worker has time."""
    return responses.respond(actor=lead, agenda=agenda, sheet=sheet(agenda, token, **exceptions))


def end_what_is_complete():
    for job in Job.objects.filter(kind=ratification.SETTLE, state="queued"):
        assert jobs.run(job.pk)


def test_forty_organizations_answer_at_once_and_it_is_ratified_once():
    world = World(40)
    with world.inside():
        agenda = world.opened()

    def respond(lead):
        with world.inside():
            return send(lead, agenda, f"form-of-{lead.pk}")

    found = at_once([lambda lead=lead: respond(lead) for lead in world.leads])
    assert [each for each in found if isinstance(each, Exception)] == []
    end_what_is_complete()
    with world.inside():
        agenda.refresh_from_db()
        assert agenda.state == "ratified"
        assert Act.objects.filter(action="agenda.version_ratified").count() == 1
        assert Response.objects.effective().count() == 40
        assert Goal.objects.count() == 1


def test_a_form_sent_twice_at_once_is_one_answer():
    world = World(2)
    with world.inside():
        agenda = world.opened()

    def respond():
        with world.inside():
            return send(world.leads[0], agenda, "the-form").pk

    found = at_once([respond] * 6)
    assert len(set(found)) == 1, found
    with world.inside():
        assert Response.objects.count() == 1


def test_objections_to_one_statement_at_once_open_one_difference():
    world = World(8)
    with world.inside():
        agenda = world.opened()

    def respond(lead):
        with world.inside():
            return send(lead, agenda, action=NO, vision=NO)

    found = at_once([lambda lead=lead: respond(lead) for lead in world.leads])
    assert [each for each in found if isinstance(each, Exception)] == []
    with world.inside():
        assert Difference.objects.count() == 2
        assert {each.sides.count() for each in Difference.objects.all()} == {9}


def test_answers_wait_for_who_ends_the_version_and_are_then_refused():
    world = World(3)
    with world.inside():
        agenda = world.opened()
        send(world.leads[0], agenda, action=NO)

    def respond():
        with world.inside():
            return send(world.leads[1], agenda)

    def end():
        with world.inside():
            return ratification.return_version(actor=world.fa, agenda=agenda)

    given, ended = at_once([respond, end])
    assert not isinstance(ended, Exception)
    with world.inside():
        agenda.refresh_from_db()
        assert agenda.state == "returned"
        silent = world.leads[1].organization.name in agenda.outcome["missing"]
        assert silent == isinstance(given, Exception)


def test_ten_people_of_one_organization_leave_one_effective_answer():
    world = World(2)
    with world.inside():
        agenda = world.opened()

    def respond():
        with world.inside():
            return send(world.leads[0], agenda, action=("object", "No")).pk

    found = at_once([respond] * 10)
    assert [each for each in found if isinstance(each, Exception)] == []
    with world.inside():
        assert Response.objects.effective().count() == 1
        assert Response.objects.count() == 10


def test_an_edit_racing_the_opening_and_an_answer_never_changes_what_was_put_to_everyone():
    for number in range(6):
        world = World(1, slug=f"race{number}")
        with world.inside():
            agenda = world.draft()
            versions.circulate(actor=world.pm, agenda=agenda)
            AgendaVersion.objects.update(comments_until=agenda.created_at)
            key = agenda.dimensions.get(kind="vision").key

        def edit(world=world, agenda=agenda):
            with world.inside():
                versions.take_back(actor=world.pm, agenda=agenda)
                agenda.refresh_from_db()
                return versions.save_dimensions(
                    actor=world.pm,
                    agenda=agenda,
                    written=[Written("vision", "Another one")],
                    version=agenda.version,
                )

        def sneak(world=world, agenda=agenda, key=key):
            with world.inside():
                return agenda.dimensions.filter(key=key).update(text="Sneaked in")

        def put(world=world, agenda=agenda):
            with world.inside():
                return ratification.open_ratification(
                    actor=world.fa, agenda=agenda, closes_at=later(days=9)
                )

        def respond(world=world, agenda=agenda):
            with world.inside():
                return send(world.leads[0], AgendaVersion.objects.get(pk=agenda.pk))

        at_once([edit, sneak, put, respond])
        with world.inside():
            agenda.refresh_from_db()
            if agenda.content_hash:
                assert content_hash(list(agenda.dimensions.all())) == agenda.content_hash
            for response in Response.objects.all():
                assert response.version_hash == agenda.content_hash
