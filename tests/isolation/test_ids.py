"""No page has an id twice: a label focuses its own box, and a link finds its own place."""

from collections import Counter
from html.parser import HTMLParser

from initiatives.models import User
from initiatives.permissions import Role
from tests.isolation.test_forms import PAGES
from tests.isolation.test_urls import address

# Between them they are shown every form of a page.
READERS = [(Role.PROJECT_MANAGER, ""), (Role.PARTNER_LEAD, "first")]


class _Ids(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.labels = Counter(), set()

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if told.get("id"):
            self.ids[told["id"]] += 1
        if tag == "label" and told.get("for"):
            self.labels.add(told["for"])


def complaints(html):
    reader = _Ids()
    reader.feed(html)
    twice = [f"{name} {n} times" for name, n in reader.ids.items() if n > 1]
    return twice + [f"a label for {name}" for name in reader.labels - set(reader.ids)]


def test_a_duplicate_and_a_lost_label_are_found():
    assert complaints('<p id="a"><label for="a">x</label></p>') == []
    assert complaints('<p id="a"></p><p id="a"></p>') == ["a 2 times"]
    assert complaints('<label for="b">x</label>') == ["a label for b"]


def test_no_page_has_an_id_twice(client, twins):
    mine, _theirs = twins
    client.raise_request_exception = False
    said, read = [], 0
    for role, organization in READERS:
        client.force_login(User.objects.get(email=mine.person(role, organization)))
        for row in PAGES:
            answer = client.get(address(row, mine))
            if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
                continue
            read += answer.status_code == 200
            said += [f"{row['name']}: {each}" for each in complaints(answer.content.decode())]
    assert read > 100
    assert said == []
