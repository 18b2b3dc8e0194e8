"""The form in the browser, with and without an account, and the reviewer's desk."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives import notices
from initiatives.models import Act, Notice
from initiatives.tenancy import scope
from measures.models import (
    Cell,
    Entry,
    Indicator,
    IndicatorVersion,
    Observation,
    Partition,
    Submission,
)
from tests.measures.test_submissions import World

MOST_STATEMENTS = 17  # fifteen queries, and the two ends of the transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def address(name, *args):
    return reverse(f"measures:{name}", args=["here", *args])


def typed(world, version=1, **more):
    return {"version": str(version), f"{world.count.pk}-0": "1204", "action": "save", **more}


def test_the_form_is_filled_and_handed_in_without_a_script(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    page = client.get(url)
    assert page.status_code == 200
    assert "Meals" in page.content.decode()
    assert "From 1 January 2025 to 31 December 2025." in page.content.decode()
    assert client.post(url, typed(world, action="submit")).status_code == 302
    with scope(world.initiative.pk):
        assert Submission.objects.get().state == "submitted"
        assert Entry.objects.get().value == 1204
    assert "dan can return it" in client.get(url).content.decode()


@pytest.mark.parametrize("desk", [False, True])
def test_a_submission_of_many_indicators_takes_as_many_queries_as_one_of_two(client, world, desk):
    who = world.keeper if desk else world.reporter
    client.force_login(who.user)
    url = address("submission_review" if desk else "submission", world.submission.pk)
    counts = []
    for first, last in ((0, 1), (1, 20)):
        with scope(world.initiative.pk):
            for number in range(first, last):
                made = world.indicator(world.count.calendar, f"more-{number}", "count")
                meaning = {"definition": f"What counts as {number}"}
                since = date(2021, 1, 1)
                world.row(IndicatorVersion, indicator=made, effective_from=since, **meaning)
        for _each in range(2):  # the first request after signing in starts the session
            with CaptureQueriesContext(connection) as queries:
                page = client.get(url)
        counts.append(len(queries))
    assert "What counts as 19" in page.content.decode() or desk
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_STATEMENTS


def test_what_is_no_number_stays_as_typed_and_the_rest_is_kept(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    page = client.post(url, typed(world, **{f"{world.ratio.pk}-0": "about ten"}))
    assert page.status_code == 422
    assert "about ten" in page.content.decode()
    with scope(world.initiative.pk):
        assert Entry.objects.get().value == 1204


@pytest.mark.parametrize("text", ["1,204", "1.204", "-1,204"])
def test_a_number_that_may_be_two_is_asked_about_in_place(client, world, text):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    page = client.post(url, typed(world, **{f"{world.count.pk}-0": text}))
    assert page.status_code == 422
    sign = "-" if text.startswith("-") else ""
    assert f"Did you mean {sign}1204 or {sign}1.204?" in page.content.decode()
    assert f'value="{text}"' in page.content.decode()
    with scope(world.initiative.pk):
        assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("1.234.567", "1234567"),
        ("1 204", "1204"),
        ("1.2040", "1.204"),
        ("0.125", "0.125"),
    ],
)
def test_a_number_that_can_be_read_in_one_way_is_read(client, world, text, value):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    assert client.post(url, typed(world, **{f"{world.count.pk}-0": text})).status_code == 302
    with scope(world.initiative.pk):
        assert Entry.objects.get().value == Decimal(value)
    # What stands in the field is read back as the same.
    again = re.search(
        rf'name="{world.count.pk}-0"[^>]*value="([^"]+)"', client.get(url).content.decode()
    )
    again = again or re.search(
        rf'value="([^"]+)"[^>]*name="{world.count.pk}-0"', client.get(url).content.decode()
    )
    assert again
    with scope(world.initiative.pk):
        version = str(Submission.objects.get().version)
    answer = client.post(url, typed(world, version, **{f"{world.count.pk}-0": again[1]}))
    assert answer.status_code == 302
    with scope(world.initiative.pk):
        assert Entry.objects.get().value == Decimal(value)


@pytest.mark.parametrize(("text", "value"), [("1,204", 1204), ("1.204", 1204), ("-1.204", -1204)])
def test_an_indicator_of_whole_numbers_leaves_one_reading(client, world, text, value):
    with scope(world.initiative.pk):
        Indicator.objects.filter(pk=world.count.pk).update(decimals=0)
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    assert client.post(url, typed(world, **{f"{world.count.pk}-0": text})).status_code == 302
    with scope(world.initiative.pk):
        assert Entry.objects.get().value == value


def test_a_share_in_percent_is_no_count(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    page = client.post(url, typed(world, **{f"{world.count.pk}-0": "68%"}))
    assert page.status_code == 422
    assert "not a share in percent" in page.content.decode()


def test_a_conflict_keeps_what_was_typed(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    client.post(url, typed(world))
    page = client.post(url, typed(world, **{f"{world.count.pk}-0": "77"}))
    assert page.status_code == 409
    assert 'value="77"' in page.content.decode()
    kept = typed(world, overwrite="2", **{f"{world.count.pk}-0": "77"})
    assert client.post(url, kept).status_code == 302
    with scope(world.initiative.pk):
        assert Entry.objects.get().value == 77


def test_saving_while_typing_answers_with_the_new_version(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    page = client.post(url, typed(world), headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert 'name="version" value="2"' in page.content.decode()
    assert "<html" not in page.content.decode()


def test_a_link_opens_the_form_without_an_account(client, world):
    with scope(world.initiative.pk):
        url = Notice.objects.get().context["url"]
    path = "/" + re.sub(r"^https?://[^/]+/", "", url)
    assert client.get(path).status_code == 200
    assert client.post(path, typed(world, action="submit")).status_code == 302
    with scope(world.initiative.pk):
        act = Act.objects.get(action="measures.submission_submitted")
        assert (act.user_id, act.means) == (None, "link")
        world.org.has_form_links = False
        world.org.save()
    assert client.get(path).status_code == 404
    assert client.get(path[:-3] + "xx/").status_code == 404


def test_the_desk_accepts_many_and_corrects_one(client, world):
    client.force_login(world.reporter.user)
    client.post(address("submission", world.submission.pk), typed(world, action="submit"))
    assert (
        client.post(
            address("accept_submissions"), {"submission": [world.submission.pk]}
        ).status_code
        == 403
    )
    assert "2025" in client.get(address("collection")).content.decode()
    client.force_login(world.keeper.user)
    assert "Alpha" in client.get(address("collection")).content.decode()
    assert client.get(address("submission_review", world.submission.pk)).status_code == 200
    assert (
        client.post(
            address("accept_submissions"), {"submission": [world.submission.pk]}
        ).status_code
        == 302
    )
    with scope(world.initiative.pk):
        fact = Observation.objects.get()
    url = address("correct_number", world.submission.pk, fact.id)
    assert client.get(url).status_code == 200
    assert client.post(url, {"top": "x", "reason": "entry", "text": "A slip"}).status_code == 422
    assert client.post(url, {"top": "9", "reason": "entry", "text": "A slip"}).status_code == 302
    with scope(world.initiative.pk):
        assert Observation.objects.current().get().value == 9


def test_returning_and_reopening_ask_for_a_reason(client, world):
    client.force_login(world.reporter.user)
    form = address("submission", world.submission.pk)
    client.post(form, {"version": "1", "action": "nothing"})
    client.force_login(world.keeper.user)
    desk = client.get(address("submission_review", world.submission.pk)).content.decode()
    assert re.search(r"Handed in last on .* by ann\.", desk)
    url = address("return_submission", world.submission.pk)
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Count again"}).status_code == 302
    desk = client.get(address("submission_review", world.submission.pk)).content.decode()
    in_a_week = timezone.localdate() + timedelta(days=7)
    assert f'value="{in_a_week}T18:00"' in desk
    reopen = address("reopen_submission", world.submission.pk)
    given = {"reason": "Late data", "until": "2001-01-01T10:00"}
    assert client.post(reopen, given).status_code == 422
    given["until"] = "2999-01-01T10:00"
    assert client.post(reopen, given).status_code == 302
    client.force_login(world.reporter.user)
    assert "Late data" in client.get(form).content.decode()


def test_the_letter_names_the_day_and_the_place_to_go(world):
    with scope(world.initiative.pk):
        notice = Notice.objects.get()
        letter = notices.letter(notice)
        assert letter.subject == "2025: the numbers of Alpha"
        assert notice.context["url"] in letter.body


def test_groups_stand_in_a_table_under_each_other(client, world):
    with scope(world.initiative.pk):
        partition = world.row(Partition, code="sex")
        women = world.row(Cell, partition=partition, key="sex=w", name="Women")
        world.ratio.partition = partition
        world.ratio.save()
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    page = client.get(url).content.decode()
    assert f'name="{world.ratio.pk}-{women.pk}-of"' in page
    cells = {f"{world.ratio.pk}-{women.pk}": "5", f"{world.ratio.pk}-{women.pk}-of": "4"}
    page = client.post(url, typed(world, action="submit", **cells))
    assert page.status_code == 422
    assert "5 of 4 is more than all" in page.content.decode()


def test_the_link_of_somebody_who_reports_no_more_opens_nothing(client, world):
    with scope(world.initiative.pk):
        url = Notice.objects.get().context["url"]
        world.reporter.roles = ["observer"]
        world.reporter.save()
    path = "/" + re.sub(r"^https?://[^/]+/", "", url)
    assert client.get(path).status_code == 404
    assert client.post(path, typed(world, action="submit")).status_code == 404
    with scope(world.initiative.pk):
        assert not Entry.objects.exists()


@pytest.mark.parametrize("odd", ["9" * 30, "9" * 5000, "٣", "-1"])
def test_submissions_that_nobody_can_have_are_not_found(client, world, odd):
    client.force_login(world.keeper.user)
    assert client.post(address("accept_submissions"), {"submission": odd}).status_code == 404


def test_what_is_wrong_stands_on_top_with_links_and_the_focus(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    bad = f"{world.ratio.pk}-0"
    page = client.post(url, typed(world, action="submit", **{bad: "12,5 %", f"{bad}-of": "9"}))
    shown = page.content.decode()
    assert page.status_code == 422
    alert = shown[shown.index('id="problems"') : shown.index('class="form stack gap-5')]
    assert "autofocus" in alert
    assert "One thing needs another look" in alert
    assert f'<a href="#f-{bad}">' in alert
    assert "not a share in percent" in alert
    assert "file" not in alert
    assert f'id="f-{bad}"' in shown
    assert "below" not in alert
    fixed = client.post(
        url, typed(world, action="submit", version="2", **{bad: "50", f"{bad}-of": "9"})
    )
    assert "50 of 9 is more than all" in fixed.content.decode()
    assert 'id="problems"' in fixed.content.decode()
    assert 'id="problems"' not in client.get(url).content.decode()


def test_the_two_numbers_of_a_pair_say_what_they_are(client, world):
    with scope(world.initiative.pk):
        texts = {"numerator_text": "Children who read", "denominator_text": "Children tested"}
        since = date(2021, 1, 1)
        world.row(IndicatorVersion, indicator=world.ratio, effective_from=since, **texts)
    client.force_login(world.reporter.user)
    page = client.get(address("submission", world.submission.pk)).content.decode()
    name = f"f-{world.ratio.pk}-0"
    assert f'<label class="part" for="{name}">Children who read</label>' in page
    assert f'<label class="part" for="{name}-of">Children tested</label>' in page


def accepted(client, world):
    """A submission with one number, accepted; the reviewer is signed in."""
    client.force_login(world.reporter.user)
    client.post(address("submission", world.submission.pk), typed(world, action="submit"))
    client.force_login(world.keeper.user)
    client.post(address("accept_submissions"), {"submission": [world.submission.pk]})
    with scope(world.initiative.pk):
        return Observation.objects.get()


def test_a_blank_correction_takes_no_number_away(client, world):
    fact = accepted(client, world)
    url = address("correct_number", world.submission.pk, fact.id)
    why = {"reason": "entry", "text": "Counted twice"}
    blank = client.post(url, {"top": "", **why})
    assert blank.status_code == 422
    assert "tick that there is none" in blank.content.decode()
    assert client.post(url, {"top": "9", "is_gone": "on", **why}).status_code == 422
    with scope(world.initiative.pk):
        assert Observation.objects.get().value == 1204
    page = client.post(url, {"top": "", "is_gone": "on", **why}, follow=True).content.decode()
    with scope(world.initiative.pk):
        assert Observation.objects.current().get().status == "missing"
    assert "The number is corrected." in page
    told = page[page.index("<h2>Corrected</h2>") :]
    assert "<s>1,204" in told
    assert "Missing" in told
    assert "A slip when entering: Counted twice" in told
    assert str(world.keeper.user) in told


def test_after_accepting_one_stays_on_the_round(client, world):
    client.force_login(world.reporter.user)
    client.post(address("submission", world.submission.pk), typed(world, action="submit"))
    client.force_login(world.keeper.user)
    answer = client.post(address("accept_submissions"), {"submission": [world.submission.pk]})
    assert answer["Location"] == f"{address('collection')}?round={world.submission.round_id}"


def test_who_reports_finds_the_submissions_again(client, world):
    client.force_login(world.reporter.user)
    for page in ("/i/here/", address("dashboard"), address("own_dashboard")):
        shown = client.get(page).content.decode()
        assert f'href="{address("collection")}">Our forms</a>' in shown
