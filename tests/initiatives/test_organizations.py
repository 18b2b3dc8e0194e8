"""Organizations and places through their pages: added, changed, moved, gone."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives import jobs, services, today
from initiatives.models import Act, Job, Membership, Notice, Organization, Place, User
from initiatives.permissions import Role
from initiatives.services.places import DEEPEST
from initiatives.tenancy import scope, visitor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def founded():
    user = User.objects.create_user("mia@example.org", "a quiet choir sings", name="Mia Manager")
    with visitor(user.pk):
        return services.create_initiative(user=user, name="Read", slug="reading")


@pytest.fixture
def client(founded):
    client = Client()
    client.force_login(founded.user)
    return client


def url(name, *args):
    return reverse(f"initiatives:{name}", args=["reading", *args])


def typed(**more):
    return {
        "name": "Library",
        "kind": "partner",
        "sector": "government",
        "state": "active",
        "has_form_links": "on",
        **more,
    }


def add(client, **more):
    response = client.post(url("organization_new"), typed(**more))
    assert response.status_code == 302
    return int(response["Location"].rstrip("/").split("/")[-1])


def add_place(client, founded, name, **more):
    response = client.post(url("places"), {"name": name, "level": "", "parent": "", **more})
    assert response.status_code == 302
    with scope(founded.initiative_id):
        return Place.objects.get(name=name).pk


def member_of(founded, organization_id, email="lea@example.org", role=Role.PARTNER_LEAD):
    user = User.objects.create_user(email, "a quiet choir sings", name="Lea")
    with scope(founded.initiative_id):
        Membership.here(user=user, organization_id=organization_id, roles=[role]).save()
    client = Client()
    client.force_login(user)
    return client


def test_an_organization_is_added_without_inviting_anybody(client, founded):
    place = add_place(client, founded, "Springfield")
    pk = add(client, places=[str(place)], outside_id="US-EIN-1")
    page = client.get(url("organization", pk)).content.decode()
    assert "Springfield" in page
    assert "US-EIN-1" in page
    with scope(founded.initiative_id):
        found = Organization.objects.get(pk=pk)
        assert (found.code, found.state) == ("library", "active")
        assert not Notice.objects.exists()
        assert Act.objects.filter(action="initiatives.organization_created").exists()


def test_a_wrong_form_keeps_what_was_typed_and_stores_nothing(client, founded):
    response = client.post(url("organization_new"), typed(name="Kept", code="no code!"))
    assert response.status_code == 422
    assert b"Kept" in response.content
    assert b"no code!" in response.content
    add(client)
    again = client.post(url("organization_new"), typed(name="library"))
    assert again.status_code == 422
    with scope(founded.initiative_id):
        assert Organization.objects.count() == 2


def edit(client, pk, **more):
    form = client.get(url("organization_edit", pk)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: value for name, value in values.items() if value not in (None, False)}
    return client.post(url("organization_edit", pk), values | more)


def test_two_who_change_one_organization_are_told(client, founded):
    pk = add(client)
    old = client.get(url("organization_edit", pk)).context["form"]["version"].value()
    assert edit(client, pk, name="Public Library").status_code == 302
    late = client.post(
        url("organization_edit", pk), typed(name="Other", code="library", version=old)
    )
    assert late.status_code == 422
    assert b"Somebody else changed this" in late.content
    with scope(founded.initiative_id):
        assert Organization.objects.get(pk=pk).name == "Public Library"
    new = late.context["form"]["version"].value()
    again = typed(name="Other", code="library", version=new)
    assert client.post(url("organization_edit", pk), again).status_code == 302


def test_who_left_finds_no_door_at_once(client, founded):
    pk = add(client)
    lea = member_of(founded, pk)
    client.post(
        url("organizations"), {"people": "Library; Leo; leo@example.org", "role": "partner_lead"}
    )
    assert lea.get(url("today")).status_code == 200
    assert edit(client, pk, state="left", decision="It closed in May.").status_code == 302
    assert lea.get(url("today"))["Location"].startswith("/account/login/")
    with scope(founded.initiative_id):
        assert Organization.objects.get(pk=pk).state == "left"
        assert Notice.objects.get(recipient="leo@example.org").state == "cancelled"
    assert Job.objects.filter(kind="measures.follow_organization").exists()


@pytest.mark.parametrize("change", [{"state": "paused"}, {"state": "left"}, {"kind": "observer"}])
def test_nobody_is_taken_off_the_list_without_a_recorded_decision(client, founded, change):
    pk = add(client)
    refused = edit(client, pk, name="Other", **change)
    assert refused.status_code == 422
    assert b"Write down who decided it" in refused.content
    assert b'value="Other"' in refused.content
    with scope(founded.initiative_id):
        kept = Organization.objects.get(pk=pk)
        assert (kept.name, kept.state, kept.kind) == ("Library", "active", "partner")
    decided = "Steering group, 3 May:\nno answer <since> March."
    assert edit(client, pk, decision=decided, **change).status_code == 302
    with scope(founded.initiative_id):
        act = Act.objects.filter(action="initiatives.organization_updated").first()
        assert act.detail["decision"] == decided
    shown = client.get(url("acts")).content.decode()
    assert "Steering group, 3 May:<br>no answer &lt;since&gt; March." in shown
    # Who is off the list already is not asked again, and coming back needs no decision.
    again = client.get(url("organization_edit", pk))
    assert b"who decided it" not in again.content
    assert edit(client, pk, state="active", kind="partner").status_code == 302


def test_the_page_says_what_becomes_of_a_ratification_that_runs(client):
    shown = client.get(url("organization_edit", add(client))).content.decode()
    assert "a ratification that has begun keeps its list" in shown


def test_today_names_who_was_written_to_once(client, founded):
    client.post(
        url("organizations"), {"people": "Museum; Leo; leo@example.org", "role": "partner_lead"}
    )
    with scope(founded.initiative_id):
        services.create_organization(actor=founded, name="Archive", state="invited")
    waiting = client.get(url("today")).context["waiting"]
    assert [each.name for each in waiting.organizations] == ["Archive"]
    assert [each.organization.name for each in waiting.invitations] == ["Museum"]
    assert waiting.number == 2 + sum(each.number for each in waiting.items)


def test_the_backbone_neither_leaves_nor_becomes_something_else(client, founded):
    pk = founded.organization_id
    assert edit(client, pk, state="left").status_code == 422
    assert edit(client, pk, kind="partner").status_code == 422
    assert client.get(url("today")).status_code == 200


def test_a_place_never_lies_within_itself(client, founded):
    state = add_place(client, founded, "Missouri", level="state")
    county = add_place(client, founded, "Greene", level="county", parent=str(state))
    town = add_place(client, founded, "Springfield", level="community", parent=str(county))

    def move(pk, **more):
        form = client.get(url("place", pk)).context["form"]
        values = {name: form[name].value() or "" for name in form.fields}
        return client.post(url("place", pk), values | more)

    for above in (county, town):
        refused = move(state, level="", parent=str(above))
        assert refused.status_code == 422
        assert b"within itself" in refused.content
    assert move(state, parent=str(state)).status_code == 422
    assert move(county, name="Greene County").status_code == 302
    assert not Job.objects.filter(kind="measures.follow_place").exists()
    assert move(town, parent=str(state)).status_code == 302
    assert Job.objects.filter(kind="measures.follow_place").exists()
    with scope(founded.initiative_id):
        assert Place.objects.get(pk=town).parent_id == state
        assert Act.objects.filter(action="initiatives.place_moved").count() == 1
    wrong = client.post(url("places"), {"name": "Usa", "level": "nation", "parent": str(state)})
    assert wrong.status_code == 422
    assert b"Usa" in wrong.content


def test_partners_look_and_do_not_change(client, founded):
    pk = add(client)
    lea = member_of(founded, pk)
    assert lea.get(url("organization", pk)).status_code == 200
    for address in (url("organization_edit", pk), url("organization_new"), url("places")):
        assert lea.get(address).status_code == 403
        assert lea.post(address, typed()).status_code == 403


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_pages_cost_the_same_for_few_and_for_many(client, founded):
    def grow(first, last):
        with scope(founded.initiative_id):
            above = None
            for n in range(first, last):
                above = above if n % 10 else None
                above = services.create_place(actor=founded, name=f"P{n}", parent=above)
                services.create_organization(actor=founded, name=f"O{n}", places=[above])

    addresses = [
        url("organizations"),
        url("places"),
        url("organization_new"),
        url("organization_edit", founded.organization_id),
        url("today"),
    ]
    grow(0, 3)
    queries(client, url("today"))
    few = [queries(client, each) for each in addresses]
    grow(3, 40)
    assert [queries(client, each) for each in addresses] == few
    assert max(few) <= 25


def test_what_did_not_work_is_seen_and_tried_again(client, founded):
    with scope(founded.initiative_id):
        dead = Job.objects.create(
            initiative_id=founded.initiative_id, kind="rollup", state="dead", last_error="Boom"
        )
        failed = Notice.here(
            kind="invitation",
            subject_type="x",
            subject_id=1,
            occasion="o",
            recipient="leo@example.org",
            state="failed",
            last_error="550 no such person",
        )
        failed.save()
    assert b"2 things did not work" in client.get(url("today")).content
    page = client.get(url("failures")).content.decode()
    assert "Boom" in page
    assert "550 no such person" in page
    for _twice in range(2):
        client.post(url("notice_retry", failed.pk), {"action": "again"})
        client.post(url("job_retry", dead.pk), {"action": "again"})
    with scope(founded.initiative_id):
        assert Notice.objects.get(pk=failed.pk).state == "waiting"
        assert Act.objects.filter(action="initiatives.job_retried").count() == 1
        assert not jobs.given_up().exists()
    assert Job.objects.filter(kind="rollup", state="queued").count() == 1
    assert b"did not work</a>" not in client.get(url("today")).content


def test_first_steps_go_as_they_are_done(client, founded):
    first = client.get(url("today")).content.decode()
    assert "First steps" in first
    assert url("places") in first
    add_place(client, founded, "Springfield")
    add(client)
    steps = client.get(url("today")).context["waiting"].steps
    assert [step.is_done for step in steps[:2]] in ([True, True], [])


def test_what_waits_stands_before_the_first_steps(client, founded):
    with scope(founded.initiative_id):
        Job.objects.create(initiative_id=founded.initiative_id, kind="rollup", state="dead")
    page = client.get(url("today")).content.decode()
    assert 0 < page.index("Waiting for you") < page.index("First steps")


def test_today_names_a_few_of_many_who_have_not_joined_and_leads_to_all(client, founded):
    with scope(founded.initiative_id):
        for n in range(9):
            services.create_organization(actor=founded, name=f"Asked {n}", state="invited")
    shown = client.get(url("today")).content.decode()
    assert "Asked 7" in shown
    assert "Asked 8" not in shown.partition("What happened last")[0]
    assert "All 9 in the list" in shown


def test_today_tells_what_happened_many_times_in_one_line(client, founded):
    with scope(founded.initiative_id):
        for n in range(12):
            services.create_organization(actor=founded, name=f"Museum {n}", state="active")
    page = client.get(url("today")).content.decode()
    told = page.partition("What happened last")[2]
    assert "Museum 11" in told
    assert "and 11 more" in told
    assert "Museum 10" not in told
    every = client.get(url("acts")).content.decode()
    assert "Museum 10" in every
    assert "more</span>" not in every


def test_what_is_late_is_marked_on_today(client, founded, monkeypatch):
    now = timezone.localdate()
    late = today.Waiting("Late thing", "/", due_on=now - timedelta(days=1))
    soon = today.Waiting("Thing of today", "/", due_on=now)
    monkeypatch.setattr(today, "waiting", lambda _membership: [late, soon])
    page = client.get(url("today")).content.decode()
    before, _, after = page.partition("Thing of today")
    assert "was due" in before
    assert "was due" not in after


def test_places_lie_within_each_other_over_so_many_levels_and_no_more(client, founded):
    client.force_login(founded.user)
    with scope(founded.initiative_id):
        chain = [None]
        for n in range(DEEPEST):
            chain.append(services.create_place(actor=founded, name=f"P{n}", parent=chain[-1]))
        top = services.create_place(actor=founded, name="Top")
    form = {"name": "Below", "level": "", "parent": chain[-1].pk}
    answer = client.post(url("places"), form)
    assert (answer.status_code, "at most 20 levels" in answer.text) == (422, True)
    with scope(founded.initiative_id), pytest.raises(ValidationError):
        services.update_place(actor=founded, place=chain[1], name="P0", level="", parent=top)
    with scope(founded.initiative_id):
        services.update_place(actor=founded, place=chain[2], name="P1", level="", parent=top)


def test_two_places_of_one_name_do_not_stand_side_by_side(client, founded):
    state = add_place(client, founded, "Missouri")
    again = client.post(url("places"), {"name": "missouri", "level": "", "parent": ""})
    assert again.status_code == 422
    assert "A place of this name is there already." in again.content.decode()
    add_place(client, founded, "Springfield", parent=str(state))
    named = {"name": "Missouri", "level": "state", "parent": "", "version": "x"}
    same = client.get(url("place", state)).content.decode()
    named["version"] = same.split('name="version" value="')[1].split('"')[0]
    assert client.post(url("place", state), named).status_code == 302
