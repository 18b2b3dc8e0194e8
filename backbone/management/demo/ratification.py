"""The demonstration's agenda: a first version is put to everyone, and half have answered."""

from datetime import timedelta
from itertools import cycle

from django.utils import timezone

from agenda.choices import Severity
from agenda.models import AgendaVersion, Difference
from agenda.selectors.people import organizations_to_ask, speakers_of
from agenda.services import amendments, ratification, responses, versions
from agenda.services.versions import Written
from initiatives.models import Membership, Notice, Organization, User
from initiatives.permissions import Role

YEAR = timezone.localdate().year
TEXT = (
    (
        "problem",
        (
            "On a night in January more than four thousand veterans in our three states have no home. "
            "Each of us helps some of them; together we do not know who is helped twice and who never."
        ),
    ),
    ("cause", "Rents have risen faster than incomes, and our services do not work from one list."),
    ("population", "Veterans who sleep outside or in a shelter, and those about to lose a home."),
    ("place", "Colorado, Oregon and Washington, each community with its own plan."),
    ("vision", "No veteran in our states is without a home for more than a month."),
    ("primary_goal", f"By {YEAR + 4} half as many veterans are without a home as in 2022."),
    ("primary_goal", f"By {YEAR + 2} nobody who served sleeps outside for a second night."),
    ("goal", "Each year fewer veterans lose the home they have."),
    ("principle", "Nobody is asked to be sober, working or in treatment before they are housed."),
    ("approach", "One list by name in each community, looked at together every week."),
    ("action", "Each community names one person who keeps its list."),
    ("action", "The fund and the counties pay landlords' risk out of one purse."),
    ("exclusion", "Housing of families without a veteran is other people's work."),
)
DOUBTS = (
    (
        "primary_goal",
        "reservation",
        "We have counted differently since 2020 and doubt that 2022 is a fair year to begin with.",
        "A baseline that leaves out the year of the changed count.",
    ),
    (
        "principle",
        "reservation",
        "Two of our shelters are bound by their founders to be sober houses.",
        "An exception for houses that were sober before, with a bed nearby that is not.",
    ),
    (
        "action",
        "stand_aside",
        "Our county may not put money into a common purse by its own rules.",
        "A change of the county's rules, asked for in spring.",
    ),
)
NAMES = (
    *("Ada Brooks", "Ben Hale", "Cleo Ortiz", "Dev Rao", "Eve Lund", "Gus Pike", "Hana Ito"),
    *("Ivo Marsh", "June Cole", "Kai Nunez", "Lia Frost", "Max Dorn", "Nia Webb", "Oz Carver"),
)
UNANSWERED = 7


def load() -> None:
    """Everything, in the scope that is open."""
    manager = Membership.objects.select_related("user").get(roles=[Role.PROJECT_MANAGER])
    agenda = _opened(manager)
    asked = organizations_to_ask()
    speakers = _speakers(asked)
    quiet = {each.organization_id for each in speakers.values() if each.user.name == "Lee Nakamura"}
    willing = [each for each in asked if each.pk not in quiet][: len(asked) - UNANSWERED]
    doubts = list(DOUBTS)
    for organization in willing[:-1]:
        said = {}
        if doubts and organization.kind == "partner":
            kind, stance, reason, condition = doubts.pop()
            dimension = list(agenda.dimensions.filter(kind=kind))[
                0 if kind == "primary_goal" else -1
            ]
            said = {dimension.key: responses.Said(stance, reason, condition)}
        responses.respond(
            actor=speakers[organization.pk],
            agenda=agenda,
            sheet=responses.Sheet(said, agenda.content_hash, "demo"),
        )
    responses.respond_on_behalf(
        actor=manager,
        agenda=agenda,
        organization=willing[-1],
        sheet=responses.Sheet({}, agenda.content_hash, "demo"),
        file=responses.File(
            "letter.txt", b"We agree to version 1. (Made up for the demonstration.)"
        ),
    )


def _opened(manager: Membership) -> AgendaVersion:
    agenda = versions.start_version(actor=manager)
    written = [Written(kind, text) for kind, text in TEXT]
    agenda = versions.save_dimensions(
        actor=manager, agenda=agenda, written=written, version=agenda.version
    )
    approach = agenda.dimensions.get(kind="approach").key
    severe = Difference.objects.live().filter(severity=Severity.SEVERE)
    versions.reference_differences(
        actor=manager, agenda=agenda, keys={each.pk: approach for each in severe}
    )
    versions.circulate(actor=manager, agenda=agenda)
    _other_words(manager, agenda)
    AgendaVersion.objects.filter(pk=agenda.pk).update(
        circulated_at=timezone.now() - timedelta(days=15),
        comments_until=timezone.now() - timedelta(days=1),
    )
    opened = ratification.open_ratification(
        actor=manager, agenda=agenda, closes_at=timezone.now() + timedelta(days=9)
    )
    # So that the silent can be reminded: the letters of the opening are some days old.
    letters = Notice.objects.filter(kind="ratification_opened", subject_id=opened.pk)
    letters.update(created_at=timezone.now() - timedelta(days=4))
    return opened


def _other_words(manager: Membership, agenda: AgendaVersion) -> None:
    """Two organizations propose other words: one is taken up, one declined with a word."""
    leads = speakers_of(each.pk for each in organizations_to_ask())
    cause, exclusion = (agenda.dimensions.get(kind=kind) for kind in ("cause", "exclusion"))
    taken_up = amendments.write_amendment(
        actor=leads[0],
        agenda=agenda,
        dimension_key=cause.key,
        to_text=cause.text.replace("Rents have", "Rents and deposits have"),
        reason="A deposit is what keeps most people we know out of a lease.",
    )
    amendments.accept_amendment(actor=manager, amendment=taken_up, word="Yes, thank you.")
    declined = amendments.write_amendment(
        actor=leads[-1],
        agenda=agenda,
        dimension_key=exclusion.key,
        to_text=exclusion.text.replace("without a veteran", "in which nobody served"),
    )
    amendments.decline_amendment(
        actor=manager,
        amendment=declined,
        word="We say veteran everywhere else; the glossary says who is meant.",
    )


def _speakers(asked: list[Organization]) -> dict[int, Membership]:
    """Who answers for each: who is there, else somebody new."""
    found = {each.organization_id: each for each in speakers_of(each.pk for each in asked)}
    names = cycle(NAMES)
    for organization in asked:
        if organization.pk not in found:
            user = User.objects.create_user(
                f"lead.{organization.code.lower()}@concert.example", name=next(names)
            )
            member = Membership.here(
                user=user, organization=organization, roles=[Role.PARTNER_LEAD]
            )
            member.save()
            found[organization.pk] = member
    return found
