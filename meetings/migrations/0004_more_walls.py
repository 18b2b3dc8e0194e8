"""Raise the walls around agendas, attendance, decisions, actions, minutes and letters.

Approved minutes stay as they were approved, and evidence as it was frozen.
"""

from django.db import migrations

from initiatives.walls import RaiseWall

KEEP_WHAT_WAS_APPROVED = """
CREATE FUNCTION app.refuse_after_approval() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.state = 'approved' THEN
        RAISE EXCEPTION 'approved minutes never change' USING ERRCODE = '42501';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER approved_stays BEFORE UPDATE OR DELETE ON meetings_minutes
    FOR EACH ROW EXECUTE FUNCTION app.refuse_after_approval();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON meetings_evidence
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
REVOKE UPDATE, DELETE ON meetings_evidence FROM app_web;
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0003_agendas_to_letters")]
    operations = [
        RaiseWall(
            "AgendaAnswer",
            "PreRead",
            "Acknowledgement",
            "PreReadWaiver",
            "Reply",
            "Delegation",
            "Briefing",
            "BriefingAnswer",
            "Attendance",
            "SeatCount",
            "Decision",
            "DecisionOption",
            "Criterion",
            "Score",
            "Evidence",
            "Interest",
            "DecisionResponse",
            "ActionItem",
            "Note",
            "ItemClock",
            "Minutes",
            "Correction",
            "CalendarEnvelope",
            "CalendarFeed",
            "QuietSetting",
            "Announcement",
            "AskedMinutes",
        ),
        migrations.RunSQL(KEEP_WHAT_WAS_APPROVED, migrations.RunSQL.noop),
    ]
