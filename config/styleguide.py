"""The style guide: every component in every state, in both themes. Only where DEBUG is on."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.messages import ERROR, INFO, SUCCESS, WARNING
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from initiatives.access import public_view
from initiatives.days import DayField
from initiatives.models import Initiative, Membership, Organization, User
from initiatives.permissions import Role
from initiatives.templatetags.concert import STATUSES
from initiatives.today import Waiting

COLORS = (
    *("paper", "surface", "sunken", "ink", "ink-2", "line", "line-strong", "accent", "wash"),
    *("agenda", "measures", "activities", "meetings", "backbone"),
    *("good", "warn", "bad", "info"),
    *(f"series-{number}" for number in range(1, 7)),
)
LONG = "Verein für nachbarschaftliche Begleitung und Gesundheitsförderung Riverside-Nordwest e. V."
NAMES = ("Northside Clinic", "مركز الأمل المجتمعي", "מרכז הקהילה", LONG)
VALUES = [Decimal(each) if each else None for each in (61, 62, 0, 64, 66, 65, 68)]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="What people call it.")
    email = forms.EmailField(label="E-mail", required=False)
    count = forms.IntegerField(label="How many", min_value=0)
    day = DayField(label="Day")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Partner"), ("b", "Funder")])
    one = forms.ChoiceField(
        label="One of these",
        choices=[("a", "In the browser"), ("b", "On paper")],
        widget=forms.RadioSelect,
    )
    some = forms.MultipleChoiceField(
        label="Any of these",
        choices=[("a", "Reading"), ("b", "Writing")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(label="I have read what it means", required=False)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea({"rows": 2}))
    file = forms.FileField(label="File", required=False)


@require_safe
@public_view("components, shown to those who build with them")
def styleguide(request: HttpRequest) -> HttpResponse:
    """All components inside a shell of made-up people."""
    request.user = person = User(name="Ada Lindqvist", email="ada@concert.example")
    initiative = Initiative(pk=1, slug="sample", name="Riverside Reads")
    backbone = Organization(pk=1, name=LONG, kind="backbone")
    member = Membership(pk=1, user=person, organization=backbone, roles=[Role.PROJECT_MANAGER])
    member.initiative = initiative
    request.membership = member  # type: ignore[attr-defined]
    request.memberships = [member]  # type: ignore[attr-defined]
    context = {"themes": [_samples("light"), _samples("dark")], "today_count": 3, **_shared()}
    return render(request, "styleguide.html", context)


def _shared() -> dict[str, Any]:
    now = timezone.now()
    return {
        "colors": COLORS,
        "statuses": list(STATUSES),
        "names": NAMES,
        "values": VALUES,
        "goals": [Decimal(65)] * 3 + [Decimal(70)] * 4,
        "periods": [str(year) for year in range(2020, 2027)],
        "apart": [None, None, Decimal(20), *[None] * 4],
        "unsure": [*[None] * 4, Decimal(66), None, None],
        "breaks": [2],
        "steps": [("Upload", "#"), ("Check", "#"), ("Take over", "")],
        "rows_widget": {
            "name": "options",
            "rows": [("Beds for this winter", 3), ("Leases that last", 1)],
            "row": "Option",
            "more": "One more row",
            "number": "Weight",
        },
        "moment": now - timedelta(hours=3),
        "page": Paginator(range(500), 10).get_page(7),
        "messages": [
            Message(level, "What the last action did.") for level in (SUCCESS, INFO, WARNING, ERROR)
        ],
        "tones": ["good", "info", "warn", "bad"],
        "items": [
            SimpleNamespace(at=now, title="Returned", who="Dana", text="Look again.", tone="warn"),
            SimpleNamespace(at=now - timedelta(days=2), title="Submitted", who="Rae", tone=""),
        ],
        "waiting": [
            Waiting("Report 2025", "#", "Washington", date(2026, 12, 17), "measures", 10),
            Waiting("Answer one question", "#", condition="agenda"),
        ],
        "columns": [("Period", ""), ("Value", "r"), ("Target", "r")],
        "rows": [
            [("2025", ""), ("1,204", "r"), ("1,500", "r")],
            [("2024", ""), ("–", "r"), ("1,400", "r")],
        ],
        "errors": ["This is not a number.", "Say why it is so much more than last time."],
    }


def _samples(theme: str) -> dict[str, Any]:
    wrong = SampleForm({"email": "nobody", "count": "-1"}, auto_id=f"{theme}-wrong-%s")
    wrong.add_error(None, "The form as a whole has a problem.")
    return {"name": theme, "form": SampleForm(auto_id=f"{theme}-%s"), "wrong": wrong}
