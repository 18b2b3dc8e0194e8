#!/usr/bin/env python
"""Django's command line, with the embedded database and Redis started when a command needs them."""

import os
import sys

from config import stack

# These read code, not rows: they must work on a machine where nothing has been started.
WITHOUT_STACK = {
    "help", "version", "check", "makemigrations", "makemessages", "compilemessages",
    "collectstatic", "findstatic", "diffsettings",
}  # fmt: skip


def needs_stack(arguments: list[str]) -> bool:
    """Whether this command line touches the database or Redis."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    return arguments[0] not in WITHOUT_STACK or "--database" in arguments


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if needs_stack(sys.argv[1:]):
        stack.ensure()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
