"""Acts, in words."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

WORDS: dict[str, Promise] = {
    "initiatives.initiative_created": _("Began the initiative"),
    "initiatives.initiative_updated": _("Changed the settings"),
    "initiatives.organization_created": _("Added an organization"),
    "initiatives.organization_updated": _("Changed an organization"),
    "initiatives.place_created": _("Added a place"),
    "initiatives.place_updated": _("Changed a place"),
    "initiatives.place_moved": _("Moved a place"),
    "initiatives.job_retried": _("Had work done again that was given up"),
    "initiatives.job_set_aside": _("Put aside work that was given up"),
    "initiatives.notice_retried": _("Sent a letter again that failed"),
    "initiatives.notice_set_aside": _("Put aside a letter that failed"),
    "initiatives.invitation_sent": _("Invited somebody"),
    "initiatives.invitation_resent": _("Sent an invitation again"),
    "initiatives.invitation_revoked": _("Took an invitation back"),
    "initiatives.invitation_accepted": _("Accepted an invitation"),
    "initiatives.roles_changed": _("Changed somebody's roles"),
    "initiatives.membership_ended": _("Ended a membership"),
    "measures.assignment_ended": _("Asked an organization no more"),
    "measures.baseline_added": _("Set a baseline"),
    "measures.calendar_extended": _("Gave a calendar more years"),
    "measures.definition_added": _("Defined an indicator anew"),
    "measures.indicator_assigned": _("Asked organizations for an indicator"),
    "measures.indicator_updated": _("Changed an indicator"),
    "measures.round_changed": _("Changed the dates of a round"),
    "measures.submission_accepted": _("Accepted a paper"),
    "measures.submission_opened": _("Handed out a paper"),
    "measures.submission_returned": _("Gave a paper back"),
    "measures.submission_saved": _("Wrote on a paper"),
    "measures.submission_submitted": _("Handed in a paper"),
    "measures.target_added": _("Set a target"),
}


FAILURES: dict[str, Promise] = {
    "invitation": _("an invitation"),
    "returned": _("a paper that came back"),
    "round_due": _("numbers that are asked for"),
    "rollup": _("Adding up the numbers"),
    "send_notices": _("Sending letters"),
    "measures.create_calendars": _("Laying out the calendars"),
    "measures.follow_organization": _("Adding up anew after an organization changed"),
    "measures.follow_place": _("Adding up anew after a place moved"),
}


@register.filter
def failure_words(kind: str) -> str | Promise:
    """What a letter is about or what a job does; an unknown one by its name."""
    return FAILURES.get(kind, kind.rpartition(".")[2].replace("_", " ").capitalize())


@register.filter
def act_words(action: str) -> str | Promise:
    """What was done; an act without words of its own by its name."""
    name = action.partition(".")[2] or action
    return WORDS.get(action, name.replace("_", " ").capitalize())
