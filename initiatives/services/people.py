"""What people decide about themselves. It is in no initiative, so there is no act of it."""

from initiatives.models import User


def update_person(*, user: User, name: str) -> User:
    """Change what a person is called."""
    user.name = name
    user.save(update_fields=["name"])
    return user
