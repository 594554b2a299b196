"""Releases from batches to publication: each step on really measured counts, and what each refuses without a change."""

from __future__ import annotations

import json
import shutil
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from varde.frequency.release import layout
from varde.frequency.release.verify import verify_release
from varde.frequency.release.words import TEXTS
from varde.frequency.signing import PublicKey
from varde.genome.errors import InputError
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.frequency import (
    exchange,
    release_files,
    release_measure,
    release_queries,
    release_report,
    releases,
    store,
)
from varde_node.registers.frequency.models import Release
from varde_node.registers.frequency.tests.towns import BATCH, HELD_OUT, PEOPLE, REGIONS, build_towns, grow, move_in

EVERYBODY = 2 * PEOPLE


@pytest.fixture(scope="session")
def towns(country, tmp_path_factory):
    return build_towns(tmp_path_factory.mktemp("towns"), country.reference)


@pytest.fixture
def sent(data, settings, country, towns, manager):
    """A nation of two regions with enough people, some held out."""
    settings.REFERENCES, settings.REFERENCE = country.reference.folder.parent, country.reference.name
    move_in(towns)
    for region in REGIONS:
        exchange.send(manager, region)


@pytest.fixture
def officer(actor_as):
    return actor_as(Role.DATA_PROTECTION_OFFICER)


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """What the first measure of each scheme gave: the same people and seed give the same again."""
    return tmp_path_factory.mktemp("measured"), {}


@pytest.fixture
def measured(manager, run_jobs, kept):
    """``measured(scheme, ...)``: a release that was built and measured by the job, once for all tests of a scheme;
    ``again=True`` lets the job run for this one."""
    folder, known = kept

    def make(scheme="sqrt-5", *, again=False, **changed):
        release = releases.prepare(manager, **changed)
        row = Release.objects.get(id=release)
        if scheme in known and not again:
            shutil.copytree(folder / scheme, release_files.prepared_folder(row.name))
            shutil.copytree(folder / f"{scheme}.keys", store.root() / "keys", dirs_exist_ok=True)
            Release.objects.filter(id=release).update(state="measuring")
            releases.store_result(release, **known[scheme], digest=release_files.digest_of(row.name))
            return Release.objects.get(id=release)
        Release.objects.filter(id=release).update(scheme=scheme)
        with run_jobs():
            releases.measure(manager, release)
        row.refresh_from_db()
        if row.digest and not again:
            shutil.copytree(release_files.prepared_folder(row.name), folder / scheme)
            shutil.copytree(store.root() / "keys", folder / f"{scheme}.keys")
            known[scheme] = {"gate": row.gate, "people": row.people}
        return row

    return make


def publish(manager, officer, row):
    assert (releases.sign(manager, row.id, row.digest), releases.sign(officer, row.id, row.digest)) == (1, 2)
    releases.publish(manager, row.id)
    return Release.objects.get(id=row.id)


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(code, command, *arguments, **named):
    with pytest.raises(InputError) as caught:
        command(*arguments, **named)
    assert caught.value.code == code
    return caught.value


def test_a_release_is_measured_signed_by_two_and_published(sent, manager, officer, measured):
    row = measured(again=True)
    assert (row.state, row.gate, row.people, row.problem) == ("measured", "passed", EVERYBODY, "")
    assert (row.batches, row.previous, row.job) == ([["HN", 1], ["HSO", 1]], None, None)
    found = release_queries.release(manager, row.id).manifest
    assert (found["measured"]["members"], found["measured"]["held_out"]) == (EVERYBODY, 2 * HELD_OUT)
    for attack in found["measured"]["attacks"]:
        power = attack["risk"]["members"][0]
        assert power["fpr"] == 0.05
        assert power["low"] <= power["estimate"] <= power["high"] <= 0.10
    assert release_queries.published_releases() == ()
    assert release_queries.current_release() is None

    assert releases.sign(manager, row.id, row.digest) == 1
    refused("signature_missing", releases.publish, manager, row.id)
    assert releases.sign(officer, row.id, row.digest) == 2
    assert not release_files.published_names()
    releases.publish(manager, row.id)
    current = release_queries.current_release()
    assert (current.name, current.people, release_files.published_names()) == (row.name, EVERYBODY, [row.name])
    verify_release(current.folder, PublicKey.load(exchange.public_key_path()))
    assert (current.folder / "public" / "sites.vcf.gz").is_file()
    view = release_queries.release(officer, row.id)
    assert [one.role for one in view.signatures] == ["register_manager", "data_protection_officer"]


def test_a_failed_gate_is_published_by_no_way(sent, manager, officer, measured, client_as):
    row = measured("exact")
    assert row.gate in ("acceptance", "refused")
    folder = release_files.prepared_folder(row.name)
    before, kept = files(folder), Release.objects.values().get(id=row.id)
    assert not (folder / "public").exists()
    refused("gate_not_passed", releases.sign, manager, row.id, row.digest)
    refused("gate_not_passed", releases.publish, manager, row.id)
    client = client_as(Role.REGISTER_MANAGER)
    for step, given in (("sign", {"digest": row.digest}), ("publish", {})):
        answer = client.post(f"/register/releases/{row.id}/{step}/", given)
        assert answer.status_code == 422
        assert "above what the label anonymous allows" in answer.content.decode()
        program = client.post(f"/api/register/releases/{row.name}/{step}", given)
        assert (program.status_code, program.json()["code"]) == (422, "gate_not_passed")
    assert (
        "cannot be signed or published by anybody" in client.get(f"/register/releases/{row.id}/sign/").content.decode()
    )
    signed = {"first_by": manager.account_id, "second_by": officer.account_id, "open": None, "state": "published"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(id=row.id).update(published_at=row.measured_at, **signed)
    assert (files(folder), Release.objects.values().get(id=row.id)) == (before, kept)
    assert release_files.published_names() == []


def test_one_person_does_not_sign_twice_nor_second_their_own(sent, manager, officer, measured, actor_as):
    row = measured()
    assert releases.sign(officer, row.id, row.digest) == 1
    before = Release.objects.values().get(id=row.id)
    for actor in (officer, manager):  # who signed first, and who prepared
        refused("own_release", releases.sign, actor, row.id, row.digest)
    assert Release.objects.values().get(id=row.id) == before
    assert AuditEntry.objects.filter(action="registers.release.sign", outcome="refused").count() == 2
    for account in (officer.account_id, manager.account_id):
        with pytest.raises(IntegrityError), transaction.atomic():
            Release.objects.filter(id=row.id).update(second_by=account)
    assert releases.sign(actor_as(Role.REGISTER_MANAGER, name="b"), row.id, row.digest) == 2
    refused("not_in_step", releases.sign, actor_as(Role.REGISTER_MANAGER, name="c"), row.id, row.digest)
    release_files.publish(row.name)  # the process ends before the publication is committed
    assert (releases.settle(), release_files.published_names()) == (1, [])
    assert release_files.digest_of(row.name) == row.digest


def test_what_was_measured_anew_or_changed_is_not_signed_or_published(sent, manager, officer, measured):
    row = measured()
    refused("other_content", releases.sign, manager, row.id, "0" * 64)
    releases.sign(manager, row.id, row.digest)
    releases.sign(officer, row.id, row.digest)
    manifest = release_files.prepared_folder(row.name) / "manifest.json"
    right = manifest.read_bytes()
    manifest.write_bytes(right.replace(b"passed", b"passes"))
    refused("other_content", releases.publish, manager, row.id)
    assert Release.objects.get(id=row.id).state == "signed"
    assert release_files.published_names() == []
    manifest.write_bytes(right)
    releases.measure(manager, row.id)
    row.refresh_from_db()
    assert (row.state, row.first_by, row.second_by, row.digest) == ("measuring", None, None, "")
    refused("not_in_step", releases.publish, manager, row.id)


def test_two_accounts_of_one_person_are_one_signature(sent, measured, actor_as, people):
    row = measured()
    officer = actor_as(Role.DATA_PROTECTION_OFFICER, person=people.mother)
    other = actor_as(Role.REGISTER_MANAGER, name="b", person=people.mother)
    assert releases.sign(officer, row.id, row.digest) == 1
    before = Release.objects.values().get(id=row.id)
    refused("own_release", releases.sign, other, row.id, row.digest)
    assert Release.objects.values().get(id=row.id) == before
    assert AuditEntry.objects.filter(action="registers.release.sign", outcome="refused").count() == 1
    third = actor_as(Role.REGISTER_MANAGER, name="c", person=people.father)
    assert releases.sign(third, row.id, row.digest) == 2


@pytest.mark.parametrize("name", ["public/sites.vcf.gz", "public/register.index", "anonymity.html", "public/new"])
def test_no_file_changes_between_the_signatures_and_the_publication(sent, manager, officer, measured, name):
    row = measured()
    releases.sign(manager, row.id, row.digest)
    releases.sign(officer, row.id, row.digest)
    path = release_files.prepared_folder(row.name) / name
    right = path.read_bytes() if path.exists() else None
    path.write_bytes((right or b"") + b"\0")
    before = Release.objects.values().get(id=row.id)
    refused("other_content", releases.publish, manager, row.id)
    assert (Release.objects.values().get(id=row.id), release_files.published_names()) == (before, [])
    assert AuditEntry.objects.filter(action="registers.release.publish", outcome="refused").count() == 1
    path.unlink() if right is None else path.write_bytes(right)
    releases.publish(manager, row.id)
    assert release_files.published_names() == [row.name]


def test_a_release_given_up_while_it_is_measured_leaves_no_files(sent, manager, run_jobs, monkeypatch):
    release = releases.prepare(manager)
    build = release_measure.build_release

    def given_up(*given):
        releases.discard(manager, release)
        return build(*given)

    monkeypatch.setattr(release_measure, "build_release", given_up)
    with run_jobs():
        releases.measure(manager, release)
    row = Release.objects.get(id=release)
    assert (row.state, row.digest) == ("discarded", "")
    assert not release_files.prepared_folder(row.name).exists()


def test_the_next_release_needs_a_batch_and_tells_of_the_difference(sent, manager, officer, measured, country):
    first = publish(manager, officer, measured(again=True))
    second = releases.prepare(manager)
    refused("release_open", releases.prepare, manager)
    assert refused("release_not_ready", releases.measure, manager, second).field == "batch"
    releases.discard(manager, second)
    grow(country.reference)
    for region in REGIONS:
        exchange.send(manager, region)
    row = measured(again=True)
    assert (row.previous_id, row.batches, row.people) == (first.id, [["HN", 2], ["HSO", 2]], EVERYBODY + 2 * BATCH)
    view = release_queries.release(manager, row.id)
    difference = release_report.difference_of(view.manifest, view.manifest_before)
    assert (difference.previous, difference.added, difference.batch) == (first.name, 2 * BATCH, 2 * BATCH)
    assert difference.changed > 0


def test_a_withdrawn_release_is_kept_and_a_corrected_one_follows(sent, manager, officer, measured):
    first = publish(manager, officer, measured())
    folder, reason = release_files.published_folder(first.name), "A file was counted under the wrong sex."
    before = files(folder)
    refused("reason_missing", releases.withdraw, officer, first.id, " ")
    refused("not_withdrawn", releases.prepare, manager, corrects=first.id)
    assert release_queries.current_release().name == first.name
    releases.withdraw(officer, first.id, reason)
    assert release_queries.current_release() is None
    refused("not_in_step", releases.withdraw, officer, first.id, reason)

    fixed = publish(manager, officer, measured(corrects=first.id))  # with nobody new
    assert (fixed.corrects_id, fixed.previous_id) == (first.id, first.id)
    assert release_queries.current_release().name == fixed.name
    old = release_queries.published_releases()[1]
    assert (old.name, old.corrected_by, old.withdrawal_reason) == (first.name, fixed.name, reason)
    assert files(folder) == before


def test_everybody_of_a_region_that_is_new_came_since_the_release_before(data):
    folder = release_files.published_folder("2026-01.1")
    folder.mkdir(parents=True)
    told = {"release": "2026-01.1", "build": "GRCh38", "sources": {"regions": ["hso"]}}
    manifest = {"format": layout.KIND, "format_version": layout.FORMAT, **told}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    row, members = Release(previous=Release(name="2026-01.1")), {"HSO": frozenset("ab"), "HN": frozenset("c")}
    assert release_measure._came(row, members) is None  # nobody knows who of HSO was in it
    store.remember_members("HSO", "2026-01.1", ["a", "x"])
    assert release_measure._came(row, members) == {"HSO": frozenset("b"), "HN": frozenset("c")}


def test_who_waits_in_a_region_is_no_member(sent, measured, country):
    grow(country.reference)
    row = measured(again=True)
    assert release_queries.manifest_of(row.name)["measured"]["members"] == EVERYBODY


def test_too_few_people_stop_before_anything_is_built(data, manager):
    release = releases.prepare(manager)
    assert refused("release_not_ready", releases.measure, manager, release).field == "people"
    assert Release.objects.get(id=release).state == "draft"
    assert not (store.root() / "prepared").exists()


def test_a_measure_that_fails_leaves_the_release_to_be_measured_again(sent, measured):
    (store.root() / "keys" / "register.private.pem").unlink()
    row = measured(again=True)
    assert (row.state, row.gate, row.digest) == ("draft", "unknown", "")
    assert "key" in row.problem
    assert not release_files.prepared_folder(row.name).exists()


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.LABORATORY_GENETICIST, Role.ADMINISTRATOR, Role.PATIENT])
def test_others_have_no_part_in_releases(data, manager, actor_as, client_as, role):
    release = releases.prepare(manager)
    client = client_as(role)
    assert client.get("/register/releases/").status_code == 403
    for step in ("batches", "sign", "publish", "withdraw", "discard"):
        assert client.post(f"/register/releases/{release}/{step}/").status_code == 403
    for command in (releases.measure, releases.publish, releases.discard):
        with pytest.raises(AccessDenied):
            command(actor_as(role), release)
    assert Release.objects.get(id=release).state == "draft"


def test_the_pages_lead_through_the_steps(sent, client_as, run_jobs):
    manager, officer = client_as(Role.REGISTER_MANAGER), client_as(Role.DATA_PROTECTION_OFFICER)
    address = manager.post("/register/releases/prepare/")["Location"].removesuffix("batches/")
    body = manager.get(f"{address}batches/").content.decode()
    assert "In the first release" in body
    assert f"{EVERYBODY:,}".replace(",", "\u202f") in body
    with run_jobs():
        assert manager.post(f"{address}batches/")["Location"] == f"{address}measure/"
        assert "Scores" not in manager.get(f"{address}measure/").content.decode()
    assert manager.get(address)["Location"] == f"{address}report/"
    body = manager.get(f"{address}report/").content.decode()
    assert "This release is anonymous by the measure that the register has set itself" in body
    assert body.count("<svg") >= 3
    assert "not estimable with" in body
    assert "There is no release before this one" in manager.get(f"{address}difference/").content.decode()
    row = Release.objects.get(open=True)
    for client in (manager, officer):
        assert client.post(f"{address}sign/", {"digest": row.digest}).status_code == 302
    assert manager.post(f"{address}publish/").status_code == 302
    assert "Published" in manager.get("/register/releases/").content.decode()
    assert officer.post(f"{address}withdraw/", {"reason": ""}).status_code == 422
    assert officer.post(f"{address}withdraw/", {"reason": "Wrong build."}).status_code == 302
    assert "Wrong build." in officer.get(f"{address}sign/").content.decode()
    assert manager.get(f"/register/releases/{uuid4()}/report/").status_code == 404


def test_the_report_has_a_translation_of_every_sentence_of_the_library():
    assert set(release_report.TEXTS) == set(TEXTS)
