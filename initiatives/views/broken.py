"""What is said when we made a mistake, or a request could not be read."""

import errno
import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from initiatives import logs

logger = logging.getLogger(__name__)
PLAIN = "This did not work, and it is our mistake. Nothing of yours was stored. Number: %s"
LATER = "Nothing can be stored here just now. Nothing of yours was. Try again in a few minutes."
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def server_error(request: HttpRequest) -> HttpResponse:
    """A page with the number of the request, by which its reason is found in the logs.

    Whatever broke may break this page too: then its words come alone. Where a server is away or a
    disk is full nobody made a mistake, and later it may go well.
    """
    number = logs.request_id.get()
    if is_out_of_room(sys.exc_info()[1]):
        return _later(request)
    try:
        return render(request, "500.html", {"number": number}, status=500)
    except Exception:
        logger.exception("The page of errors failed as well.")
        return HttpResponse(PLAIN % number, status=500, content_type="text/plain; charset=utf-8")


def is_out_of_room(error: BaseException | None) -> bool:
    """Whether the database or the disk cannot take anything just now, whatever it is."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, OSError) and error.errno in NO_ROOM


def _later(request: HttpRequest) -> HttpResponse:
    try:
        response = render(request, "503.html", {"is_full": True}, status=503)
    except Exception:
        logger.exception("The page that says it failed as well.")
        response = HttpResponse(LATER, status=503, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = "30"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A request that no form of ours sends."""
    return render(request, "400.html", status=400)
