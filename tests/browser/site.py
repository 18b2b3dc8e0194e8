"""The product as people meet it: web, worker and beat under the supervisor, on a database of ours."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections

from backbone.management.twins import Twin
from config import stack, supervise
from initiatives.models import User
from tests import database, static_files
from tests.waiting import until

SECONDS_TO_STOP = 60
REDIS_DATABASES = (62, 63)  # of the shared server; one process at a time drives the browser
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LINK = re.compile(r"https?://\S+")
CODE = re.compile(r"^[A-Z0-9-]{6,}$", re.MULTILINE)


@dataclass
class Site:
    """A running site and what a test may do behind its back."""

    var: Path
    unblock: Callable[[], Any]
    port: int = 0
    name: str = ""
    twins: tuple[Twin, Twin] | None = None
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What the programs are told; a named database makes it a deployment, so all of it."""
        broker, cache = REDIS_DATABASES
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
        }
        socket = stack.layout().redis_socket
        return {
            **kept,
            "MFA_REQUIRED": "false",  # who signs in here has no second device at hand
            "CONCERT_VAR": str(self.var),
            "STATIC_ROOT": str(static_files.ROOT),
            "DATABASE_URL": stack.database_url(database=self.name),
            "REDIS_URL": f"redis+socket://{socket}?virtual_host={broker}",
            "CACHE_URL": stack.redis_url(cache),
            "SECRET_KEY": settings.SECRET_KEY,  # sessions made here are known there
            "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
            "ALLOWED_HOSTS": "localhost",
            "SITE_URL": self.address,
            "DEFAULT_FROM_EMAIL": "Concert <concert@concert.example>",
            "EMAIL_HOST": "localhost",
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "HTTPS": "false",
            "DEBUG": "false",
            "WEB_CONCURRENCY": "2",
        }

    def start(self) -> None:
        stack.ensure()
        self.port = supervise.free_port(0)
        self.name = f"test_browser_{os.getpid()}"
        with self.unblock():
            database.create(self.name)
        self.forget()
        static_files.collect()
        log = (self.var / "site.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.supervise", "--port", str(self.port)],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        until(self.is_up, lambda: f"up:\n{self.said}")

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said
        return "Concert is at" in self.said and "worker  | " in self.said

    @property
    def said(self) -> str:
        return (self.var / "site.log").read_text()

    def stop(self) -> None:
        """End everything that was started; a program that does not end by itself is killed."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.forget()
        database.drop(self.name)

    @staticmethod
    def forget() -> None:
        """Empty the two Redis databases."""
        for number in REDIS_DATABASES:
            with redis.Redis(
                unix_socket_path=str(stack.layout().redis_socket), db=number
            ) as client:
                client.flushdb()

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """Do something with the site's rows, in a thread of its own.

        The browser's driver keeps an event loop in this one, where Django refuses to work.
        """

        def within() -> Any:
            with self.unblock(), database.using(self.name):
                try:
                    return work(*args)
                finally:
                    connections.close_all()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(within).result()

    def session(self, email: str) -> str:
        """The key of a session in which somebody has just signed in."""
        return self.run(_session, email)

    def letters(self, to: str) -> list[EmailMessage]:
        """The letters written to somebody, oldest first."""
        files = sorted((self.var / "mail").glob("*"), key=lambda file: file.stat().st_mtime_ns)
        found = [
            message_from_bytes(raw.strip(), policy=policy.default)
            for file in files
            for raw in file.read_bytes().split(b"-" * 79)
            if raw.strip()
        ]
        return [letter for letter in found if to in str(letter["To"])]

    def link_in_letter(self, to: str, part: str) -> str:
        """The newest link with ``part`` in its address that was written to somebody."""

        def find(text: str) -> str:
            return next((link for link in LINK.findall(text) if part in link), "")

        return self._newest(to, find)

    def code_in_letter(self, to: str) -> str:
        """The newest code that was written to somebody who gave this address."""
        return self._newest(to, lambda text: "".join(CODE.findall(text)[:1]))

    def _newest(self, to: str, find: Callable[[str], str]) -> str:
        """What the newest letter has in which there is something; a worker may still write it."""

        def newest() -> str:
            texts = (each.get_body(("plain",)).get_content() for each in reversed(self.letters(to)))
            return next(filter(None, map(find, texts)), "")

        return until(newest, lambda: f"such a letter to {to}:\n{self.said}", every=0.2)


def _session(email: str) -> str:
    user = User.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "email": email}
    ]
    session.save()
    return str(session.session_key)
