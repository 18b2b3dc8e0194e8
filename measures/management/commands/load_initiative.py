"""``manage.py load_initiative FILE.json``: a new initiative from its description."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from measures.imports.description.nodes import DescriptionError
from measures.imports.description.schema import read_description
from measures.services.descriptions import store_description


class Command(BaseCommand):
    help = "Load a new initiative from its description (see docs). All of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        as_json = options["json"]
        try:
            data = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        try:
            stored = store_description(read_description(data, today=timezone.localdate()))
        except DescriptionError as error:
            complaints = [complaint.as_dict() for complaint in error.complaints]
        except ValidationError as error:
            complaints = [
                {"path": "$", "message": message, "suggestion": ""} for message in error.messages
            ]
        else:
            self._tell(stored.initiative.slug, stored.counts, as_json=as_json)
            return
        if as_json:
            self.stdout.write(json.dumps({"ok": False, "errors": complaints}, ensure_ascii=False))
        raise CommandError(
            "\n".join(
                " ".join(part for part in (f"{c['path']}:", c["message"], c["suggestion"]) if part)
                for c in complaints
            )
        )

    def _tell(self, slug: str, counts: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"ok": True, "initiative": slug, **counts}))
            return
        told = ", ".join(f"{number} {what}" for what, number in counts.items())
        self.stdout.write(f"{slug}: {told}")
