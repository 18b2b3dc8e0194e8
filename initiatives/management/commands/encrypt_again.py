"""``manage.py encrypt_again``: write what is encrypted anew, with the first of the keys."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from initiatives.adapters import encrypted_anew


class Command(BaseCommand):
    """After it the other keys of ``FIELD_ENCRYPTION_KEYS`` open nothing any more and may go."""

    help = "Encrypt the secrets of second steps with the first of FIELD_ENCRYPTION_KEYS."

    @transaction.atomic
    def handle(self, *_args: Any, **_options: Any) -> None:
        rows = Authenticator.objects.select_for_update().order_by("pk")
        number = 0
        for each in rows:
            data = {name: encrypted_anew(value) for name, value in each.data.items()}
            if data != each.data:
                each.data = data
                each.save(update_fields=["data"])
                number += 1
        self.stdout.write(f"{number} encrypted with the first key.")
