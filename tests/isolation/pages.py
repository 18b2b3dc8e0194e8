"""The forms of the product, read from its pages as a browser reads them.

Nothing here knows a form by name: a new page's forms are tried from their first day.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from initiatives.models import User
from initiatives.permissions import Role

# Whose pages are read: together they are shown every form there is.
READERS = [
    (Role.PROJECT_MANAGER, ""),
    (Role.DATA_MANAGER, ""),
    (Role.PARTNER_LEAD, "first"),
    (Role.PARTNER_REPORTER, "first"),
]
TEXTS = {"text", "textarea", "email", "search", "url", "tel", "password", "number", "date"}
TEXTS |= {"datetime-local", "time", "month"}
CHOSEN = {"select", "radio", "checkbox"}
# What Django and the form itself put in; nobody types them.
OWN = {"csrfmiddlewaretoken", "idempotency_key"}


@dataclass
class Field:
    """A control: its name, its kind, what it holds and what it offers."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    is_on: bool = False

    @property
    def is_typed(self):
        return self.kind in TEXTS


@dataclass
class Form:
    """A form that a reader of a page may send."""

    action: str
    method: str
    actor: str
    enctype: str = ""
    fields: list[Field] = field(default_factory=list)

    @property
    def key(self):
        return (self.action, tuple(sorted({each.name for each in self.fields})))

    def values(self):
        """What a browser would send if nothing were touched."""
        sent = {}
        for each in self.fields:
            if each.kind == "select":
                chosen = each.value or next(iter(each.options), "")
                sent.setdefault(each.name, []).append(chosen)
            elif each.kind in {"radio", "checkbox"}:
                if each.is_on:
                    sent.setdefault(each.name, []).append(each.value)
            elif each.kind not in {"submit", "button", "file"}:
                sent.setdefault(each.name, []).append(each.value)
        return sent


SOON = datetime.now(UTC).date() + timedelta(days=30)
PLAUSIBLE = {
    "date": f"{SOON}",
    "datetime-local": f"{SOON}T12:00",
    "email": "somebody@form.test",
    "number": "1",
    "time": "12:00",
}


def filled(form):
    """The form as somebody who means it would send it: an empty field hides what is behind it."""
    typed = {each.name: each.kind for each in form.fields if each.is_typed and not each.value}
    said = {name: [PLAUSIBLE.get(kind, "Something")] for name, kind in typed.items()}
    return form.values() | said


class _Reader(HTMLParser):
    def __init__(self, page, actor):
        super().__init__()
        self.page, self.actor, self.forms = page, actor, []
        self.open, self.select, self.area = None, None, None
        self.whole = None  # the form that a section is of

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            action = urlsplit(urljoin(self.page, told.get("action") or self.page))
            method = told.get("method", "get").lower()
            self.open = Form(action.path, method, self.actor, told.get("enctype", ""))
            self.forms.append(self.open)
        elif self.open is None:
            return
        elif tag == "kept-form":
            # A section of one form, which its own button sends: tried as a form of its own.
            self.whole = self.open
            button = Field("action", "hidden", told["data-name"])
            self.open = Form(self.whole.action, self.whole.method, self.actor, fields=[button])
            self.forms.append(self.open)
        elif tag in {"input", "button"} and told.get("name"):
            kind = told.get("type", "text" if tag == "input" else "submit")
            self.open.fields.append(
                Field(told["name"], kind, told.get("value") or "", is_on="checked" in told)
            )
        elif tag == "textarea":
            self.area = Field(told["name"], "textarea")
            self.open.fields.append(self.area)
        elif tag == "select":
            self.select = Field(told["name"], "select")
            self.open.fields.append(self.select)
        elif tag == "option" and self.select is not None:
            self.select.options.append(told.get("value") or "")
            if "selected" in told:
                self.select.value = told.get("value") or ""

    def handle_data(self, data):
        if self.area is not None:
            self.area.value += data.removeprefix("\n") if not self.area.value else data

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None
        elif tag == "kept-form" and self.whole is not None:
            self.open, self.whole = self.whole, None
        elif tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None


def forms_in(html, page, actor=""):
    reader = _Reader(page, actor)
    reader.feed(html)
    return reader.forms


def forms_of(client, twin, addresses):
    """Every form on the pages at ``addresses``, once, with somebody who is shown it."""
    found = {}
    for role, organization in READERS:
        email = twin.person(role, organization)
        client.force_login(User.objects.get(email=email))
        for page in addresses:
            answer = client.get(page)
            if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
                continue
            for form in forms_in(answer.content.decode(), page, email):
                found.setdefault(form.key, form)
    client.logout()
    return list(found.values())
