"""A sector is what somebody said: an organization that is added or invited has none until then."""

import pytest
from django.test import Client
from django.urls import reverse

from initiatives import services
from initiatives.choices import Sector, sector_label
from initiatives.models import Organization, User
from initiatives.permissions import Role
from initiatives.tenancy import scope, visitor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def founded():
    user = User.objects.create_user("mia@example.org", "a quiet choir sings", name="Mia")
    with visitor(user.pk):
        return services.create_initiative(user=user, name="Read", slug="reading")


@pytest.fixture
def client(founded):
    client = Client()
    client.force_login(founded.user)
    return client


def test_an_organization_that_is_invited_has_no_sector_until_somebody_says_which(founded, client):
    people = {"people": "Library; Lea; lea@example.org", "role": Role.PARTNER_LEAD}
    client.post(reverse("initiatives:organizations", args=["reading"]), people)
    with scope(founded.initiative_id):
        library = Organization.objects.get(name="Library")
    assert library.sector == ""
    page = reverse("initiatives:organization", args=["reading", library.pk])
    read = client.get(page).content.decode()
    assert "not said" in read
    assert "Nonprofit" not in read
    edit = reverse("initiatives:organization_edit", args=["reading", library.pk])
    shown = client.get(edit)
    assert "Not said yet" in shown.content.decode()
    values = shown.context["form"].initial | {"sector": "government", "has_form_links": "on"}
    assert client.post(edit, values).status_code == 302
    assert "Government" in client.get(page).content.decode()
    values = client.get(edit).context["form"].initial | {"sector": ""}
    assert client.post(edit, values).status_code == 302
    with scope(founded.initiative_id):
        assert Organization.objects.get(pk=library.pk).sector == ""


def test_where_sectors_are_counted_it_stands_in_words():
    assert sector_label("") == "Sector not said"
    assert sector_label(Sector.CITIZENS) == "Citizens"
