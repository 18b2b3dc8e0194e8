"""Raise the walls around the agenda, seal positions, and keep what no service may pass by."""

from django.db import migrations

from initiatives.walls import RaiseWall

# A second wall inside the first: what an organization has not shown yet is read and written by its
# own people alone. Restrictive policies narrow what the tenant's wall allows, for every query.
SEAL = """
CREATE FUNCTION app.own_organizations() RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET search_path = pg_catalog AS $$
DECLARE here bigint := app.current_initiative();
BEGIN
    RETURN QUERY SELECT m.organization_id FROM public.initiatives_membership m
        WHERE m.initiative_id = here AND m.user_id = app.user_or_null()
          AND m.starts_on <= current_date AND (m.ends_on IS NULL OR m.ends_on > current_date);
END $$;
GRANT EXECUTE ON FUNCTION app.own_organizations() TO app_web, app_backup;
CREATE POLICY sealed ON agenda_positionstatement AS RESTRICTIVE TO app_web, app_owner
    USING (
        organization_id IN (SELECT app.own_organizations())
        OR state <> 'draft' AND EXISTS (
            SELECT FROM agenda_listeninground r
            WHERE r.initiative_id = agenda_positionstatement.initiative_id
              AND r.id = round_id AND r.revealed_at IS NOT NULL
        )
    )
    WITH CHECK (organization_id IN (SELECT app.own_organizations()));
CREATE POLICY sealed ON agenda_positionfacet AS RESTRICTIVE TO app_web, app_owner
    USING (
        EXISTS (
            SELECT FROM agenda_positionstatement s
            WHERE s.initiative_id = agenda_positionfacet.initiative_id AND s.id = statement_id
        )
    )
    WITH CHECK (
        EXISTS (
            SELECT FROM agenda_positionstatement s
            WHERE s.initiative_id = agenda_positionfacet.initiative_id AND s.id = statement_id
              AND s.organization_id IN (SELECT app.own_organizations())
        )
    );
"""
UNSEAL = """
DROP POLICY sealed ON agenda_positionfacet;
DROP POLICY sealed ON agenda_positionstatement;
DROP FUNCTION app.own_organizations();
"""

# The one way to open the seal: when all are in, if that is the rule, or when the time is over.
REVEAL = """
CREATE FUNCTION app.guard_reveal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.revealed_at IS NOT NULL AND NEW.revealed_at IS DISTINCT FROM OLD.revealed_at THEN
        RAISE EXCEPTION 'what was revealed stays revealed' USING ERRCODE = '23514';
    END IF;
    IF OLD.state <> 'drafting' AND (
        NEW.state = 'drafting' OR NEW.closes_at < OLD.closes_at
        OR NEW.reveal_rule <> OLD.reveal_rule
    ) THEN
        RAISE EXCEPTION 'the seal of an open round is not loosened' USING ERRCODE = '23514';
    END IF;
    IF OLD.revealed_at IS NULL AND NEW.revealed_at IS NOT NULL
       AND OLD.closes_at > clock_timestamp() AND (
        OLD.reveal_rule <> 'all_in' OR EXISTS (
            SELECT FROM public.agenda_asked s JOIN public.initiatives_organization o
                ON o.initiative_id = s.initiative_id AND o.id = s.organization_id
            WHERE s.initiative_id = OLD.initiative_id AND s.round_id = OLD.id
              AND s.answered_at IS NULL AND o.state NOT IN ('paused', 'left')
        )
    ) THEN
        RAISE EXCEPTION 'positions are sealed until all are in or the time is over'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_reveal BEFORE UPDATE ON agenda_listeninground
    FOR EACH ROW EXECUTE FUNCTION app.guard_reveal();
CREATE FUNCTION app.keep_asked() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (SELECT FROM public.agenda_listeninground r
               WHERE r.initiative_id = OLD.initiative_id AND r.id = OLD.round_id
                 AND r.state = 'open') THEN
        RAISE EXCEPTION 'whoever is asked in an open round stays asked' USING ERRCODE = '23514';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_asked BEFORE DELETE ON agenda_asked
    FOR EACH ROW EXECUTE FUNCTION app.keep_asked();
"""

# A8: a difference is resolved by an organization on each side, never by the backbone alone.
RESOLVE = """
CREATE FUNCTION app.guard_resolution() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.agenda_resolution r
        WHERE r.initiative_id = NEW.initiative_id AND r.difference_id = NEW.id
          AND r.state = 'confirmed'
    ) OR EXISTS (
        SELECT FROM public.agenda_differenceside s
        WHERE s.initiative_id = NEW.initiative_id AND s.difference_id = NEW.id
          AND NOT EXISTS (
            SELECT FROM public.agenda_resolutionconfirmation c
            JOIN public.agenda_resolution r
                ON r.initiative_id = c.initiative_id AND r.id = c.resolution_id
            JOIN public.agenda_sidemember m
                ON m.initiative_id = c.initiative_id AND m.side_id = c.side_id
                AND m.organization_id = c.organization_id
            JOIN public.initiatives_organization o
                ON o.initiative_id = c.initiative_id AND o.id = c.organization_id
            WHERE c.initiative_id = s.initiative_id AND c.side_id = s.id
              AND r.difference_id = NEW.id AND r.state = 'confirmed' AND o.kind <> 'backbone'
        )
    ) THEN
        RAISE EXCEPTION 'an organization on each side confirms a resolution'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_resolution BEFORE UPDATE ON agenda_difference FOR EACH ROW
    WHEN (NEW.state = 'resolved' AND OLD.state <> 'resolved')
    EXECUTE FUNCTION app.guard_resolution();
CREATE TRIGGER guard_first_resolution BEFORE INSERT ON agenda_difference FOR EACH ROW
    WHEN (NEW.state = 'resolved')
    EXECUTE FUNCTION app.guard_resolution();
"""

# A11: a term is agreed without clashes, or with each of them mapped.
AGREE = """
CREATE FUNCTION app.guard_term() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.agenda_termvariant v
        WHERE v.initiative_id = NEW.initiative_id AND v.term_id = NEW.id AND v.mapping = 'clashes'
          AND (NEW.state = 'agreed' OR v.mapped_as = '')
    ) THEN
        RAISE EXCEPTION 'a clash stands against this term' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_term BEFORE INSERT OR UPDATE ON agenda_glossaryterm FOR EACH ROW
    WHEN (NEW.state IN ('agreed', 'agreed_with_variants'))
    EXECUTE FUNCTION app.guard_term();
CREATE FUNCTION app.guard_variant() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.agenda_glossaryterm t
        WHERE t.initiative_id = NEW.initiative_id AND t.id = NEW.term_id
          AND (t.state = 'agreed' OR t.state = 'agreed_with_variants' AND NEW.mapped_as = '')
    ) THEN
        RAISE EXCEPTION 'the term is agreed: open it again first' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_variant BEFORE INSERT OR UPDATE ON agenda_termvariant FOR EACH ROW
    WHEN (NEW.mapping = 'clashes')
    EXECUTE FUNCTION app.guard_variant();
"""
UNGUARD = """
DROP TRIGGER guard_reveal ON agenda_listeninground;
DROP TRIGGER keep_asked ON agenda_asked;
DROP TRIGGER guard_resolution ON agenda_difference;
DROP TRIGGER guard_first_resolution ON agenda_difference;
DROP TRIGGER guard_term ON agenda_glossaryterm;
DROP TRIGGER guard_variant ON agenda_termvariant;
DROP FUNCTION app.guard_reveal(), app.keep_asked(), app.guard_resolution(), app.guard_term(),
    app.guard_variant();
"""


class Migration(migrations.Migration):
    dependencies = [("agenda", "0001_initial"), ("initiatives", "0002_walls")]
    operations = [
        RaiseWall(
            "ListeningRound",
            "RoundFacet",
            "Asked",
            "PositionStatement",
            "PositionFacet",
            "Difference",
            "DifferenceSide",
            "SideMember",
            "FairStatement",
            "Proposal",
            "Resolution",
            "ResolutionConfirmation",
            "DifferenceComment",
            "GlossaryTerm",
            "TermDefinition",
            "TermVariant",
            "TermUse",
        ),
        migrations.RunSQL(SEAL, UNSEAL),
        migrations.RunSQL([REVEAL, RESOLVE, AGREE], UNGUARD),
    ]
