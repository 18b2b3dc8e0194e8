"""Reading what was typed on the submission of an organization."""

from collections.abc import Mapping
from dataclasses import dataclass, field as made, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy as _

from initiatives.ids import is_id
from initiatives.templatetags.concert import in_full
from measures.choices import FactStatus, IndicatorKind
from measures.forms.amounts import Reading, read_amount, readings_of, typed
from measures.models import Entry, Indicator, Observation, Submission
from measures.selectors.submissions import Field, amount_of, fields_of, minutes_for
from measures.services.checks import Finding, findings_of, in_unit
from measures.services.submissions import Written

UNSURE = (FactStatus.PROVISIONAL, FactStatus.ESTIMATED)
SURE = {
    FactStatus.NORMAL: _("final, as counted"),
    FactStatus.PROVISIONAL: _("provisional: it may still change"),
    FactStatus.ESTIMATED: _("an estimate"),
}


@dataclass
class Box:
    """A field with its typed text and what stands against it."""

    field: Field
    top: str = ""
    bottom: str = ""
    error: str = ""
    readings: tuple[Reading, ...] = ()  # what the text that has ``error`` may mean
    unread: str = ""  # the name of its input

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def cell_name(self) -> str:
        return self.field.cell.name if self.field.cell else gettext("All")

    @property
    def is_settled(self) -> bool:
        return self.field.is_settled

    @property
    def said(self) -> str:
        """What was written, as it is read: ``1,234``, or the mark that stands for no number."""
        said, entry = _said(self.field.indicator, self.field.entry), self.field.entry
        if said and entry and entry.status in UNSURE:
            return f"{said} ({FactStatus(entry.status).label.lower()})"
        return said or self.top

    @property
    def before(self) -> str:
        return _said(self.field.indicator, self.field.before)

    @property
    def before_when(self) -> str:
        """The period of what was said last, which need not be the one just before."""
        return self.field.before.period.name if self.field.before else ""


@dataclass
class Question:
    """An indicator on the form: its boxes, its note, and what the rules say."""

    indicator: Indicator
    definition: str
    boxes: list[Box] = made(default_factory=list)
    note: str = ""
    sure: str = FactStatus.NORMAL
    errors: list[str] = made(default_factory=list)
    warnings: list[str] = made(default_factory=list)

    @property
    def how_sure(self) -> list[tuple[str, str, bool]]:
        """What its numbers can be, in words, and which of it they are."""
        return [(value, str(words), value == self.sure) for value, words in SURE.items()]

    @property
    def top_label(self) -> str:
        """What the first number of a pair is."""
        given: str = getattr(self.indicator, "numerator_text", "")
        return given or (gettext("Sum") if self._is_mean else gettext("How many"))

    @property
    def bottom_label(self) -> str:
        given: str = getattr(self.indicator, "denominator_text", "")
        return given or (gettext("Over how many") if self._is_mean else gettext("Of how many"))

    @property
    def _is_mean(self) -> bool:
        return self.indicator.kind == IndicatorKind.MEAN

    @property
    def bad_box(self) -> Box:
        """Where the reader begins to look."""
        return next((box for box in self.boxes if box.error), self.boxes[0])

    @property
    def asked(self) -> list[Box]:
        """The boxes whose text may be one of two numbers."""
        return [box for box in self.boxes if box.readings]

    @property
    def is_table(self) -> bool:
        return len(self.boxes) > 1

    @property
    def added(self) -> str:
        """What the groups come to where no total was written; nothing where one was."""
        rows = [box.field.entry for box in self.boxes if box.field.cell and box.field.entry]
        if any(box.top for box in self.boxes if box.field.cell is None):
            return ""
        if not self.indicator.is_pair:
            known = [row.value for row in rows if row.value is not None]
            return _grouped(sum(known, Decimal(0))) if known else ""
        pairs = [row for row in rows if None not in (row.numerator, row.denominator)]
        parts = sum((row.numerator or Decimal(0) for row in pairs), Decimal(0))
        wholes = sum((row.denominator or Decimal(0) for row in pairs), Decimal(0))
        return _of(parts, wholes) if pairs else ""

    def take(self, finding: Finding) -> None:
        """Put what the rules say where it belongs: among the words below, and at its box."""
        box = next((box for box in self.boxes if box.field.key == finding.key), None)
        text = self.named(box, finding.text)
        (self.warnings if finding.is_warning else self.errors).append(text)
        if box and not finding.is_warning:
            box.error = box.error or finding.text

    def named(self, box: Box | None, text: str) -> str:
        """The text with the group that it is about, where it is about one of several."""
        if box is None or box.field.cell is None:
            return text
        return f"{box.field.cell.name}: {text}"

    @property
    def is_asked_back(self) -> bool:
        """Whether it keeps the submission from being handed in: a mistake, or a warning without a note."""
        return bool(self.errors or (self.warnings and not self.note))

    @property
    def bad_names(self) -> str:
        """The names of the inputs in which there is a mistake."""
        bad = [box.name for box in self.boxes if box.error]
        return " ".join([*bad, *(f"{name}-of" for name in bad if self.indicator.is_pair)])

    @property
    def is_filled(self) -> bool:
        return any(box.top or box.bottom for box in self.boxes)


def checked_sheet(submission: Submission, data: Mapping[str, str] | None = None) -> "Sheet":
    """The form with what the rules say about what is kept of it."""
    fields = fields_of(submission)
    return Sheet(submission, data, fields=fields, findings=findings_of(submission, fields))


def as_meant(data: QueryDict) -> QueryDict:
    """What was typed, with the one number in place that somebody said a text means."""
    name, mark, text = data.get("means", "").partition("=")
    if not mark or name not in data:
        return data
    meant = data.copy()
    meant[name] = text
    return meant


class Sheet:
    """The whole form, from the rows or as typed. Unreadable text stays as it was typed."""

    def __init__(
        self,
        submission: Submission,
        data: Mapping[str, str] | None = None,
        *,
        fields: list[Field] | None = None,
        findings: list[Finding] | None = None,
    ) -> None:
        self.submission, self.data = submission, data
        self.questions: list[Question] = []
        self.written: list[Written] = []
        self.is_readable = True
        groups: dict[int, list[Field]] = {}
        for each in fields_of(submission) if fields is None else fields:
            groups.setdefault(each.indicator.pk, []).append(each)
        for group in groups.values():
            self.questions.append(self._question(group))
        by_key = {each.indicator.pk: each for each in self.questions}
        # What is kept of a field is not what stands in it while that cannot be read.
        unread = {box.field.key for each in self.questions for box in each.boxes if box.error}
        for finding in findings or []:
            asked = by_key.get(finding.key[0])
            if asked and finding.key not in unread:
                asked.take(finding)

    @property
    def version(self) -> int:
        given = (self.data or {}).get("overwrite") or (self.data or {}).get("version") or ""
        return int(given) if is_id(given) else 0

    @property
    def problems(self) -> list[tuple[Question, str]]:
        """What keeps the form from being handed in: errors, and warnings that no note explains."""
        return [
            (each, text)
            for each in self.questions
            for text in (*each.errors, *(() if each.note else each.warnings))
        ]

    @property
    def minutes(self) -> int:
        """How long it takes, about."""
        return minutes_for(len(self.questions))

    @property
    def settled(self) -> int:
        """How many of its numbers are accepted already while the rest is still open."""
        return sum(box.is_settled for each in self.questions for box in each.boxes)

    @property
    def filled(self) -> int:
        """How many of its indicators are done: something is written, and nothing is asked back."""
        return sum(each.is_filled and not each.is_asked_back for each in self.questions)

    @property
    def asked_back(self) -> int:
        return sum(each.is_asked_back for each in self.questions)

    @property
    def dropped(self) -> int:
        """How many numbers go if there is nothing to report: what is accepted stands."""
        boxes = (box for each in self.questions for box in each.boxes if not box.is_settled)
        return sum(bool(box.top or box.bottom) for box in boxes)

    def _question(self, group: list[Field]) -> Question:
        indicator: Any = group[0].indicator  # with its definition, see indicators_asked
        question = Question(indicator, indicator.definition)
        if self.data is None:
            entries = [each.entry for each in group if each.entry]
            question.note = next((each.note for each in entries if each.note), "")
            question.sure = next((e.status for e in entries if e.status in UNSURE), question.sure)
            question.boxes = [_from_entry(each) for each in group]
            return question
        question.note = self.data.get(f"note-{indicator.pk}", "").replace("\0", "").strip()
        sure = self.data.get(f"sure-{indicator.pk}", "")
        question.sure = sure if sure in SURE else question.sure
        written = []
        for each in group:
            if each.is_settled:
                question.boxes.append(_from_entry(each))
                continue
            box = Box(
                each, self.data.get(each.name, "").strip(), self.data.get(f"{each.name}-of", "")
            )
            question.boxes.append(box)
            try:
                written.append(_written(box))
            except forms.ValidationError as error:
                box.error, box.readings = error.messages[0], readings_of(error)
                question.errors.append(question.named(box, box.error))
                self.is_readable = False
        self.written += _noted([_as_sure(each, question.sure) for each in written], question.note)
        return question


def _from_entry(each: Field) -> Box:
    entry = each.entry
    if entry is None:
        return Box(each)
    if entry.status == FactStatus.SUPPRESSED:
        return Box(each, "*")
    if entry.status == FactStatus.MISSING:
        return Box(each, "N/A")
    top = entry.numerator if each.indicator.is_pair else entry.value
    return Box(each, typed(top), typed(entry.denominator))


def _written(box: Box) -> Written:
    key = box.field.key
    indicator = box.field.indicator
    box.unread = box.name
    top, status = read_amount(box.top, indicator)
    if not indicator.is_pair:
        return Written(*key, value=top, status=status)
    box.unread = f"{box.name}-of"
    bottom, _status = read_amount(box.bottom, indicator)
    return Written(*key, numerator=top, denominator=bottom, status=status)


def _noted(written: list[Written], note: str) -> list[Written]:
    """The note goes with what was said; where nothing was said, with the last field (the total)."""
    if not note or not written:
        return written
    if all(each.is_blank for each in written):
        written[-1] = replace(written[-1], note=note)
        return written
    return [each if each.is_blank else replace(each, note=note) for each in written]


def _as_sure(written: Written, sure: str) -> Written:
    """A number is as sure as it is said to be; what is none is that alone."""
    is_number = written.status == FactStatus.NORMAL and not written.is_blank
    return replace(written, status=sure) if is_number else written


def _said(indicator: Indicator, row: Observation | Entry | None) -> str:
    if row is None or (row.value is None and row.numerator is None):
        return ""
    if not indicator.is_pair:
        return _grouped(row.value)
    said = _of(row.numerator, row.denominator)
    share = amount_of(row)
    if share is None or indicator.unit != "%":
        return said
    return f"{said} ({in_unit(indicator, share)})"


def _of(part: Decimal | None, whole: Decimal | None) -> str:
    pair = {"part": _grouped(part), "whole": _grouped(whole)}
    return gettext("%(part)s of %(whole)s") % pair


def _grouped(amount: Decimal | None) -> str:
    return "" if amount is None else in_full(amount)
