"""Many at once: forty organizations answer, an edit races an answer, a form is sent twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from agenda.models import AgendaVersion, Goal, Response
from agenda.services import ratification, versions
from agenda.services.ratification import content_hash
from agenda.services.versions import Written
from tests.agenda.ratifying import World, answer, later

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def at_once(works):
    """Start all of ``works`` together, each with its own connection; what each came to."""
    ready = Barrier(len(works))

    def run(work):
        try:
            ready.wait(30)
            return work()
        except Exception as error:  # noqa: BLE001 -- the outcome is what is tested
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_forty_organizations_answer_at_once_and_it_is_ratified_once():
    world = World(40)
    with world.inside():
        agenda = world.opened()

    def respond(lead):
        for _ in range(10):  # whom the others kept waiting for too long asks again, as a page says
            try:
                with world.inside():
                    return answer(lead, agenda, f"form-of-{lead.pk}")
            except OperationalError:
                continue
        raise AssertionError

    found = at_once([lambda lead=lead: respond(lead) for lead in world.leads])
    assert [each for each in found if isinstance(each, Exception)] == []
    with world.inside():
        agenda.refresh_from_db()
        assert agenda.state == "ratified"
        assert Response.objects.effective().count() == 40
        assert Goal.objects.count() == 1


def test_a_form_sent_twice_at_once_is_one_answer():
    world = World(2)
    with world.inside():
        agenda = world.opened()

    def respond():
        with world.inside():
            return answer(world.leads[0], agenda, "the-form").pk

    found = at_once([respond] * 6)
    assert len(set(found)) == 1, found
    with world.inside():
        assert Response.objects.count() == 1


def test_ten_people_of_one_organization_leave_one_effective_answer():
    world = World(2)
    with world.inside():
        agenda = world.opened()

    def respond():
        with world.inside():
            return answer(world.leads[0], agenda, action=("object", "No")).pk

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
                return answer(world.leads[0], AgendaVersion.objects.get(pk=agenda.pk))

        at_once([edit, sneak, put, respond])
        with world.inside():
            agenda.refresh_from_db()
            if agenda.content_hash:
                assert content_hash(list(agenda.dimensions.all())) == agenda.content_hash
            for response in Response.objects.all():
                assert response.version_hash == agenda.content_hash
