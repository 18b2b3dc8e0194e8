"""What the environment says, read strictly: a wrong or missing value stops the start by its name."""

import base64
import os
import secrets

from django.core.exceptions import ImproperlyConfigured

from config import stack


def flag(name: str, *, default: bool) -> bool:
    """A yes or no from the environment; anything but true/false stops the start."""
    word = os.environ.get(name, "").lower()
    if word in {"", "true", "false"}:
        return default if word == "" else word == "true"
    message = f"{name} must be true or false, not {word!r}."
    raise ImproperlyConfigured(message)


def required(name: str, *, embedded: str) -> str:
    """A value that a deployment must give; the embedded stack has its own."""
    value = os.environ.get(name)
    if value:
        return value
    if stack.wants_postgres():
        return embedded
    message = f"{name} is not set. A deployment (DATABASE_URL is set) must give it."
    raise ImproperlyConfigured(message)


def words(text: str) -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def number(name: str, default: int) -> int:
    """A whole number from the environment; anything else stops the start."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal():
        message = f"{name} must be a whole number, not {text!r}."
        raise ImproperlyConfigured(message)
    return int(text)


def kept_secret(name: str, *, size: int = 32) -> str:
    """A random secret of this checkout, made once and kept under ``var/`` for its owner's eyes."""
    place = stack.var() / name
    try:
        return place.read_text()
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True)
        made = base64.urlsafe_b64encode(secrets.token_bytes(size)).decode()
        draft = place.with_name(f"{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(made)
        try:
            os.link(draft, place)  # only the first of several processes wins
        except FileExistsError:
            made = place.read_text()
        draft.unlink()
        return made
