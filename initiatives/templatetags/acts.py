"""Acts, in words, and the way to what they were done to."""

import re
from datetime import date
from decimal import Decimal

from django import template
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _

from initiatives.models import Act, Membership
from initiatives.templatetags.concert import MISSING, day, number

register = template.Library()

# A day of the calendar in a name that was written down for machines.
DAY = re.compile(r"\b([12]\d{3})-(0[1-9]|1[0-2])-([0-2]\d|3[01])\b")

# Where something is seen: the first page that the reader's role opens.
PLACES: dict[str, tuple[str, ...]] = {
    "agenda.agendaversion": ("agenda:agenda_version",),
    "agenda.difference": ("agenda:difference",),
    "agenda.glossaryterm": ("agenda:term",),
    "agenda.listeninground": ("agenda:listening",),
    "agenda.reservation": ("agenda:reservation",),
    "initiatives.organization": ("initiatives:organization",),
    "initiatives.place": ("initiatives:place",),
    "measures.importrun": ("measures:import_run",),
    "measures.indicator": ("measures:indicator_setup", "measures:indicator"),
    "measures.round": ("measures:round_setup",),
    "measures.submission": ("measures:submission_review", "measures:submission"),
    "meetings.actionitem": ("meetings:action",),
    "meetings.agendaitem": ("meetings:item",),
    "meetings.body": ("meetings:body",),
    "meetings.decision": ("meetings:decision",),
    "meetings.meeting": ("meetings:meeting",),
    "meetings.meetingseries": ("meetings:series",),
}
# Acts that are told with why they were done.
GROUNDS = {
    "agenda.organization_paused": "decision",
    "initiatives.organization_updated": "decision",
    "measures.fact_corrected": "text",
    "measures.submission_reopened": "reason",
    "measures.submission_returned": "reason",
    "measures.values_imported": "reason",
}
# Acts whose subject is named with its number: they are told with what it became.
CHANGES = {"measures.fact_corrected"}
# What is a person's own: told by what was done alone.
UNNAMED = {"initiatives.invitation", "initiatives.membership"}
# What may have been written down by the ids of what it belongs to: "12: yes", "5 reports 7".
BY_IDS = {
    *("agenda.contact", "agenda.positionfacet", "agenda.termdefinition", "agenda.termvariant"),
    *("measures.assignment", "measures.baseline", "measures.indicatorversion"),
    *("measures.entry", "measures.observation", "measures.target"),
    *("meetings.acknowledgement", "meetings.agendaanswer", "meetings.attendance"),
    *("meetings.briefing", "meetings.briefinganswer", "meetings.calendarfeed"),
    *("meetings.decisionresponse", "meetings.interest", "meetings.itemclock"),
    *("meetings.prereadwaiver", "meetings.quietsetting", "meetings.reply", "meetings.score"),
    *("meetings.seatcount",),
}

WORDS: dict[str, Promise] = {
    "agenda.acceded": _("Acceded to the agenda"),
    "agenda.accession_asked": _("Asked who joined to accede to the agenda"),
    "agenda.accession_lapsed": _("Noted that the days to accede are over"),
    "agenda.amendment_accepted": _("Took up other words for a statement"),
    "agenda.amendment_drafted": _("Drafted other words for a statement"),
    "agenda.amendment_proposed": _("Proposed other words for a statement"),
    "agenda.amendment_rejected": _("Declined other words for a statement"),
    "agenda.amendment_withdrawn": _("Took back other words for a statement"),
    "agenda.comment_made": _("Commented on a statement"),
    "agenda.contact_made": _("Spoke to a silent organization"),
    "agenda.difference_arranged": _("Set who leads the talk about a difference"),
    "agenda.difference_commented": _("Spoke about a difference"),
    "agenda.difference_found": _("Found a difference in the views"),
    "agenda.difference_evidence_needed": _("Asked for evidence about a difference"),
    "agenda.difference_fairly_stated": _("Both views of a difference are fairly stated"),
    "agenda.difference_in_dialogue": _("Began the dialogue about a difference"),
    "agenda.difference_noticed": _("The words for a view changed and are asked about again"),
    "agenda.difference_proposal": _("A difference has a proposal"),
    "agenda.difference_noted": _("Noted a difference"),
    "agenda.difference_opened": _("Opened a difference for an objection"),
    "agenda.difference_referenced": _("Let a statement speak to a difference"),
    "agenda.difference_reopened": _("Opened a difference again"),
    "agenda.difference_resolved": _("Settled a difference"),
    "agenda.dimension_split_out": _("Split a statement out of the ratification"),
    "agenda.listening_closed": _("Closed a listening round"),
    "agenda.listening_extended": _("Gave a listening round more time"),
    "agenda.listening_opened": _("Opened a listening round"),
    "agenda.listening_prepared": _("Prepared a listening round"),
    "agenda.listening_updated": _("Changed a listening round"),
    "agenda.newcomer_admitted": _("Let a new colleague in on a sealed position"),
    "agenda.organization_excused": _("Took an organization out of a listening round"),
    "agenda.organization_observes": _("Became an observer"),
    "agenda.organization_paused": _("Paused a silent organization for the next version"),
    "agenda.position_saved": _("Wrote on a position"),
    "agenda.position_submitted": _("Handed in a position"),
    "agenda.positions_revealed": _("Revealed all positions"),
    "agenda.proposal_made": _("Made a proposal to a difference"),
    "agenda.question_removed": _("Took a question out of a listening round"),
    "agenda.question_written": _("Wrote a question of a listening round"),
    "agenda.ratification_opened": _("Put a version of the agenda to everyone"),
    "agenda.reservation_changed": _("Changed a reservation"),
    "agenda.reservation_drafted": _("Drafted reservations"),
    "agenda.reservation_raised": _("Raised a reservation"),
    "agenda.resolution_confirmed": _("Said yes to a resolution"),
    "agenda.resolution_proposed": _("Asked both sides to settle a difference"),
    "agenda.resolution_refused": _("Said no to a resolution"),
    "agenda.resolution_withdrawn": _("Took a resolution back"),
    "agenda.responded": _("Answered to the agenda"),
    "agenda.responded_on_behalf": _("Wrote down an organization's answer to the agenda"),
    "agenda.response_confirmed": _("Confirmed an answer that was written down"),
    "agenda.response_contested": _("Contested an answer that was written down"),
    "agenda.side_called_fair": _("Called the words for a view fair"),
    "agenda.side_taken": _("Took a side in a difference"),
    "agenda.side_worded": _("Put a view into words"),
    "agenda.silent_reminded": _("Reminded who has not answered to the agenda"),
    "agenda.term_agreed": _("Agreed on a word"),
    "agenda.term_agreed_with_variants": _("Agreed on a word, with variants"),
    "agenda.term_deprecated": _("Gave up a word of the glossary"),
    "agenda.term_in_discussion": _("Asked all organizations about a word"),
    "agenda.term_defined": _("Put the meaning of a word into other words"),
    "agenda.term_proposed": _("Proposed a word for the glossary"),
    "agenda.term_renamed": _("Wrote a word of the glossary differently"),
    "agenda.variant_mapped": _("Put an organization's word into shared words"),
    "agenda.variant_said": _("Said how an organization uses a word"),
    "agenda.version_circulated": _("Opened a version of the agenda for comments"),
    "agenda.version_published": _("Published the agenda"),
    "agenda.version_ratified": _("All ratified the agenda"),
    "agenda.version_returned": _("A version of the agenda came back"),
    "agenda.version_saved": _("Wrote on the agenda"),
    "agenda.version_started": _("Began a version of the agenda"),
    "agenda.version_taken_back": _("Took a version of the agenda back to change it"),
    "agenda.version_unpublished": _("Took the agenda off the web"),
    "agenda.version_withdrawn": _("Withdrew a version of the agenda"),
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
    "measures.submission_accepted": _("Accepted a form"),
    "measures.submission_opened": _("Handed out a form"),
    "measures.submission_returned": _("Gave a form back"),
    "measures.submission_saved": _("Wrote on a form"),
    "measures.submission_submitted": _("Handed in a form"),
    "measures.target_added": _("Set a target"),
    "measures.calendar_created": _("Laid out a calendar"),
    "measures.description_loaded": _("Loaded a description of the measures"),
    "measures.fact_corrected": _("Corrected a number"),
    "measures.columns_told": _("Said what the columns of a file are"),
    "measures.column_forgotten": _("Forgot what a column was said to be"),
    "measures.file_dropped": _("Dropped a file of numbers"),
    "measures.file_sent": _("Sent a file of numbers"),
    "measures.goal_linked": _("Linked an indicator to a goal"),
    "measures.indicator_agreed": _("Agreed on an indicator"),
    "measures.indicator_created": _("Added an indicator"),
    "measures.organization_released": _("Released an organization from a round"),
    "measures.reopening_ended": _("Closed a form again that was opened once more"),
    "measures.round_closed": _("Closed a round"),
    "measures.round_opened": _("Opened a round"),
    "measures.share_created": _("Made a page to share"),
    "measures.share_revoked": _("Took a shared page back"),
    "measures.submission_reopened": _("Opened a form again"),
    "measures.values_imported": _("Brought in numbers from a file"),
    "meetings.action_accepted": _("Agreed that an action is done"),
    "meetings.action_assigned": _("Gave out an action"),
    "meetings.action_claimed_done": _("Said that an action is done"),
    "meetings.action_drop_asked": _("Asked to let an action go"),
    "meetings.action_dropped": _("Let an action go"),
    "meetings.action_kept": _("Said that an action is still needed"),
    "meetings.action_put_off": _("Put an action off"),
    "meetings.action_reopened": _("Said that an action is not done yet"),
    "meetings.agenda_agreed": _("Agreed on the agenda of a meeting"),
    "meetings.agenda_answered": _("Answered to an agenda"),
    "meetings.agenda_opened": _("Opened the agenda of a meeting"),
    "meetings.announcement_changed": _("Changed an announcement"),
    "meetings.announcement_deleted": _("Deleted an announcement"),
    "meetings.announcement_sent": _("Sent an announcement"),
    "meetings.announcement_written": _("Wrote an announcement"),
    "meetings.beneficiary_named": _("Named who gains by a decision"),
    "meetings.body_created": _("Set up a body"),
    "meetings.briefing_answered": _("Answered a briefing"),
    "meetings.came": _("Came to a meeting"),
    "meetings.ceiling_set": _("Set how many minutes may be asked of one person"),
    "meetings.change_resolved": _("Took up a change that was asked for"),
    "meetings.correction_answered": _("Answered a correction of minutes"),
    "meetings.criteria_fixed": _("Fixed what the options are judged by"),
    "meetings.debriefed": _("Wrote down how a meeting was"),
    "meetings.decided": _("Decided"),
    "meetings.decision_answered": _("Answered to a question to decide"),
    "meetings.decision_answer_entered": _("Wrote down what a seat answered in the room"),
    "meetings.decision_drafted": _("Wrote on an outcome"),
    "meetings.decision_framed": _("Put a question to decide"),
    "meetings.decision_reaffirmed": _("Looked at a decision again and kept it"),
    "meetings.decision_revoked": _("Revoked a decision"),
    "meetings.decision_superseded": _("Replaced a decision by a newer one"),
    "meetings.delegate_answered": _("Said whether they come as a delegate"),
    "meetings.seats_reminded": _("Reminded the seats that were silent"),
    "meetings.delegate_named": _("Named a delegate"),
    "meetings.delegation_lapsed": _("Ended a delegation: the holder comes"),
    "meetings.delegation_void": _("Ended a delegation"),
    "meetings.evidence_added": _("Added evidence to a decision"),
    "meetings.evidence_waived": _("Said why there is no evidence"),
    "meetings.facilitator_named": _("Said who facilitates a meeting"),
    "meetings.feed_ended": _("Ended a private calendar"),
    "meetings.feed_renewed": _("Made a new address for a private calendar"),
    "meetings.interest_declared": _("Declared an interest"),
    "meetings.item_accepted": _("Took an item up"),
    "meetings.item_begun": _("Turned to an item"),
    "meetings.item_carried": _("Carried an item over"),
    "meetings.item_changed": _("Changed an item"),
    "meetings.item_dealt_with": _("Dealt with an item"),
    "meetings.item_declined": _("Declined an item"),
    "meetings.item_delegated": _("Handed an item to another body"),
    "meetings.item_lowered": _("Made a decision a discussion: its pre-reads came late"),
    "meetings.item_moved": _("Moved an item"),
    "meetings.item_proposed": _("Proposed an item"),
    "meetings.items_taken_over": _("Took over items from an earlier meeting"),
    "meetings.left": _("Left a meeting"),
    "meetings.meeting_cancelled": _("Cancelled a meeting"),
    "meetings.meeting_ended": _("Ended a meeting"),
    "meetings.meeting_moved": _("Moved a meeting"),
    "meetings.meeting_opened": _("Called a meeting"),
    "meetings.meeting_started": _("Began a meeting"),
    "meetings.minutes_approved": _("Approved the minutes"),
    "meetings.minutes_changed": _("Wrote on minutes"),
    "meetings.minutes_circulated": _("Sent the minutes round"),
    "meetings.minutes_confirmed": _("Said that the minutes are right"),
    "meetings.minutes_corrected": _("Said what is wrong in the minutes"),
    "meetings.minutes_drafted": _("Made the minutes"),
    "meetings.note_struck": _("Struck a note"),
    "meetings.notice_waived": _("Let an item be decided although its pre-reads came late"),
    "meetings.options_scored": _("Scored the options"),
    "meetings.paper_published": _("Published a pre-read"),
    "meetings.paper_read": _("Read a pre-read"),
    "meetings.quiet_set": _("Set quiet hours"),
    "meetings.request_answered": _("Answered a request"),
    "meetings.replied": _("Said whether they come"),
    "meetings.seat_ended": _("Ended a seat"),
    "meetings.seat_filled": _("Filled a seat"),
    "meetings.seat_given": _("Gave out a seat"),
    "meetings.seats_asked": _("Asked the seats of a meeting"),
    "meetings.series_changed": _("Changed a series of meetings"),
    "meetings.series_created": _("Set up a series of meetings"),
    "meetings.series_given": _("Gave a series to somebody to facilitate"),
    "meetings.series_taken_back": _("Took a series back from who facilitated it"),
    "meetings.start_recomputed": _("Moved a meeting’s hour as the clocks of its zone changed"),
}


FAILURES: dict[str, Promise] = {
    "invitation": _("an invitation"),
    "returned": _("a form that came back"),
    "round_due": _("numbers that are asked for"),
    "rollup": _("Adding up the numbers"),
    "send_notices": _("Sending letters"),
    "agenda.compare_positions": _("Looking for differences in the views"),
    "agenda.settle": _("Ending a ratification"),
    "agenda.find_uses": _("Looking where words of the glossary stand"),
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


@register.filter
def act_subject(act: Act) -> str:
    """What it was done to, by its name; nothing where it has none that a reader would know."""
    if act.subject_type in UNNAMED:
        return ""
    if act.subject_type in BY_IDS and act.subject_label[:1].isdigit():
        return ""
    return DAY.sub(_said_day, act.subject_label)


@register.filter
def act_grounds(act: Act) -> str:
    """Who decided it and why, where that was asked for."""
    return str(act.detail.get(GROUNDS.get(act.action, ""), ""))


@register.filter
def act_change(act: Act) -> str:
    """What a number became, behind its name and what it was: "→ 1,204"; a pair as "→ 3 of 4"."""
    after = act.detail.get("after")
    return f"→ {_amounts(after)}" if act.action in CHANGES and isinstance(after, list) else ""


def _amounts(said: list[str | None]) -> str:
    known = [number(Decimal(each)) for each in said if each is not None]
    pair = {"part": known[0], "whole": known[-1]} if known else {}
    return gettext("%(part)s of %(whole)s") % pair if len(known) > 1 else "".join(known) or MISSING


def _said_day(found: re.Match[str]) -> str:
    try:
        return day(date.fromisoformat(found.group()))
    except ValueError:  # it only looks like a day
        return found.group()


@register.simple_tag
def act_place(act: Act, membership: Membership) -> str:
    """Where what it was done to is seen, if the reader's role opens a page of it; else nothing."""
    for name in PLACES.get(act.subject_type, ()):
        address = reverse(name, args=[membership.initiative.slug, act.subject_id])
        if membership.may(resolve(address).func.permission):  # type: ignore[attr-defined]
            return address
    return ""
