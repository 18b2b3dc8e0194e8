"""``manage.py forget_person ADDRESS --yes``: leave a tombstone in place of a person."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from initiatives.models import User
from initiatives.services.forgetting import forget_person
from initiatives.services.invitations import person_of


class Command(BaseCommand):
    """What they said for organizations stays, and the record of acts; their name goes."""

    help = "Forget a person in all initiatives: name, addresses, sign-in, letters. For good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="an e-mail address of theirs")
        parser.add_argument("--yes", action="store_true", help="do it: there is no way back")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            person = person_of(options["address"])
        except User.DoesNotExist as error:
            raise CommandError(str(error)) from error
        if not options["yes"]:
            raise CommandError(f"This forgets person {person.pk} for good. Say --yes.")
        try:
            forget_person(user=person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Person {person.pk} is forgotten.")
