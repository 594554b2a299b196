"""Shards in the node: what waits, one door for own and foreign shards, refusals that change nothing, interruptions."""

from __future__ import annotations

import io
import shutil
import stat

import pytest
from django.core.management import CommandError, call_command

from varde.frequency.increment import Increment
from varde.frequency.lookup import Counts
from varde.frequency.outbox import ship
from varde.frequency.signing import PrivateKey, new_key
from varde.frequency.store import read_manifest
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.simulate.country import FAMILIES
from varde_node.people.models import AuditEntry
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.frequency import exchange, exchange_queries, indexes, services, store
from varde_node.registers.frequency.models import Contribution, Shard

PLAN = FAMILIES[0].plan
MONTH = "2026-11"


@pytest.fixture
def counted(data, manager, country):
    """Two regions of twelve (six women, six men), and the keys."""
    exchange.make_keys()
    take_in(manager, country, "HSO", "HN")


def take_in(manager, country, *regions, **changed):
    services.import_population(
        manager,
        vcfs={region: country.files.population_vcf(region) for region in regions},
        sexes=country.sexes,
        build=Build.GRCH38,
        reference=country.reference,
        **changed,
    )


def contribute(actor, country, *samples):
    return services.add_contribution(
        actor,
        vcf=country.family,
        samples={sample: "female" if sample == PLAN.mother else "male" for sample in samples},
        build=Build.GRCH38,
        reference=country.reference,
    )


def nation():
    """Every byte of the nation's store."""
    folder = store.nation_folder()
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(first: Increment, second: Increment) -> bool:
    return all(getattr(first, name).equals(getattr(second, name)) for name in ("observations", "coverage", "people"))


def refused(code, command, *arguments):
    with pytest.raises(InputError) as caught:
        command(*arguments)
    assert caught.value.code == code


def test_the_nation_is_the_sum_of_what_was_sent(counted, manager):
    for region, total in (("HSO", 12), ("HN", 24)):
        row = exchange.send(manager, region)
        assert (row.region, row.sequence, row.people_added, row.people_withdrawn) == (region, 1, 12, 0)
        assert Counts(store.nation_folder()).people == total
    regions = [Counts(store.region_folder(region)).increment for region in ("HSO", "HN")]
    assert same(Counts(store.nation_folder()).increment, Increment.merged(Build.GRCH38, regions))
    assert not list(exchange.outgoing_folder("HSO").glob("*/shard.zip"))  # personal data in transit: gone


def test_few_wait_in_the_region_and_go_with_enough_others(counted, manager, geneticist, country, run_jobs):
    exchange.send(manager, "HSO")
    before, book = nation(), Shard.objects.count()
    name = contribute(geneticist, country, PLAN.mother, PLAN.father)
    (waiting, _) = exchange_queries.waiting(manager)
    assert (waiting.region, waiting.people, waiting.changed, waiting.ready, waiting.sendable) == (
        "HSO",
        14,
        2,
        0,
        False,
    )
    assert waiting.since == Contribution.objects.get(id=name).received_on
    refused("too_few_people", exchange.send, manager, "HSO")
    assert (nation(), Shard.objects.count()) == (before, book)

    with run_jobs():
        services.import_population(
            manager,
            vcfs={"HSO": country.files.population_vcf("HV")},
            sexes=country.sexes,
            build=Build.GRCH38,
            reference=country.reference,
        )
    assert exchange_queries.waiting(manager)[0].ready == 14
    assert exchange.send(manager, "HSO").people_added == 14
    assert Counts(store.nation_folder()).people == 26
    refused("nothing_to_send", exchange.send, manager, "HSO")


def test_who_was_withdrawn_before_the_shard_leaves_no_trace_in_the_nation(
    counted, manager, geneticist, country, run_jobs
):
    name = contribute(geneticist, country, PLAN.mother)
    with run_jobs():
        services.withdraw_contribution(geneticist, name)
    exchange.send(manager, "HSO")
    shutil.rmtree(store.nation_folder())
    shutil.rmtree(store.region_folder("HSO"))
    shutil.rmtree(exchange.outgoing_folder("HSO"))
    with_trace = Shard.objects.get().digest
    Shard.objects.all().delete()
    take_in(manager, country, "HSO")
    exchange.send(manager, "HSO")
    assert Shard.objects.get().digest == with_trace


def test_keys_are_readable_by_the_node_alone_and_never_replaced(data):
    assert exchange.make_keys() == ["hso", "hv", "hmn", "hn", "register"]
    keys = {path: path.read_bytes() for path in (store.root() / "keys").rglob("*.pem")}
    assert exchange.make_keys() == []
    assert {path: path.read_bytes() for path in keys} == keys
    private = [path for path in keys if ".private." in path.name]
    assert len(private) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


@pytest.fixture
def elsewhere(tmp_path, manager, country, settings, data):
    """A shard of twelve people that a region 'svalbard' on another node made, and its public key."""
    node, own = tmp_path / "node", settings.DATA
    settings.DATA = node
    take_in(manager, country, "HV")
    counts = store.region_folder("HV")
    settings.DATA = own
    new_key(node / "a.private.pem", node / "a.public.pem", "svalbard")
    shard = ship(counts, node / "out", PrivateKey.load(node / "a.private.pem"), MONTH).path
    Contribution.objects.all().delete()
    return shard, node / "a.public.pem"


def deliver(client, body):
    return client.post("/api/register/shards", body, content_type="application/zip")


def test_a_region_elsewhere_delivers_through_the_same_door(counted, manager, client_as, elsewhere, run_jobs):
    exchange.send(manager, "HSO")
    shard, key = elsewhere
    client = client_as(Role.REGISTER_MANAGER)
    body = shard.read_bytes()
    before = nation()
    for sent, code in (
        (body, "unknown_region"),
        (body[: len(body) // 2], "damaged_shard"),
        (b"GET / HTTP/1.1", "damaged_shard"),
    ):
        answer = deliver(client, sent)
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
        assert answer.json()["code"] == code
        assert nation() == before
    assert exchange.trust(key) == "svalbard"
    changed = body.replace(b'"sequence": 1', b'"sequence": 2')
    assert deliver(client, changed).json()["code"] == "damaged_shard"
    assert nation() == before

    with run_jobs():
        answer = deliver(client, body)
    assert answer.status_code == 201
    said = answer.json()
    assert (said["region"], said["sequence"], said["people"]["added"]) == ("svalbard", 1, 12)
    assert Counts(store.nation_folder()).people == 24
    nations = store.nation_folder()
    assert indexes._path_of(nations, indexes.contents_of(nations)).is_file()  # made by a job, not by the first reader
    after = nation()
    assert deliver(client, body).json()["code"] == "replayed_shard"
    assert nation() == after
    assert not list(store.root().glob(".scratch-*"))
    refusals = Shard.objects.filter(state="refused").values_list("reason", "region")
    assert sorted(refusals) == [("damaged_shard", "")] * 3 + [("replayed_shard", "svalbard"), ("unknown_region", "")]


def test_a_delivery_is_limited_and_guarded(counted, settings, client_as, elsewhere):
    body = elsewhere[0].read_bytes()
    assert deliver(client_as(Role.LABORATORY_GENETICIST), body).status_code == 403
    client = client_as(Role.REGISTER_MANAGER)
    assert client.post("/api/register/shards", {"file": "x"}).json()["code"] == "malformed_request"
    assert deliver(client, b"").json()["code"] == "empty_body"
    settings.UPLOAD_LIMIT_BYTES = len(body) - 1
    assert deliver(client, body).status_code == 413
    assert not store.nation_folder().exists()
    assert not list(store.root().glob(".scratch-*"))


def test_a_shard_that_was_made_and_not_answered_is_offered_again(counted, manager):
    path = ship(
        store.region_folder("HSO"), exchange.outgoing_folder("HSO"), exchange.private_key("HSO"), MONTH
    ).path  # the process ends here
    (waiting, _) = exchange_queries.waiting(manager)
    assert (waiting.unanswered, waiting.changed) == (True, 0)
    kept = path.read_bytes()
    assert exchange.recover_shards() == 1
    assert Counts(store.nation_folder()).people == 12
    path.write_bytes(kept)  # or here: taken in, not yet in the book
    Shard.objects.all().delete()
    before = nation()
    assert exchange.recover_shards() == 1
    assert nation() == before
    assert Shard.objects.values_list("region", "sequence", "people_added").get() == ("HSO", 1, 12)
    assert exchange.recover_shards() == 0


@pytest.mark.parametrize("again", [True, False])
def test_a_delivery_that_was_taken_in_and_not_booked_is_booked_later(counted, manager, elsewhere, monkeypatch, again):
    shard, key = elsewhere
    exchange.trust(key)
    exchange.send(manager, "HSO")
    with monkeypatch.context() as interrupted:
        interrupted.setattr(exchange, "_note", lambda *_given, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            exchange.accept_stream(manager, io.BytesIO(shard.read_bytes()))
    held = nation()
    assert (Counts(store.nation_folder()).people, Shard.objects.count()) == (24, 1)
    if again:
        refused("replayed_shard", exchange.accept_stream, manager, io.BytesIO(shard.read_bytes()))
    else:
        exchange.recover_shards()
    booked = Shard.objects.filter(state="accepted").order_by("region")
    told = booked.values_list("region", "sequence", "people_added", "delivered")
    assert list(told) == [("HSO", 1, 12, False), ("svalbard", 1, 12, True)]
    assert booked[1].digest == read_manifest(store.nation_folder()).accepted[1]["digest"]
    assert nation() == held


def test_the_manager_sends_by_one_click_and_reads_why_others_wait(counted, client_as, manager, geneticist, country):
    client = client_as(Role.REGISTER_MANAGER)
    assert "No shard has been offered yet" in client.get("/register/shards/").content.decode()
    assert client.post("/register/shards/send/", {"region": "HSO"}).status_code == 302
    contribute(geneticist, country, PLAN.mother)
    body = client.get("/register/shards/").content.decode()
    assert "a shard carries at least 5 people of the same sex" in body
    answer = client.post("/register/shards/send/", {"region": "HSO"})
    assert answer.status_code == 422
    assert "Too few people changed since the last shard" in answer.content.decode()
    assert client.post("/register/shards/send/", {"region": "XX"}).status_code == 422


def test_who_may_not_send_changes_nothing(counted, client_as, actor_as, people):
    for role in (Role.CLINICIAN, Role.LABORATORY_GENETICIST, Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR):
        assert client_as(role).post("/register/shards/send/", {"region": "HSO"}).status_code == 403
    with pytest.raises(AccessDenied):
        exchange.send(actor_as(Role.SECOND_READER), "HSO")
    west = actor_as(Role.REGISTER_MANAGER, name="west", organisation=people.other_laboratory)
    refused("other_region", exchange.send, west, "HSO")
    assert AuditEntry.objects.filter(outcome="refused", action=exchange.SEND, role="register_manager").count() == 1
    assert not store.nation_folder().exists()
    assert client_as(Role.DATA_PROTECTION_OFFICER).get("/register/shards/").status_code == 200


def test_a_stream_that_ends_early_is_refused(counted, manager, elsewhere):
    shard, key = elsewhere
    exchange.trust(key)
    refused("damaged_shard", exchange.accept_stream, manager, io.BytesIO(shard.read_bytes()[:-30]))
    assert not store.nation_folder().exists()


def test_the_commands_of_the_operator(counted, manager, people, elsewhere, capsys):
    name = f"register_manager-a-{people.national}"
    call_command("register_keys", trust=elsewhere[1])
    call_command("send_shards", by=name)
    call_command("send_shards", by=name, region=["HSO"])
    call_command("reconcile", older_than_s=0.0)
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["Shards of svalbard are accepted from now on.", "All keys are there."]
    assert said[2:4] == ["HSO: shard 1, 12 added, 0 gone", "HN: shard 1, 12 added, 0 gone"]
    assert said[4].startswith("HSO: ")
    assert "Nobody changed" in said[4]
    with pytest.raises(CommandError, match="no register manager"):
        call_command("send_shards", by="nobody")
