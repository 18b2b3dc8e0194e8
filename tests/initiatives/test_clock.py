"""Days are those of the people of an initiative; memberships alone go by the world's clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from initiatives import clock, jobs
from initiatives.models import Initiative, InitiativeProfile, Membership, Organization, User
from initiatives.permissions import Role
from initiatives.services import end_membership, update_initiative
from initiatives.tenancy import scope
from measures.models import Calendar, Period, Round

pytestmark = pytest.mark.django_db(transaction=True)
FAR_EAST, FAR_WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # 14 hours before UTC, 11 behind


def initiative(zone):
    row = Initiative.objects.create(slug="far", name="Far")
    with scope(row.pk):
        InitiativeProfile.here(time_zone=zone).save()
        organization = Organization.here(code="a", name="A", state="active")
        organization.save()
        for role in (Role.PROJECT_MANAGER, Role.DATA_MANAGER):
            user = User.objects.create(email=f"{role}@far.test", name=role)
            Membership.here(organization=organization, user=user, roles=[role]).save()
    return row


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST])
def test_today_is_the_initiatives_day(zone, client):
    row = initiative(zone)
    with scope(row.pk), clock.set_here():
        assert timezone.get_current_timezone_name() == zone
    assert timezone.get_current_timezone_name() == "UTC"
    seen = []
    jobs.in_each_initiative("x", lambda: seen.append(timezone.get_current_timezone_name()))
    assert seen == [zone]


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST])
def test_who_is_let_go_is_out_at_once_wherever_it_is(zone, client):
    row = initiative(zone)
    with scope(row.pk), clock.set_here():
        manager, other = Membership.objects.order_by("id")
        client.force_login(other.user)
        end_membership(actor=manager, membership=other)
    assert client.get(reverse("initiatives:today", args=[row.slug])).status_code == 404


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST])
def test_a_round_is_due_on_its_last_day_where_people_are(zone, client):
    row = initiative(zone)
    with scope(row.pk), clock.set_here():
        calendar = Calendar.here(code="y", name="Years")
        calendar.save()
        year = datetime.now(UTC).year + 2
        first = date(year, 1, 1)
        period = Period.here(
            calendar=calendar,
            frequency="year",
            code=str(year),
            name=str(year),
            starts_on=first,
            ends_on=date(year + 1, 1, 1),
        )
        period.save()
        here = clock.zone_here()
        due = datetime.combine(first, time(), tzinfo=here)
        Round.here(
            period=period,
            state="open",
            opens_at=due - timedelta(days=20_000),
            due_at=due,
            closes_at=due + timedelta(days=1),
        ).save()
        found = Round.objects.get()
        assert (str(found.due_on), str(found.closes_on)) == (f"{year - 1}-12-31", f"{year}-01-01")
        manager = Membership.objects.order_by("id").first()
    client.force_login(manager.user)
    answer = client.get(reverse("measures:collection", args=[row.slug]))
    assert f"31 December {year - 1}" in answer.content.decode()


def test_a_changed_zone_holds_from_the_next_page_on():
    row = initiative(FAR_EAST)
    with scope(row.pk):
        assert str(clock.zone_here()) == FAR_EAST
        manager = Membership.objects.order_by("id").first()
        update_initiative(
            actor=manager, name="Far", question="", description="", place="", time_zone=FAR_WEST
        )
        assert str(clock.zone_here()) == FAR_WEST
