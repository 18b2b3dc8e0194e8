"""``manage.py export_person ADDRESS``: everything that is stored of one person, as JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from initiatives.dossier import everything_of
from initiatives.models import User
from initiatives.services.invitations import person_of


class Command(BaseCommand):
    help = "Print everything that is stored of a person, in all initiatives, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="an e-mail address of theirs")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            found = everything_of(person_of(options["address"]))
        except User.DoesNotExist as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(found, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))
