"""What organizations are written about the agenda. No letter holds what anybody said."""

from django.conf import settings
from django.urls import reverse
from django.utils import formats

from agenda.models import Asked, ListeningRound
from agenda.selectors.listening import insiders_of, speakers_of
from initiatives import links
from initiatives.choices import LinkPurpose
from initiatives.clock import at_home
from initiatives.models import Membership
from initiatives.notices import notify


def write_asked(asked: Asked, *, occasion: str) -> None:
    """Ask the people who speak for an organization how it sees the issue."""
    round_ = asked.round
    for speaker in insiders_of(round_, [asked.organization_id]):
        notify(
            "position_asked",
            asked,
            occasion=occasion,
            recipient=speaker.user.email,
            user=speaker.user,
            not_after=round_.closes_at,
            url=position_address(asked, speaker),
            organization=asked.organization.name,
            round=round_.name,
            due=formats.date_format(at_home(round_.closes_at), "DATE_FORMAT"),
            is_reminder=occasion != "open",
        )


def position_address(asked: Asked, speaker: Membership) -> str:
    """A signed link to the organization's page, or the page behind signing in."""
    if not asked.organization.has_form_links:
        path = reverse("agenda:position", args=[asked.initiative.slug, asked.round_id])
        return settings.SITE_URL + path
    token, _link = links.issue(LinkPurpose.POSITION, asked.pk, user=speaker.user)
    return links.address("position_link", token)


def write_revealed(round_: ListeningRound) -> None:
    """Tell everyone who was asked that all views can be read now."""
    url = settings.SITE_URL + reverse(
        "agenda:side_by_side", args=[round_.initiative.slug, round_.pk]
    )
    organizations = round_.asked.values_list("organization_id", flat=True)
    for speaker in speakers_of(organizations):
        notify(
            "positions_revealed",
            round_,
            occasion="revealed",
            recipient=speaker.user.email,
            user=speaker.user,
            url=url,
            round=round_.name,
        )
