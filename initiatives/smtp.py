"""The line to the mail server, which knows whether a letter that was cut off may have left.

Until its last byte is handed over a letter surely did not leave, and may be sent again. After
that only the server's answer tells; it is waited for much longer than for any other, because a
server that looks into letters takes its time, and to give up on it is to send a second copy.
"""

import contextlib
import smtplib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail.backends import smtp

ATTEMPTS = 16  # of a letter that is refused for now: about a day and a half
LONGEST_PAUSE = timedelta(hours=4)
PERMANENT = 500  # the first reply code of a mail server that means never
END_OF_LETTER = b"\r\n.\r\n"


class NotTaken(smtplib.SMTPServerDisconnected):
    """The line was lost before the letter was handed over: it did not leave."""


class Line:
    """What is added to ``smtplib``'s connections."""

    is_handed_over = False

    def send(self, s: Any) -> None:
        with self._surely_not_taken():
            super().send(s)  # type: ignore[misc]
        if isinstance(s, bytes) and s.endswith(END_OF_LETTER):
            self.is_handed_over = True
            self.sock.settimeout(settings.EMAIL_PATIENCE)  # type: ignore[attr-defined]

    def getreply(self) -> tuple[int, bytes]:
        if not self.is_handed_over:
            with self._surely_not_taken():
                early: tuple[int, bytes] = super().getreply()  # type: ignore[misc]
                return early
        self.is_handed_over = False
        answer: tuple[int, bytes] = super().getreply()  # type: ignore[misc]
        self.sock.settimeout(settings.EMAIL_TIMEOUT)  # type: ignore[attr-defined]
        return answer

    @contextlib.contextmanager
    def _surely_not_taken(self) -> Iterator[None]:
        try:
            yield
        except smtplib.SMTPServerDisconnected as error:
            raise NotTaken(*error.args) from error


class PlainLine(Line, smtplib.SMTP):
    """Without TLS, or with STARTTLS."""


class SealedLine(Line, smtplib.SMTP_SSL):
    """With TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    """Django's, over such a line."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return SealedLine if self.use_ssl else PlainLine


def send(message: Any, connection: Any) -> None:
    """Hand a letter to the mail server; once more on a new line if the old one was dead.

    :raises NotTaken: it surely did not leave.
    :raises smtplib.SMTPServerDisconnected: nobody knows.
    """
    try:
        message.send()
    except NotTaken:
        connection.close()
        connection.open()
        message.send()


def reply_code(error: smtplib.SMTPException) -> int:
    """What a mail server answered to a letter; 0 where it said nothing."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _said in error.recipients.values())
    return int(getattr(error, "smtp_code", 0))


def is_final(error: smtplib.SMTPException) -> bool:
    """Whether the server said never to this letter.

    A refused sender is a mistake in our settings: letters wait until it is put right.
    """
    is_ours = isinstance(error, smtplib.SMTPSenderRefused)
    return reply_code(error) >= PERMANENT and not is_ours


def pause(attempts: int) -> timedelta:
    """How long a letter that was refused for now waits after so many attempts."""
    return min(timedelta(minutes=2**attempts), LONGEST_PAUSE)


# What the line or the server said about one letter; everything else is the end of the run.
REFUSALS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, NotTaken)
