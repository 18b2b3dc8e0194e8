"""Everything that is stored of one person, for that person: asked of the models, so that none is left out.

A row is theirs if it points at them or at one of their memberships. What opens something (a password,
the secret of a second step, a link) is left out, and so is the content of files, which are theirs to
download.
"""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from initiatives.models import Initiative, Invitation, Membership, Notice, User
from initiatives.tenancy import scope
from initiatives.walls import Wall

SECRET = {"password", "digest", "answer", "token"}


def everything_of(user: User) -> dict[str, Any]:
    """What is stored of a person, by where it is; to be called outside any scope."""
    known = addresses_of(user)
    found = {
        "person": row_of(user),
        "addresses": [row_of(each) for each in EmailAddress.objects.filter(user=user)],
        "second steps": [
            {"type": each.type, "created_at": each.created_at, "last_used_at": each.last_used_at}
            for each in Authenticator.objects.filter(user=user)
        ],
        "sessions": [
            row_of(each) | {"session_key": None} for each in UserSession.objects.filter(user=user)
        ],
        "beside": dict(_rows(_models(Wall.GLOBAL), user)),
    }
    for initiative in Initiative.objects.order_by("id"):
        with scope(initiative.pk, user_id=user.pk):
            mine = Membership.objects.filter(user=user)
            there = dict(_rows(_models(Wall.TENANT, Wall.MEMBER), user, mine))
            there |= _written_to(known, user)
            if there:
                found[initiative.slug] = there
    return found


def addresses_of(user: User) -> list[str]:
    """The addresses by which a person was or is known, in small letters."""
    rows = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return sorted({user.email.lower(), *(each.lower() for each in rows)})


def row_of(row: models.Model) -> dict[str, Any]:
    """A row as plain words; without what opens something."""
    return {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.name not in SECRET and not isinstance(field, models.BinaryField)
    }


def _written_to(known: list[str], user: User) -> dict[str, list[dict[str, Any]]]:
    """What names the person by address alone."""
    invitations = Invitation.objects.filter(email__in=known)
    notices = Notice.objects.filter(recipient__in=known).exclude(user=user)
    found = {
        "initiatives.Invitation": [row_of(each) for each in invitations],
        "initiatives.Notice to an address": [row_of(each) for each in notices],
    }
    return {name: rows for name, rows in found.items() if rows}


def _models(*walls: Wall) -> Iterator[Any]:
    for app in settings.LOCAL_APPS:
        for model in apps.get_app_config(app).get_models():
            if getattr(model, "wall", None) in walls and model is not User:
                yield model


def _rows(
    found: Iterator[Any], user: User, memberships: Any = None
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for model in found:
        theirs = Q(pk__in=[])
        for field in model._meta.concrete_fields:
            if field.related_model is User:
                theirs |= Q(**{field.name: user})
            elif field.related_model is Membership and memberships is not None:
                theirs |= Q(**{f"{field.name}__in": memberships})
        if len(theirs) > 1 and (rows := [row_of(each) for each in model.objects.filter(theirs)]):
            yield model._meta.label, rows
