"""What to do where something is shut: done by who collects, asked for by everybody else."""

from collections.abc import Sequence

from django.utils.translation import gettext as _


def open_one(*, collects: bool) -> str:
    """How a period gets a round."""
    if collects:
        return _("Open a round for it, then import the file again.")
    return _("The data manager can open one.")


def open_it(*, collects: bool) -> str:
    """How a round takes numbers that does not take any now."""
    if collects:
        return _("Change the dates of its round, then import the file again.")
    return _("The data manager can open it.")


def assign_it(*, collects: bool) -> str:
    """How an organization is asked for an indicator."""
    if collects:
        return _("Say on the page of the indicator that it reports it.")
    return _("The data manager can assign it.")


def add_years(*, collects: bool) -> str:
    """How a calendar comes to reach further."""
    if collects:
        return _("Add the years to the calendar, then import the file again.")
    return _("The data manager can add the years to the calendar.")


def reach(codes: Sequence[str], *, has_begun: bool, collects: bool) -> str:
    """From where to where a calendar runs, and how it grows to a period that numbers can be of."""
    runs = _("It runs from %(first)s to %(last)s.")
    said = [runs % {"first": codes[0], "last": codes[-1]}] if codes else []
    return " ".join([*said, add_years(collects=collects)] if has_begun else said)


def leads_to_calendars(suggestion: str) -> bool:
    """Whether somebody who collects was told to let a calendar grow."""
    return suggestion.endswith(add_years(collects=True))


def leads_to_rounds(suggestion: str) -> bool:
    """Whether somebody who collects was told to open a round or to change one."""
    return suggestion in {open_one(collects=True), open_it(collects=True)}


def not_one() -> str:
    """What to do with a row that names nobody who could be meant."""
    return _("Only who takes part has numbers: delete rows of totals and footnotes.")


def in_four_digits(codes: Sequence[str]) -> str:
    """How a period is written whose year has two digits."""
    said = _(" or ").join(codes)
    return _("Write the year in four digits: %(codes)s, if that is meant.") % {"codes": said}
