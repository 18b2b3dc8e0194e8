"""The whole product as ``make run`` starts it, over an empty database of its own."""

import json
import os
import re
import signal
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from http.cookiejar import CookieJar
from pathlib import Path

from config import stack, supervise
from tests import database
from tests.stack.conftest import new_checkout
from tests.waiting import PATIENCE, until


class Product:
    """Web, worker and beat under their supervisor; its own PostgreSQL and Redis."""

    def __init__(self, *, checkout=None, **environment):
        self.checkout = checkout or new_checkout()
        self.environment = environment
        self.said = deque(maxlen=400)
        if checkout is None:
            self.checkout.start()
            with self.checkout.database() as connection:
                database.be_patient(connection, stack.DATABASE)
        words = ("-m", "config.supervise", "--port", str(supervise.free_port(0)))
        self.process = self.checkout.popen(*words, start_new_session=True, env=environment)
        self.address = ""
        self.is_up = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        if not (self.is_up.wait(PATIENCE) and self.address):
            self.stop()  # or it would run on, with its servers, after the test
            raise AssertionError(self.words)

    def _listen(self):
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"Concert is at (\S+)", line):
                self.address = found[1]
                self.is_up.set()
        self.is_up.set()

    @property
    def words(self):
        return "".join(self.said)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(PATIENCE)
            finally:
                for pid in self.family(self.process.pid):
                    os.kill(pid, signal.SIGKILL)
        self.checkout.remove()

    def manage(self, *words):
        process = self.checkout.popen("manage.py", *words, env=self.environment)
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        return said

    def told(self, *words):
        """What a command answers in JSON, log lines apart."""
        said = self.manage(*words)
        return json.loads(said[said.index("{") :])

    def family(self, pid):
        """A process and all below it that live."""
        found = [pid] if Path(f"/proc/{pid}").exists() else []
        for child in self.children(pid):
            found += self.family(child)
        return found

    def children(self, pid):
        task = Path(f"/proc/{pid}/task/{pid}/children")
        return [int(word) for word in task.read_text().split()] if task.exists() else []

    def program(self, name):
        """The process number of web, worker or beat."""
        word = {"web": "config.wsgi"}.get(name, name)
        for pid in self.children(self.process.pid):
            if f" {word}" in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                return pid
        raise LookupError(name)

    def one(self, query, *given):
        """The first field of the first row, read as the superuser."""
        with self.checkout.database() as connection:
            return connection.execute(query, given or None).fetchone()[0]

    def until(self, query, *given):
        """Wait until a query says true."""
        until(lambda: self.one(query, *given), lambda: f"{query}\n{self.words}", every=0.1)


class Reader:
    """Somebody with a browser: cookies, forms, and a watch."""

    def __init__(self, address):
        self.address = address
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.waited = []  # for each page, in turn

    def get(self, path):
        return self._ask(self.address + path)

    def post(self, path, **fields):
        """Fill in the page's form and send it."""
        return self.send(path, self.token(path), **fields)

    def token(self, path):
        """What the page's forms carry to show that they are the page's."""
        _status, page = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page
        return token[1]

    def send(self, path, token, **fields):
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        headers = {"Referer": self.address + path}
        return self._ask(urllib.request.Request(self.address + path, data, headers))

    def _ask(self, request):
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                found = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            found = error.code, error.read().decode()
        self.waited.append(time.monotonic() - began)
        return found
