"""Acts, in words."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

WORDS: dict[str, Promise] = {
    "initiatives.initiative_created": _("Began the initiative"),
    "initiatives.initiative_updated": _("Changed the settings"),
    "initiatives.organization_created": _("Added an organization"),
    "initiatives.invitation_sent": _("Invited somebody"),
    "initiatives.invitation_resent": _("Sent an invitation again"),
    "initiatives.invitation_revoked": _("Took an invitation back"),
    "initiatives.invitation_accepted": _("Accepted an invitation"),
    "initiatives.roles_changed": _("Changed somebody's roles"),
    "initiatives.membership_ended": _("Ended a membership"),
}


@register.filter
def act_words(action: str) -> str | Promise:
    """What was done; an act without words of its own by its name."""
    name = action.partition(".")[2] or action
    return WORDS.get(action, name.replace("_", " ").capitalize())
