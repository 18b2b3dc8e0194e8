"""Raise the walls around the ground's tables, and keep acts as they were written."""

from django.db import migrations

from initiatives.walls import RaiseWall, Wall

KEEP_ACTS = """
CREATE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON initiatives_act
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON initiatives_actseal
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON initiatives_act
    EXECUTE FUNCTION app.refuse_change();
REVOKE UPDATE, DELETE ON initiatives_act, initiatives_actseal FROM app_web;
"""


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0001_initial")]
    operations = [
        RaiseWall(
            "Place",
            "InitiativeProfile",
            "Organization",
            "OrganizationPlace",
            "Invitation",
            "Act",
            "ActSeal",
            "Notice",
        ),
        RaiseWall("Membership", wall=Wall.MEMBER),
        migrations.RunSQL(KEEP_ACTS, migrations.RunSQL.noop),
    ]
