"""Keep whoever works for the backbone out of sealed positions, whatever organization they join."""

from django.db import migrations

from initiatives.walls import RaiseWall

BACKBONE = (
    "ARRAY['project_manager','data_manager','education_coordinator','facilitator']::varchar[]"
)
# Who belongs to an organization reads what it says, unless the round knows them as an outsider.
SEALED_OUT = """
CREATE FUNCTION app.sealed_out(here bigint, round bigint, organization bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM public.agenda_outsider o
        WHERE o.initiative_id = here AND o.round_id = round AND o.user_id = app.user_or_null()
          AND (o.organization_id IS NULL
               OR o.organization_id = organization AND o.admitted_at IS NULL)
    )
$$;
GRANT EXECUTE ON FUNCTION app.sealed_out(bigint, bigint, bigint) TO app_web, app_backup;
"""
POLICIES = """
ALTER POLICY sealed ON agenda_positionstatement
    USING (
        organization_id IN (SELECT app.own_organizations())%(statement)s
        OR state <> 'draft' AND EXISTS (
            SELECT FROM agenda_listeninground r
            WHERE r.initiative_id = agenda_positionstatement.initiative_id
              AND r.id = round_id AND r.revealed_at IS NOT NULL
        )
    )
    WITH CHECK (organization_id IN (SELECT app.own_organizations())%(statement)s);
ALTER POLICY sealed ON agenda_positionfacet
    WITH CHECK (
        EXISTS (
            SELECT FROM agenda_positionstatement s
            WHERE s.initiative_id = agenda_positionfacet.initiative_id AND s.id = statement_id
              AND s.organization_id IN (SELECT app.own_organizations())%(facet)s
        )
    );
"""
OUT = " AND NOT app.sealed_out({0}initiative_id, {0}round_id, {0}organization_id)"
# Whoever works for the backbone when a round is opened, or at any time after, is noted for good:
# taking the role off again opens nothing. So is who joins an organization while a round is open,
# unless somebody of it invited them or nobody else has belonged to it since the opening.
NOTE = f"""
CREATE FUNCTION app.note_outsiders() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.agenda_outsider (initiative_id, round_id, user_id, since)
        SELECT DISTINCT NEW.initiative_id, NEW.id, m.user_id, now()
        FROM public.initiatives_membership m
        WHERE m.initiative_id = NEW.initiative_id AND m.roles && {BACKBONE}
          AND (m.ends_on IS NULL OR m.ends_on > current_date)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER note_outsiders AFTER UPDATE ON agenda_listeninground FOR EACH ROW
    WHEN (NEW.state = 'open' AND OLD.state <> 'open') EXECUTE FUNCTION app.note_outsiders();
CREATE TRIGGER note_first_outsiders AFTER INSERT ON agenda_listeninground FOR EACH ROW
    WHEN (NEW.state = 'open') EXECUTE FUNCTION app.note_outsiders();
CREATE FUNCTION app.note_outsider() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE r record;
BEGIN
    IF NEW.ends_on IS NOT NULL AND NEW.ends_on <= current_date THEN
        RETURN NULL;
    END IF;
    FOR r IN SELECT l.id, l.state, l.opens_at FROM public.agenda_listeninground l
        WHERE l.initiative_id = NEW.initiative_id AND l.state IN ('open', 'revealed')
    LOOP
        IF NEW.roles && {BACKBONE} THEN
            INSERT INTO public.agenda_outsider (initiative_id, round_id, user_id, since)
                VALUES (NEW.initiative_id, r.id, NEW.user_id, now()) ON CONFLICT DO NOTHING;
        END IF;
        IF r.state <> 'open' OR TG_OP = 'UPDATE' AND OLD.user_id = NEW.user_id
           AND OLD.organization_id = NEW.organization_id AND OLD.starts_on <= NEW.starts_on
           AND (OLD.ends_on IS NULL OR OLD.ends_on > current_date) THEN
            CONTINUE;
        END IF;
        CONTINUE WHEN NOT EXISTS (
            SELECT FROM public.initiatives_membership m
            WHERE m.initiative_id = NEW.initiative_id AND m.organization_id = NEW.organization_id
              AND m.user_id <> NEW.user_id
              AND (m.ends_on IS NULL OR m.ends_on >= (r.opens_at AT TIME ZONE 'UTC')::date)
        );
        CONTINUE WHEN EXISTS (
            SELECT FROM public.initiatives_invitation i
            JOIN public.initiatives_membership m
                ON m.initiative_id = i.initiative_id AND m.organization_id = i.organization_id
                AND m.user_id = i.invited_by_id
            JOIN public.initiatives_user u ON u.id = NEW.user_id
            WHERE i.initiative_id = NEW.initiative_id AND i.organization_id = NEW.organization_id
              AND i.accepted_at IS NULL AND i.revoked_at IS NULL
              AND (lower(i.email) = lower(u.email) OR EXISTS (
                  SELECT FROM public.account_emailaddress a
                  WHERE a.user_id = u.id AND a.verified AND lower(a.email) = lower(i.email)))
              AND (m.ends_on IS NULL OR m.ends_on > current_date)
              AND NOT EXISTS (
                  SELECT FROM public.agenda_outsider o
                  WHERE o.initiative_id = i.initiative_id AND o.round_id = r.id
                    AND o.user_id = m.user_id AND o.admitted_at IS NULL
                    AND (o.organization_id IS NULL OR o.organization_id = i.organization_id))
        );
        INSERT INTO public.agenda_outsider
            (initiative_id, round_id, user_id, organization_id, since)
            VALUES (NEW.initiative_id, r.id, NEW.user_id, NEW.organization_id, now())
            ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER note_outsider AFTER INSERT OR UPDATE ON initiatives_membership
    FOR EACH ROW EXECUTE FUNCTION app.note_outsider();
CREATE FUNCTION app.guard_invitation() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.invited_by_id IS DISTINCT FROM OLD.invited_by_id
                             OR NEW.email <> OLD.email
                             OR NEW.organization_id <> OLD.organization_id)
       OR TG_OP = 'INSERT' AND NEW.invited_by_id <> app.user_or_null() THEN
        RAISE EXCEPTION 'who invited whom is kept as it was' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_invitation BEFORE INSERT OR UPDATE ON initiatives_invitation
    FOR EACH ROW EXECUTE FUNCTION app.guard_invitation();
"""
# Somebody of the organization lets a newcomer in; nobody is let in who works for the backbone.
KEEP = """
CREATE FUNCTION app.keep_outsiders() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.admitted_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND OLD.admitted_at IS NULL AND NEW.admitted_at IS NOT NULL
       AND (to_jsonb(NEW) - 'admitted_at' - 'admitted_by_id')
         = (to_jsonb(OLD) - 'admitted_at' - 'admitted_by_id')
       AND NEW.admitted_by_id = app.user_or_null() AND NEW.user_id <> app.user_or_null()
       AND NEW.organization_id IN (SELECT app.own_organizations())
       AND NOT app.sealed_out(NEW.initiative_id, NEW.round_id, NEW.organization_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'somebody of the organization lets a newcomer in' USING ERRCODE = '23514';
END $$;
-- After: the wall speaks first.
CREATE TRIGGER keep_outsiders AFTER INSERT OR UPDATE OR DELETE ON agenda_outsider
    FOR EACH ROW EXECUTE FUNCTION app.keep_outsiders();
"""
# Nor do they say that an organization has answered: that could open the seal early.
ANSWERED = """
CREATE FUNCTION app.guard_answered() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF app.sealed_out(NEW.initiative_id, NEW.round_id, NEW.organization_id) THEN
        RAISE EXCEPTION 'an organization says itself that it has answered' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_answered BEFORE UPDATE ON agenda_asked FOR EACH ROW
    WHEN (OLD.answered_at IS NULL AND NEW.answered_at IS NOT NULL)
    EXECUTE FUNCTION app.guard_answered();
"""
# Rounds that were opened before: whoever works for the backbone now.
NOW = f"""
DO $$
DECLARE one bigint;
BEGIN
    FOR one IN SELECT id FROM initiatives_initiative LOOP
        PERFORM set_config('app.initiative', one::text, true);
        INSERT INTO agenda_outsider (initiative_id, round_id, user_id, since)
            SELECT DISTINCT r.initiative_id, r.id, m.user_id, now()
            FROM agenda_listeninground r JOIN initiatives_membership m
                ON m.initiative_id = r.initiative_id
            WHERE r.initiative_id = one AND r.state <> 'drafting' AND m.roles && {BACKBONE}
              AND (m.ends_on IS NULL OR m.ends_on > current_date);
    END LOOP;
    PERFORM set_config('app.initiative', '', true);
END $$;
"""
TAKE_DOWN = """
DROP TRIGGER guard_answered ON agenda_asked;
DROP TRIGGER keep_outsiders ON agenda_outsider;
DROP TRIGGER guard_invitation ON initiatives_invitation;
DROP TRIGGER note_outsider ON initiatives_membership;
DROP TRIGGER note_outsiders ON agenda_listeninground;
DROP TRIGGER note_first_outsiders ON agenda_listeninground;
DROP FUNCTION app.guard_answered(), app.keep_outsiders(), app.guard_invitation(),
    app.note_outsider(), app.note_outsiders(), app.sealed_out(bigint, bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0001_initial"),
        ("agenda", "0009_outsiders"),
        ("initiatives", "0007_weekly_links"),
    ]
    operations = [
        RaiseWall("Outsider"),
        migrations.RunSQL(
            SEALED_OUT
            + POLICIES % {"statement": OUT.format(""), "facet": OUT.format("s.")}
            + NOTE
            + KEEP
            + ANSWERED,
            POLICIES % {"statement": "", "facet": ""} + TAKE_DOWN,
        ),
        migrations.RunSQL(NOW, migrations.RunSQL.noop),
    ]
