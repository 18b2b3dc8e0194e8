"""The first wall: inside a scope, ``objects`` sees one initiative; outside any, a query raises.

``scope(initiative_id)`` opens the transaction, tells the database (the second wall) and the
managers. ``visitor(user_id)`` is the moment before an initiative is chosen: a person sees their
own memberships and nothing else.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from django.core.exceptions import FullResultSet
from django.db import IntegrityError, OperationalError, connection, models, transaction
from psycopg.pq import TransactionStatus

from initiatives import logs
from initiatives.walls import Wall

Result = TypeVar("Result")
DEADLOCK, SERIALIZATION, LOCKED, TOO_LONG = "40P01", "40001", "55P03", "57014"
TAKEN = "23505"  # of a unique key
TRIES, KEY_TRIES = 3, 10  # of those who want one name at once one more is through each time


class BusyError(Exception):
    """Others hold what this transaction needs; nothing of it was stored. Later it may go well."""


class TooSlowError(BusyError):
    """One question took longer than the database lets any take; nobody else is to blame."""


class NoInitiativeInScope(RuntimeError):
    """A tenant table was queried outside ``scope(...)``."""


class Context(NamedTuple):
    """Whose rows may be seen now."""

    initiative_id: int | None = None
    user_id: int | None = None
    everything: bool = False


NOBODY = Context()
_current: ContextVar[Context] = ContextVar("initiative", default=NOBODY)


def current_initiative_id() -> int:
    """The initiative in scope.

    :raises NoInitiativeInScope: there is none.
    """
    initiative_id = _current.get().initiative_id
    if initiative_id is None:
        raise NoInitiativeInScope("Wrap this in initiatives.tenancy.scope(initiative_id).")
    return initiative_id


@contextmanager
def scope(initiative_id: int, *, user_id: int | None = None) -> Iterator[None]:
    """One transaction inside one initiative. The outermost: it commits or rolls back here."""
    context = Context(int(initiative_id), user_id or _current.get().user_id)
    with _transaction_of(context):
        yield


@contextmanager
def visitor(user_id: int) -> Iterator[Callable[[int], None]]:
    """One transaction of a person; what it yields steps into an initiative for the rest of it."""
    with _transaction_of(Context(user_id=user_id)):

        def step_in(initiative_id: int) -> None:
            context = Context(initiative_id, user_id)
            _current.set(context)
            logs.initiative_id.set(initiative_id)
            _tell(context)

        yield step_in


def steadily(work: Callable[[], Result], *, tries: int = TRIES) -> Result:
    """Do ``work``, one transaction, again where the database ended it for another one's sake.

    A key that was free when it was looked for and is taken when it is stored is such a case: whoever
    looks again sees the row of who was faster, and says what there is to say about it.

    :raises BusyError: it did so every time, or somebody held a row for too long.
    :raises TooSlowError: a statement ran for longer than any may.
    """
    left, left_for_keys = tries, KEY_TRIES
    while True:
        try:
            return work()
        except IntegrityError as error:
            left_for_keys -= 1
            if getattr(error.__cause__, "sqlstate", None) != TAKEN or not left_for_keys:
                raise
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state not in {DEADLOCK, SERIALIZATION, LOCKED, TOO_LONG}:
                raise
            if took_too_long(error):
                raise TooSlowError from error
            left -= 1
            if state == LOCKED or not left:
                raise BusyError from error
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - so that the two do not meet again


def took_too_long(error: OperationalError) -> bool:
    """Whether a statement was ended because it ran for longer than any may."""
    return getattr(error.__cause__, "sqlstate", None) == TOO_LONG


@contextmanager
def enter(initiative_id: int, *, user_id: int | None = None) -> Iterator[None]:
    """Be inside one initiative within a transaction that is already open."""
    with _context(Context(int(initiative_id), user_id or _current.get().user_id)):
        yield


@contextmanager
def as_person(user_id: int) -> Iterator[None]:
    """Be a person before any initiative, within a transaction that is already open."""
    with _context(Context(user_id=user_id)):
        yield


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """Set the managers' filter aside; the database's wall stands. ``reason`` is for the reader."""
    if not reason:
        raise ValueError("Say why.")
    token = _current.set(_current.get()._replace(everything=True))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def _transaction_of(context: Context) -> Iterator[None]:
    """A transaction for ``context``. What the database was told ends with it, by itself."""
    goes_on = connection.in_atomic_block  # a test's own transaction, or durable refuses it
    with transaction.atomic(durable=True), _context(context, goes_on=goes_on):
        yield


@contextmanager
def _context(context: Context, *, goes_on: bool = True) -> Iterator[None]:
    """Be ``context``; where the transaction goes on after it, tell the database that it is over."""
    if not connection.in_atomic_block:
        raise RuntimeError("An initiative is entered inside a transaction.")
    before = _current.get()
    token, log_token = _current.set(context), logs.initiative_id.set(context.initiative_id)
    _tell(context)
    try:
        yield
    finally:
        _current.reset(token)
        logs.initiative_id.reset(log_token)
        # In a failed transaction nothing can be said, and the rollback takes the setting back.
        if goes_on and _is_usable():
            _tell(before)


def _is_usable() -> bool:
    raw = connection.connection
    if raw is None or connection.needs_rollback:
        return False
    return bool(raw.info.transaction_status == TransactionStatus.INTRANS)


def _tell(context: Context) -> None:
    """Tell the database, until the transaction ends."""
    initiative, user = (
        "" if each is None else str(int(each)) for each in (context.initiative_id, context.user_id)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.initiative', %s, true), set_config('app.user', %s, true)",
            [initiative, user],
        )


class CurrentInitiative(models.Expression):
    """The id in scope, looked up when the SQL is written and not when the queryset is built.

    So a queryset made at import time (a form field's choices) obeys the scope it runs in.
    """

    output_field = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        if _current.get().everything:
            raise FullResultSet
        return "%s", (current_initiative_id(),)


class CurrentUser(models.Expression):
    """The person of this transaction; a filter on it is empty where there is none."""

    output_field = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "%s", (_current.get().user_id or 0,)


class ScopedManager(models.Manager):
    """Adds the initiative in scope to every query, as a literal the planner can use."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(initiative_id=CurrentInitiative())


class MemberManager(models.Manager):
    """Inside an initiative its rows; before one is chosen, the person's own."""

    def get_queryset(self) -> Any:
        queryset, context = super().get_queryset(), _current.get()
        if context.initiative_id is None and context.user_id is not None:
            return queryset.filter(user_id=CurrentUser())
        return queryset.filter(initiative_id=CurrentInitiative())


class TenantForeignKey(models.ForeignKey):
    """A reference inside an initiative: the migration backs it with a composite one."""

    def __init__(self, to: Any, on_delete: Any, **options: Any) -> None:
        options["db_constraint"] = False
        super().__init__(to, on_delete, **options)


class TenantModel(models.Model):
    """A row that belongs to one initiative, also where a parent row implies it."""

    wall: ClassVar[Wall] = Wall.TENANT
    initiative = models.ForeignKey("initiatives.Initiative", models.CASCADE, related_name="+")
    objects: ClassVar[Any] = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def here(cls, **fields: Any) -> Self:
        """A new, unsaved row of the initiative in scope."""
        return cls(initiative_id=current_initiative_id(), **fields)
