"""Every address of the product, knocked at by everyone who must not come in.

The addresses are read from the resolver: a new one is tried from its first day, and one whose
parts have no filler fails, by name. The positive control shows that each was really reached.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import get_resolver, reverse
from django.utils import timezone

from initiatives.access import ACTING
from initiatives.management.commands import list_urls
from initiatives.models import Membership, User
from initiatives.permissions import GRANTS, RANKS, Permission, Role
from initiatives.tenancy import scope
from tests import database
from tests.isolation import catalogue

METHODS = ["get", "head", "options", "post", "put", "patch", "delete"]
REFUSALS = {302, 401, 403, 404, 405}
# What the parts of an address are filled with, by the name of the part. Ids that the twins know
# by that name (`submission_id`, `round_id`, ...) need no line here.
FILLERS = {
    "initiative": lambda twin, _row: twin.slug,
    "token": lambda twin, row: twin.tokens[row["purpose"] or "invitation"],
    "pk": lambda twin, row: twin.objects[KEYS[row["route"].split("/<int:pk>")[0].split("/")[-1]]],
    "fact": lambda twin, _row: twin.objects["observation_id"],
    "day": lambda _twin, _row: f"{timezone.localdate() + timedelta(days=7)}",
    "scope": lambda _twin, _row: "organization",
    "scope_kind": lambda _twin, _row: "organization",
    "scope_id": lambda twin, _row: twin.objects["organization_id"],
}
# What a bare `pk` is, by the word before it in the address.
KEYS = {
    "collection": "submission_id",
    "form": "submission_id",
    "invitations": "invitation_id",
    "people": "membership_id",
}
ROWS = [list_urls.describe(*found) for found in list_urls.walk(get_resolver())]
GUARDED = [row for row in ROWS if row["door"] != "public"]
# Whom an address serves whatever they are, so that no refusal is due; canaries are still sought.
ABOUT_ONESELF = {"person", "public"}


def each(rows):
    """Make a check of one address a test of all of them, over one pair of twins."""

    def decorate(check):
        def test(client, twins):
            said = [complaint(check, client, twins, row) for row in rows]
            assert not any(said), "\n".join(filter(None, said))

        test.__name__ = check.__name__
        return test

    return decorate


def complaint(check, client, twins, row):
    try:
        check(client, twins, row)
    except AssertionError as error:
        return f"{row['name']}: {error}"
    return ""


def fill(row, twin):
    missing = [name for name in row["kwargs"] if name not in FILLERS and name not in twin.objects]
    assert missing == [], f"{row['name']}: no filler for {missing}; see FILLERS"
    return {
        name: FILLERS[name](twin, row) if name in FILLERS else twin.objects[name]
        for name in row["kwargs"]
    }


def address(row, twin, **other):
    return reverse(row["name"], kwargs=fill(row, twin) | other)


def signed_in(client, email):
    client.logout()
    client.force_login(User.objects.get(email=email))
    return client


def body_of(answer):
    if answer.streaming:
        return b"".join(answer.streaming_content).decode(errors="replace")
    return answer.content.decode(errors="replace")


def shown(answer):
    """Everything that reaches the reader, but for the address they themselves asked for."""
    return f"{body_of(answer)} {dict(answer.headers)}"


def rows_of(initiative_id):
    """A digest of everything an initiative has, as the superuser sees it."""
    with database.admin(connection.settings_dict["NAME"]) as admin:
        return {
            table: admin.execute(
                f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM {table} t"
                " WHERE initiative_id = %s",
                [initiative_id],
            ).fetchone()
            for table in [*catalogue.tables(), "initiatives_signedlink"]
        }


def stranger(email="stranger@nowhere.test"):
    return User.objects.get_or_create(email=email)[0]


@each(ROWS)
def test_every_address_has_its_fillers(client, twins, row):
    assert address(row, twins[0]).startswith("/")


@each(GUARDED)
def test_nobody_from_outside_comes_in(client, twins, row):
    mine, theirs = twins
    stranger()
    before = rows_of(mine.initiative_id)
    for who in (None, "stranger@nowhere.test", theirs.person(Role.PROJECT_MANAGER)):
        client.logout()
        if who:
            signed_in(client, who)
        other = {}
        if row["door"] == "link":
            other = {"token": mine.expired_tokens[row["purpose"]]}
        for method in METHODS:
            answer = getattr(client, method)(address(row, mine, **other))
            text = shown(answer)
            said = f"{who or 'anonymous'} {method} {row['name']}: {answer.status_code}"
            if row["door"] not in ABOUT_ONESELF or who is None:
                assert answer.status_code in REFUSALS, said
            assert answer.status_code < 500, said
            assert mine.canary not in text, said
            assert mine.private_canary not in text, said
    assert rows_of(mine.initiative_id) == before


@each([row for row in GUARDED if row["door"] == "initiative"])
def test_who_was_a_member_is_not_any_more(client, twins, row):
    mine, _theirs = twins
    manager = mine.person(Role.PROJECT_MANAGER)
    with scope(mine.initiative_id):
        rows = Membership.objects.filter(user__email=manager)
        for membership in rows:
            membership.ends_on = membership.starts_on
            membership.save()
    signed_in(client, manager)
    assert client.get(address(row, mine)).status_code in {404, 405}
    User.objects.filter(email=mine.person(Role.DATA_MANAGER)).update(is_active=False)
    client.logout()
    client.force_login(User.objects.get(email=mine.person(Role.DATA_MANAGER)))
    assert client.get(address(row, mine)).status_code in {302, 404, 405}


@each([row for row in GUARDED if row["door"] == "initiative"])
def test_members_without_the_permission_are_refused(client, twins, row):
    mine, _theirs = twins
    before = rows_of(mine.initiative_id)
    permission = Permission(row["permission"])
    for role in Role:
        if permission in GRANTS[role]:
            continue
        signed_in(client, mine.person(role))
        for method in ("get", "post"):
            answer = getattr(client, method)(address(row, mine))
            assert answer.status_code in {403, 405}, f"{role} {method} {row['name']}"
            assert mine.private_canary not in shown(answer)
    assert rows_of(mine.initiative_id) == before


@each([row for row in GUARDED if row["door"] == "initiative"])
def test_submissions_of_another_organization_stay_theirs(client, twins, row):
    mine, _theirs = twins
    readers = [
        mine.person(Role.PARTNER_LEAD, "second"),
        mine.person(Role.PARTNER_REPORTER, "second"),
        mine.person(Role.OBSERVER),
        mine.person(Role.FUNDER),
    ]
    for email in readers:
        signed_in(client, email)
        answer = client.get(address(row, mine))
        said = f"{email} {row['name']}: {answer.status_code}"
        assert answer.status_code < 500, said
        assert mine.private_canary not in shown(answer), said
        if "/form/<" in row["route"] or "/collection/<" in row["route"]:
            assert answer.status_code in {403, 404, 405}, said


@each([row for row in GUARDED if row["door"] == "initiative"])
def test_ids_of_another_initiative_are_not_found(client, twins, row):
    """Its own initiative in the address, an object of the other one behind it."""
    mine, theirs = twins
    own = [name for name in row["kwargs"] if name.endswith("_id")]
    before = rows_of(mine.initiative_id)
    signed_in(client, allowed(row, theirs))
    for name in own:
        foreign = {name: mine.objects[name]} if name in mine.objects else {}
        for method in ("get", "post") if foreign else ():
            answer = getattr(client, method)(address(row, theirs, **foreign))
            said = f"{method} {row['name']} {name}: {answer.status_code}"
            assert answer.status_code in {403, 404, 405}, said
            assert mine.canary not in shown(answer), said
    assert rows_of(mine.initiative_id) == before


@each([row for row in GUARDED if row["door"] == "link"])
def test_a_link_opens_its_own_purpose_alone(client, twins, row):
    mine, _theirs = twins
    for purpose, token in mine.tokens.items():
        if purpose != row["purpose"]:
            assert client.get(address(row, mine, token=token)).status_code == 404
    for token in ("cip_nothing", "x", "0"):
        assert client.get(address(row, mine, token=token)).status_code == 404


# What is done by a click alone, and takes from others what they would come to.
DECIDED = {
    "meetings:seat_end",
}


# Links first: among the others are those that revoke them.
@each(sorted(ROWS, key=lambda row: row["door"] != "link"))
def test_whom_it_is_for_comes_in(client, twins, row):
    mine, _theirs = twins
    if row["name"] in DECIDED:
        return
    reached(client, mine, row)


@pytest.mark.parametrize("name", sorted(DECIDED))
def test_who_may_decide_it_comes_in(client, twins, name):
    """What needs no words takes effect when it is sent: each has twins of its own."""
    reached(client, twins[0], next(row for row in ROWS if row["name"] == name))


def reached(client, mine, row):
    found = []
    for email in [""] if row["door"] in {"link", "public"} else all_allowed(row, mine):
        found.append(knock(client, mine, row, email))
        if found[-1] == REACHED:
            return
    raise AssertionError(f"{row['name']}: {found}")


REACHED = "reached"


def knock(client, twin, row, email):
    """What becomes of somebody who comes to the address: REACHED, or what was said instead."""
    if email:
        signed_in(client, email)
    answer = client.get(address(row, twin))
    if answer.status_code == 405:
        # An empty form is a mistake that is told, which shows that the view was reached.
        own = next(each for each in twin.people if each["email"] == email)
        answer = client.post(address(row, twin), {"membership": own["membership_id"]})
        assert answer.status_code < 500
        is_reached = answer.status_code not in {401, 403, 404, 405}
    else:
        is_reached = 200 <= answer.status_code < 400
    if re.match(r"/account/login", answer.headers.get("Location", "")):
        is_reached = False
    return REACHED if is_reached else f"{email} {answer.status_code}"


def allowed(row, twin):
    """Somebody of an initiative who has what the address asks for: the highest such role."""
    return all_allowed(row, twin)[0]


def all_allowed(row, twin):
    """Everybody who has what the address asks for, the highest first: one object has one owner."""
    if not row["permission"]:
        return [twin.person(Role.PROJECT_MANAGER)]
    roles = [role for role in Role if Permission(row["permission"]) in GRANTS[role]]
    return [twin.person(role) for role in sorted(roles, key=lambda role: -RANKS[role])]


def test_the_acting_membership_of_another_person_is_not_taken(client, twins):
    mine, _theirs = twins
    rows = [row for row in GUARDED if row["permission"] == Permission.MEMBERS_MANAGE]
    signed_in(client, mine.person(Role.OBSERVER))
    manager = next(each for each in mine.people if each["role"] == Role.PROJECT_MANAGER)
    session = client.session
    session[ACTING] = {str(mine.initiative_id): manager["membership_id"]}
    session.save()
    for row in rows:
        assert client.get(address(row, mine)).status_code in {403, 405}, row["name"]


def test_the_list_of_addresses_is_not_empty():
    assert {"healthz", "readyz"} <= {row["name"] for row in ROWS}
