"""What is said when we made a mistake, or a request could not be read."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from initiatives import logs

logger = logging.getLogger(__name__)
PLAIN = "This did not work, and it is our mistake. Nothing of yours was stored. Number: %s"


def server_error(request: HttpRequest) -> HttpResponse:
    """A page with the number of the request, by which its reason is found in the logs.

    Whatever broke may break this page too: then its words come alone.
    """
    number = logs.request_id.get()
    try:
        return render(request, "500.html", {"number": number}, status=500)
    except Exception:
        logger.exception("The page of errors failed as well.")
        return HttpResponse(PLAIN % number, status=500, content_type="text/plain; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A request that no form of ours sends."""
    return render(request, "400.html", status=400)
