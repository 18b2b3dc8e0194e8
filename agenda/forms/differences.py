"""What is written about differences."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agenda.choices import DifferenceKind, RefusalKind, ResolutionKind, Severity
from agenda.models import Difference, DifferenceComment, Proposal
from agenda.selectors.differences import may_hold
from agenda.services.differences.board import Side
from initiatives.days import DayField
from initiatives.models import Membership, Organization
from initiatives.permissions import Role

LONGEST = 4000
DAY = {"type": "date"}


def words(**options: Any) -> forms.CharField:
    """A field for some sentences."""
    rows = options.pop("rows", 3)
    return forms.CharField(max_length=LONGEST, widget=forms.Textarea({"rows": rows}), **options)


class DifferenceForm(forms.Form):
    """A difference that somebody noticed, with the two views in it."""

    title = forms.CharField(
        label=_("What is seen differently?"),
        max_length=200,
        help_text=_("For example: When is somebody out of homelessness?"),
    )
    kind = forms.ChoiceField(label=_("It is about"), choices=DifferenceKind)
    severity = forms.ChoiceField(
        label=_("How much does it stand in the way?"),
        choices=Severity,
        initial=Severity.SERIOUS,
        widget=forms.RadioSelect,
    )
    first_label = forms.CharField(label=_("One view, in short"), max_length=120)
    first_statement = words(label=_("In the words of those who hold it"), required=False)
    second_label = forms.CharField(label=_("The other view, in short"), max_length=120)
    second_statement = words(label=_("In the words of those who hold it"), required=False)

    @property
    def values(self) -> dict[str, Any]:
        """What the service is told."""
        data = self.cleaned_data
        return {
            **{each: data[each] for each in ("title", "kind", "severity")},
            "sides": tuple(
                Side(data[f"{each}_label"], data[f"{each}_statement"])
                for each in ("first", "second")
            ),
        }


class SideForm(forms.Form):
    """A view, in other words."""

    label = forms.CharField(label=_("This view, in short"), max_length=120)
    statement = words(label=_("In the words of those who hold it"), rows=6)
    version = forms.IntegerField(widget=forms.HiddenInput)


class FairForm(forms.Form):
    """Which words are called fair."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class HolderForm(forms.Form):
    """An organization that holds a view."""

    organization = forms.ModelChoiceField(
        label=_("Organization"), queryset=Organization.objects.none()
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organization"]
        field.queryset = may_hold(membership)


class MoveForm(forms.Form):
    """Where the talk goes next."""

    to = forms.CharField(max_length=15)
    evidence_wanted = words(label=_("What would help to know?"), required=False)


class ArrangeForm(forms.Form):
    """How severe, who leads the talk, when to look again."""

    severity = forms.ChoiceField(label=_("Severity"), choices=Severity)
    facilitator = forms.ModelChoiceField(
        label=_("Who leads the talk"), queryset=Membership.objects.none(), required=False
    )
    review_on = DayField(
        label=_("Look at it again on"),
        required=False,
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["facilitator"]
        leaders = Membership.objects.visible_to(membership).current()
        field.queryset = leaders.filter(
            roles__overlap=[Role.FACILITATOR, Role.PROJECT_MANAGER]
        ).select_related("user", "organization")
        field.label_from_instance = lambda each: str(each.user)

    @staticmethod
    def values_of(difference: Difference) -> dict[str, Any]:
        """What the form shows first."""
        plain = ("severity", "review_on")
        return {each: getattr(difference, each) for each in plain} | {
            "facilitator": difference.facilitator_id
        }


class CommentForm(forms.Form):
    """A turn of the talk."""

    text = words(label=_("What do you want to say?"))
    parent = forms.ModelChoiceField(
        queryset=DifferenceComment.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(
        self, *args: Any, membership: Membership, difference: Difference, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parent"]
        field.queryset = DifferenceComment.objects.visible_to(membership).filter(
            difference=difference
        )


class ProposalForm(forms.Form):
    """A way to settle it."""

    text = words(label=_("What could both sides live with?"))


class ResolutionForm(forms.Form):
    """How it is settled."""

    kind = forms.ChoiceField(
        label=_("How it is settled"), choices=ResolutionKind, widget=forms.RadioSelect
    )
    text = words(label=_("In words that can stand in the agenda"))
    proposal = forms.ModelChoiceField(
        label=_("Made of the proposal"), queryset=Proposal.objects.none(), required=False
    )
    decision_ref = forms.CharField(
        label=_("Where it was decided"),
        max_length=200,
        required=False,
        help_text=_("For example the meeting and its day."),
    )
    review_on = DayField(
        label=_("Look at it again on"),
        required=False,
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
    )

    def __init__(
        self, *args: Any, membership: Membership, difference: Difference, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["proposal"]
        field.queryset = Proposal.objects.visible_to(membership).filter(difference=difference)


class RefusalForm(forms.Form):
    """Why an organization cannot live with a resolution, or not yet."""

    kind = forms.ChoiceField(
        label=_("Our answer"),
        choices=[
            (RefusalKind.NO, _("No, we cannot live with it")),
            (RefusalKind.NOT_YET, _("Not yet, something is missing")),
        ],
        widget=forms.RadioSelect,
    )
    reason = words(
        label=_("Why, and what would help?"),
        help_text=_("Both sides and who leads the talk read it."),
    )


class ReopenForm(forms.Form):
    """Why it is opened again."""

    reason = words(label=_("Why is it opened again?"))
