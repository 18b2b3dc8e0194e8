"""Agendas on their pages: proposed, taken up, ordered, answered; and papers: C2, C3, C6, C7."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Membership, Organization
from initiatives.permissions import Role
from initiatives.tenancy import scope
from meetings.choices import ItemState
from meetings.models import (
    Acknowledgement,
    AgendaAnswer,
    AgendaItem,
    Body,
    Meeting,
    PreRead,
    PreReadWaiver,
    Seat,
)
from meetings.selectors.agendas import agreement_of, digest_of
from meetings.selectors.pre_reads import is_notice_kept, readings
from meetings.services.agendas import (
    accept_item,
    answer_agenda,
    change_item,
    delegate_item,
    propose_item,
)
from meetings.services.attendance import mark_present
from meetings.services.bodies import add_seats, end_seat
from meetings.services.papers import acknowledge, publish_paper, waive_notice
from meetings.services.running import start_meeting
from meetings.services.series import ConflictError
from tests.meetings.conftest import member
from tests.meetings.test_seats import agree, meeting_of, scheduled, state

pytestmark = pytest.mark.django_db(transaction=True)


def page(meets, name, *ids):
    return reverse(f"meetings:{name}", args=[meets.initiative.slug, *ids])


def publish(meets, meeting, **fields):
    said = {"name": "Budget paper", "text": "Ten vans.", "minutes": 4} | fields
    return publish_paper(actor=meets.facilitator, meeting=meeting, **said)


def test_a_member_proposes_and_the_facilitator_takes_it_up_or_says_why_not(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
    client.force_login(meets.leads[1].user)
    new = page(meets, "item_propose", meeting.pk)
    assert client.post(new, {"title": "", "minutes": "x"}).status_code == 422
    sent = {"title": "Vans", "purpose": "discuss", "minutes": "15", "text": "We need two."}
    assert client.post(new, sent).status_code == 302
    with meets.scope():
        item = AgendaItem.objects.get()
        assert (item.state, item.meeting_id, item.minutes) == ("proposed", meeting.pk, 15)
    take_up = page(meets, "item_schedule", item.pk)
    assert client.post(take_up, {"meeting": meeting.pk}).status_code == 403
    client.force_login(meets.facilitator.user)
    drawn = client.post(take_up, {"meeting": meeting.pk}, headers={"HX-Request": "true"})
    assert drawn.status_code == 200
    assert b'id="agenda"' in drawn.content
    assert b"<html" not in drawn.content
    assert b"15 of 60 minutes" in drawn.content
    refused = client.post(page(meets, "item_decline", item.pk), {"reason": ""})
    assert refused.status_code == 422
    assert (
        client.post(page(meets, "item_decline", item.pk), {"reason": "Not yet"}).status_code == 302
    )
    client.force_login(meets.leads[1].user)
    assert b"Not yet" in client.get(page(meets, "item", item.pk)).content


def test_c2_the_page_says_in_words_who_agreed(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        agree(meets, meeting, 0)
        answer = agree(meets, meeting, 1, kind="change", text="Housing first")
    client.force_login(meets.facilitator.user)
    shown = client.get(page(meets, "meeting", meeting.pk)).content.decode()
    assert "1 of 3 organizations agree; 2 are needed." in shown
    assert "Housing first" in shown
    assert client.post(page(meets, "change_resolve", answer.pk)).status_code == 302
    shown = client.get(page(meets, "meeting", meeting.pk)).content.decode()
    assert "Changes asked for" not in shown
    assert "Housing first" in shown.split("1 change was asked for and answered")[1]


def test_items_are_moved_by_buttons_with_and_without_a_script(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
        items = [scheduled(meets, meeting, title) for title in "AB"]
    client.force_login(meets.facilitator.user)
    move = page(meets, "item_move", items[1].pk)
    assert client.post(move, {"to": "up"}).status_code == 302
    assert client.post(move, {"to": "down"}, headers={"HX-Request": "true"}).status_code == 200
    assert client.post(move, {"to": "up"}).status_code == 302
    with meets.scope():
        titles = AgendaItem.objects.filter(meeting=meeting).values_list("title", flat=True)
        assert list(titles) == ["B", "A"]


def test_two_who_change_an_item_at_once_lose_nothing(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting)
        said = {"purpose": "discuss", "minutes": 5}
        change_item(actor=meets.facilitator, item=item, version=item.version, title="One", **said)
        with pytest.raises(ConflictError):
            change_item(actor=meets.manager, item=item, version=item.version, title="Two", **said)
        assert AgendaItem.objects.get().title == "One"


def test_a_funder_proposes_where_it_sits_and_nowhere_else(meets, client):
    with meets.scope():
        organization = Organization.here(code="fund", name="Fund", kind="funder", state="active")
        organization.save()
        funder = member(organization, Role.FUNDER, "finn")
        observer = member(organization, Role.OBSERVER, "ollie")
        with pytest.raises(PermissionDenied):
            propose_item(actor=funder, body=meets.body, title="Money")
        meeting = meeting_of(meets)
    client.force_login(funder.user)
    assert client.get(page(meets, "meeting", meeting.pk)).status_code == 404
    with meets.scope():
        add_seats(actor=meets.manager, body=meets.body, organizations=[organization])
        Seat.objects.filter(organization=organization).update(holder=funder)
        assert propose_item(actor=funder, body=meets.body, title="Money").state == "proposed"
        with pytest.raises(PermissionDenied):
            propose_item(actor=observer, body=meets.body, title="Money")
    assert client.get(page(meets, "meeting", meeting.pk)).status_code == 200


def test_c7_an_item_that_waited_too_often_is_scheduled_handed_over_or_closed(meets, client):
    with meets.scope():
        group = Body.here(code="group", name="Group")
        group.save()
        item = propose_item(actor=meets.leads[0], body=meets.body, title="Old")
        AgendaItem.objects.filter(pk=item.pk).update(state="accepted", times_carried=4)
    client.force_login(meets.facilitator.user)
    shown = client.get(page(meets, "item", item.pk)).content.decode()
    assert "carried over more than three times" in shown
    handed = client.post(page(meets, "item_delegate", item.pk), {"body": group.pk})
    assert handed.status_code == 302
    with meets.scope():
        item.refresh_from_db()
        assert (item.body_id, item.times_carried, item.state) == (group.pk, 0, "accepted")
        with pytest.raises(ValidationError):
            delegate_item(actor=meets.facilitator, item=item, body=group)


def test_c3_a_paper_that_comes_late_makes_a_discussion_of_a_decision(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        late = scheduled(meets, meeting, "Late", purpose="decide")
        in_time = scheduled(meets, meeting, "In time", purpose="decide")
        publish(meets, meeting, item=late)
        publish(meets, meeting, item=in_time, name="Other")
        PreRead.objects.filter(item=late).update(published_at=meeting.starts_at - timedelta(days=1))
        start_meeting(actor=meets.facilitator, meeting=meeting)
        late.refresh_from_db()
        in_time.refresh_from_db()
        assert (late.purpose, late.is_lowered) == ("discuss", True)
        assert (in_time.purpose, in_time.is_lowered) == ("decide", False)
        assert not is_notice_kept(late)


def test_c3_every_organization_that_is_there_may_waive_it(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting, purpose="decide")
        publish(meets, meeting, item=item)
        PreRead.objects.update(published_at=meeting.starts_at)
        item = AgendaItem.objects.select_related("meeting__series__body").get()
        waive_notice(actor=meets.leads[0], item=item)
        meeting = start_meeting(actor=meets.facilitator, meeting=meeting)
        for lead in meets.leads[:2]:
            mark_present(actor=meets.facilitator, meeting=meeting, person=lead)
        item = AgendaItem.objects.select_related("meeting__series__body").get()
        assert item.is_lowered
        with pytest.raises(PermissionDenied):
            waive_notice(actor=meets.manager, item=item)  # has no seat
        waive_notice(actor=meets.leads[1], item=item)
        item.refresh_from_db()
        assert (item.purpose, item.is_lowered) == ("decide", False)
        assert is_notice_kept(item)
        assert PreReadWaiver.objects.count() == 2
        # Who comes later has not waived: it may not be decided before they do.
        mark_present(actor=meets.facilitator, meeting=meeting, person=meets.leads[2])
        assert not is_notice_kept(item)
        waive_notice(actor=meets.facilitator, item=item, everybody=True)
        assert is_notice_kept(item)


def test_c3_lateness_does_not_change_what_the_seats_agreed_to(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting, purpose="decide")
        publish(meets, meeting, item=item)
        PreRead.objects.update(published_at=meeting.starts_at)
        agree(meets, meeting, 0)
        meeting = start_meeting(actor=meets.facilitator, meeting=meeting)
        assert agreement_of(meeting).agreed == 1


def test_c6_a_new_version_makes_what_was_read_stale_and_asks_for_the_difference(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
        first = publish(meets, meeting)
        reader = meets.leads[0]
        acknowledge(actor=reader, paper=first)
        acknowledge(actor=reader, paper=first)
        assert Acknowledgement.objects.count() == 1
        with pytest.raises(ValidationError):
            publish(meets, meeting, text="Twelve vans.")
        second = publish(meets, meeting, text="Twelve vans.", difference="Two vans more.")
        [own] = readings(reader.user, meeting)
        assert (own.is_read, own.before, own.text) == (False, first, "Two vans more.")
        [other] = readings(meets.leads[1].user, meeting)
        assert (other.before, other.text) == (None, "Twelve vans.")
        with pytest.raises(ConflictError):
            acknowledge(actor=reader, paper=first)
    client.force_login(reader.user)
    shown = client.get(page(meets, "paper", second.pk)).content.decode()
    assert "Two vans more." in shown
    assert client.post(page(meets, "paper", first.pk)).status_code == 422
    assert client.post(page(meets, "paper", second.pk)).status_code == 302
    with meets.scope():
        assert readings(reader.user, meeting)[0].is_read


def test_publishing_twice_is_publishing_once(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        assert publish(meets, meeting).pk == publish(meets, meeting).pk


def test_papers_are_published_by_who_sets_the_agenda_or_leads_the_item(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting)
        said = {"meeting": meeting, "name": "Ours", "text": "x", "minutes": 1}
        with pytest.raises(PermissionDenied):
            publish_paper(actor=meets.leads[1], item=item, **said)
        with pytest.raises(PermissionDenied):
            publish_paper(actor=meets.leads[0], **said)
        assert publish_paper(actor=meets.leads[0], item=item, **said).number == 1


def test_a_file_is_kept_in_private_and_handed_out_as_a_download(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
    client.force_login(meets.facilitator.user)
    new = page(meets, "paper_publish", meeting.pk)
    sent = {"name": "Plan", "minutes": "3"}
    bad = client.post(new, sent | {"file": ContentFile(b"MZ", name="run.exe")})
    assert bad.status_code == 422
    good = client.post(new, sent | {"file": ContentFile(b"%PDF-", name="../../plan.pdf")})
    assert good.status_code == 302
    with meets.scope():
        paper = PreRead.objects.get()
        assert paper.file.startswith(f"papers/{meets.initiative.pk}/")
        observer = member(meets.leads[0].organization, Role.OBSERVER, "ollie")
    client.force_login(meets.leads[1].user)
    got = client.get(page(meets, "paper_file", paper.pk))
    assert got.content == b"%PDF-"
    assert got.headers["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert got.headers["Content-Type"] == "application/octet-stream"
    # Who only sees where their organization sits loses it with the seat.
    client.force_login(observer.user)
    assert client.get(page(meets, "paper_file", paper.pk)).status_code == 200
    with meets.scope():
        ends = Seat.objects.get(organization=observer.organization)
        end_seat(actor=meets.manager, seat=ends)
    assert client.get(page(meets, "paper_file", paper.pk)).status_code == 404


def many_seats(meets, number):
    with meets.scope():
        organizations = []
        for n in range(number):
            row = Organization.here(code=f"o{n}", name=f"Organization {n}", state="active")
            row.save()
            member(row, Role.PARTNER_LEAD, f"lead{n}")
            organizations.append(row)
        add_seats(actor=meets.manager, body=meets.body, organizations=organizations)


def test_c2_forty_seats_answer_at_once_and_every_word_counts(meets):
    many_seats(meets, 37)
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        digest = digest_of(meeting)
        seats = list(Seat.objects.select_related("holder__user", "organization"))
    assert len(seats) == 40
    failed = []

    def answer(seat):
        try:
            with scope(meets.initiative.pk):
                actor = Membership.objects.get(pk=seat.holder_id)
                said = {"meeting": meeting, "seat": seat, "kind": "agree", "digest": digest}
                answer_agenda(actor=actor, **said)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connection.close()

    # Twice each: a double click is one answer.
    threads = [threading.Thread(target=answer, args=[seat]) for seat in seats + seats[:5]]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    with meets.scope():
        assert AgendaAnswer.objects.count() == 40
        assert state(meeting) == "agenda_agreed"
        found = agreement_of(Meeting.objects.select_related("series").get(pk=meeting.pk))
        assert (found.agreed, found.seats) == (40, 40)


def test_the_page_of_a_meeting_asks_the_same_number_of_queries_at_any_size(meets, client):
    client.force_login(meets.facilitator.user)
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting, purpose="decide")
        publish(meets, meeting, item=item)
        propose_item(actor=meets.leads[0], body=meets.body, title="Waits")
        agree(meets, meeting, 0, kind="change", text="Why?")

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert client.get(page(meets, "meeting", meeting.pk)).status_code == 200
        return len(found)

    queries()
    before = queries()
    many_seats(meets, 12)
    with meets.scope():
        for n in range(12):
            more = scheduled(meets, meeting, f"Item {n}", purpose="decide")
            publish(meets, meeting, item=more, name=f"Paper {n}")
            propose_item(actor=meets.leads[0], body=meets.body, title=f"Waits {n}")
    assert queries() == before
    assert before <= 17


def test_an_item_is_put_on_a_second_agenda_and_leaves_the_first(meets):
    with meets.scope():
        first, second = meeting_of(meets), meeting_of(meets, 1)
        item = scheduled(meets, first)
        accept_item(actor=meets.facilitator, item=item, meeting=second)
        again = accept_item(actor=meets.facilitator, item=item, meeting=second)
        assert (again.meeting_id, again.state) == (second.pk, ItemState.SCHEDULED)
        assert not AgendaItem.objects.filter(meeting=first).exists()


def test_c10_a_facilitator_s_access_ends_with_its_dates(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
    client.force_login(meets.facilitator.user)
    assert client.get(page(meets, "meeting", meeting.pk)).status_code == 200
    with meets.scope():
        Membership.objects.filter(pk=meets.facilitator.pk).update(
            starts_on=timezone.localdate() - timedelta(days=9), ends_on=timezone.localdate()
        )
    assert client.get(page(meets, "meeting", meeting.pk)).status_code == 404
    assert client.get(page(meets, "item_propose", meeting.pk)).status_code == 404


def test_papers_fill_only_so_much_room(meets, settings, tmp_path):
    kept = {"OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | kept}
    settings.QUOTAS = settings.QUOTAS | {"paper_megabytes": 1}
    said = {"actor": meets.facilitator, "minutes": 4}
    half = b"x" * 600_000
    with meets.scope():
        meeting = meeting_of(meets)
        publish_paper(**said, meeting=meeting, name="One", file=ContentFile(half, name="one.txt"))
        with pytest.raises(ValidationError, match="fill all of 1 MB"):
            publish_paper(
                **said, meeting=meeting, name="Two", file=ContentFile(half + b"y", name="two.txt")
            )
        assert PreRead.objects.count() == 1
