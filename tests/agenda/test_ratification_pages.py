"""The pages of a version: written, commented, answered on one sheet, watched, published."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agenda.models import AgendaVersion, DimensionComment, Reservation, Response
from agenda.services import versions
from initiatives import jobs
from initiatives.models import Job
from initiatives.today import waiting
from tests.agenda.ratifying import World, answer, key_of, later, member, on_behalf, organization

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def address(name, *args):
    return reverse(f"agenda:{name}", args=["here", *args])


def text_of(page):
    return page.content.decode()


def opened(world, **options):
    with world.inside():
        return world.opened(**options)


def run_jobs():
    """What a worker does once an answer is in."""
    for job in Job.objects.filter(kind="agenda.settle", state="queued"):
        assert jobs.run(job.pk)


def form_of(page):
    """The hidden fields of the answer's form."""
    found = dict(re.findall(r'name="(token|text)" value="([^"]*)"', text_of(page)))
    assert set(found) == {"token", "text"}
    return found


def test_a_version_is_written_circulated_and_put_to_everyone_without_a_script(client, world):
    client.force_login(world.pm.user)
    assert "Write the first version" in text_of(client.get(address("versions")))
    page = client.post(address("version_start"))
    edit = page["Location"]
    assert client.get(edit).status_code == 200
    typed = {
        "version": "1",
        "new-problem": "Too few read",
        "new-vision": "All read",
        "new-primary_goal": "Eight of ten",
        "new-approach": "Every day",
    }
    assert client.post(edit, typed).status_code == 302
    with world.inside():
        agenda = AgendaVersion.objects.get()
    refused = client.post(address("version_circulate", agenda.pk), {"days": "14"})
    assert refused.status_code == 422
    assert "There is no statement yet for: Action." in text_of(refused)
    with world.inside():
        kept = {f"text-{row.key}": row.text for row in agenda.dimensions.all()}
    assert client.post(edit, {"version": "2", "new-action": "Rooms", **kept}).status_code == 302
    assert client.post(address("version_circulate", agenda.pk), {"days": "14"}).status_code == 302
    form = {"closes_on": later(days=20).date().isoformat(), "rule": "strict"}
    early = client.post(address("ratification_open", agenda.pk), form)
    assert early.status_code == 422
    assert "Comments are open until" in text_of(early)
    opening = address("ratification_open", agenda.pk)
    assert opening not in text_of(client.get(address("agenda_version", agenda.pk)))
    with world.inside():
        AgendaVersion.objects.update(comments_until=timezone.now())
    assert opening in text_of(client.get(address("agenda_version", agenda.pk)))
    assert client.post(address("ratification_open", agenda.pk), form).status_code == 302
    assert "0 of 3 have answered" in text_of(client.get(address("ratification", agenda.pk)))


def test_a_conflict_keeps_what_was_typed(client, world):
    with world.inside():
        agenda = world.draft()
    client.force_login(world.pm.user)
    page = client.post(
        address("version_edit", agenda.pk), {"version": "1", "new-goal": "My <goal>"}
    )
    assert page.status_code == 409
    assert "My &lt;goal&gt;" in text_of(page)
    assert f'name="overwrite" value="{agenda.version}"' in text_of(page)


def test_an_answer_is_given_in_one_step_and_changed(client, world):
    agenda = opened(world)
    lead = world.leads[0]
    client.force_login(lead.user)
    url = address("ratification_respond", agenda.pk)
    page = client.get(url)
    with world.inside():
        action, vision = key_of(agenda, "action"), key_of(agenda, "vision")
    hidden = form_of(page)
    blank = client.post(url, hidden | {f"stance-{action}": "reservation"})
    assert blank.status_code == 422
    assert "Say what the reservation is" in text_of(blank)
    said = {f"stance-{action}": "reservation", f"reason-{action}": "Buses <b>first</b>"}
    assert client.post(url, hidden | said).status_code == 302
    assert client.post(url, hidden | said).status_code == 302  # a double click
    with world.inside():
        assert Response.objects.count() == 1
        assert Reservation.objects.get().text == "Buses <b>first</b>"
    page = client.get(url)
    assert "Buses &lt;b&gt;first&lt;/b&gt;" in text_of(page)
    objection = {f"stance-{vision}": "object", f"reason-{vision}": "Too grand"}
    assert client.post(url, form_of(page) | objection).status_code == 302
    board = text_of(client.get(address("ratification", agenda.pk)))
    assert "Too grand" in board
    assert f'<a href="{url}">Change it</a>' in board
    with world.inside():
        assert Response.objects.count() == 2
        assert Reservation.objects.get().state == "lifted"


def test_a_plain_post_consents_to_everything(client, world):
    agenda = opened(world)
    for lead in world.leads:
        client.force_login(lead.user)
        url = address("ratification_respond", agenda.pk)
        client.post(url, form_of(client.get(url)))
    board = text_of(client.get(address("ratification", agenda.pk)))
    assert "Everyone has answered" in board
    run_jobs()
    with world.inside():
        agenda.refresh_from_db()
        assert agenda.state == "ratified"


def test_an_answer_to_another_text_is_not_taken(client, world):
    agenda = opened(world)
    client.force_login(world.leads[0].user)
    url = address("ratification_respond", agenda.pk)
    page = client.post(url, {"token": "x", "text": "0" * 64})
    assert page.status_code == 409
    assert "another one than you read" in text_of(page)


def test_what_is_written_down_shows_its_evidence_to_its_organization_alone(client, world):
    agenda = opened(world)
    lead = world.leads[0]
    client.force_login(world.pm.user)
    url = address("answer_for", agenda.pk, lead.organization_id)
    hidden = form_of(client.get(url))
    assert client.post(url, hidden).status_code == 422
    letter = SimpleUploadedFile("../letter.txt", b"<script>Yes</script>")
    assert client.post(url, hidden | {"file": letter}).status_code == 302
    with world.inside():
        response = Response.objects.get()
    file = address("response_evidence", response.pk)
    answered = client.get(file)
    assert answered["Content-Disposition"].startswith("attachment;")
    assert answered["X-Content-Type-Options"] == "nosniff"
    client.force_login(world.leads[1].user)
    assert client.get(file).status_code == 404
    assert client.post(address("response_contest", response.pk)).status_code == 404
    client.force_login(lead.user)
    assert client.get(file).content == b"<script>Yes</script>"
    assert "That is not our answer" in text_of(
        client.get(address("ratification_respond", agenda.pk))
    )
    client.post(address("response_contest", response.pk))
    with world.inside():
        assert Response.objects.get().contested_at


def test_evidence_does_not_fill_the_disk(client, world, settings):
    settings.QUOTAS = settings.QUOTAS | {"evidence_megabytes": 1}
    agenda, (first, second, *_rest) = opened(world), world.leads
    client.force_login(world.pm.user)
    said = []
    for lead in (first, second):
        url = address("answer_for", agenda.pk, lead.organization_id)
        letter = SimpleUploadedFile("letter.txt", b"yes" * 200_000)
        said.append(client.post(url, form_of(client.get(url)) | {"file": letter}))
    assert [each.status_code for each in said] == [302, 422]
    assert "fill all of 1 MB" in text_of(said[1])


def test_comments_hang_on_their_statement(client, world):
    with world.inside():
        agenda = world.draft()
        key = key_of(agenda, "vision")
    client.force_login(world.leads[0].user)
    url = address("comment_create", agenda.pk)
    assert client.post(url, {"key": key, "text": " "}).status_code == 422
    assert client.post(url, {"key": key, "text": "Too <i>grand</i>?"}).status_code == 302
    with world.inside():
        comment = DimensionComment.objects.get()
    client.force_login(world.fa.user)
    answer = {"key": key, "text": "It is a vision.", "parent": str(comment.pk)}
    assert client.post(url, answer).status_code == 302
    page = text_of(client.get(address("agenda_version", agenda.pk)))
    assert "Too &lt;i&gt;grand&lt;/i&gt;?" in page
    assert "2 comments" in page


def test_two_versions_stand_side_by_side_with_what_changed(client, world):
    agenda = opened(world)
    with world.inside():
        for lead in world.leads:
            answer(lead, agenda)
        versions.start_version(actor=world.pm)
        second = AgendaVersion.objects.under_work().get()
        second.dimensions.filter(kind="vision").update(text="Every <child> reads with ease.")
    client.force_login(world.leads[0].user)
    page = text_of(client.get(address("version_compare", second.pk)))
    assert "<del>joy</del>" in page
    assert "<ins>ease</ins>" in page
    assert "&lt;" in page
    assert "<child>" not in page


def test_the_public_page_is_there_once_published(client, world):
    agenda = opened(world)
    public = reverse("public_agenda", args=["here"])
    with world.inside():
        answer(world.leads[0], agenda, action=("reservation", "A secret doubt"))
        for lead in world.leads[1:]:
            answer(lead, agenda)
    assert client.get(public).status_code == 404
    assert client.get(reverse("public_agenda", args=["nowhere"])).status_code == 404
    client.force_login(world.pm.user)
    url = address("version_publish", agenda.pk)
    assert client.post(url, {"public": "yes"}).status_code == 302
    client.logout()
    page = text_of(client.get(public))
    assert "Ratified by 3 organizations" in page
    assert "1 reservation open" in page
    assert "Org1" in page
    assert "A secret doubt" not in page
    client.force_login(world.pm.user)
    client.post(url, {"public": "no"})
    assert client.get(public).status_code == 404


def test_funders_see_reservations_by_consent_and_observers_none(client, world):
    agenda = opened(world)
    with world.inside():
        fund = organization("fund", "funder")
        funder, observer = member(fund, "funder"), member(fund, "observer")
        answer(world.leads[0], agenda, action=("reservation", "Hidden doubt"))
        answer(world.leads[1], agenda, action=("reservation", "Shown doubt"))
        Reservation.objects.filter(text="Shown doubt").update(is_shown_to_funders=True)
        hidden = Reservation.objects.get(text="Hidden doubt")
    client.force_login(funder.user)
    page = text_of(client.get(address("reservations")))
    assert "Shown doubt" in page
    assert "Hidden doubt" not in page
    assert client.get(address("reservation", hidden.pk)).status_code == 404
    board = text_of(client.get(address("ratification", agenda.pk)))
    assert "Hidden doubt" not in board
    assert "2 of 3 have answered" in board  # whose, not; so nobody is said to be silent
    assert "Who has not answered" not in board
    assert "Org3" not in board
    assert "Statement by statement" not in board
    client.force_login(observer.user)
    assert "doubt</a>" not in text_of(client.get(address("reservations")))
    assert client.get(address("reservation", hidden.pk)).status_code == 404
    assert client.get(address("ratification", agenda.pk)).status_code == 404


def test_only_the_organization_lifts_its_reservation(client, world):
    agenda = opened(world)
    with world.inside():
        answer(world.leads[0], agenda, action=("reservation", "A doubt"))
        row = Reservation.objects.get()
    client.force_login(world.leads[1].user)
    assert client.get(address("reservation", row.pk)).status_code == 200
    assert client.post(address("reservation_lift", row.pk)).status_code == 403
    client.force_login(world.leads[0].user)
    again = {"version": "1", "text": "A doubt", "condition": "Buses", "review_on": "2001-01-01"}
    assert client.post(address("reservation", row.pk), again).status_code == 422
    assert client.post(address("reservation_lift", row.pk), {"reason": "Solved"}).status_code == 302
    assert "Solved" in text_of(client.get(address("reservation", row.pk)))


def test_today_says_what_waits(world):
    agenda = opened(world, days=1.5)
    with world.inside():
        assert [each.text for each in waiting(world.leads[0])] == [
            "Do we agree to the common agenda?"
        ]
        calls = [each.text for each in waiting(world.pm)]
        assert "Call Org1: no answer to the agenda yet" in calls
        on_behalf(world, world.leads[0], agenda)
        answer(world.leads[1], agenda, vision=("object", "No"))
        assert "written down for you" in waiting(world.leads[0])[0].text
        assert any("objection" in each.text for each in waiting(world.fa))


@pytest.mark.parametrize("name", ["agenda_version", "ratification", "reservations", "versions"])
def test_pages_ask_as_often_for_many_as_for_few(client, name):
    asked = []
    for slug, partners in (("few", 2), ("many", 30)):
        world = World(partners, slug=slug)
        with world.inside():
            agenda = world.opened()
            for lead in world.leads[:-1]:
                answer(lead, agenda, action=("reservation", "A doubt"))
                versions.add_comment(
                    actor=lead, agenda=agenda, dimension_key=key_of(agenda, "vision"), text="Hm"
                )
        client.force_login(world.pm.user)
        args = [slug] if name in {"reservations", "versions"} else [slug, agenda.pk]
        url = reverse(f"agenda:{name}", args=args)
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert asked[1] <= 17  # with the two ends of the transaction
