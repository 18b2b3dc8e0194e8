"""What every request passes through: an id, private pages, idle sessions, log lines."""

import json
import logging
import smtplib
import sys
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import IntegrityError, transaction
from django.http import HttpResponse

from config.encoding import in_utf_8
from initiatives import logs, middleware


@pytest.fixture
def person(db):
    return get_user_model().objects.create_user(email="ada@example.org", password="a long password")


@pytest.mark.parametrize("given", ["short", "with space in it", "x" * 65, "new\nline-here", ""])
def test_an_unfit_request_id_is_replaced(rf, given):
    response = middleware.request_id(lambda _request: HttpResponse())(
        rf.get("/", headers={"X-Request-ID": given})
    )
    assert response["X-Request-ID"] != given
    assert middleware.ACCEPTABLE_ID.fullmatch(response["X-Request-ID"])


def test_the_proxys_request_id_is_kept_and_logged(rf):
    seen = []

    def view(_request):
        record = logging.makeLogRecord({})
        logs.ContextFilter().filter(record)
        seen.append(record.request_id)
        return HttpResponse()

    response = middleware.request_id(view)(rf.get("/", headers={"X-Request-ID": "proxy-1234"}))
    assert response["X-Request-ID"] == "proxy-1234"
    assert seen == ["proxy-1234"]
    assert logs.request_id.get() == ""


def record_of(message, **extra):
    record = logging.makeLogRecord(
        {"msg": message, "levelname": "INFO", "name": "concert", **extra}
    )
    logs.ContextFilter().filter(record)
    return record


def test_a_json_line_is_one_line_with_its_context():
    line = logs.JsonFormatter().format(record_of("first\nsecond", rows=3))
    assert "\n" not in line
    said = json.loads(line)
    assert said["message"] == "first\nsecond"
    assert said["rows"] == 3
    assert {"time", "level", "logger", "request_id", "user_id", "initiative_id"} <= set(said)


@pytest.mark.parametrize("break_", ["\n", "\r", "\u2028"])
def test_nobody_can_forge_a_second_plain_line(break_):
    line = logs.PlainFormatter().format(record_of(f"name{break_}ERROR forged"))
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("formatter", [logs.JsonFormatter, logs.PlainFormatter])
def test_tokens_never_reach_a_log(formatter):
    line = formatter().format(record_of("GET /share/cip_abcDEF-123_x/ 200"))
    assert "abcDEF" not in line
    assert "cip_***" in line


@pytest.mark.parametrize("formatter", [logs.JsonFormatter, logs.PlainFormatter])
def test_nobody_is_named_in_a_log_by_what_failed(formatter, db):
    """Neither by the row that the database refused nor by the address that a server did not take."""
    User = get_user_model()  # noqa: N806
    email, name = "ada.byron@example.org", 'Ada "Countess" Byron'
    User.objects.create(email=email, name=name)
    try:
        with transaction.atomic():
            User.objects.create(email=email.upper(), name=name)
    except IntegrityError:
        line = formatter().format(record_of("It failed", exc_info=sys.exc_info()))
    assert "one_user_per_email" in line
    assert "IntegrityError" in line
    if formatter is logs.JsonFormatter:
        assert json.loads(line)["message"] == "It failed"
    refused = smtplib.SMTPRecipientsRefused({email: (550, b"no")})
    line += formatter().format(record_of(f"Refused: {refused}"))
    for word in ("ada", "byron", "example.org"):
        assert word not in line.lower()


def test_signed_in_pages_are_kept_by_nobody(client, person):
    client.force_login(person)
    response = client.get("/account/password/change/")
    assert "no-store" in response["Cache-Control"]


def test_an_idle_session_ends(client, person, settings):
    client.force_login(person)
    client.get("/healthz")
    assert "_auth_user_id" in client.session
    session = client.session
    session[middleware.SEEN_KEY] = int(time.time()) - settings.SESSION_IDLE_SECONDS - 1
    session.save()
    client.get("/healthz")
    assert "_auth_user_id" not in client.session


def test_a_session_in_use_is_noted_now_and_then(client, person):
    client.force_login(person)
    client.get("/healthz")
    session = client.session
    earlier = int(time.time()) - middleware.SEEN_STEP_SECONDS
    session[middleware.SEEN_KEY] = earlier
    session.save()
    client.get("/healthz")
    assert client.session[middleware.SEEN_KEY] > earlier


def test_the_policy_allows_nothing_inline_and_nobody_else(client, db):
    policy = client.get("/account/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    "path", ["/account/password/reset/key/6-abc-123/", "/account/confirm-email/Mq:1abc:x_y-z/"]
)
def test_keys_of_letters_are_masked(path):
    key = path.rstrip("/").rsplit("/", 1)[1]
    for formatter in (logs.JsonFormatter(), logs.PlainFormatter()):
        line = formatter.format(record_of(f"Internal Server Error: {path}"))
        assert key not in line
        assert path.removesuffix(f"{key}/") in line


class Unread:
    """A body that nobody may begin to read."""

    def read(self, *_):
        raise AssertionError("read")

    readline = read


@pytest.mark.parametrize("size", [2 * 1024 * 1024 + 1, 10**18, int("9" * 200)])
def test_a_stranger_sends_no_file(client, db, size):
    told = {"CONTENT_LENGTH": str(size), "wsgi.input": Unread()}
    answer = client.post("/account/login/", **told)
    assert answer.status_code == 413
    assert "At most 2 MB" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_member_sends_one_that_fits(client, person, settings):
    client.force_login(person)
    settings.MOST_BODY_BYTES = 4 * 1024 * 1024
    few, many = {"x": "a" * 3_000_000}, {"x": "a" * 5_000_000}
    assert client.post("/account/", few).status_code == 422
    assert client.post("/account/", many).status_code == 413


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["/account/login/", "/nowhere/"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"login=x", f"{FORM}; charset=utf-16"),
        (b"login=x", f"{FORM}; charset=idna"),
        (b"login=x&" * 1_500, FORM),
        (b"login=" + b"x" * (1 << 20), FORM),
        (b"--x", "multipart/form-data"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n" * 3, "multipart/form-data; boundary=x"),
    ],
)
def test_what_is_no_form_is_refused_and_no_error(client, db, settings, path, body, kind):
    """Django's page for the error reads the form again; on any address, whoever asks."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 19
    client.raise_request_exception = False
    client.get("/account/login/")  # with a cookie the form is read
    answer = client.generic("POST", path, body, content_type=kind)
    assert answer.status_code < 500
    assert "Content-Security-Policy" in answer.headers


def test_an_address_asks_for_so_many_things_at_most(client, db):
    client.raise_request_exception = False
    for path in ("/account/login/", "/nowhere/"):
        assert client.get(path, QUERY_STRING="a&" * 1_500).status_code == 400


@pytest.mark.parametrize("encoding", ["idna", "rot13", 'hex"', '"hex"', "utf-16", "utf-8"])
@pytest.mark.parametrize("name", ["charset=", "CharSet = ", "charset*=utf-8''"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_request_is_in_utf_8_whatever_it_claims(rf, db, kind, name, encoding):
    """Django makes the request where nothing answers an error yet: the server would."""
    environ = rf.post("/account/login/", {"login": "ä"}, QUERY_STRING="next=%ff%fea").environ
    environ["CONTENT_TYPE"] = f"{kind}; {name}{encoding}"
    said = []
    application = in_utf_8(WSGIHandler())
    b"".join(application(environ, lambda status, headers: said.append((status, dict(headers)))))
    [(status, headers)] = said
    assert status.startswith("403 ")  # without its token
    assert "Content-Security-Policy" in headers


def test_a_form_keeps_where_its_parts_begin(rf):
    environ = rf.post("/", {"name": "ä"}).environ
    environ["CONTENT_TYPE"] += "; charset=utf-16"
    read = []
    in_utf_8(lambda told, _start: read.append(WSGIRequest(told).POST["name"]))(environ, None)
    assert read == ["ä"]
