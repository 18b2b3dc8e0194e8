"""Raise the walls around amendments and drafts; an early reveal waits for everyone who was asked."""

from django.db import migrations

from initiatives.walls import RaiseWall

# Whether an organization has answered is said by its own people, and nobody is moved out of a round.
# One is taken out in the open, if nobody has belonged to it since the round was opened.
KEEP_ASKED = """
CREATE FUNCTION app.guard_asked() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE opened timestamptz;
BEGIN
    SELECT r.opens_at INTO opened FROM public.agenda_listeninground r
        WHERE r.initiative_id = OLD.initiative_id AND r.id = OLD.round_id AND r.state = 'open';
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;
    IF NEW.round_id <> OLD.round_id OR NEW.organization_id <> OLD.organization_id THEN
        RAISE EXCEPTION 'whoever is asked in an open round stays asked' USING ERRCODE = '23514';
    END IF;
    IF OLD.answered_at IS NULL AND NEW.answered_at IS NOT NULL
       AND NEW.organization_id NOT IN (SELECT app.own_organizations()) THEN
        RAISE EXCEPTION 'an organization says itself that it has answered' USING ERRCODE = '23514';
    END IF;
    IF OLD.excused_at IS NULL AND NEW.excused_at IS NOT NULL AND EXISTS (
        SELECT FROM public.initiatives_membership m
        WHERE m.initiative_id = NEW.initiative_id AND m.organization_id = NEW.organization_id
          AND (m.ends_on IS NULL OR m.ends_on >= (opened AT TIME ZONE 'UTC')::date)
    ) THEN
        RAISE EXCEPTION 'somebody can answer for this organization' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_asked BEFORE UPDATE ON agenda_asked
    FOR EACH ROW EXECUTE FUNCTION app.guard_asked();
"""
FREE_ASKED = """
DROP TRIGGER guard_asked ON agenda_asked;
DROP FUNCTION app.guard_asked();
"""
GUARD = """
CREATE OR REPLACE FUNCTION app.guard_reveal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.revealed_at IS NOT NULL AND NEW.revealed_at IS DISTINCT FROM OLD.revealed_at THEN
        RAISE EXCEPTION 'what was revealed stays revealed' USING ERRCODE = '23514';
    END IF;
    IF OLD.state <> 'drafting' AND (
        NEW.state = 'drafting' OR NEW.closes_at < OLD.closes_at
        OR NEW.reveal_rule <> OLD.reveal_rule%(opening)s
    ) THEN
        RAISE EXCEPTION 'the seal of an open round is not loosened' USING ERRCODE = '23514';
    END IF;
    IF OLD.revealed_at IS NULL AND NEW.revealed_at IS NOT NULL
       AND OLD.closes_at > clock_timestamp() AND (
        OLD.reveal_rule <> 'all_in' OR EXISTS (%(waiting)s)
    ) THEN
        RAISE EXCEPTION 'positions are sealed until all are in or the time is over'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
"""
# To pause the silent, or to let them leave, opens nothing.
EVERYONE = """
            SELECT FROM public.agenda_asked s
            WHERE s.initiative_id = OLD.initiative_id AND s.round_id = OLD.id
              AND s.answered_at IS NULL AND s.excused_at IS NULL
        """
PRESENT = """
            SELECT FROM public.agenda_asked s JOIN public.initiatives_organization o
                ON o.initiative_id = s.initiative_id AND o.id = s.organization_id
            WHERE s.initiative_id = OLD.initiative_id AND s.round_id = OLD.id
              AND s.answered_at IS NULL AND o.state NOT IN ('paused', 'left')
        """


class Migration(migrations.Migration):
    dependencies = [("agenda", "0005_amendments_and_drafts"), ("initiatives", "0002_walls")]
    operations = [
        RaiseWall("Amendment", "ReservationDraft"),
        migrations.RunSQL(KEEP_ASKED, FREE_ASKED),
        migrations.RunSQL(
            GUARD % {"waiting": EVERYONE, "opening": " OR NEW.opens_at > OLD.opens_at"},
            GUARD % {"waiting": PRESENT, "opening": ""},
        ),
    ]
