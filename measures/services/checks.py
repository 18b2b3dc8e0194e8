"""The rules a submission is held to: errors stop it, warnings ask for a note."""

from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.utils.translation import gettext as _

from initiatives.templatetags.concert import in_full
from measures.choices import IndicatorKind
from measures.models import Entry, Indicator, Submission
from measures.selectors.submissions import Field, Key, amount_of, fields_of, history_of

LEAST_HISTORY = 4
MOST_NAMED = 6  # groups
FAR = Decimal("3.5")  # Iglewicz and Hoaglin's bound for the modified z
TO_SIGMA = Decimal("0.6745")
MEAN_TO_SIGMA = Decimal("1.253314")


@dataclass(frozen=True)
class Finding:
    """What a rule says about one field. A warning passes with a note."""

    key: Key
    text: str
    is_warning: bool = False


def findings_of(submission: Submission, fields: list[Field] | None = None) -> list[Finding]:
    """Everything the rules say about what is written on a submission.

    :param fields: its fields, where they were read already.
    """
    fields = fields_of(submission) if fields is None else fields
    history = history_of(submission)
    found: list[Finding] = []
    groups: dict[int, list[Field]] = {}
    for field in fields:
        groups.setdefault(field.indicator.pk, []).append(field)
        if field.entry and not field.is_settled:  # what is accepted was looked at
            found += [Finding(field.key, text) for text in _faults(field.indicator, field.entry)]
            found += _doubts(field, history.get(field.key, []))
            found += _jumps(field, history.get(field.key, []))
    for group in groups.values():
        found += _mismatches(group) or _gaps(group)
    return found


def unexplained(submission: Submission, findings: list[Finding]) -> list[Finding]:
    """What keeps a submission from being handed in: errors, and warnings without a note."""
    noted = {
        entry.indicator_id for entry in Entry.objects.filter(submission=submission) if entry.note
    }
    return [each for each in findings if not each.is_warning or each.key[0] not in noted]


def _faults(indicator: Indicator, entry: Entry) -> list[str]:
    faults = []
    pair = (entry.numerator, entry.denominator)
    if indicator.is_pair and any(each is None for each in pair) and pair != (None, None):
        faults.append(_("Both numbers are needed, or neither."))
    if None not in pair and entry.denominator is not None and entry.numerator is not None:
        if entry.denominator < 0:
            faults.append(_("The second number is below 0."))
        if indicator.is_within and entry.numerator > entry.denominator:
            faults.append(
                _("%(part)s of %(whole)s is more than all. Swap them, or check one.")
                % {"part": in_full(entry.numerator), "whole": in_full(entry.denominator)}
            )
    for amount in (entry.value, entry.numerator, entry.denominator):
        if amount is not None and _has_too_many_decimals(indicator, amount, entry):
            most = {"n": indicator.decimals}
            rule = (
                _("This takes at most %(n)d decimals.")
                if indicator.decimals
                else _("This takes whole numbers.")
            )
            faults.append(rule % most)
            break
    return faults + _out_of_range(indicator, amount_of(entry))


def _has_too_many_decimals(indicator: Indicator, amount: Decimal, entry: Entry) -> bool:
    """The decimals of an indicator are of its value: a pair's two numbers are as counted."""
    if indicator.decimals is None or entry.value is None:
        return False
    return amount != round(amount, indicator.decimals)


def _out_of_range(indicator: Indicator, amount: Decimal | None) -> list[str]:
    if amount is None:
        return []
    if indicator.minimum is not None and amount < indicator.minimum:
        return [_("The smallest value agreed is %(n)s.") % {"n": in_full(indicator.minimum)}]
    if indicator.maximum is not None and amount > indicator.maximum:
        return [_("The largest value agreed is %(n)s.") % {"n": in_full(indicator.maximum)}]
    return []


def _mismatches(group: list[Field]) -> list[Finding]:
    """A total that its cells do not make. With cells left blank it may be larger, never smaller."""
    total = next((field for field in group if field.cell is None), None)
    leaves = [field for field in group if field.cell is not None]
    if not leaves or total is None or total.entry is None:
        return []
    for part in ("value", "numerator", "denominator"):
        whole = getattr(total.entry, part)
        known = [v for f in leaves if f.entry and (v := getattr(f.entry, part)) is not None]
        if whole is None or not known:
            continue
        added, complete = sum(known, Decimal(0)), len(known) == len(leaves)
        if added > whole or (complete and added != whole):
            text = _("The groups add up to %(sum)s, the total says %(total)s.")
            return [Finding(total.key, text % {"sum": in_full(added), "total": in_full(whole)})]
    return []


def _doubts(field: Field, history: list[Decimal]) -> list[Finding]:
    """What is most often a slip, unless its range was agreed or it was so before: less than
    nothing, more than all.
    """
    indicator, entry, amount = field.indicator, field.entry, amount_of(field.entry)
    if entry is None or amount is None:
        return []
    said = entry.value if entry.numerator is None else entry.numerator
    if amount < 0 and indicator.minimum is None and indicator.kind != IndicatorKind.MEAN:
        text = _("%(number)s is below 0.") % {"number": in_full(said or amount)}
        return [] if any(each < 0 for each in history) else [_doubt(field, text)]
    is_share = indicator.kind == IndicatorKind.RATIO and indicator.unit == "%"
    if amount > 1 and is_share and indicator.maximum is None and not indicator.is_within:
        text = _("%(part)s of %(whole)s is more than all.")
        text %= {"part": in_full(said or amount), "whole": in_full(entry.denominator or amount)}
        return [] if any(each > 1 for each in history) else [_doubt(field, text)]
    return []


def _doubt(field: Field, text: str) -> Finding:
    return Finding(field.key, text, is_warning=True)


def _gaps(group: list[Field]) -> list[Finding]:
    """Some groups without the others and without a total: all there is, as long as nobody says else.

    ``N/A`` says that a group has no number: who writes it knows. Nor is it asked who has accepted
    numbers in it: what is accepted was looked at.
    """
    total = next((field for field in group if field.cell is None), None)
    leaves = [field for field in group if field.cell and not field.cell.is_not_stated]
    written = [field for field in group if field.cell and field.entry and field.entry.is_reported]
    blank = [field for field in leaves if not (field.entry and field.entry.is_reported)]
    if total is None or not written or not blank or any(each.is_settled for each in group):
        return []
    if total.entry and total.entry.is_reported:
        return []
    text = _(
        "Without a total, the groups that are written count as all there is; nothing is said of "
        "%(groups)s. Write the total (the rest then stands as not stated) or the other groups."
    )
    names = [each.cell.name for each in blank if each.cell]
    said = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    return [Finding(total.key, text % {"groups": said}, is_warning=True)]


def _jumps(field: Field, history: list[Decimal]) -> list[Finding]:
    amount = amount_of(field.entry)
    if amount is None or not is_far(amount, history):
        return []
    text = _("This is far from what you reported before (usually about %(usual)s).")
    usual = {"usual": in_unit(field.indicator, median(history))}
    return [_doubt(field, text % usual)]


def in_unit(indicator: Indicator, amount: Decimal) -> str:
    """In the unit that readers see: a share of 0.85 is 85 %."""
    if indicator.kind == IndicatorKind.RATIO and indicator.unit == "%":
        return f"{in_full(round(amount * 100, 1))} %"
    return in_full(round(amount, 2))


def is_far(amount: Decimal, history: list[Decimal]) -> bool:
    """Whether the modified z of ``amount`` in its own history is beyond the bound."""
    if len(history) < LEAST_HISTORY:
        return False
    middle = median(history)
    distances = [abs(each - middle) for each in history]
    spread = median(distances) / TO_SIGMA
    if not spread:
        spread = sum(distances, Decimal(0)) / len(distances) * MEAN_TO_SIGMA
    if not spread:
        return abs(amount - middle) > abs(middle) / 2
    return abs(amount - middle) / spread > FAR
