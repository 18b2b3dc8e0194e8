"""What the clock starts: UTC ticks, harmless when two beats run. Each is a task of some `schedule.py`."""

from typing import Any

from celery.schedules import crontab

MINUTE, HOUR = 60.0, 3_600.0
LONGEST_WAIT = int(HOUR)


def schedule(*, sweep_seconds: float, letter_seconds: float) -> dict[str, dict[str, Any]]:
    """Celery's table of ticks.

    :param sweep_seconds: between two looks for work that was left behind.
    :param letter_seconds: between two looks for letters that are due.
    """
    return {
        "sweep jobs": _tick("initiatives.schedule.sweep_jobs", sweep_seconds),
        "send notices": _tick("initiatives.schedule.send_notices", letter_seconds),
        "seal acts": _tick("initiatives.schedule.seal_acts", MINUTE),
        "tell heads": _nightly("initiatives.schedule.tell_heads", hour=1),
        "forget answers": _tick("initiatives.schedule.forget_answers", 6 * HOUR),
        "forget sessions": _nightly("initiatives.schedule.forget_sessions", hour=4),
        "advance listening": _tick("agenda.schedule.advance_listening", MINUTE),
        "advance ratifications": _tick("agenda.schedule.advance_ratifications", 5 * MINUTE),
        "review reservations": _tick("agenda.schedule.review_reservations", 6 * HOUR),
        "find uses of terms": _tick("agenda.schedule.find_uses", 6 * HOUR),
        "advance rounds": _tick("measures.schedule.advance_rounds", MINUTE),
        "sweep rollups": _tick("measures.schedule.sweep_rollups", sweep_seconds),
        "carry stocks": _tick("measures.schedule.carry_stocks", 6 * HOUR),
        "sweep files": _tick("measures.schedule.sweep_files", HOUR),
        # The comparison looks at last night's rollups before everything is computed again.
        "audit rollups": _nightly("measures.schedule.audit_rollups", hour=2),
        "refresh rollups": _nightly("measures.schedule.refresh_rollups", hour=3),
        "plan reminders": _tick("meetings.schedule.plan_reminders", letter_seconds),
        "ask seats": _tick("meetings.schedule.ask_seats", 15 * MINUTE),
        "recompute starts": _tick("meetings.schedule.recompute_starts", 6 * HOUR),
        "note reviews due": _tick("meetings.schedule.note_reviews_due", HOUR),
        "forget outsiders": _tick("meetings.schedule.forget_outsiders", 6 * HOUR),
        "sweep papers": _tick("meetings.schedule.sweep_papers", 6 * HOUR),
        "plan weekly mails": _tick("meetings.schedule.plan_weekly_mails", 10 * MINUTE),
        "send weekly mails": _tick("meetings.schedule.send_weekly_mails", letter_seconds),
    }


def _tick(task: str, seconds: float) -> dict[str, Any]:
    """A task every so often. A tick that no worker took before the next one is dropped."""
    expires = min(int(seconds), LONGEST_WAIT)
    return {"task": task, "schedule": seconds, "options": {"expires": expires}}


def _nightly(task: str, *, hour: int) -> dict[str, Any]:
    """A task once a night, five minutes past the hour."""
    when = crontab(hour=hour, minute=5)
    return {"task": task, "schedule": when, "options": {"expires": LONGEST_WAIT}}
