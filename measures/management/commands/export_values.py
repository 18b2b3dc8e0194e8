"""``manage.py export_values SLUG``: the recorded values as CSV, as ``import_values`` reads them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from initiatives.models import Initiative
from initiatives.tenancy import scope
from measures.exports.values import lines_of_values


class Command(BaseCommand):
    help = "Write the accepted values of an initiative as CSV, in the columns import_values reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, *_args: Any, **options: Any) -> None:
        initiative = Initiative.objects.filter(slug=options["slug"]).first()
        if initiative is None:
            raise CommandError(f"There is no initiative “{options['slug']}”.")
        with scope(initiative.pk):
            for piece in lines_of_values():
                self.stdout.write(piece.decode(), ending="")
