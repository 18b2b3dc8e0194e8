"""Write two initiatives of the same shape, for whoever probes the walls between them."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backbone.management import twins
from initiatives.models import Initiative


class Command(BaseCommand):
    help = "Write the twins twin-a and twin-b: every role, a row of every kind, canaries, links."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print everything as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """:raises CommandError: in a deployment, or where the twins are already."""
        if not (settings.DEBUG or settings.EMBEDDED):
            raise CommandError("The twins have known passwords: not in a deployment.")
        if Initiative.objects.filter(slug__in=twins.SLUGS).exists():
            raise CommandError("The twins are here already.")
        both = twins.seed()
        if options["json"]:
            described = [
                asdict(twin) | {"canaries": [twin.canary, twin.private_canary]} for twin in both
            ]
            self.stdout.write(json.dumps({"initiatives": described}, indent=2))
            return
        for twin in both:
            self.stdout.write(f"/i/{twin.slug}/")
            for person in twin.people:
                self.stdout.write(f"  {person['email']}  {person['password']}")
