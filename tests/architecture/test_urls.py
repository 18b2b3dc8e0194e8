"""Every address has a door, a name, and the shape of a function."""

import inspect

from django.urls import URLPattern, URLResolver, get_resolver

from initiatives.permissions import Permission
from tests.architecture import sources

DOORS = {"initiative", "person", "link", "public"}
# Pages that everyone may see. Each is repeated here, so that a new one is a decision, not a slip.
PUBLIC = {
    "public_agenda": "a ratified agenda is to be read by everyone, once it is published",
    "healthz": "a load balancer asks whether the process lives",
    "readyz": "a load balancer asks whether pages can be served",
}


def patterns(resolver=None, prefix=""):
    """Every pattern whose view is ours, with its whole route."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern) and module_of(entry).split(".")[0] in sources.APPS:
            yield route, entry


def module_of(entry):
    return entry.callback.__module__


def test_every_view_has_a_door():
    doorless = [route for route, entry in patterns() if door_of(entry) not in DOORS]
    assert doorless == []


def door_of(entry):
    return getattr(entry.callback, "door", None)


def test_every_view_of_an_initiative_asks_a_permission():
    for route, entry in patterns():
        if route.startswith("i/<"):
            assert door_of(entry) == "initiative", route
            assert isinstance(entry.callback.permission, Permission), route


def test_public_views_are_those_listed_with_a_reason():
    public = {entry.name for _route, entry in patterns() if door_of(entry) == "public"}
    assert public == set(PUBLIC)
    for _route, entry in patterns():
        if door_of(entry) == "public":
            assert entry.callback.reason


def test_a_url_is_named_like_its_view():
    for route, entry in patterns():
        assert entry.name == entry.callback.__name__, route


def test_views_are_functions():
    for route, entry in patterns():
        assert inspect.isfunction(inspect.unwrap(entry.callback)), route


def test_names_are_not_used_twice_in_an_app():
    names = [(module_of(entry).split(".")[0], entry.name) for _route, entry in patterns()]
    assert sorted(names) == sorted(set(names))
