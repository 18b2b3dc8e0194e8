"""What a log line carries: the request, and what to keep out of it.

Deployments write one JSON object a line; development writes a short line to be read. Both escape
line breaks, so that nobody's input can forge a second line, and mask link tokens, mail addresses and
rows that the database refused.
"""

import logging
import re
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")
user_id: ContextVar[int | None] = ContextVar("log_user_id", default=None)
initiative_id: ContextVar[int | None] = ContextVar("log_initiative_id", default=None)

TOKEN = re.compile(r"cip_[\w-]+")
LETTER_KEY = re.compile(r"(/(?:reset/key|confirm-email)/)[^/\s\"']+")  # of allauth's letters
# What the database tells of a row that it refused, up to the end of the line; JSON escapes both.
ROW = re.compile(r"(DETAIL: )(?:\\\"|\\(?!n)|[^\"\n\\])*")
ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
LINE_BREAKS = str.maketrans({"\n": "\\n", "\r": "\\r", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def masked(text: str) -> str:
    """``text`` with what opens something hidden, and with what names somebody."""
    text = LETTER_KEY.sub(r"\1***", TOKEN.sub("cip_***", text))
    return ADDRESS.sub("***@***", ROW.sub(r"\1***", text))


class ContextFilter(logging.Filter):
    """Give each record the request it belongs to, who asked, and in which initiative."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        record.user_id = user_id.get()
        record.initiative_id = initiative_id.get()
        return True


class JsonFormatter(BaseJsonFormatter):
    """One JSON object a line, for a log collector."""

    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{message}{request_id}{user_id}{initiative_id}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            # Django attaches the request object; its repr says nothing useful.
            reserved_attrs=[*logging.makeLogRecord({}).__dict__, "request", "taskName"],
        )

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class PlainFormatter(logging.Formatter):
    """A short line for people: level, logger, request, words."""

    def __init__(self) -> None:
        super().__init__("%(levelname)-7s %(name)s %(tag)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request_id", "")
        record.tag = f"[{request}] " if request else ""
        return masked(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        return super().formatMessage(record).translate(LINE_BREAKS)
