"""H3: a list shows its own rows, all of them, and no other's. H4: what one may not know of
answers as what is not there.
"""

import io
import re

from django.core.management import call_command

from initiatives.models import Act, Invitation, Membership, Notice, Organization, User
from initiatives.permissions import GRANTS, Permission, Role
from initiatives.tenancy import scope
from measures.models import Observation, ShareLink
from tests.isolation.test_urls import GUARDED, address, allowed, fill, shown, signed_in

MANY = 120  # more than two pages
NEVER = 987_654_321


def crowd(twin):
    """Many rows of each list, in one of the twins: names that are found again on a page."""
    mark = f"row-{twin.slug}"
    with scope(twin.initiative_id):
        for number in range(MANY):
            name = f"{mark}-{number}-"
            row = Organization.here(code=name, name=name)
            row.save()
            user = User.objects.create(email=f"{name}@list.test", name=name)
            Membership.here(user=user, organization=row, roles=[Role.OBSERVER]).save()
            Invitation.here(
                organization=row,
                email=f"{name}i@list.test",
                name=name,
                roles=[Role.OBSERVER],
                expires_at="2999-01-01T00:00Z",
            ).save()
            Act.objects.create(
                initiative_id=twin.initiative_id,
                user_id=user.pk,
                action="initiatives.roles_changed",
                subject_type="initiatives.membership",
                subject_id=number,
                subject_label=name,
            )
            ShareLink.here(name=name).save()
    return mark


def pages_of(client, path):
    """Every page of a list, as far as its pages lead."""
    text, number = "", 1
    while number < 20:
        answer = client.get(path, {"page": number})
        assert answer.status_code == 200
        body = answer.content.decode()
        if number > 1 and body in text:
            break
        text += body
        number += 1
        if f"page={number}" not in body:
            break
    return text


LISTS = ["organizations", "members", "invitations", "acts"]


def test_h3_each_list_is_exactly_its_own(client, twins):
    mine, theirs = twins
    mark, other = crowd(mine), crowd(theirs)
    signed_in(client, mine.person(Role.PROJECT_MANAGER))
    for name in LISTS:
        text = pages_of(client, f"/i/{mine.slug}/{PATHS[name]}/")
        found = {int(number) for number in re.findall(rf"{mark}-(\d+)-", text)}
        assert found == set(range(MANY)), f"{name}: {len(found)}"
        assert other not in text, name
        assert theirs.canary not in text, name


PATHS = {
    "organizations": "organizations",
    "members": "people",
    "invitations": "invitations",
    "acts": "acts",
}


def test_h3_no_page_of_a_member_shows_anything_of_the_other_initiative(client, twins):
    mine, theirs = twins
    crowd(theirs)
    for role in Role:
        signed_in(client, mine.person(role))
        for row in GUARDED:
            if row["door"] != "initiative" or Permission(row["permission"]) not in GRANTS[role]:
                continue
            text = shown(client.get(address(row, mine)))
            assert theirs.canary not in text, f"{role} {row['name']}"
            assert theirs.private_canary not in text, f"{role} {row['name']}"
            assert f"row-{theirs.slug}" not in text, f"{role} {row['name']}"


def test_h3_the_export_holds_one_initiative(twins):
    mine, theirs = twins
    out = io.StringIO()
    call_command("export_rollups", mine.slug, stdout=out)
    assert "served" in out.getvalue()
    assert theirs.canary not in out.getvalue()
    call_command("dump_initiative", mine.slug, stdout=out)
    assert mine.canary in out.getvalue()
    assert theirs.canary not in out.getvalue()


def test_h3_counts_are_of_ones_own(client, twins):
    mine, theirs = twins
    before = number_waiting(client, mine)
    crowd(theirs)
    assert number_waiting(client, mine) == before


def number_waiting(client, twin):
    signed_in(client, twin.person(Role.PROJECT_MANAGER))
    return client.get(f"/i/{twin.slug}/").context["today_count"]


def without_ids(answer):
    """A body as it would be for any id: tokens, nonces and ids of the request taken out."""
    text = answer.content.decode()
    text = re.sub(r'nonce="[^"]*"|[\w-]{64}', "", text)
    return re.sub(r"\d+", "#", text)


def test_h4_a_foreign_id_answers_as_one_that_is_not_there(client, twins):
    """Same status, same body, same headers; also for an object of another organization."""
    mine, theirs = twins
    tried = 0
    for row in GUARDED:
        parts = [name for name in row["kwargs"] if isinstance(fill(row, mine)[name], int)]
        if row["door"] != "initiative" or not parts:
            continue
        signed_in(client, allowed(row, theirs))
        for name in parts:
            for method in ("get", "post"):
                foreign = getattr(client, method)(
                    address(row, theirs, **{name: fill(row, mine)[name]})
                )
                nothing = getattr(client, method)(address(row, theirs, **{name: NEVER}))
                said = f"{method} {row['name']} {name}"
                assert foreign.status_code == nothing.status_code, said
                assert without_ids(foreign) == without_ids(nothing), said
                assert set(foreign.headers) == set(nothing.headers), said
                tried += 1
    assert tried > 10


def test_h4_an_initiative_of_others_answers_as_none(client, twins):
    mine, theirs = twins
    for row in GUARDED:
        if row["door"] != "initiative":
            continue
        signed_in(client, theirs.person(Role.PROJECT_MANAGER))
        foreign = client.get(address(row, mine))
        nothing = client.get(address(row, mine, initiative="no-such-initiative"))
        assert foreign.status_code == nothing.status_code, row["name"]
        assert without_ids(foreign) == without_ids(nothing).replace(
            "no-such-initiative", mine.slug
        ), row["name"]


def test_h4_a_unique_name_of_the_other_is_free_here(client, twins):
    """No word about a name, code or address being taken that only another initiative has."""
    mine, theirs = twins
    with scope(theirs.initiative_id):
        Organization.here(code="only-theirs", name="Only theirs").save()
        Invitation.here(
            organization_id=theirs.organizations["first"],
            email="shared@list.test",
            roles=[Role.OBSERVER],
            expires_at="2999-01-01T00:00Z",
        ).save()
    signed_in(client, mine.person(Role.PROJECT_MANAGER))
    answer = client.post(
        f"/i/{mine.slug}/organizations/",
        {"people": "Only theirs; Ada; shared@list.test", "role": Role.PARTNER_LEAD},
    )
    assert answer.status_code == 302
    with scope(mine.initiative_id):
        assert Organization.objects.get(name="Only theirs").code == "only-theirs"
        assert Notice.objects.filter(recipient="shared@list.test").count() == 1
        assert Observation.objects.count() == 1
