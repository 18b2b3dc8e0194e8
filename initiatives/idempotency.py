"""A form that is sent twice does once what it says, and answers the same.

Each form carries a random key (``{% once %}``; other clients send ``Idempotency-Key``). The answer
to a key is kept for a day, sealed with the key itself: who reads the table can open nothing, not
even a link that was shown once. The same key with another body is refused, and one whose first
request still runs is told so.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from cryptography.fernet import Fernet
from django.contrib import messages
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from initiatives.models import AnsweredForm

FIELD, HEADER = "idempotency_key", "Idempotency-Key"
LONGEST = 128
KEPT = timedelta(days=1)
REFUSED = 400  # from here on nothing was done, and the same key may try again
KEPT_HEADERS = ("Location", "Content-Type", "HX-Redirect", "HX-Location")
NOT_SAID = {FIELD, "csrfmiddlewaretoken"}


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer the same request with the same key only once; to be put under a door.

    htmx sends a form again and again while somebody types: there only the header counts.
    """

    @wraps(view)
    def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER) or ""
        if not key and request.method == "POST" and not request.htmx:
            key = request.POST.get(FIELD, "")
        if not key or request.method != "POST":
            return view(request, *args, **kwargs)
        if len(key) > LONGEST:
            return _refuse(request, status=422)
        name = _digest(_sender(request), request.path, key)
        if not _wait_for(name):
            return _refuse(request, status=409)
        found = AnsweredForm.objects.filter(digest=name).first()
        if found is None:
            response = view(request, *args, **kwargs)
            _keep(request, response, name, key)
            return response
        if found.request != _said(request):
            return _refuse(request, status=422)
        return _again(request, found, key)

    return wrapped


def forget() -> int:
    """Remove what nobody will send again; how many."""
    return AnsweredForm.objects.filter(answered_at__lt=timezone.now() - KEPT).delete()[0]


def _sender(request: Any) -> str:
    """Whose key it is: another person's same key is another key."""
    if request.user.is_authenticated:
        return f"user {request.user.pk}"
    return f"link {getattr(request, 'token', '')}"


def _digest(*parts: str) -> str:
    text = "\0".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _said(request: Any) -> str:
    """A digest of what the form says."""
    fields = sorted((name, request.POST.getlist(name)) for name in set(request.POST) - NOT_SAID)
    files = []
    for name, file in sorted(request.FILES.items()):
        files.append((name, file.name, hashlib.sha256(file.read()).hexdigest()))
        file.seek(0)
    return _digest(json.dumps([fields, files]))


def _wait_for(name: str) -> bool:
    """Wait until nobody else answers this key; False if that takes too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(('x' || substr(%s, 1, 16))::bit(64)::bigint)", [name]
            )
    except OperationalError:
        return False
    return True


def _keep(request: Any, response: HttpResponse, name: str, key: str) -> None:
    if response.status_code >= REFUSED or response.streaming:
        return
    answer = {
        "status": response.status_code,
        "headers": {each: response[each] for each in KEPT_HEADERS if each in response},
        "body": response.content.decode(),
        "nonce": str(getattr(request, "csp_nonce", "")),
        "messages": [
            [each.level, str(each.message)]
            for each in getattr(messages.get_messages(request), "_queued_messages", [])
        ],
    }
    sealed = _seal(key).encrypt(json.dumps(answer).encode()).decode()
    user_id = request.user.pk if request.user.is_authenticated else None
    AnsweredForm.objects.create(digest=name, request=_said(request), answer=sealed, user_id=user_id)


def _again(request: Any, found: AnsweredForm, key: str) -> HttpResponse:
    answer = json.loads(_seal(key).decrypt(found.answer.encode()))
    for level, text in answer["messages"]:
        messages.add_message(request, level, text)
    body = answer["body"]
    if answer["nonce"]:  # scripts of the page run under this response's policy
        body = body.replace(answer["nonce"], str(request.csp_nonce))
    return HttpResponse(body, status=answer["status"], headers=answer["headers"])


def _seal(key: str) -> Fernet:
    raw = hashlib.sha256(b"answer" + key.encode("utf-8", "surrogatepass")).digest()
    return Fernet(base64.urlsafe_b64encode(raw))


def _refuse(request: Any, *, status: int) -> HttpResponse:
    return render(request, "sent_twice.html", {"is_running": status == 409}, status=status)  # noqa: PLR2004
