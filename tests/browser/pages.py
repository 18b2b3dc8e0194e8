"""Every page of the product with somebody who may see it, read from the resolver and the twins."""

from typing import NamedTuple

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from initiatives.models import User
from initiatives.permissions import GRANTS, Permission
from tests.isolation.test_urls import ROWS, address, allowed

# Pages of allauth; its others ask for a key from a letter or for a state on the way.
SECURED = {"mfa_deactivate_totp", "mfa_download_recovery_codes", "mfa_view_recovery_codes"}
OUTSIDERS = {"account_login", "account_signup", "account_reset_password"}
NAMESPACES = ("account_", "mfa_", "usersessions_")


class Place(NamedTuple):
    """An address and who may go there, likeliest first; nobody is a stranger."""

    name: str
    path: str
    emails: list[str]


def places(twin) -> list[Place]:
    """Everything that answers GET: of ours, and of signing in."""
    ours = [
        Place(
            row["name"],
            address(row, twin),
            candidates(row, twin) if row["door"] in {"initiative", "person"} else [""],
        )
        for row in ROWS
        if not row["methods"] or "GET" in row["methods"]
    ]
    plain, secured = (person["email"] for person in twin.people[:2])
    theirs = [
        Place(
            name,
            reverse(name),
            ["" if name in OUTSIDERS else secured if name in SECURED else plain],
        )
        for name in plain_names()
    ]
    return ours + theirs


def candidates(row, twin) -> list[str]:
    """Everyone whose role lets them in; some forms and seats are one organization's own."""
    others = [
        person["email"]
        for person in twin.people
        if not row["permission"] or Permission(row["permission"]) in GRANTS[person["role"]]
    ]
    return list(dict.fromkeys([allowed(row, twin), *others]))


def names() -> list[str]:
    """The names of all those places, known before there is a site."""
    ours = [row["name"] for row in ROWS if not row["methods"] or "GET" in row["methods"]]
    return ours + plain_names()


def plain_names() -> list[str]:
    """The names of third-party pages whose address has no parts to fill."""
    found = []
    for name, ways in get_resolver().reverse_dict.lists():
        if isinstance(name, str) and name.startswith(NAMESPACES):
            (_route, parts), *_ = ways[0][0]
            found += [] if parts else [name]
    return sorted(set(found))


def secure(email: str) -> None:
    """Give somebody an authenticator and recovery codes."""
    user = User.objects.get(email=email)
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)


class Answer(NamedTuple):
    """What the server says to one visit."""

    status: int
    kind: str
    queries: int


def ask(path: str, key: str) -> Answer:
    """Visit once to warm what is remembered between requests, and once to count."""
    client = Client(headers={"host": "localhost"})
    if key:
        client.cookies["sessionid"] = key
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    return Answer(
        answer.status_code, answer.headers.get("Content-Type", "").split(";")[0], len(queries)
    )
