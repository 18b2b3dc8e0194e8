"""Raise the walls around the measures' tables; keep facts, versions and targets as written."""

from django.db import migrations

from initiatives.walls import RaiseWall

# An observation may only ever be stamped as superseded, once.
KEEP_FACTS = """
CREATE FUNCTION app.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL
       OR (to_jsonb(NEW) - 'superseded_at') <> (to_jsonb(OLD) - 'superseded_at') THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON measures_observation
    FOR EACH ROW EXECUTE FUNCTION app.refuse_rewriting();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON measures_target
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON measures_baseline
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON measures_indicatorversion
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
REVOKE UPDATE, DELETE ON measures_observation FROM app_web;
GRANT UPDATE (superseded_at) ON measures_observation TO app_web;
REVOKE UPDATE, DELETE ON measures_target, measures_baseline, measures_indicatorversion FROM app_web;
"""


class Migration(migrations.Migration):
    dependencies = [("measures", "0001_initial"), ("initiatives", "0002_walls")]
    operations = [
        RaiseWall(
            "Calendar",
            "Period",
            "Round",
            "Dimension",
            "Category",
            "Partition",
            "PartitionDimension",
            "Cell",
            "CellLeaf",
            "Indicator",
            "IndicatorVersion",
            "Baseline",
            "Target",
            "Assignment",
            "Submission",
            "Entry",
            "Observation",
            "Rollup",
            "DirtyKey",
            "ShareLink",
            "ImportRun",
        ),
        migrations.RunSQL(KEEP_FACTS, migrations.RunSQL.noop),
    ]
