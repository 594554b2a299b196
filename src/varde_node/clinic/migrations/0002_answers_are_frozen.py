"""An answer is frozen in the database too: triggers refuse to change what was said, and to delete it."""

from django.db import migrations

FROZEN = ("order_id", "version", "content", "fhir_bundle", "released_at")
TABLE = "clinic_answer"


def install(apps, schema_editor):
    """Refuse UPDATE of what was said and DELETE of answers."""
    events = {"update": f"UPDATE OF {', '.join(FROZEN)}", "delete": "DELETE"}
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute(
            "CREATE OR REPLACE FUNCTION varde_answer_is_frozen() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'an answer is never changed'; END $$"
        )
    for verb, event in events.items():
        if postgresql:
            body = "FOR EACH ROW EXECUTE FUNCTION varde_answer_is_frozen()"
        else:
            body = "BEGIN SELECT RAISE(ABORT, 'an answer is never changed'); END"
        schema_editor.execute(f"CREATE TRIGGER {TABLE}_no_{verb} BEFORE {event} ON {TABLE} {body}")


def remove(apps, schema_editor):
    """Take the triggers away (to undo the migration)."""
    for verb in ("update", "delete"):
        on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {TABLE}_no_{verb}{on}")


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
