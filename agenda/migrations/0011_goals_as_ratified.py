"""A goal says what was ratified, and a decided version keeps how it was decided; whoever writes."""

from django.db import migrations

KEEP = """
CREATE FUNCTION app.agenda_keep_goal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a goal that was ratified is kept' USING ERRCODE = '23514';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.key <> OLD.key THEN
        RAISE EXCEPTION 'a goal keeps its key' USING ERRCODE = '23514';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.agenda_agendaversion v JOIN public.agenda_agendadimension d
            ON d.initiative_id = v.initiative_id AND d.agenda_id = v.id
        WHERE v.initiative_id = NEW.initiative_id AND v.id = NEW.agenda_id
          AND v.state IN ('ratified', 'superseded')
          AND d.key = NEW.key AND d.kind = 'primary_goal' AND d.text = NEW.text
    ) THEN
        RAISE EXCEPTION 'a goal says what was ratified' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
-- After: the wall and the keys speak first.
CREATE TRIGGER keep_goal AFTER INSERT OR UPDATE OR DELETE ON agenda_goal
    FOR EACH ROW EXECUTE FUNCTION app.agenda_keep_goal();
CREATE FUNCTION app.agenda_keep_outcome() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'how a version was decided is kept' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER keep_outcome BEFORE UPDATE ON agenda_agendaversion FOR EACH ROW
    WHEN (OLD.decided_at IS NOT NULL AND (
        NEW.decided_at IS DISTINCT FROM OLD.decided_at OR NEW.outcome IS DISTINCT FROM OLD.outcome
    ))
    EXECUTE FUNCTION app.agenda_keep_outcome();
"""
LET_GO = """
DROP TRIGGER keep_outcome ON agenda_agendaversion;
DROP TRIGGER keep_goal ON agenda_goal;
DROP FUNCTION app.agenda_keep_outcome(), app.agenda_keep_goal();
"""


class Migration(migrations.Migration):
    dependencies = [("agenda", "0010_outsiders_walls")]
    operations = [migrations.RunSQL(KEEP, LET_GO)]
