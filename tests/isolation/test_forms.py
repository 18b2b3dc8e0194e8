"""Every form of the product, sent as nobody should: with another initiative's ids, with fields
that it does not have, without its token, at odd addresses. H2, H5 and B5; odd texts: B3 beside.
"""

import re

from django.apps import apps
from django.test import Client
from django.urls import resolve

from initiatives.models import User
from initiatives.permissions import Role
from initiatives.walls import Wall
from tests.isolation import pages
from tests.isolation.odd import IDS
from tests.isolation.test_urls import ROWS, address, allowed, body_of, fill, rows_of, stranger

# Numbers in a form that name no object. Everything else that is a number is taken for an id.
NUMBERS = {"start_month", "version", "overwrite", "again"}
REFUSED = {400, 403, 404, 409, 422}
PAGES = [row for row in ROWS if row["door"] in {"initiative", "person"}]
# Signing out and the like are not the product's own.
FOREIGN = re.compile(r"^/account/.")
FAR = 987_654_321_987


# Forms that are on no page while the twins are as they are, by address: what they would send.
UNSEEN = {
    "membership_switch": ("membership", "checkbox", "membership_id"),
    "accept_submissions": ("submission", "checkbox", "submission_id"),
    "return_submission": ("reason", "textarea", "submission_id"),
    "item_waive": ("who", "textarea", "item_id"),
    "rounds": ("period", "select", "period_id"),
    "import_mark": ("run", "select", "import_id"),
    "import_columns": ("column-0", "textarea", "import_id"),
    "version_start": ("again", "textarea", "agenda_id"),
    "version_edit": ("new-goal", "textarea", "agenda_id"),
    "version_circulate": ("days", "text", "agenda_id"),
    "version_take_back": ("again", "hidden", "agenda_id"),
    "version_publish": ("public", "submit", "agenda_id"),
    "version_return": ("again", "hidden", "agenda_id"),
    "deadlock_break": ("choice", "submit", "agenda_id"),
    "dimension_split": ("reason", "textarea", "agenda_dimension_id"),
    "organization_pause": ("decision", "textarea", "agenda_id"),
    "organization_excuse": ("reason", "textarea", "listening_id"),
    "amendment_create": ("to_text", "textarea", "agenda_id"),
    "amendment_send": ("again", "hidden", "amendment_id"),
    "amendment_withdraw": ("again", "hidden", "amendment_id"),
    "amendment_decide": ("word", "textarea", "amendment_id"),
    "reservation_overtaken": ("reason", "textarea", "reservation_id"),
    "listening_open": ("round", "select", "listening_id"),
    "listening_close": ("round", "select", "listening_id"),
    "question_remove": ("facet", "select", "facet_id"),
    "difference_resolve": ("proposal", "select", "proposal_id"),
    "difference_reopen": ("side", "select", "side_id"),
    "side_fair": ("side", "select", "side_id"),
    "side_take": ("side", "select", "side_id"),
    "resolution_confirm": ("side", "select", "side_id"),
    "resolution_refuse": ("reason", "textarea", "resolution_id"),
    "notes": ("item", "select", "item_id"),
    "series_take_back": ("reason", "textarea", "facilitation_id"),
    "announcement": ("text", "textarea", "announcement_id"),
}


def forms(client, twin):
    client.raise_request_exception = False
    found = pages.forms_of(client, twin, [address(row, twin) for row in PAGES])
    assert len(found) > 10
    manager = twin.person(Role.PROJECT_MANAGER)
    for row in (row for row in ROWS if row["name"].split(":")[-1] in UNSEEN):
        name, kind, known_as = UNSEEN[row["name"].split(":")[-1]]
        only = pages.Field(name, kind, str(twin.objects[known_as]), is_on=True)
        found.append(pages.Form(address(row, twin), "post", manager, fields=[only]))
    return [form for form in found if not FOREIGN.match(form.action)]


def test_every_address_that_takes_a_post_has_its_form_tried(client, twins):
    mine, _theirs = twins
    tried = {resolve(form.action).view_name for form in forms(client, mine)}
    missing = []
    for row in PAGES:
        client.force_login(User.objects.get(email=allowed(row, mine)))
        allows = client.options(address(row, mine)).headers.get("Allow", "POST")
        if "POST" in allows and row["name"] not in tried:
            missing.append(row["name"])
    assert missing == [], "show the form in the twins, or describe it in UNSEEN"


def send(client, form, values):
    if client.session.get("tried_as") != form.actor:
        client.force_login(User.objects.get(email=form.actor))
        session = client.session
        session["tried_as"] = form.actor
        session.save()
    return getattr(client, form.method)(form.action, values)


def is_id(field):
    offered = [each for each in [*field.options, field.value] if each]
    named = field.name not in NUMBERS | pages.OWN and field.kind in pages.CHOSEN | {"hidden"}
    return named and any(each.isdecimal() for each in offered)


def ids_of(twin):
    mine = set(twin.objects.values()) | set(twin.organizations.values())
    return mine | {each["membership_id"] for each in twin.people}


def test_h2_an_id_of_another_initiative_is_refused_in_every_field(client, twins):
    mine, theirs = twins
    found = forms(client, mine)
    before = rows_of(mine.initiative_id), rows_of(theirs.initiative_id)
    assert [said for form in found for said in taken(client, form, mine, theirs)] == []
    assert sum(len(list(filter(is_id, form.fields))) for form in found) > 5
    assert (rows_of(mine.initiative_id), rows_of(theirs.initiative_id)) == before


def taken(client, form, mine, theirs, said_by=pages.filled):
    """What a form took that it should have refused: ids of the other, of nobody, no id at all."""
    said = []
    for field in filter(is_id, form.fields):
        # Rows of two tables may have one number: what the form itself offers is no foreign id.
        own = ids_of(mine) | {int(each) for each in field.options if each.isdecimal()}
        for foreign in [*sorted(ids_of(theirs) - own), FAR, "x"]:
            answer = send(client, form, said_by(form) | {field.name: [str(foreign)]})
            is_taken = answer.status_code not in REFUSED and form.method == "post"
            is_shown = theirs.canary in body_of(answer)
            if answer.status_code >= 500 or is_taken or is_shown:
                said.append(f"{form.action} {field.name}={foreign}: {answer.status_code}")
    return said


def test_h2_ids_in_the_query_show_nothing_of_another(client, twins):
    mine, theirs = twins
    names = {"round", "cell", "organization", "indicator", "period", "page", "place", "member"}
    for role, organization in pages.READERS:
        client.force_login(User.objects.get(email=mine.person(role, organization)))
        for row in PAGES:
            for foreign in sorted(ids_of(theirs))[::9]:
                query = dict.fromkeys(names, foreign)
                answer = client.get(address(row, mine), query)
                assert answer.status_code < 500, row["name"]
                assert theirs.canary not in body_of(answer), row["name"]


def columns():
    """Every field of every model behind a wall, and of the person."""
    models = [
        model for model in apps.get_models() if getattr(model, "wall", Wall.GLOBAL) != Wall.GLOBAL
    ]
    fields = {field.attname for model in [*models, User] for field in model._meta.local_fields}
    return sorted({*fields, *(name.removesuffix("_id") for name in fields), "is_superuser"})


def test_h5_fields_that_a_form_does_not_have_change_nothing(client, twins):
    """The same forms twice, once with every field of every model besides: the same rows change."""
    mine, theirs = twins
    user = User.objects.get(email=mine.people[0]["email"])
    for form in forms(client, mine):
        if form.method != "post":
            continue
        names = {each.name for each in form.fields}
        values = form.values()
        extra = {
            name: str(theirs.initiative_id)
            for name in columns()
            if name not in names and not re.search(r"^(next|action|page)$", name)
        }
        plain = changed_by(lambda: send(client, form, values), mine)  # noqa: B023
        with_more = changed_by(lambda: send(client, form, values | extra), mine)  # noqa: B023
        assert with_more <= plain | {"initiatives_act", "initiatives_notice"}, form.action
    again = User.objects.get(pk=user.pk)
    assert (again.email, again.is_active, again.password) == (user.email, True, user.password)


def changed_by(work, twin):
    before = rows_of(twin.initiative_id)
    assert work().status_code < 500
    after = rows_of(twin.initiative_id)
    return {table for table in before if before[table] != after[table]}


def test_every_form_that_is_posted_needs_its_token(client, twins):
    mine, _theirs = twins
    found = [form for form in forms(client, mine) if form.method == "post"]
    before = rows_of(mine.initiative_id)
    strict = Client(enforce_csrf_checks=True)
    for form in found:
        values = form.values() | {"csrfmiddlewaretoken": ["no"]}
        assert send(strict, form, values).status_code == 403, form.action
    for token in mine.tokens.values():
        for row in (row for row in ROWS if row["door"] == "link"):
            answer = strict.post(address(row, mine, token=token), {"name": "x"})
            assert answer.status_code in {403, 404, 405}, row["name"]
    assert rows_of(mine.initiative_id) == before


def test_no_form_sends_its_values_in_the_address(client, twins):
    """What changes something is posted; a form that is got asks, and holds no token."""
    for form in forms(client, twins[0]):
        if form.method == "get":
            names = {each.name for each in form.fields}
            assert "csrfmiddlewaretoken" not in names, form.action


def test_b5_odd_ids_in_every_address_are_not_found(client, twins):
    mine, _theirs = twins
    tried = 0
    for row in ROWS:
        parts = [name for name in row["kwargs"] if name != "initiative"]
        for role, organization in pages.READERS[:3]:
            client.force_login(User.objects.get(email=mine.person(role, organization)))
            for name in parts:
                right = address(row, mine)
                value = row_value(row, mine, name)
                for odd in IDS:
                    target = right.replace(f"/{value}/", f"/{odd}/")
                    if target == right:
                        continue
                    tried += 1
                    for method in ("get", "post"):
                        status = getattr(client, method)(target).status_code
                        assert status in {400, 403, 404, 405}, f"{method} {target}: {status}"
    assert tried > 100


def row_value(row, twin, name):
    """What stands in the right address for one of its parts."""
    return fill(row, twin)[name]


def test_the_stranger_is_shown_no_form_of_an_initiative(client, twins):
    stranger()
    client.force_login(User.objects.get(email="stranger@nowhere.test"))
    for row in PAGES:
        answer = client.get(address(row, twins[0]))
        if row["door"] == "initiative":
            assert answer.status_code in {404, 405}, row["name"]
