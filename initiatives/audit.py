"""Acts are written with what they tell of, and sealed into a chain afterwards.

Sealing in the writer's transaction would make all writers of an initiative queue; a tick seals
what is there, so a deletion or a change behind the product's back breaks the chain.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from initiatives.choices import Means
from initiatives.models import Act, ActSeal, Membership
from initiatives.tenancy import current_initiative_id

logger = logging.getLogger(__name__)
BATCH = 5_000
SEAL_LOCK = 7101


def record(
    actor: Membership | None,
    action: str,
    subject: models.Model,
    *,
    means: Means = Means.WEB,
    **detail: Any,
) -> Act:
    """Note that ``actor`` did ``action``, e.g. ``measures.submission_accepted``, to ``subject``.

    ``actor`` None is the clock or an operator. ``detail`` must be plain JSON.
    """
    act = _act(actor, action, subject, means, detail)
    act.save(force_insert=True)
    return act


def record_each(
    actor: Membership | None,
    action: str,
    subjects: Iterable[tuple[models.Model, dict[str, Any]]],
    *,
    means: Means = Means.WEB,
) -> None:
    """Note one act done to many subjects at once, each with its own detail."""
    Act.objects.bulk_create(
        [_act(actor, action, subject, means, detail) for subject, detail in subjects],
        batch_size=BATCH,
    )


def _act(
    actor: Membership | None,
    action: str,
    subject: models.Model,
    means: Means,
    detail: dict[str, Any],
) -> Act:
    version = getattr(subject, "version", None)
    return Act(
        initiative_id=current_initiative_id(),
        user_id=actor.user_id if actor else None,
        organization_id=actor.organization_id if actor else None,
        capacity=actor.capacity if actor else "",
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=getattr(subject, "id", None) or 0,
        subject_label=str(subject)[:200],
        version=version if isinstance(version, int) else None,
        means=means,
        detail=detail,
    )


def canonical(act: Act) -> bytes:
    """The bytes of an act that its seal is over."""
    return json.dumps(
        [
            act.pk,
            act.initiative_id,
            act.at.isoformat(),
            act.user_id,
            act.organization_id,
            act.capacity,
            act.action,
            act.subject_type,
            act.subject_id,
            act.subject_label,
            act.version,
            act.means,
            act.detail,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    ).encode()


def chained(previous: str, act: Act) -> str:
    """The digest of an act after the one before it."""
    return hashlib.sha256(previous.encode() + canonical(act)).hexdigest()


def seal() -> int:
    """Seal the acts of the initiative in scope that are not sealed yet; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [SEAL_LOCK, current_initiative_id()]
        )
    last = ActSeal.objects.order_by("-number").first()
    number, previous = (last.number, last.digest) if last else (0, "")
    seals = []
    for act in Act.objects.filter(seals=None).order_by("id")[:BATCH]:
        number, sealed = number + 1, chained(previous, act)
        seals.append(ActSeal.here(act=act, number=number, previous=previous, digest=sealed))
        previous = sealed
    ActSeal.objects.bulk_create(seals)
    return len(seals)


def tell_head() -> None:
    """Write the head of the chain of the initiative in scope to the log, which others keep.

    Whoever takes the last acts away together with their seals leaves a chain that is right in
    itself (ASVS V16.4.3): it is the head of another day that is missing then.
    """
    last = head()
    if last is not None:
        logger.info("Chain of acts: %s sealed, head %s", last.number, last.digest)


def head() -> ActSeal | None:
    """The last link of the chain of the initiative in scope."""
    found: ActSeal | None = ActSeal.objects.select_related("act").order_by("-number").first()
    return found


def seals_among(digests: Iterable[str]) -> set[str]:
    """Which of these seals the chain of the initiative in scope has, wherever they stand."""
    found = ActSeal.objects.filter(digest__in=list(digests))
    return set(found.values_list("digest", flat=True))


@dataclass(frozen=True)
class Verdict:
    """What verifying a chain found. ``broken_at``: the number of the first wrong link."""

    sealed: int
    unsealed: int
    head: str
    broken_at: int | None


def verify() -> Verdict:
    """Recompute the chain of the initiative in scope."""
    previous, number, broken = "", 0, None
    for link in ActSeal.objects.select_related("act").order_by("number").iterator(2_000):
        number += 1
        right = link.number == number and link.previous == previous
        if broken is None and not (right and link.digest == chained(previous, link.act)):
            broken = number
        previous = link.digest
    if broken is None and ActSeal.objects.count() != number:
        broken = number + 1  # the act under the last seal is gone, and the join dropped both
    return Verdict(number, Act.objects.filter(seals=None).count(), previous, broken)
