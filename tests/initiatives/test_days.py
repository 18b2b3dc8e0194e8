"""A day is written in one form, wherever it stands."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.template import Context, Template
from django.utils import formats, timezone, translation

from initiatives.templatetags.concert import (
    day,
    hour,
    moment,
    month,
    named_day,
    named_moment,
)

# For machines, and for a part of a day that stands alone.
PARTS = {"c", "Y-m-d", "Y"}


def test_a_day_and_a_moment_have_one_form_in_every_english():
    at = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
    for language in ("en-us", "en-gb"):
        with translation.override(language):
            assert day(date(2026, 11, 16)) == "16 November 2026"
            assert formats.date_format(date(2026, 11, 16)) == "16 November 2026"
            with timezone.override("Europe/Berlin"):
                assert day(at) == "17 November 2026"
                assert moment(at) == "17 November 2026, 00:30"
    assert day(None) == ""
    assert moment(None) == ""


def test_what_people_go_to_is_said_with_the_day_of_the_week():
    at = datetime(2026, 12, 8, 22, 0, tzinfo=UTC)
    assert named_day(at.date()) == "Tuesday, 8 December 2026"
    assert [month(at), hour(at)] == ["December 2026", "22:00"]
    with timezone.override("Europe/Berlin"):
        assert named_moment(at) == "Tuesday, 8 December 2026, 23:00"
    with translation.override("de"):
        assert named_moment(at) == "Dienstag, 8. Dezember 2026, 22:00"
    assert [named_day(None), named_moment(None)] == ["", ""]


def test_the_clock_that_a_page_chooses_for_a_moment_is_kept():
    page = Template("{% load concert tz %}{{ at|timezone:'Asia/Tokyo'|named_moment }}")
    at = datetime(2026, 12, 8, 22, 0, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        assert page.render(Context({"at": at})) == "Wednesday, 9 December 2026, 07:00"


def test_every_page_and_letter_writes_days_through_the_filters_alone():
    found = {
        f"{page}: {form}"
        for page in Path(settings.BASE_DIR, "templates").rglob("*.*")
        for form in re.findall(r"\|(?:date|time)\b(?::\"([^\"]*)\")?", page.read_text())
        if form not in PARTS
    }
    assert found == set()
