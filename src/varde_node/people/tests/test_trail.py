"""The trail: what is stored, that it proves itself, and that every tampering shows."""

from __future__ import annotations

import importlib
import json
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

import varde.cli
from varde.audit import tree
from varde_node.people import queries, services, trail
from varde_node.people.models import AppendOnlyError, AuditEntry, AuditNode, AuditPersonalField
from varde_node.people.services import AccessDenied, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician(actor_as):
    return actor_as(Role.CLINICIAN)


@pytest.fixture
def written(clinician, people):
    """A trail of eleven entries."""
    for number in range(11):
        services.record(clinician, "clinic.order.read", subject=people.child, object_id=f"order-{number}")
    return services.verify_trail()[0]


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def take_triggers_away() -> None:
    for table in ("people_auditentry", "people_auditnode"):
        for verb in ("update", "delete"):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            sql(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


@pytest.fixture
def without_triggers():
    """A database owner can take the triggers away; the tree must show what was done then."""
    take_triggers_away()


def test_an_entry_is_canonical_and_holds_no_personal_value(clinician, people) -> None:
    index = services.record(clinician, "lab.case.open", subject=people.child, personal={"reason": "Kari mistenker"})
    stored = bytes(AuditEntry.objects.get(index=index).stored)
    event = json.loads(stored)
    assert set(event["personal"]) == {"account", "name", "subject", "reason"}
    assert (event["action"], event["role"], event["index"]) == ("lab.case.open", "clinician", index)
    for secret in (str(people.child), str(clinician.account_id), clinician.display_name, "Kari mistenker"):
        assert secret.encode() not in stored
    rows = {row.field: row.value for row in AuditPersonalField.objects.filter(entry_id=index)}
    assert rows["reason"] == "Kari mistenker"
    assert rows["subject"] == str(people.child)


def test_the_root_is_that_of_the_stored_bytes_in_order(written) -> None:
    leaves = [bytes(entry.stored) for entry in AuditEntry.objects.order_by("index")]
    size, root = tree.stream_root(leaves)
    assert written == f"{size}:{root.hex()}"
    assert str(trail.checkpoint()) == written
    assert size == 11


def test_proofs_from_stored_nodes_verify(written) -> None:
    nodes = trail.DatabaseNodes()
    root = bytes.fromhex(written.split(":")[1])
    leaf = tree.leaf_hash(bytes(AuditEntry.objects.get(index=6).stored))
    assert tree.verify_inclusion(leaf, 6, 11, tree.inclusion_proof(nodes, 6, 11), root)


def test_every_bit_of_an_entry_counts(written, without_triggers) -> None:
    original = bytes(AuditEntry.objects.get(index=4).stored)
    for bit in range(0, len(original) * 8, 97):
        edited = bytearray(original)
        edited[bit // 8] ^= 1 << bit % 8
        sql('UPDATE people_auditentry SET stored = %s WHERE "index" = 4', bytes(edited))
        assert services.verify_trail()[1] != []
    sql('UPDATE people_auditentry SET stored = %s WHERE "index" = 4', original)
    assert services.verify_trail() == (written, [])


def test_a_removed_entry_is_named(written, without_triggers) -> None:
    AuditPersonalField.objects.filter(entry_id=5).delete()
    sql('DELETE FROM people_auditentry WHERE "index" = 5')
    assert "entry 5 is missing: the next one stored is 6" in services.verify_trail()[1]


def test_two_exchanged_entries_are_named(written, without_triggers) -> None:
    first, second = (bytes(AuditEntry.objects.get(index=index).stored) for index in (2, 3))
    sql('UPDATE people_auditentry SET stored = %s WHERE "index" = 2', second)
    sql('UPDATE people_auditentry SET stored = %s WHERE "index" = 3', first)
    problems = services.verify_trail()[1]
    assert "entry 2 says it is number 3" in problems
    assert "tree node 0/2 does not follow from the entries" in problems


def test_a_searchable_column_that_lies_is_named(written, without_triggers) -> None:
    sql("UPDATE people_auditentry SET action = 'harmless.thing.read' WHERE \"index\" = 7")
    assert services.verify_trail()[1] == ["entry 7: column action differs from the stored event"]


def test_a_changed_tree_node_is_named(written, without_triggers) -> None:
    sql('UPDATE people_auditnode SET digest = %s WHERE level = 1 AND "index" = 2', b"\0" * 32)
    assert services.verify_trail()[1] == ["tree node 1/2 does not follow from the entries"]


def test_a_changed_personal_value_is_named(written, people) -> None:
    AuditPersonalField.objects.filter(entry_id=3, field="subject").update(value=str(people.stranger))
    assert services.verify_trail()[1] == ["entry 3: the personal field subject is not what was committed to"]


def test_a_cut_end_and_a_whole_rewriting_show_against_a_kept_checkpoint(written, clinician, people) -> None:
    AuditPersonalField.objects.filter(entry_id__gte=8).delete()
    sql('DELETE FROM people_auditentry WHERE "index" >= 8')
    sql('DELETE FROM people_auditnode WHERE (level = 0 AND "index" >= 8) OR (level = 1 AND "index" >= 4)')
    assert services.verify_trail()[1] == []
    cut = services.verify_trail(written)[1]
    assert cut == ["the kept checkpoint has 11 entries, the trail only 8"]
    for _ in range(4):
        services.record(clinician, "clinic.order.read", subject=people.child)
    assert services.verify_trail()[1] == []
    assert services.verify_trail(written)[1] == ["the first 11 entries are not those of the kept checkpoint"]


def test_a_trail_that_only_grew_agrees_with_a_kept_checkpoint(written, clinician) -> None:
    services.record(clinician, "clinic.order.read")
    assert services.verify_trail(written)[1] == []


def test_erasing_a_personal_value_keeps_every_proof(written, people) -> None:
    trail.erase_personal(3, "subject")
    assert services.verify_trail() == (written, [])
    kept = AuditPersonalField.objects.get(entry_id=3, field="subject")
    assert (kept.salt, kept.value) == (None, None)


@pytest.mark.parametrize("field", ["subject", "account", "name"])
def test_a_personal_row_that_is_taken_away_shows(written, field) -> None:
    AuditPersonalField.objects.filter(entry_id=3, field=field).delete()
    assert services.verify_trail()[1] == [f"entry 3: the personal field {field} is gone"]


def test_the_command_prints_the_checkpoint_and_fails_on_tampering(written, without_triggers, capsys) -> None:
    call_command("verify_audit", against=written)
    assert capsys.readouterr().out == written + "\n"
    sql("UPDATE people_auditentry SET outcome = 'refused' WHERE \"index\" = 0")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit")
    assert ended.value.code == 1
    assert "entry 0: column outcome differs from the stored event" in capsys.readouterr().err


def test_an_exported_trail_is_verified_without_the_node(written, people, tmp_path, capsys) -> None:
    file = tmp_path / "trail.jsonl"
    call_command("verify_audit", export=str(file))
    assert varde.cli.run(["audit", "verify", str(file), "--against", written, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.removeprefix(written))["checkpoint"] == written
    assert str(people.child).encode() not in file.read_bytes()
    with pytest.raises(CommandError, match="Name a new file"):
        call_command("verify_audit", export=str(file))


def test_entries_cannot_be_changed_or_deleted_through_the_models(written) -> None:
    entry = AuditEntry.objects.get(index=1)
    entry.action = "x.y"
    with pytest.raises(AppendOnlyError):
        entry.save()
    with pytest.raises(AppendOnlyError):
        entry.delete()
    with pytest.raises(AppendOnlyError):
        AuditEntry.objects.all().delete()
    with pytest.raises(AppendOnlyError):
        AuditEntry.objects.filter(index=1).update(action="x.y")
    assert services.verify_trail() == (written, [])


@pytest.mark.parametrize("table", ["people_auditentry", "people_auditnode"])
@pytest.mark.parametrize("statement", ['UPDATE {table} SET "index" = "index"', "DELETE FROM {table}"])
def test_the_database_itself_refuses_to_change_or_delete(written, table: str, statement: str) -> None:
    migration = importlib.import_module("varde_node.people.migrations.0002_append_only")
    AuditPersonalField.objects.all().delete()
    take_triggers_away()
    migration.install(apps, SimpleNamespace(connection=connection, execute=sql))
    with pytest.raises(DatabaseError, match="audit trail is append only"), transaction.atomic():
        sql(statement.format(table=table))
    assert AuditEntry.objects.count() == 11


def test_a_refusal_inside_a_transaction_is_written_once_it_is_caught(clinician, people) -> None:
    def command() -> None:
        with transaction.atomic():
            services.add_organisation("Never", "Never", "national")
            services.require(clinician, "people.trail.search", subject=people.child)

    before = AuditEntry.objects.count()
    with pytest.raises(AccessDenied) as refused:
        command()
    assert AuditEntry.objects.count() == before
    assert [one for one in queries.organisations() if one.name == "Never"] == []
    services.record_denial(refused.value)
    services.record_denial(refused.value)
    assert AuditEntry.objects.count() == before + 1
    assert AuditEntry.objects.latest("index").outcome == "refused"


def test_a_rolled_back_command_leaves_no_entry_and_no_gap(clinician, people) -> None:
    services.record(clinician, "clinic.order.read")

    def command() -> None:
        with transaction.atomic():
            services.record(clinician, "clinic.order.sign", subject=people.child)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        command()
    index = services.record(clinician, "clinic.order.read")
    assert index == AuditEntry.objects.count() - 1
    assert services.verify_trail()[1] == []


def test_a_person_and_their_parent_see_who_looked_and_nobody_else_does(actor_as, clinician, people) -> None:
    services.record(clinician, "clinic.order.read", subject=people.child, object_id="NO-1")
    services.record(clinician, "clinic.order.read", subject=people.stranger)
    mother, stranger = actor_as(Role.PATIENT), actor_as(Role.PATIENT, person=people.stranger, name="s")
    lines = queries.who_has_looked(mother, people.child)
    looks = [(line.action, line.role, line.organisation_name, line.object_id) for line in lines]
    assert ("clinic.order.read", Role.CLINICIAN, "Prøveby", "NO-1") in looks
    assert {line.subject for line in lines} == {people.child}
    for outsider in (stranger, clinician):
        with pytest.raises(AccessDenied):
            queries.who_has_looked(outsider, people.child)


def test_nodes_are_written_once(written) -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError), transaction.atomic():
        trail.DatabaseNodes().put(0, 3, uuid4().bytes * 2)
    assert AuditNode.objects.filter(level=0).count() == 11


def test_a_written_reason_is_shown_to_the_person_and_found_by_the_officer(people, actor_as) -> None:
    geneticist = actor_as(Role.LABORATORY_GENETICIST)
    services.record(
        geneticist, "lab.case.open_all_genes", subject=people.child, personal={"reason": "No finding in the panel"}
    )
    services.record(geneticist, "lab.case.read", subject=people.child)
    lines = queries.who_has_looked(actor_as(Role.PATIENT, person=people.mother), people.child)
    assert [(line.action, line.reason) for line in lines if line.role is Role.LABORATORY_GENETICIST] == [
        ("lab.case.read", None),
        ("lab.case.open_all_genes", "No finding in the panel"),
    ]
    officer = actor_as(Role.DATA_PROTECTION_OFFICER)
    found = queries.access_log(officer, queries.TrailFilter(reason="finding in"))
    assert [line.action for line in found] == ["lab.case.open_all_genes"]
