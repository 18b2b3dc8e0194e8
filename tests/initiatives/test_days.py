"""A day is written in one form, wherever it stands."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.utils import formats, timezone, translation

from initiatives.templatetags.concert import day, moment

# For machines, and for a part of a day that stands alone.
PARTS = {"c", "Y-m-d", "H:i", "Y", "F Y"}


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


def test_the_agenda_and_the_ground_write_days_through_the_filters_alone():
    found = {
        f"{page.name}: {form}"
        for folder in ("agenda", "initiatives", "components")
        for page in Path(settings.BASE_DIR, "templates", folder).glob("*.html")
        for form in re.findall(r'\|date:"([^"]*)"', page.read_text())
        if form not in PARTS
    }
    assert found - {"moment.html: c"} == set()
