"""A report as plain data: what a page shows of it, in a bounded number of lines."""

from dataclasses import asdict
from typing import Any

from measures.imports.problems import Code, Problem
from measures.imports.report import MOST_BAD, Report
from measures.imports.ways import leads_to_calendars, leads_to_rounds

Told = dict[str, Any]
OF_KEYS = {
    each.value for each in (Code.ORG, Code.INDICATOR, Code.PERIOD, Code.LOCKED, Code.ASSIGNMENT)
}
LINES_NAMED = 5  # besides the first
MOST_ALIKE = 120  # problems of one line that may be the same


def as_told(report: Report) -> Any:
    """What became of the file, for storing beside it."""
    problems = [_line(line, problem) for line, problem in report.broken]
    warnings = []
    for row in report.rows:
        for each in (_line(row.line, problem) for problem in row.problems):
            if each not in problems[-MOST_ALIKE:]:  # of a line with many numbers
                problems.append(each)
        warnings += [{"line": row.line, "message": text} for text in row.warnings]
    question = report.question
    told = {
        "counts": report.counts,
        "total": report.total,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "stored": report.stored,
        "is_known": report.is_known,
        "left_open": report.left_open,
        "is_broken": bool(report.broken),
        "notices": report.notices,
        "read_as": report.read_as,
        "problems": _once(problems)[:MOST_BAD],
        "leads_to_rounds": any(leads_to_rounds(each["suggestion"]) for each in problems),
        "leads_to_calendars": any(leads_to_calendars(each["suggestion"]) for each in problems),
        "bad_rows": report.counts["reject"],
        "bad_rows_told": sum(1 for row in report.rows if row.problems),
        "warnings": warnings[:MOST_BAD],
        "columns": [asdict(each) for each in report.columns],
        "changes": [each._asdict() for each in report.changes],
        "question": None
        if question is None
        else {
            "line": question.line,
            "text": question.text,
            "point": question.point,
            "comma": question.comma,
        },
    }
    return _storable(told)


def _once(problems: list[Told]) -> list[Told]:
    """What a key means is told once for all lines that say it: the first lines, and how many more."""
    first: dict[tuple[str, ...], Told] = {}
    found = []
    for each in problems:
        key = (each["code"], each["column"], each["message"], each["suggestion"])
        same = first.setdefault(key, each) if each["code"] in OF_KEYS else each
        if same is each:
            found.append(each)
        elif len(same.setdefault("lines", [])) < LINES_NAMED:
            same["lines"].append(each["line"])
        else:
            same["more"] = same.get("more", 0) + 1
    return found


def _storable(part: Any) -> Any:
    """The same without characters that no database column takes."""
    if isinstance(part, str):
        return "".join("\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in part)
    if isinstance(part, dict):
        return {key: _storable(each) for key, each in part.items()}
    if isinstance(part, list):
        return [_storable(each) for each in part]
    return part


def _line(line: int, problem: Problem) -> Told:
    return {"line": line, **problem.as_dict()}
