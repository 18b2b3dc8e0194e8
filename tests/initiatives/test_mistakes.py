"""What is said when we made a mistake: in words, with the number that leads to the reason."""

import pytest
from django.template import loader
from django.test import Client

from initiatives.views import probes

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(monkeypatch):
    """A site on which nothing is ready to be asked."""

    def fall():
        raise RuntimeError("a secret reason")

    monkeypatch.setattr(probes, "database_state", fall)
    return Client(raise_request_exception=False, headers={"X-Request-ID": "number-12345"})


def test_a_mistake_of_ours_has_a_page_with_a_number(broken):
    answer = broken.get("/readyz")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "it is our mistake" in page
    assert "number-12345" in page
    assert answer["X-Request-ID"] == "number-12345"
    assert "secret" not in page
    assert "<h1>" in page


def test_where_that_page_breaks_too_its_words_are_left(broken, monkeypatch):
    found = loader.get_template

    def lose(name, using=None):
        if name == "500.html":
            raise ValueError("Missing staticfiles manifest entry")
        return found(name, using)

    monkeypatch.setattr(loader, "get_template", lose)
    answer = broken.get("/readyz")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "number-12345" in answer.content.decode()


def test_a_form_of_too_many_fields_is_refused_in_words(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    answer = client.post("/account/login/", {f"x{n}": "" for n in range(5)})
    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()
