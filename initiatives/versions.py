"""The version of a row that somebody looked at, so that the second of two writers is told.

A form carries it hidden; the service compares it under the row's lock.
"""

import hashlib
from typing import Any

from django import forms
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


class VersionedForm(forms.Form):
    """A form that knows what its page was showing when it was opened."""

    version = forms.CharField(max_length=200, widget=forms.HiddenInput, required=False)

    def refuse(self, error: ValidationError, version: str = "") -> None:
        """Say why nothing was stored; after somebody else's change, what is typed may replace it."""
        self.add_error(None, error)
        if isinstance(error, ChangedMeanwhileError):
            data: Any = self.data
            self.data = data.copy()
            self.data["version"] = version  # type: ignore[index]
