"""Raise the walls around versions, answers and reservations; let the database keep their rules."""

from django.db import migrations

from initiatives.walls import RaiseWall

# An answer is valid only for the text it was given to (A2): it names the hash, and the version has it.
ONE_TEXT = """
ALTER TABLE agenda_response ADD CONSTRAINT agenda_response_text_own
    FOREIGN KEY (initiative_id, agenda_id, version_hash)
    REFERENCES agenda_agendaversion (initiative_id, id, content_hash) DEFERRABLE INITIALLY IMMEDIATE;
"""
# The text is what it was from the opening on (A2). The lock makes an edit and an opening take turns.
FREEZE = """
CREATE FUNCTION app.agenda_keep_text() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE stood text; fresh jsonb; old_row jsonb;
BEGIN
    SELECT state INTO stood FROM public.agenda_agendaversion
        WHERE initiative_id = coalesce(NEW.initiative_id, OLD.initiative_id)
          AND id = coalesce(NEW.agenda_id, OLD.agenda_id) FOR SHARE;
    IF stood IS NULL OR stood IN ('drafting', 'circulated') THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND stood = 'ratifying' AND OLD.split_out_at IS NULL THEN
        fresh := to_jsonb(NEW) - 'split_out_at' - 'split_out_reason';
        old_row := to_jsonb(OLD) - 'split_out_at' - 'split_out_reason';
        IF fresh = old_row THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'check constraint: the text of this version is fixed' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER keep_text BEFORE INSERT OR UPDATE OR DELETE ON agenda_agendadimension
    FOR EACH ROW EXECUTE FUNCTION app.agenda_keep_text();
CREATE FUNCTION app.agenda_keep_list() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE stood text;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.standing <> 'eligible' AND (
        TG_OP = 'DELETE' OR NEW.standing <> 'eligible'
    ) THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'INSERT' AND NEW.standing <> 'eligible' THEN
        RETURN NEW;
    END IF;
    SELECT state INTO stood FROM public.agenda_agendaversion
        WHERE initiative_id = coalesce(NEW.initiative_id, OLD.initiative_id)
          AND id = coalesce(NEW.agenda_id, OLD.agenda_id);
    IF stood IS NULL OR stood IN ('drafting', 'circulated') THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'check constraint: the list of who is asked is fixed' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER keep_list BEFORE INSERT OR UPDATE OR DELETE ON agenda_party
    FOR EACH ROW EXECUTE FUNCTION app.agenda_keep_list();
"""
# A version moves only along its states, and becomes ratified only when A3 holds.
RATIFY = """
CREATE FUNCTION app.agenda_keep_version() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.number <> OLD.number OR (OLD.content_hash <> '' AND (
        NEW.content_hash <> OLD.content_hash OR NEW.policy <> OLD.policy
        OR NEW.primary_goal_rule <> OLD.primary_goal_rule OR NEW.opened_at <> OLD.opened_at
        OR NEW.closes_at <> OLD.closes_at
    )) THEN
        RAISE EXCEPTION 'what was put to everyone is fixed' USING ERRCODE = '23514';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('drafting', 'circulated'), ('circulated', 'drafting'), ('circulated', 'ratifying'),
        ('ratifying', 'ratified'), ('ratifying', 'returned'), ('ratified', 'superseded'),
        ('drafting', 'withdrawn'), ('circulated', 'withdrawn'), ('ratifying', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'a version does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = '23514';
    END IF;
    IF NEW.state = 'ratified' AND OLD.state <> 'ratified' AND (
        NOT EXISTS (
            SELECT FROM public.agenda_party p WHERE p.initiative_id = NEW.initiative_id
            AND p.agenda_id = NEW.id AND p.standing = 'eligible'
        )
        OR EXISTS (
            SELECT FROM public.agenda_party p
            JOIN public.agenda_agendadimension d
                ON d.initiative_id = p.initiative_id AND d.agenda_id = p.agenda_id
            WHERE p.initiative_id = NEW.initiative_id AND p.agenda_id = NEW.id
            AND p.standing = 'eligible' AND d.split_out_at IS NULL
            AND NOT EXISTS (
                SELECT FROM public.agenda_response r
                JOIN public.agenda_dimensionstance s
                    ON s.initiative_id = r.initiative_id AND s.response_id = r.id
                WHERE r.initiative_id = NEW.initiative_id AND r.agenda_id = NEW.id
                AND r.organization_id = p.organization_id AND r.superseded_at IS NULL
                AND r.version_hash = NEW.content_hash
                AND (r.contestable_until IS NULL OR r.confirmed_at IS NOT NULL
                     OR r.contestable_until <= NEW.decided_at)
                AND s.dimension_id = d.id AND s.stance <> 'object'
                AND (s.stance = 'consent' OR s.reservation_id IS NOT NULL)
                AND (d.kind <> 'primary_goal' OR s.stance <> 'stand_aside'
                     OR NEW.primary_goal_rule = 'lenient')
            )
        )
    ) THEN
        RAISE EXCEPTION 'this version is not ratified by all' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_version BEFORE UPDATE ON agenda_agendaversion
    FOR EACH ROW EXECUTE FUNCTION app.agenda_keep_version();
CREATE FUNCTION app.agenda_keep_opened() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.content_hash <> '' THEN
        RAISE EXCEPTION 'a version that was put to everyone is kept' USING ERRCODE = '23514';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_opened BEFORE DELETE ON agenda_agendaversion
    FOR EACH ROW EXECUTE FUNCTION app.agenda_keep_opened();
"""
# Answers are kept as given, and reservations are never deleted.
KEEP = """
CREATE FUNCTION app.agenda_keep_answer() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE later text[] := ARRAY[
    'superseded_at', 'superseded_by_id', 'confirmed_at', 'contested_at', 'initiative_id'];
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - later) <> (to_jsonb(OLD) - later)
       OR (OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL) THEN
        RAISE EXCEPTION 'an answer is kept as it was given' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_answer BEFORE UPDATE OR DELETE ON agenda_response
    FOR EACH ROW EXECUTE FUNCTION app.agenda_keep_answer();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON agenda_dimensionstance
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON agenda_reservationnote
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON agenda_evidence
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE ON agenda_reservation
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
REVOKE UPDATE, DELETE ON agenda_dimensionstance, agenda_reservationnote, agenda_evidence FROM app_web;
"""


class Migration(migrations.Migration):
    dependencies = [("agenda", "0003_versions"), ("initiatives", "0002_walls")]
    operations = [
        RaiseWall(
            "AgendaVersion",
            "AgendaDimension",
            "DimensionComment",
            "Goal",
            "Party",
            "Evidence",
            "Response",
            "DimensionStance",
            "Contact",
            "Reservation",
            "ReservationNote",
        ),
        migrations.RunSQL(
            "SELECT set_config('app.initiative', '0', true);"
            + ONE_TEXT
            + "SELECT set_config('app.initiative', '', true);",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(FREEZE + RATIFY + KEEP, migrations.RunSQL.noop),
    ]
