"""The trail is append only in the database too: triggers refuse what the models refuse."""

from django.db import migrations

TABLES = ("people_auditentry", "people_auditnode")


def install(apps, schema_editor):
    """Refuse UPDATE and DELETE on the trail."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(
            "CREATE OR REPLACE FUNCTION varde_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit trail is append only'; END $$"
        )
    for table in TABLES:
        for verb in ("update", "delete"):
            name = f"{table}_no_{verb}"
            if postgresql:
                body = "FOR EACH ROW EXECUTE FUNCTION varde_append_only()"
            else:
                body = "BEGIN SELECT RAISE(ABORT, 'audit trail is append only'); END"
            schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} {body}")


def remove(apps, schema_editor):
    """Take the triggers away (to undo the migration)."""
    for table in TABLES:
        for verb in ("update", "delete"):
            on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
