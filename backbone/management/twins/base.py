"""What every part of the twins is made with."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from initiatives import links
from initiatives.choices import LinkPurpose
from initiatives.models import User

PASSWORD = "correct-twin-battery-staple"  # noqa: S105 - of a rehearsal only


@dataclass
class Twin:
    """One of the two, by everything that an address or a form may name."""

    slug: str
    initiative_id: int
    objects: dict[str, int] = field(default_factory=dict)
    organizations: dict[str, int] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    expired_tokens: dict[str, str] = field(default_factory=dict)

    @property
    def canary(self) -> str:
        """In every text of this initiative."""
        return f"canary-{self.slug}"

    @property
    def private_canary(self) -> str:
        """In every text of the first organization's own writings."""
        return f"nightingale-{self.slug}"

    def person(self, role: str, organization: str = "") -> str:
        """The e-mail address of somebody who holds ``role``."""
        return next(
            person["email"]
            for person in self.people
            if person["role"] == role and organization in {"", person["organization"]}
        )


def new(model: Any, **fields: Any) -> Any:
    row = model.here(**fields)
    row.save(force_insert=True)
    return row


def issue(twin: Twin, purpose: LinkPurpose, object_id: int, user: User | None = None) -> None:
    twin.tokens[purpose], _link = links.issue(purpose, object_id, user=user)
    twin.expired_tokens[purpose], _old = links.issue(
        purpose, object_id, user=user, expires_at=timezone.now() - timedelta(days=1)
    )
