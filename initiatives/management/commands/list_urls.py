"""List every address of the product with the door that guards it."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver


class Command(BaseCommand):
    help = "List every address of the product: route, name, door, permission, methods."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [describe(*found) for found in walk(get_resolver())]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            guard = row["permission"] or row["purpose"] or ""
            self.stdout.write(f"{row['route']:60} {row['name']:36} {row['door']} {guard}".rstrip())


def walk(
    resolver: URLResolver, route: str = "", spaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...], URLPattern]]:
    """Every pattern whose view is ours: its whole route, its namespaces, itself."""
    for entry in resolver.url_patterns:
        whole = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from walk(entry, whole, inner)
        elif entry.callback.__module__.split(".")[0] in settings.LOCAL_APPS:
            yield whole, spaces, entry


def describe(route: str, spaces: tuple[str, ...], entry: URLPattern) -> dict[str, Any]:
    """One address as plain words. ``methods`` is empty where the view says nothing of them."""
    view = entry.callback
    return {
        "route": route,
        "name": ":".join((*spaces, entry.name or "")),
        "door": getattr(view, "door", ""),
        "permission": str(getattr(view, "permission", "")),
        "purpose": str(getattr(view, "purpose", "")),
        "methods": methods_of(view),
        "kwargs": sorted(kwargs_of(route)),
    }


def methods_of(view: Any) -> list[str]:
    """The methods that ``require_http_methods`` and its kin let through, where one is applied."""
    while view is not None:
        for name, cell in zip(view.__code__.co_freevars, view.__closure__ or (), strict=False):
            if name == "request_method_list":
                return sorted(cell.cell_contents)
        view = getattr(view, "__wrapped__", None)
    return []


def kwargs_of(route: str) -> set[str]:
    """The names in ``<slug:initiative>/<token>``."""
    return {part.split(">")[0].rsplit(":", 1)[-1] for part in route.split("<")[1:]}
