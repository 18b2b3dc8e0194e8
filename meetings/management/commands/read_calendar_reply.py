"""``manage.py read_calendar_reply INITIATIVE FILE``: take what somebody's calendar answered.

For a mail server that hands over what arrives at the sender's address. It takes a whole mail or the
calendar file alone; what is no answer to us changes nothing.
"""

import email
import json
import re
from argparse import ArgumentParser, FileType
from email import policy
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from initiatives.models import Initiative
from initiatives.tenancy import scope
from meetings.exports.envelopes import LONGEST, Answer, read_answers
from meetings.services.subscriptions import take_answer

# Readers of mail disagree about which of two addresses counts: a name that looks like one is none.
ONE_SENDER = re.compile(r"[^<>@]*<([^<>@\s]+@[^<>@\s]+)>|([^<>@\s,;]+@[^<>@\s,;]+)")


class Command(BaseCommand):
    help = "Take the answers of a calendar from a mail or a calendar file; prints what was taken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("initiative", help="the initiative's slug")
        parser.add_argument("file", type=FileType("rb"), help="a mail or an .ics file; - for stdin")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = Initiative.objects.filter(slug=options["initiative"]).first()
        if found is None:
            raise CommandError("There is no such initiative.")
        answers = answers_in(options["file"].read(LONGEST + 1))
        taken = 0
        for answer in answers:
            with scope(found.pk):
                try:
                    taken += take_answer(answer)
                except ValidationError as error:
                    self.stderr.write(" ".join(error.messages))
        self.stdout.write(json.dumps({"answers": len(answers), "taken": taken}))


def answers_in(data: bytes) -> list[Answer]:
    """The answers of a calendar file, or of the calendar parts of a mail."""
    if data.lstrip().startswith(b"BEGIN:VCALENDAR"):
        return read_answers(data)
    message = email.message_from_bytes(data, policy=policy.default)
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    contents = [bytes(part.get_payload(decode=True) or b"") for part in parts[:1]]
    found = [answer for content in contents for answer in read_answers(content)]
    # A file says of itself whose answer it is; nobody answers, or sends a delegate, for another.
    sender = sender_of(data)
    return [answer for answer in found if answer.email == sender]


def sender_of(data: bytes) -> str:
    """The one address a mail is from, in small letters; nothing where there is none, or several."""
    # As it stands there: a reader that mends what is malformed may mend it to another address.
    given = email.message_from_bytes(data, policy=policy.compat32).get_all("From", [])
    found = ONE_SENDER.fullmatch(" ".join(str(given[0]).split())) if len(given) == 1 else None
    return (found[1] or found[2]).lower() if found else ""
