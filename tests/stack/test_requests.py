"""What every request passes through: an id, private pages, idle sessions, log lines."""

import json
import logging
import time

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse

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
