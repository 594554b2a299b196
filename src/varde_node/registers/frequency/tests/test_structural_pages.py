"""Structural variants in the professional tier: figures against the counts, refusals, regions, own cases, the log; and
that the public tier tells of none."""

from __future__ import annotations

import json
from uuid import uuid4

import polars as pl
import pytest
from django.utils import timezone

from varde.frequency.lookup import Counts
from varde.frequency.structural_clusters import CALL, StructuralCall
from varde.genome.builds import CONTIGS
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role
from varde_node.registers.frequency import own_cases, queries, store, structural_queries
from varde_node.registers.frequency.contracts import OwnCase
from varde_node.registers.frequency.models import Contribution
from varde_node.registers.frequency.tests.published import count_country


@pytest.fixture
def counted(data, settings, manager, country):
    """Two regions of twelve; genomes alone were read for structural variants."""
    count_country(manager, country, settings)
    return Counts(queries.counts_folder())


def commonest(counted, kind="DEL"):
    return counted.events.clusters.filter(kind=kind).sort("nobs", *CALL, descending=True).row(0, named=True)


def test_the_denominator_is_that_of_those_read_for_such(counted):
    """Of pairs in the pedigree the first, third and last of seven are genomes: HSO pairs 0 to 5, HN pairs 18 to 23."""
    genomes = [sum(pair % 7 in (0, 2, 6) for pair in pairs) for pairs in (range(6), range(18, 24))]
    assert (counted.people, counted.events.people) == (24, 2 * sum(genomes))
    regions = [Counts(store.region_folder(code)).events.people for code in ("HSO", "HN")]
    assert regions == [2 * number for number in genomes]


@pytest.mark.parametrize("kind", ["DEL", "DUP", "INS"])
def test_an_event_shows_its_counts_and_the_parts_add_up(counted, client_as, kind):
    row = commonest(counted, kind)
    call = StructuralCall.of(row)
    client = client_as(Role.CLINICIAN)
    view = structural_queries.lookup(client.actor, str(call))
    nation = view.nation
    assert (nation.ac, nation.an, nation.carriers, nation.people) == (
        row["ac"], row["an"], row["nobs"], row["people"],
    )  # fmt: skip
    assert (view.events[0].event, view.events[0].distance) == (str(call), 0)
    for name in ("ac", "an", "homozygotes", "hemizygotes", "people", "carriers"):
        assert sum(getattr(one, name) for one in view.regions) == getattr(nation, name)
    for parts in (view.sexes, view.groups, view.assays):
        assert sum(one.ac for one in parts) == nation.ac
        assert sum(one.an for one in parts) == nation.an
    assert sum(carriers for _, carriers in view.calls) == nation.carriers
    page = client.get(f"/register/structural/{call}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert f"{nation.carriers} of {nation.people} people" in text
    assert f"{nation.ac} of {nation.an} alleles" in text
    assert f"{nation.people} of the 24 people counted" in text
    assert 'class="picture figure events"' in text


def test_an_event_like_none_says_how_many_were_looked_at(counted, client_as):
    client = client_as(Role.CLINICIAN)
    view = structural_queries.lookup(client.actor, "1:390000-391000:INV")
    assert (view.events, view.nation.carriers, view.nation.people) == ((), 0, counted.events.people)
    text = client.get("/register/structural/1:390000-391000:INV/").content.decode()
    assert "Nobody has one like it" in text
    assert f"0 of {counted.events.people} people" in text


def test_every_kind_has_a_page_that_draws_it(counted, client_as):
    client = client_as(Role.CLINICIAN)
    kinds = set()
    for row in counted.events.clusters.iter_rows(named=True):
        if row["kind"] not in kinds:
            kinds.add(row["kind"])
            text = client.get(f"/register/structural/{StructuralCall.of(row)}/").content.decode()
            assert text.count('class="picture figure events"') == (2 if row["kind"] == "BND" else 1)
    assert kinds >= {"DEL", "DUP", "INS"}


def test_the_search_box_leads_to_the_event(counted, client_as):
    client = client_as(Role.CLINICIAN)
    for text in ("DEL 1:1,000-2,000", "1\t999\t.\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=2000"):
        answer = client.get("/register/", {"q": text})
        assert answer.status_code == 302
        assert answer["Location"].startswith("/register/structural/1:1000-2000:DEL/?asked=")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1:2000-1000:DEL", "The end lies before the start"),
        ("1:1000-999999999:DEL", "The end lies before the start, or a place outside of the chromosome"),
        ("1:1000-2000:STR", "The kind is not known"),
        ("MT:100-200:DEL", "Structural variants of MT are not counted"),
    ],
)
def test_nonsense_is_refused_in_words(counted, client_as, text, told):
    client = client_as(Role.CLINICIAN)
    for answer in (client.get("/register/", {"q": text}), client.get(f"/register/structural/{text}/")):
        assert answer.status_code == 422
        assert told in answer.content.decode()


def test_looks_are_logged_and_only_professionals_may(counted, client_as, client):
    reader = client_as(Role.CLINICIAN)
    reader.get("/register/structural/1:1000-2000:DEL/")
    (entry,) = AuditEntry.objects.filter(action="registers.frequency.lookup")
    stored = bytes(entry.stored).decode()
    assert (entry.outcome, json.loads(stored)["details"]["of"]) == ("allowed", "structural")
    assert "1:1000-2000" not in stored
    assert client.get("/register/structural/1:1000-2000:DEL/").status_code == 302
    assert client_as(Role.PATIENT).get("/register/structural/1:1000-2000:DEL/").status_code == 403


def test_a_region_and_a_gene_list_the_events_that_touch_them(counted, client_as):
    client = client_as(Role.CLINICIAN)
    row = commonest(counted)
    name = CONTIGS[row["contig"] - 1]
    text = client.get(f"/register/regions/{name}:{row['start']}-{row['end']}/").content.decode()
    expected = counted.events.touching(row["contig"], row["start"], row["end"])
    assert expected.height >= 1
    for one in expected.iter_rows(named=True):
        assert f"/register/structural/{StructuralCall.of(one)}/" in text
    assert text.count("/register/structural/") == expected.height
    assert f"{counted.events.people} of 24 people were read by a method that sees structural variants" in text
    gene = client.get("/register/genes/DEMO01/").content.decode()
    assert "were read by a method that sees structural variants" in gene


def test_own_cases_are_those_whose_run_has_a_call_of_the_event(counted, geneticist, client_as, monkeypatch):
    row = commonest(counted)
    call = StructuralCall.of(row)
    region = next(
        code for code in ("HSO", "HN") if structural_queries.events_of(store.region_folder(code)).like(call).height
    )
    runs = [run.identifier for run in store.stored_runs(region)]
    today = timezone.localdate()
    rows = [
        Contribution.objects.create(region=region, state="counted", people=1, runs=[run], received_on=today)
        for run in runs
    ]
    known = {str(one.id): OwnCase(uuid4(), f"2026-{number:02}", "child") for number, one in enumerate(rows)}
    monkeypatch.setattr(own_cases, "answering", lambda: [(lambda _actor: known, lambda _actor, _cases: None)])
    members = counted.events.members.filter(pl.col("event").is_in(counted.events.like(call)["event"].implode()))
    expected = []
    for number, run in enumerate(runs):
        path = store.region_folder(region) / "runs" / f"{run}.structural.parquet"
        if path.exists() and pl.read_parquet(path).join(members, on=CALL, how="semi").height:
            expected.append(f"2026-{number:02}")
    assert expected
    assert [one.case_number for one in own_cases.own_cases_like(geneticist, call)] == expected
    assert own_cases.own_cases_like(geneticist, StructuralCall("INV", 1, 390_000, 391_000, length=1001)) == ()
    page = client_as(Role.LABORATORY_GENETICIST).get(f"/register/structural/{call}/?own=1").content.decode()
    assert all(number in page for number in expected)


def test_the_public_tier_says_that_nothing_is_told_and_why(released, client):
    answer = client.get("/frequencies/", {"q": "1:1000-9000:DEL"})
    assert answer["Location"].startswith("/frequencies/structural/1:1000-9000:DEL/")
    rows = Counts(queries.counts_folder()).events.clusters.sort("nobs", descending=True)
    pages = []
    for text in (str(StructuralCall.of(rows.row(0, named=True))), "1:390000-391000:INV"):
        page = client.get(f"/frequencies/structural/{text}/")
        assert page.status_code == 200
        body = page.content.decode()
        assert "Structural variants are not told of in public" in body
        assert "was measured for small variants only" in body
        pages.append(body.count("<section"))
    assert client.get("/frequencies/structural/1:2000-1000:DEL/").status_code == 422


def test_programs_get_the_same_answers(counted, client_as, client):
    reader = client_as(Role.CLINICIAN)
    row = commonest(counted)
    call = StructuralCall.of(row)
    body = reader.get(f"/api/register/structural/{call}").json()
    first = body["events"][0]
    assert {name: first[name] for name in ("ac", "an", "nhomalt", "nhemi", "nobs", "people")} == {
        name: row[name] for name in ("ac", "an", "nhomalt", "nhemi", "nobs", "people")
    }
    assert (body["people"], body["people_assayed"], first["distance"]) == (24, counted.events.people, 0)
    assert sum(one["ac"] for one in body["regions"]) == row["ac"]
    name = CONTIGS[row["contig"] - 1]
    whole = reader.get(f"/api/register/regions/{name}/structural").json()
    expected = counted.events.clusters.filter(
        (pl.col("contig") == row["contig"]) | (pl.col("mate_contig") == row["contig"])
    )
    assert (whole["total"], len(whole["events"]), whole["next"]) == (expected.height, expected.height, None)
    assert {one["event"] for one in whole["events"]} == {
        str(StructuralCall.of(one)) for one in expected.iter_rows(named=True)
    }
    refused = reader.get("/api/register/structural/1:2000-1000:DEL")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_interval")
    assert client.get(f"/api/register/structural/{call}").status_code in (302, 401, 403)


def beacon(client, root="/beacon/professional/", **fields):
    return client.get(f"{root}g_variants", {"assemblyId": "GRCh38", "requestedGranularity": "record", **fields})


def test_the_professional_beacon_answers_in_a_set_of_its_own(counted, client_as):
    reader = client_as(Role.CLINICIAN)
    for kind in ("DEL", "DUP", "INS", "INV", "BND"):
        expected = counted.events.clusters.filter(pl.col("kind") == kind, pl.col("contig") == 2)
        fields = {"referenceName": "2", "start": "0", "end": "242193529", "variantType": kind, "limit": "0"}
        body = beacon(reader, includeResultsetResponses="ALL", **fields).json()
        sets = {one["id"]: one for one in body["response"]["resultSets"]}
        assert set(sets) == ({"exact-counts", "structural-events"} if kind in ("DEL", "INS") else {"structural-events"})
        with_mate = counted.events.touching(2, 1, 242_193_529).filter(pl.col("kind") == kind)
        found = sets["structural-events"]
        assert (found["resultsCount"], len(found["results"])) == (with_mate.height, with_mate.height)
        assert expected.height <= with_mate.height
        for one, row in zip(found["results"], with_mate.iter_rows(named=True), strict=True):
            assert one["variantInternalId"] == str(StructuralCall.of(row))
            assert (one["info"]["ac"], one["info"]["people"]) == (row["ac"], row["people"])
        assert body["responseSummary"]["numTotalResults"] == sum(one["resultsCount"] for one in sets.values())


def test_brackets_lengths_copy_numbers_and_pages_of_events(counted, client_as):
    reader = client_as(Role.CLINICIAN)
    row = commonest(counted)
    name, start0 = CONTIGS[row["contig"] - 1], row["start"] - 1
    bracket = {"start": f"{start0 - 5},{start0 + 5}", "end": f"{row['end'] - 5},{row['end'] + 5}"}
    asked = {"referenceName": name, "variantType": "DEL", **bracket}

    def events(body):
        return next(
            (one for one in body["response"]["resultSets"] if one["id"] == "structural-events"), {"results": []}
        )

    call = str(StructuralCall.of(row))
    assert [one["variantInternalId"] for one in events(beacon(reader, **asked).json())["results"]] == [call]
    longer = {"variantMinLength": str(row["length"] + 1)}
    assert events(beacon(reader, **asked, **longer).json())["results"] == []
    exact = {"variantMinLength": str(row["length"]), "variantMaxLength": str(row["length"])}
    assert len(events(beacon(reader, **asked, **exact).json())["results"]) == 1
    everywhere = {"variantType": "CNV", "limit": "3"}
    kinds = counted.events.clusters.filter(pl.col("kind").is_in(["DEL", "DUP", "CNV"])).sort(
        "contig", "start", "end", "kind"
    )
    first = reader.get("/beacon/professional/g_variants", {**everywhere, "requestedGranularity": "record"}).json()
    second = reader.get(
        "/beacon/professional/g_variants", {**everywhere, "requestedGranularity": "record", "skip": "1"}
    ).json()
    texts = [str(StructuralCall.of(one)) for one in kinds.head(6).iter_rows(named=True)]
    assert [one["variantInternalId"] for body in (first, second) for one in events(body)["results"]] == texts
    assert events(first)["resultsCount"] == kinds.height
    alone = reader.get(f"/beacon/professional/g_variants/{call}", {"requestedGranularity": "record"}).json()
    assert [one["variantInternalId"] for one in events(alone)["results"]] == [call]
    assert beacon(reader, referenceName="2", start="10", end="20", variantType="DEL", mateName="3").status_code == 400


def test_the_public_beacon_never_answers_of_structural_events(released, client):
    events = Counts(queries.counts_folder()).events.clusters
    for row in events.iter_rows(named=True):
        place = {
            "referenceName": CONTIGS[row["contig"] - 1],
            "start": str(row["start"] - 1),
            "end": str(row["end"] + 1),
        }
        answer = beacon(client, "/beacon/", **place, variantType=row["kind"])
        if row["kind"] in ("DEL", "INS"):
            sets = answer.json()["response"]["resultSets"]
            assert all(one["id"].startswith("release-") for one in sets)
            assert all(":" not in result["variantInternalId"] for one in sets for result in one["results"])
        else:
            assert answer.status_code == 400
    assert beacon(client, "/beacon/", mateName="3", referenceName="2", start="1", end="9").status_code == 400
    call = StructuralCall.of(events.row(0, named=True))
    assert client.get(f"/beacon/g_variants/{call}").status_code == 400
