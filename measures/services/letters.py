"""What reporters are written about a form: that it waits, that it came back."""

from collections.abc import Container
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone

from initiatives import links
from initiatives.choices import LinkPurpose
from initiatives.models import Membership
from initiatives.notices import notify
from measures.models import Round, Submission
from measures.selectors.submissions import reporters_of

LINK_LASTS_AFTER_DUE = timedelta(days=30)


def write_round_due(
    submission: Submission, round_: Round, *, occasion: str, but: Container[int] = ()
) -> None:
    """Write to the reporters of an organization that has not handed in, but to some users."""
    for reporter in reporters_of(submission.organization_id):
        if reporter.user_id in but:
            continue
        notify(
            "round_due",
            submission,
            occasion=occasion,
            recipient=reporter.user.email,
            user=reporter.user,
            not_after=round_.closes_at,
            url=form_address(submission, reporter),
            organization=submission.organization.name,
            period=round_.period.name,
            due=formats.date_format(round_.due_on, "DATE_FORMAT"),
            is_due=occasion == "due",
        )


def form_address(submission: Submission, reporter: Membership) -> str:
    """A signed link to the form, or the form behind signing in if the lead wants it so."""
    if not submission.organization.has_form_links:
        path = reverse("measures:submission", args=[submission.initiative.slug, submission.pk])
        return settings.SITE_URL + path
    round_ = submission.round
    token, _link = links.issue(
        LinkPurpose.SUBMISSION,
        submission.pk,
        user=reporter.user,
        expires_at=_last_moment(submission, round_),
    )
    return links.address("form_link", token)


def _last_moment(submission: Submission, round_: Round) -> datetime:
    """Until when a submission can be written on; a round without an end stays open for some time."""
    if submission.is_reopened and submission.reopened_until:
        return submission.reopened_until
    return round_.closes_at or max(round_.due_at, timezone.now()) + LINK_LASTS_AFTER_DUE


def write_returned(submission: Submission, *, actor: Membership) -> None:
    """Tell the reporters that a submission came back or is open again, and why; once for each time."""
    until = submission.reopened_until if submission.is_reopened else None
    for reporter in reporters_of(submission.organization_id):
        notify(
            "returned",
            submission,
            occasion=f"version {submission.version}",
            recipient=reporter.user.email,
            user=reporter.user,
            not_after=until,
            url=form_address(submission, reporter),
            organization=submission.organization.name,
            period=submission.round.period.name,
            reason=submission.return_reason,
            actor=str(actor.user),
            until=formats.date_format(timezone.localtime(until), "DATETIME_FORMAT")
            if until
            else "",
        )
