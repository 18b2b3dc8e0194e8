"""What a founder is asked, what she finds on Today, and what her letters say."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from initiatives import notices, services
from initiatives.models import Initiative, Notice, User
from initiatives.permissions import Role
from initiatives.tenancy import scope, visitor

pytestmark = pytest.mark.django_db(transaction=True)

TYPED = {
    "name": "Read by Third",
    "organization": "City Foundation",
    "time_zone": "UTC",
    "calendars": ["gregorian"],
    "start_month": "7",
}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"initiatives:{name}", args=args)


@pytest.fixture
def nameless():
    return User.objects.create_user("mia@example.org", "a quiet choir sings")


@pytest.fixture
def founded():
    user = User.objects.create_user("pat@example.org", "a quiet choir sings", name="Pat Morgan")
    with visitor(user.pk):
        return services.create_initiative(user=user, name="Read", slug="reading")


def test_who_has_no_name_yet_is_asked_for_it_first(nameless):
    client = signed_in(nameless)
    assert "Your name" in client.get(url("initiative_new")).content.decode()
    refused = client.post(url("initiative_new"), TYPED)
    assert refused.status_code == 422
    assert not Initiative.objects.exists()
    step = client.post(url("initiative_new"), TYPED | {"step": "what", "founder": "Mia Lind"})
    assert 'name="founder" value="Mia Lind"' in step.content.decode()  # carried along
    nameless.refresh_from_db()
    assert nameless.name == ""
    assert client.post(url("initiative_new"), TYPED | {"founder": "Mia Lind"}).status_code == 302
    nameless.refresh_from_db()
    assert nameless.name == "Mia Lind"


def test_who_has_a_name_is_not_asked_and_keeps_it(founded):
    client = signed_in(founded.user)
    assert "Your name" not in client.get(url("initiative_new")).content.decode()
    client.post(url("initiative_new"), TYPED | {"founder": "Somebody else"})
    founded.user.refresh_from_db()
    assert founded.user.name == "Pat Morgan"


def test_steps_that_are_done_still_lead_there(founded):
    with scope(founded.initiative_id):
        services.create_place(actor=founded, name="Springfield")
    page = signed_in(founded.user).get(url("today", "reading")).content.decode()
    assert f'href="{url("places", "reading")}">Say where you work' in page


def test_where_organizations_work_is_a_step_until_one_has_a_place(founded):
    client = signed_in(founded.user)

    def step():
        steps = client.get(url("today", "reading")).context["waiting"].steps
        return next(each for each in steps if each.text.startswith("Say where each"))

    with scope(founded.initiative_id):
        first = services.create_place(actor=founded, name="Springfield")
        partner = services.create_organization(actor=founded, name="Library", state="active")
    assert not step().is_done
    page = client.get(step().url).content.decode()
    edit = url("organization_edit", "reading", partner.pk)
    assert f'href="{edit}#id_places">Choose' in page
    assert 'id="id_places"' in client.get(edit).content.decode()
    with scope(founded.initiative_id):
        services.create_organization(actor=founded, name="School", state="active", places=[first])
    assert step().is_done
    assert "Springfield" in client.get(step().url).content.decode()


def test_without_places_the_form_of_an_organization_leads_to_them(founded):
    page = signed_in(founded.user).get(url("organization_new", "reading")).content.decode()
    assert f'href="{url("places", "reading")}">Add places' in page


def steps_of(founded):
    return signed_in(founded.user).get(url("today", "reading")).context["waiting"]


def test_the_first_steps_lead_from_place_and_people_over_the_talk_to_the_numbers(founded):
    waiting = steps_of(founded)
    assert [each.order for each in waiting.steps] == list(range(1, 12))
    said = [each.text for each in waiting.steps]
    assert said[2] == "Have somebody facilitate"
    assert said[4:7] == [
        "Ask each organization how it sees the problem",
        "Write down what you agree on",
        "Say who meets, and when",
    ]
    assert waiting.next_step.text == "Say where you work"
    with scope(founded.initiative_id):
        services.create_place(actor=founded, name="Springfield")
    assert steps_of(founded).next_step.text == "Bring the organizations in"


def test_who_takes_the_role_of_a_facilitator_has_one(founded):
    with scope(founded.initiative_id):
        services.change_roles(
            actor=founded, membership=founded, roles=[*founded.roles, Role.FACILITATOR]
        )
    assert steps_of(founded).steps[2].is_done


@pytest.mark.parametrize(("people", "is_told"), [("", True), ("Lee; lee@example.org", False)])
def test_who_begins_alone_is_told_what_a_project_manager_does_not_decide(nameless, people, is_told):
    client = signed_in(nameless)
    form = TYPED | {"founder": "Mia Lind", "people": people}
    last = client.post(url("initiative_new"), form | {"step": "time"})
    assert "you close no decision" in last.text
    page = client.post(url("initiative_new"), form, follow=True)
    assert ("you are alone in it" in page.text) is is_told


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.PARTNER_REPORTER, "Pat Morgan invites you to report for North & Side in Read."),
        (Role.PARTNER_LEAD, "Pat Morgan invites you to speak for North & Side in Read."),
        (Role.OBSERVER, "Pat Morgan invites you to follow Read for North & Side."),
    ],
)
def test_the_letter_greets_and_says_what_for_and_as_what(founded, role, said):
    with scope(founded.initiative_id):
        partner = services.create_organization(actor=founded, name="North & Side", state="active")
        services.invite(
            actor=founded,
            organization=partner,
            email="rae@example.org",
            roles=[role],
            name="Rae <b>Thompson</b>",
        )
        letter = notices.letter(Notice.objects.get())
    assert "Dear Rae <b>Thompson</b>," in letter.body
    assert said in letter.body
    assert f"Your role: {role.label}." in letter.body
    html = letter.alternatives[0][0]
    assert "Dear Rae &lt;b&gt;Thompson&lt;/b&gt;," in html
    plain = re.sub(r"</?b>", "", html).replace("&amp;", "&")
    assert said in plain


def test_the_only_place_is_chosen_for_a_new_organization(founded):
    client = signed_in(founded.user)
    with scope(founded.initiative_id):
        only = services.create_place(actor=founded, name="Springfield")
    new = url("organization_new", "reading")
    assert client.get(new).context["form"]["places"].value() == [str(only.pk)]
    with scope(founded.initiative_id):
        services.create_place(actor=founded, name="Shelbyville")
    assert not client.get(new).context["form"]["places"].value()
