"""``manage.py dump_initiative SLUG``: an initiative's description, as load_initiative reads it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from initiatives.models import Initiative
from initiatives.tenancy import scope
from measures.imports.description.dump import dump_description


class Command(BaseCommand):
    help = "Write the description of an initiative as JSON: everything but its values."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, *_args: Any, **options: Any) -> None:
        initiative = Initiative.objects.filter(slug=options["slug"]).first()
        if initiative is None:
            raise CommandError(f"There is no initiative “{options['slug']}”.")
        with scope(initiative.pk):
            described = dump_description()
        self.stdout.write(json.dumps(described, ensure_ascii=False, indent=2))
