"""The version of a row that somebody looked at, so that the second of two writers is told.

A form carries it hidden; the service compares it under the row's lock.
"""

import hashlib

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangedMeanwhileError(ValidationError):
    """Somebody else wrote since the page was opened; nothing was stored."""


def version_of(row: models.Model, *more: object) -> str:
    """A short digest of the row's values, and of what else the form shows."""
    values = [getattr(row, field.attname) for field in row._meta.concrete_fields]
    return hashlib.sha256(repr([*values, *more]).encode()).hexdigest()[:16]


def check_version(version: str | None, row: models.Model, *more: object) -> None:
    """Refuse if the row is not any more what ``version`` was of; None asks nothing.

    :raises ChangedMeanwhileError: somebody else was faster.
    """
    if version is not None and version != version_of(row, *more):
        raise ChangedMeanwhileError(
            _(
                "Somebody else changed this meanwhile. What you typed is kept here; saving again"
                " puts it in the place of theirs."
            )
        )
