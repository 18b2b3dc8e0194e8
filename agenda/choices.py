"""The closed lists of the common agenda."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class ListeningState(TextChoices):
    DRAFTING = "drafting", _("Being prepared")
    OPEN = "open", _("Open")
    REVEALED = "revealed", _("Revealed")
    CLOSED = "closed", _("Closed")


class RevealRule(TextChoices):
    """When sealed positions are shown to all; at the deadline at the latest."""

    ALL_IN = "all_in", _("as soon as all have answered, or at the deadline")
    DEADLINE = "deadline", _("at the deadline")


class FacetKind(TextChoices):
    CHOICE = "choice", _("One of a list")
    CHOICES = "choices", _("Several of a list")
    NUMBER = "number", _("A number")
    TEXT = "text", _("Words")


class Weight(IntegerChoices):
    """How important something is, or how flexible one is about it."""

    NONE = 0, _("not at all")
    LITTLE = 1, _("a little")
    MUCH = 2, _("much")
    MOST = 3, _("very much")


class StatementState(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    SUPERSEDED = "superseded", _("Superseded")


class DifferenceKind(TextChoices):
    DEFINITION = "definition", _("Definition")
    CAUSE = "cause", _("Cause")
    GOAL = "goal", _("Goal")
    SCOPE = "scope", _("Scope")
    APPROACH = "approach", _("Approach")
    VALUE = "value", _("Value")
    VOCABULARY = "vocabulary", _("Vocabulary")


class DifferenceSource(TextChoices):
    """How a difference came to light."""

    MEASURED = "measured", _("found in the positions")
    NOTED = "noted", _("noted by somebody")
    OBJECTION = "objection", _("an objection to the agenda")


class DifferenceState(TextChoices):
    NOTICED = "noticed", _("Noticed")
    FAIRLY_STATED = "fairly_stated", _("Fairly stated")
    IN_DIALOGUE = "in_dialogue", _("In dialogue")
    EVIDENCE_NEEDED = "evidence_needed", _("Evidence needed")
    PROPOSAL = "proposal", _("Proposal")
    RESOLVED = "resolved", _("Resolved")


class Severity(TextChoices):
    SLIGHT = "slight", _("Slight")
    SERIOUS = "serious", _("Serious")
    SEVERE = "severe", _("Severe")


class ResolutionKind(TextChoices):
    MERGED = "merged", _("Merged into one view")
    CHOSEN = "chosen", _("One view chosen")
    AGREED_TO_DIFFER = "agreed_to_differ", _("Agreed to differ")
    SCOPED_OUT = "scoped_out", _("Left out of the agenda")


class ResolutionState(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed")
    REOPENED = "reopened", _("Reopened")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RefusalKind(TextChoices):
    """What else than yes an organization says to a resolution."""

    NO = "no", _("No")
    NOT_YET = "not_yet", _("Not yet")


class TermState(TextChoices):
    CANDIDATE = "candidate", _("Candidate")
    IN_DISCUSSION = "in_discussion", _("In discussion")
    AGREED = "agreed", _("Agreed")
    AGREED_WITH_VARIANTS = "agreed_with_variants", _("Agreed, with variants")
    DEPRECATED = "deprecated", _("No longer used")


class Mapping(TextChoices):
    """How an organization's own word lies to the shared one."""

    SAME = "same", _("means the same")
    NARROWER = "narrower", _("means less")
    BROADER = "broader", _("means more")
    CLASHES = "clashes", _("means something else")


class VersionState(TextChoices):
    DRAFTING = "drafting", _("Being drafted")
    CIRCULATED = "circulated", _("Open for comments")
    RATIFYING = "ratifying", _("Being ratified")
    RATIFIED = "ratified", _("Ratified")
    RETURNED = "returned", _("Returned")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DimensionKind(TextChoices):
    """What a statement of the agenda is about, in the order in which it is read."""

    PROBLEM = "problem", _("Problem")
    CAUSE = "cause", _("Cause")
    POPULATION = "population", _("Population")
    PLACE = "place", _("Place")
    VISION = "vision", _("Vision")
    PRIMARY_GOAL = "primary_goal", _("Primary goal")
    GOAL = "goal", _("Goal")
    PRINCIPLE = "principle", _("Principle")
    APPROACH = "approach", _("Approach")
    ACTION = "action", _("Action")
    EXCLUSION = "exclusion", _("Not part of it")


class PrimaryGoalRule(TextChoices):
    STRICT = "strict", _("Everyone consents to every primary goal")
    LENIENT = "lenient", _("Nobody objects to a primary goal")


class Stance(TextChoices):
    CONSENT = "consent", _("Consent")
    RESERVATION = "reservation", _("Consent with reservation")
    STAND_ASIDE = "stand_aside", _("Stand aside")
    OBJECT = "object", _("Object")


class ResponseMeans(TextChoices):
    OWN = "own", _("by its own lead")
    BEHALF = "behalf", _("written down by the backbone")


class PartyStanding(TextChoices):
    ELIGIBLE = "eligible", _("Asked at the opening")
    ACCEDING = "acceding", _("Acceding")
    ACCEDED = "acceded", _("Acceded")
    LAPSED = "lapsed", _("Has not acceded")


class AmendmentState(TextChoices):
    DRAFT = "draft", _("Draft")
    EVALUATING = "evaluating", _("Waits for a word")
    ACCEPTED = "accepted", _("Taken up")
    REJECTED = "rejected", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ReservationState(TextChoices):
    OPEN = "open", _("Open")
    UNDER_REVIEW = "under_review", _("Under review")
    LIFTED = "lifted", _("Lifted")
    OVERTAKEN = "overtaken", _("Overtaken")
    CARRIED = "carried", _("Carried on")


class ContactMeans(TextChoices):
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    LETTER = "letter", _("Personal letter")
