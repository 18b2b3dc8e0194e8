"""The same file sent, looked at and imported by several people in the same moment: it is there once."""

from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from initiatives.models import Act
from initiatives.tenancy import scope
from measures.models import Entry, ImportRun, Observation, Submission
from tests.initiatives.at_once import at_once
from tests.measures.test_import_pages import GOOD, HEADING, address, world
from tests.measures.test_submissions import member

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["world"]
OTHER = HEADING + "a,meals,2025,20,,,\na,leases,2025,,3,4,\n"


def people(world, number):
    """Browsers of so many data managers."""
    found = []
    with scope(world.initiative.pk):
        for n in range(number):
            keeper = member(f"keeper{n}@example.org", world.keeper.organization, "data_manager")
            client = Client(raise_request_exception=False)
            client.force_login(keeper.user)
            found.append(client)
    return found


def whole_upload(client, text, *, how, reason=""):
    """Send a file and confirm it; the status of both answers."""
    file = SimpleUploadedFile("values.csv", text.encode())
    sent = client.post(address("imports"), {"file": file, "how": how})
    if sent.status_code != 302:
        return [sent.status_code]
    confirmed = client.post(f"{sent['Location']}confirm/", {"reason": reason})
    return [sent.status_code, confirmed.status_code]


def uploads(world, texts, **more):
    clients, said = people(world, len(texts)), []
    at_once(len(texts), lambda n: said.append(whole_upload(clients[n], texts[n], **more)))
    return said


def values(world):
    with scope(world.initiative.pk):
        current = Observation.objects.filter(superseded_at=None)
        return Counter(current.values_list("indicator__code", flat=True))


@pytest.mark.parametrize("how", ["accept", "review"])
def test_the_same_file_twice_at_once_is_one_import(world, how):
    said = uploads(world, [GOOD] * 4, how=how)
    assert [each for answers in said for each in answers if each >= 500] == []
    with scope(world.initiative.pk):
        assert ImportRun.objects.count() == 4
        assert {each.state for each in ImportRun.objects.all()} <= {"imported", "refused"}
        assert Submission.objects.count() == 1
        assert Entry.objects.count() == (2 if how == "review" else 0)
        assert Observation.objects.filter(superseded_at__isnull=False).count() == 0
    assert values(world) == ({"meals": 1, "leases": 1} if how == "accept" else {})


def test_two_files_that_contradict_each_other_at_once_end_as_one_after_the_other(world):
    said = uploads(world, [GOOD, OTHER] * 2, how="accept", reason="Counted anew")
    assert [each for answers in said for each in answers if each >= 500] == []
    assert values(world) == {"meals": 1, "leases": 1}
    with scope(world.initiative.pk):
        meals = Observation.objects.filter(indicator__code="meals").order_by("recorded_at")
        assert next(each for each in meals if each.superseded_at is None).value in {10, 20}
        # What was corrected says so: no value was lost without a trace.
        assert all(each.superseded_at for each in list(meals)[:-1])


def test_a_run_confirmed_many_times_at_once_is_imported_once(world):
    (client,) = people(world, 1)
    file = SimpleUploadedFile("values.csv", GOOD.encode())
    page = client.post(address("imports"), {"file": file, "how": "accept"})["Location"]
    said = []

    def confirm(_n):
        other = Client(raise_request_exception=False)
        other.cookies = client.cookies.copy()
        said.append(other.post(f"{page}confirm/").status_code)

    at_once(4, confirm)
    assert set(said) <= {302, 503}
    assert values(world) == {"meals": 1, "leases": 1}
    with scope(world.initiative.pk):
        assert Act.objects.filter(action="measures.values_imported").count() == 1
