"""Let the address of a person who is forgotten go out of the invitations that are closed.

Who invited whom stays as it was; the address counts for an open invitation alone (0010), and of a
closed one nothing but a tombstone may take its place.
"""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION app.guard_invitation() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.invited_by_id IS DISTINCT FROM OLD.invited_by_id
                             OR NEW.email <> OLD.email{unless}
                             OR NEW.organization_id <> OLD.organization_id)
       OR TG_OP = 'INSERT' AND NEW.invited_by_id <> app.user_or_null() THEN
        RAISE EXCEPTION 'who invited whom is kept as it was' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
"""
FORGOTTEN = """ AND NOT (
        (OLD.accepted_at IS NOT NULL OR OLD.revoked_at IS NOT NULL)
        AND NEW.accepted_at IS NOT DISTINCT FROM OLD.accepted_at
        AND NEW.revoked_at IS NOT DISTINCT FROM OLD.revoked_at
        AND NEW.email LIKE '%@forgotten.invalid')"""


class Migration(migrations.Migration):
    dependencies = [("agenda", "0011_goals_as_ratified")]

    operations = [
        migrations.RunSQL(
            GUARD.replace("{unless}", FORGOTTEN), GUARD.replace("{unless}", ""), elidable=False
        )
    ]
