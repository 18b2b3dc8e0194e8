"""Reading JSON with an eye on where one is: each mistake is told with its path."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Complaint:
    """``path`` as in ``indicators[2].kind``; what the rule is; what would be right."""

    path: str
    message: str
    suggestion: str = ""

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "message": self.message, "suggestion": self.suggestion}


class DescriptionError(Exception):
    """A document that does not describe an initiative: nothing of it is stored."""

    def __init__(self, complaints: Collection[Complaint]) -> None:
        super().__init__("; ".join(f"{c.path}: {c.message}" for c in complaints))
        self.complaints = tuple(complaints)


MOST_TOLD = 200  # mistakes of one document; who made more is told so
FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_DIGITS, MOST_DECIMALS = 24, 10  # what a stored number holds


class Node:
    """An object in the document. Each key is asked for once; ``close`` complains of the rest."""

    def __init__(self, content: Any, path: str, complaints: list[Complaint]) -> None:
        self.path, self.complaints = path, complaints
        self._asked: set[str] = set()
        if not isinstance(content, Mapping):
            self.complain("", _("An object is expected here: {…}."))
            content = {}
        self._content: Mapping[str, Any] = content

    def complain(self, key: str, message: str, suggestion: str = "") -> None:
        path = ".".join(part for part in (self.path, key) if part)
        if len(self.complaints) < MOST_TOLD:
            self.complaints.append(Complaint(path or "$", message, suggestion))
        elif len(self.complaints) == MOST_TOLD:
            self.complaints.append(Complaint("$", _("There are more mistakes than these.")))

    @property
    def is_told_enough(self) -> bool:
        """Whether it is no use to look for what a wrong word was meant to be."""
        return len(self.complaints) > MOST_TOLD

    def has(self, key: str) -> bool:
        return self._content.get(key) is not None

    def raw(self, key: str) -> Any:
        self._asked.add(key)
        return self._content.get(key)

    def text(
        self,
        key: str,
        *,
        default: str | None = "",
        longest: int = 200,
        pattern: str = "",
        hint: str = "",
    ) -> str:
        """Text without outer blanks; ``default=None`` makes it required."""
        value = self.raw(key)
        if isinstance(value, int) and not isinstance(value, bool) and not pattern:
            value = str(value)
        if value is None or value == "":
            if default is None:
                self.complain(key, _("This is required."), hint)
            return default or ""
        if not isinstance(value, str):
            self.complain(key, _("Text is expected here."), hint)
            return default or ""
        value = value.strip()
        if len(value) > longest:
            self.complain(key, _("At most %(longest)d characters.") % {"longest": longest})
        if not _is_storable(value):
            self.complain(key, _("No text may hold a NUL character or half a character."))
        if pattern and not re.fullmatch(pattern, value):
            self.complain(key, _("“%(value)s” is not allowed here.") % {"value": value}, hint)
        return value

    def choice(self, key: str, choices: Collection[str], *, default: str | None) -> str:
        value = self.text(key, default=default)
        if value and value not in choices:
            self.complain(
                key,
                _("“%(value)s” is none of: %(choices)s.")
                % {"value": value, "choices": ", ".join(choices)},
                did_you_mean(value, choices),
            )
        return value

    def integer(self, key: str, *, default: int | None, low: int, high: int) -> int | None:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.complain(
                key,
                _("A whole number from %(low)d to %(high)d is expected here.")
                % {"low": low, "high": high},
            )
            return default
        return value

    def number(self, key: str) -> Decimal | None:
        value = self.raw(key)
        if value is None:
            return None
        try:
            number = Decimal("NaN" if isinstance(value, bool) else str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.complain(key, _("A number is expected here."))
            return None
        if number and not _is_kept(number):
            self.complain(
                key,
                _("At most %(digits)d digits before the decimal mark, and %(decimals)d after it.")
                % {"digits": MOST_DIGITS, "decimals": MOST_DECIMALS},
            )
            return None
        return number

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.complain(key, _("true or false is expected here."))
            return default
        return value

    def date(self, key: str) -> date | None:
        value = self.text(key)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.complain(key, _("A date is expected here."), "2026-01-31")
            return None

    def moment(self, key: str, zone: ZoneInfo, *, at_end: bool = False) -> datetime | None:
        """A date (from its first instant, or with ``at_end`` to its last) or date and time."""
        value = self.text(key)
        if not value:
            return None
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                clock = time(23, 59, 59) if at_end else time()
                day = datetime.combine(date.fromisoformat(value), clock, tzinfo=zone)
                return self._of_our_time(key, day)
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.complain(key, _("A date or a time is expected here."), "2026-01-31T17:00")
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return self._of_our_time(key, moment)

    def _of_our_time(self, key: str, moment: datetime) -> datetime | None:
        """Every clock can hold it, whichever zone it stands in."""
        if FIRST_YEAR <= moment.year <= LAST_YEAR:
            return moment
        self.complain(
            key,
            _("A time between the years %(first)d and %(last)d is expected here.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR},
        )
        return None

    def texts(self, key: str) -> list[str]:
        value = self.raw(key)
        if value is None:
            return []
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.complain(key, _("A list of texts is expected here."))
            return []
        return [item.strip() for item in value]

    def node(self, key: str) -> "Node":
        value = self.raw(key)
        path = ".".join(part for part in (self.path, key) if part)
        return Node({} if value is None else value, path, self.complaints)

    def nodes(self, key: str, *, short: str = "") -> Iterator["Node"]:
        """The objects of a list; with ``short`` a bare text stands for ``{short: text}``."""
        value = self.raw(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.complain(key, _("A list is expected here: […]."))
            return
        path = ".".join(part for part in (self.path, key) if part)
        for place, item in enumerate(value):
            content = {short: item} if short and isinstance(item, str) else item
            yield Node(content, f"{path}[{place}]", self.complaints)

    def close(self) -> None:
        """Complain of every key nobody asked for: a typing error must not go unnoticed."""
        for key in self._content:
            if key not in self._asked and not key.startswith("$"):
                near = "" if self.is_told_enough else did_you_mean(key, self._asked)
                self.complain(key, _("There is no such key here."), near)


def _is_storable(text: str) -> bool:
    return not any(each == "\x00" or "\ud800" <= each <= "\udfff" for each in text)


def _is_kept(number: Decimal) -> bool:
    """Whether the database holds a number as it is."""
    _sign, digits, exponent = number.as_tuple()
    idle = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return number.adjusted() < MOST_DIGITS and -(int(exponent) + idle) <= MOST_DECIMALS


def did_you_mean(text: str, known: Collection[str]) -> str:
    close = get_close_matches(text, list(known), n=1)
    return _("Did you mean %(name)s?") % {"name": close[0]} if close else ""


def read_document(data: bytes) -> Node:
    """The root of a JSON document; numbers stay exact, a key given twice is a mistake."""
    complaints: list[Complaint] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        counted = Counter(key for key, _value in items)
        complaints.extend(
            Complaint(key, _("This key is given twice in one object."))
            for key, count in list(counted.items())
            if count > 1 and len(complaints) < MOST_TOLD
        )
        return dict(items)

    try:
        content = json.loads(data.decode("utf-8-sig"), parse_float=Decimal, object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        raise DescriptionError([Complaint("$", _("The file is not UTF-8."))]) from error
    except json.JSONDecodeError as error:
        where = _("line %(line)d, column %(column)d") % {
            "line": error.lineno,
            "column": error.colno,
        }
        raise DescriptionError(
            [Complaint("$", _("This is not JSON: %(where)s.") % {"where": where}, error.msg)]
        ) from error
    except (
        ValueError,
        InvalidOperation,
    ) as error:  # of thousands of digits, or an exponent of them
        raise DescriptionError(
            [Complaint("$", _("It holds a number that is too long."))]
        ) from error
    except RecursionError as error:
        raise DescriptionError([Complaint("$", _("Nested too deeply."))]) from error
    return Node(content, "", complaints)
