"""The proxy of the deployment, Caddy with its own file, before the web process as it is deployed."""

import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings

from config import supervise
from initiatives.models import User
from tests import static_files
from tests.stack import deployment
from tests.stack.deployment import CADDYFILE, wait_for_answer
from tests.waiting import PATIENCE, until

pytestmark = [pytest.mark.proxy, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MEGABYTE = 1024 * 1024
SLOW_LINES = 6
# Debian's 2.6.2 knows the same thing by two other words, which later versions gave up.
OLDER = ("request_buffers 52MiB", "buffer_requests\n\t\tmax_buffer_size 52MiB")


class Proxied:
    """gunicorn as the compose file starts it, and Caddy before it."""

    def __init__(self, folder):
        self.folder = folder
        self.web_port, self.port, self.plain_port, self.admin_port = (
            supervise.free_port(0) for _ in range(4)
        )
        self.env = {
            **os.environ,
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "CADDY_ADMIN": f"localhost:{self.admin_port}",
            "DOMAIN": "localhost",
            "HTTP_PORT": str(self.plain_port),
            "HTTPS_PORT": str(self.port),
            "UPSTREAM": f"127.0.0.1:{self.web_port}",
        }
        self.file = folder / "Caddyfile"
        text = CADDYFILE.read_text()
        self.file.write_text(text if knows_buffers() else text.replace(*OLDER))
        self.log = folder / "log"
        self.web = self.caddy = None

    def start(self):
        told = deployment.environment("web", self.web_port, self.folder)
        self.web = subprocess.Popen(
            deployment.parsed()["services"]["web"]["command"],
            env={**told, "STATIC_ROOT": str(static_files.collect())},
            cwd=settings.BASE_DIR,
            stdout=(self.folder / "web.log").open("w"),
            stderr=subprocess.STDOUT,
        )
        self.caddy = subprocess.Popen(
            ["caddy", "run", "--adapter", "caddyfile", "--config", str(self.file)],
            env=self.env,
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )
        wait_for_answer(f"http://localhost:{self.web_port}/healthz", self.web)
        root = self.folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"

        def is_made():
            assert self.caddy.poll() is None, self.log.read_text()
            return root.exists() and root.read_text().endswith("-----END CERTIFICATE-----\n")

        until(is_made, lambda: f"a root certificate:\n{self.log.read_text()}")
        self.trust = ssl.create_default_context(cafile=str(root))
        wait_for_answer(f"{self.address}/healthz", self.caddy, context=self.trust)

    @property
    def address(self):
        return f"https://localhost:{self.port}"

    def stop(self):
        for process in (self.caddy, self.web):
            if process is not None:
                process.terminate()
                process.wait(timeout=PATIENCE)

    def ask(self, path, data=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, data, named)
        try:
            with urllib.request.urlopen(request, context=self.trust, timeout=PATIENCE) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    @contextlib.contextmanager
    def line(self, source="127.0.0.1"):
        """An open line to the proxy, from one of this machine's addresses."""
        place = ("127.0.0.1", self.port)
        with socket.create_connection(place, timeout=PATIENCE, source_address=(source, 0)) as raw:
            yield self.trust.wrap_socket(raw, server_hostname="localhost")

    def lines(self):
        whole, _end, _begun = self.log.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def seen(self, marker):
        """The access log's line about the request whose address has ``marker``."""

        def found():
            for line in self.lines():
                if marker in line.get("request", {}).get("uri", "") and "status" in line:
                    return line
            return None

        return until(found, lambda: f"{marker} in:\n{self.log.read_text()}")


def knows_buffers():
    said = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", said)[:3])) >= (2, 6, 3)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory, django_db_setup, django_db_blocker):
    made = Proxied(tmp_path_factory.mktemp("proxy"))
    try:
        with django_db_blocker.unblock():
            made.start()
        yield made
    finally:
        made.stop()


@pytest.mark.parametrize("word", ["validate", "fmt"])
def test_the_file_is_valid_and_in_form(tmp_path, word):
    made = Proxied(tmp_path)
    command = {
        "validate": ["caddy", "validate", "--adapter", "caddyfile", "--config", str(made.file)],
        "fmt": ["caddy", "fmt", str(made.file)],
    }[word]
    done = subprocess.run(command, env=made.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if word == "fmt":
        assert done.stdout == made.file.read_text()


def test_readers_come_over_tls_whatever_they_typed(proxied):
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args, **_kwargs):
            return None

    plain = f"http://localhost:{proxied.plain_port}/account/login/"
    with pytest.raises(urllib.error.HTTPError) as moved:
        urllib.request.build_opener(Stay).open(plain, timeout=PATIENCE)
    assert moved.value.code == 308
    assert moved.value.headers["Location"].startswith("https://localhost")
    status, headers, page = proxied.ask("/account/login/")
    assert status == 200
    assert b"csrfmiddlewaretoken" in page
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "__Host-csrftoken" in headers["Set-Cookie"]
    assert "Server" not in headers


def test_a_style_sheet_is_served_compressed_and_for_good(proxied):
    _status, _headers, page = proxied.ask("/account/login/")
    sheet = re.search(rb'href="(/static/[^"]+\.css)"', page)[1].decode()
    status, headers, _body = proxied.ask(sheet, Accept_Encoding="br")
    assert status == 200
    assert headers["Content-Encoding"] == "br"
    assert "immutable" in headers["Cache-Control"]


def head_of_form(*fields):
    lines = ["POST /account/login/ HTTP/1.1", "Host: localhost", "X-Forwarded-Proto: https"]
    lines += ["Content-Type: application/x-www-form-urlencoded", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def to_the_end(line):
    """All that is said before the line is closed, which may come in pieces."""
    said = b""
    with contextlib.suppress(ConnectionResetError):  # whoever is refused had more to send
        while piece := line.recv(65536):
            said += piece
    return said


def test_a_body_over_the_limit_is_refused_in_words_before_it_is_read(proxied):
    with proxied.line() as line:
        line.sendall(head_of_form("Content-Length: 55000000", "Connection: close"))
        said = to_the_end(line)
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"Content-Type: text/plain; charset=utf-8" in head
    assert body == b"At most 52 MB can be sent at once. Go back and send a smaller file."


def test_one_that_fits_is_the_applications_to_judge(proxied):
    status, _headers, page = proxied.ask("/account/login/", b"x" * (3 * MEGABYTE))
    assert status == 413
    assert b"At most 2" in page  # of a stranger


def drip(open_line, length, stop, begun):
    """Somebody who sends a form of a megabyte at a hundred bytes a second."""
    piece = b"x" * 20 if length.startswith("Content-Length") else b"14\r\n" + b"x" * 20 + b"\r\n"
    # Whoever is served without being heard out may find the line closed.
    with contextlib.suppress(OSError), open_line() as line:
        line.sendall(head_of_form(length))
        begun.release()
        while not stop.wait(0.2):
            line.sendall(piece)


class SlowLines:
    """While it lasts, more people send slowly than there are workers."""

    def __init__(self, open_line, length="Content-Length: 1000000"):
        self.stop, self.begun = threading.Event(), threading.Semaphore(0)
        told = (open_line, length, self.stop, self.begun)
        self.threads = [threading.Thread(target=drip, args=told) for _ in range(SLOW_LINES)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        for _thread in self.threads:
            assert self.begun.acquire(timeout=PATIENCE)
        time.sleep(1)  # and heard
        return self

    def __exit__(self, *_error):
        self.stop.set()
        for thread in self.threads:
            thread.join(timeout=PATIENCE)

    @property
    def are_all_open(self):
        """Whether each still sends; who holds a worker is cut off with it after a while."""
        return all(thread.is_alive() for thread in self.threads)


@pytest.mark.parametrize("length", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
def test_slow_lines_hold_no_worker(proxied, length):
    with SlowLines(proxied.line, length) as slow:
        for _ in range(4):
            assert proxied.ask("/account/login/")[0] == 200
            time.sleep(1)  # whose line was cut has noticed
            assert slow.are_all_open
    assert "TIMEOUT" not in (proxied.folder / "web.log").read_text()


def test_without_the_proxy_they_would(proxied):
    """What the test above would find, were requests handed over as they come."""

    def open_line():
        return socket.create_connection(("127.0.0.1", proxied.web_port), timeout=PATIENCE)

    with SlowLines(open_line), pytest.raises(TimeoutError):
        urllib.request.urlopen(f"http://localhost:{proxied.web_port}/healthz", timeout=4)


def test_the_application_learns_who_asks_and_believes_nobody_else(proxied):
    User.objects.create_user(email="ada@example.org", password="a long password of hers")
    email = User.objects.get(email="ada@example.org")
    email.emailaddress_set.create(email=email.email, verified=True, primary=True)
    _status, headers, page = proxied.ask("/account/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()
    cookie = headers["Set-Cookie"].split(";")[0]
    body = urllib.parse.urlencode(
        {
            "csrfmiddlewaretoken": token,
            "login": "ada@example.org",
            "password": "a long password of hers",
        }
    )
    # From another address of this machine, so that it can be told from the proxy's own.
    with proxied.line("127.0.0.7") as line:
        line.sendall(
            f"POST /account/login/ HTTP/1.1\r\nHost: localhost:{proxied.port}\r\n"
            f"Referer: {proxied.address}/account/login/\r\nOrigin: {proxied.address}\r\n"
            f"Cookie: {cookie}\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: http\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        )
        said = to_the_end(line)
    assert said.startswith(b"HTTP/1.1 302"), said[:2000]
    assert b"__Host-sessionid" in said
    assert [session.ip for session in UserSession.objects.all()] == ["127.0.0.7"]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/link/form/cip_abcSECRET-1/?a=logged1", "/link/form/***/?a=logged1"),
        ("/link/form/%63ip_abcSECRET-1/?a=logged2", "/link/form/***/?a=logged2"),
        ("/account/login/?next=%2Flink%2Fform%2Fcip_SECRET&a=logged3", None),
        ("/account/password/reset/key/6-SECRET/?a=logged4", None),
        ("/account/confirm-email/SECRET:1abc:x/?a=logged5", None),
    ],
)
def test_the_access_log_tells_everything_but_keys(proxied, path, written):
    proxied.ask(path, Referer=f"{proxied.address}{path}", Cookie="a=SECRET")
    line = proxied.seen(path.rpartition("a=")[2])
    assert line["logger"] == "http.log.access"
    assert line["status"] in {200, 302, 404}
    assert line["request"]["remote_ip"] == "127.0.0.1"
    assert line["resp_headers"]["X-Request-Id"]  # as in the application's own lines
    assert written in {None, line["request"]["uri"]}
    assert "SECRET" not in proxied.log.read_text()


def test_while_the_application_is_away_it_says_so(tmp_path):
    made = Proxied(tmp_path)
    made.caddy = subprocess.Popen(
        ["caddy", "run", "--adapter", "caddyfile", "--config", str(made.file)],
        env=made.env,
        stdout=made.log.open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        made.trust = ssl._create_unverified_context()  # noqa: S323 - whoever answers, it is ours

        def answer():
            with contextlib.suppress(OSError):
                return made.ask("/link/form/cip_SECRET/")

        status, headers, said = until(answer, lambda: f"an answer:\n{made.log.read_text()}")
        assert (status, headers["Retry-After"]) == (502, "30")
        assert said == b"Concert is being started or updated. Try again in a minute."
        assert "SECRET" not in made.log.read_text()
    finally:
        made.stop()
