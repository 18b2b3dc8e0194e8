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
