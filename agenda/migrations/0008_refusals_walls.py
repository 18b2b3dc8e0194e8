"""Raise the wall around refusals; nothing is settled while a side says no."""

from django.db import migrations

from initiatives.walls import RaiseWall

REFUSE = """
CREATE FUNCTION app.guard_refusal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.agenda_resolutionrefusal f
        JOIN public.agenda_resolution r
            ON r.initiative_id = f.initiative_id AND r.id = f.resolution_id
        JOIN public.agenda_sidemember m
            ON m.initiative_id = f.initiative_id AND m.organization_id = f.organization_id
            AND m.difference_id = r.difference_id
        JOIN public.initiatives_organization o
            ON o.initiative_id = f.initiative_id AND o.id = f.organization_id
        WHERE r.initiative_id = NEW.initiative_id AND r.difference_id = NEW.id
          AND r.state = 'confirmed' AND f.taken_back_at IS NULL
          AND o.state NOT IN ('paused', 'left')
    ) THEN
        RAISE EXCEPTION 'a resolution does not hold while a side says no'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_refusal BEFORE UPDATE ON agenda_difference FOR EACH ROW
    WHEN (NEW.state = 'resolved' AND OLD.state <> 'resolved')
    EXECUTE FUNCTION app.guard_refusal();
CREATE TRIGGER guard_first_refusal BEFORE INSERT ON agenda_difference FOR EACH ROW
    WHEN (NEW.state = 'resolved')
    EXECUTE FUNCTION app.guard_refusal();
"""
ALLOW = """
DROP TRIGGER guard_first_refusal ON agenda_difference;
DROP TRIGGER guard_refusal ON agenda_difference;
DROP FUNCTION app.guard_refusal();
"""


class Migration(migrations.Migration):
    dependencies = [("agenda", "0007_resolution_refusals"), ("initiatives", "0002_walls")]
    operations = [RaiseWall("ResolutionRefusal"), migrations.RunSQL(REFUSE, ALLOW)]
