"""Every page of the product, with something of every kind on it: few queries to each."""

import pytest
from django.conf import settings
from django.test import Client

from backbone.management.twins import seed
from initiatives.models import User
from tests.browser import pages

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 15 + 2  # with the two ends of the transaction
REFUSED = {403, 404}


def test_every_page_asks_little():
    twin = seed()[0]
    pages.secure(twin.people[1]["email"])
    keys, asked = {}, {}
    for place in pages.places(twin):
        for email in place.emails:
            if email and email not in keys:
                person = Client()
                person.force_login(User.objects.get(email=email))
                keys[email] = person.cookies[settings.SESSION_COOKIE_NAME].value
            answer = pages.ask(place.path, keys.get(email, ""))
            if answer.status not in REFUSED:
                break
        asked[place.path] = answer.queries
    assert {path: number for path, number in asked.items() if number > MOST_QUERIES} == {}
