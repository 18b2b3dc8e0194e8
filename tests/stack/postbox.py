"""A mail server that does as it is told: takes letters, refuses, hangs, or drops the line."""

import contextlib
import email
import re
import socketserver
import threading
import time
from collections import Counter
from email import policy

# At which word of the talk what is said; without words the line is dropped.
TAKE = {"then": "250 Taken"}
UNTIL_GONE = {"wait": None}  # says nothing for as long as anybody waits for it
LOST_BEFORE = {"at": "RCPT", "then": ""}
LOST_AFTER = {"then": "", "is_kept": True}
BUSY = {"at": "RCPT", "then": "450 Busy, come again"}
CLOSING = {"at": "RCPT", "then": "421 Too many letters"}
UNKNOWN = {"at": "RCPT", "then": "550 Nobody of that name"}
FULL = {"then": "452 No room"}


class Postbox:
    """Listens on a port of its own; what arrived is in ``letters``, in order."""

    def __init__(self):
        self.letters = []
        self.plans = {}
        self.turns = Counter()
        self.lines = 0  # of senders who have one now
        self.lock = threading.Lock()
        self.server = socketserver.ThreadingTCPServer(
            ("127.0.0.1", 0), _Talk, bind_and_activate=False
        )
        self.server.daemon_threads = True
        self.server.allow_reuse_address = True
        self.server.box = self
        self.server.server_bind()
        self.port = self.server.server_address[1]
        self.is_open = False

    def open(self):
        self.server.server_activate()
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()
        self.is_open = True

    def close(self):
        if self.is_open:
            self.server.shutdown()
        self.server.server_close()

    def plan(self, recipient, *steps):
        """What becomes of the letters to somebody, one after the other; then all are taken."""
        self.plans[recipient] = steps

    def next_step(self, recipient):
        with self.lock:
            number = self.turns[recipient]
            self.turns[recipient] += 1
        steps = self.plans.get(recipient, ())
        return {"at": "DOT", "wait": 0.0} | (steps[number] if number < len(steps) else TAKE)

    def count_line(self, change):
        with self.lock:
            self.lines += change

    def keep(self, recipient, data):
        letter = email.message_from_bytes(data, policy=policy.default)
        with self.lock:
            self.letters.append((recipient, letter))

    def ids(self):
        """How many letters have each Message-ID."""
        with self.lock:
            return Counter(letter["Message-ID"] for _to, letter in self.letters)


class _Talk(socketserver.StreamRequestHandler):
    """One line."""

    def handle(self):
        self.server.box.count_line(1)
        try:
            with contextlib.suppress(ConnectionError):  # a sender that was killed says no goodbye
                self.talk()
        finally:
            self.server.box.count_line(-1)

    def talk(self):
        box, step, recipient = self.server.box, None, ""
        self.say("220 Here")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()[:4]
            if word == "RCPT":
                recipient = re.search(r"<(.+?)>", line)[1]
                step = box.next_step(recipient)
            if word == "QUIT":
                self.say("221 Bye")
                return
            if step and step["at"] == word:
                if not self.act(step):
                    return
                step = None
                continue
            if word != "DATA":
                self.say("250 Fine")
                continue
            self.say("354 Go on")
            data = self.data()
            if data is None or not self.act(step, recipient, data):
                return
            step = None

    def act(self, step, recipient="", data=b""):
        """Do as planned; False when the line is to be dropped."""
        told = step.get("when")
        if told:
            told()
        if step["wait"] is None:
            self.rfile.read(1)  # nobody says more before they are answered
        else:
            time.sleep(step["wait"])
        if step["then"].startswith("250") or step.get("is_kept"):
            self.server.box.keep(recipient, data)
        if step["then"]:
            self.say(step["then"])
        return bool(step["then"]) and not step["then"].startswith("421")

    def data(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return None
            lines.append(line)
        return b"".join(lines)

    def say(self, words):
        try:
            self.wfile.write(f"{words}\r\n".encode())
        except OSError:
            return
