"""The Beacon: valid against the official schemas, right against the release's table, silent about the lowest bin."""

from __future__ import annotations

import itertools
import json

import polars as pl
import pytest
from django.test import Client
from ga4gh.core import ga4gh_identify
from ga4gh.va_spec.base import CohortAlleleFrequencyStudyResult

from varde.frequency.release.answers import PublicState
from varde.genome.builds import Build, refseq_accession
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role
from varde_node.registers.frequency.tests.beacon_schemas import schemas
from varde_node.registers.frequency.tests.test_public import answers, text_of

ENVELOPES = {"boolean": "beaconBooleanResponse", "count": "beaconCountResponse", "record": "beaconResultsetsResponse"}
TOLD = {
    "": "beaconInfoResponse",
    "info": "beaconInfoResponse",
    "service-info": "ga4gh-service-info-1-0-0-schema",
    "configuration": "beaconConfigurationResponse",
    "map": "beaconMapResponse",
    "entry_types": "beaconEntryTypesResponse",
    "filtering_terms": "beaconFilteringTermsResponse",
}


@pytest.fixture
def visitor(db):
    return Client()


def ask(client, root="/beacon/", **fields):
    return client.get(f"{root}g_variants", fields).json()


def place(row):
    return {"assemblyId": "GRCh38", "referenceName": refseq_accession(Build.GRCH38, row["contig"])}


def sequence(row, **changed):
    told = {"start": row["position"] - 1, "referenceBases": row["ref"], "alternateBases": row["alt"]}
    return place(row) | told | changed


def found(body):
    sets = body["response"]["resultSets"]
    return [one["variantInternalId"] for one in sets[0]["results"]] if sets else []


def shown(release):
    """The release's rows, from its Parquet table and not from its index."""
    return pl.read_parquet(str(release.folder / "public" / "sites" / "**" / "*.parquet"))


@pytest.mark.parametrize("root", ["/beacon/", "/beacon/professional/"])
def test_every_answer_is_valid_by_the_official_schemas(released, visitor, client_as, root):
    official = schemas()
    client = visitor if root == "/beacon/" else client_as(Role.CLINICIAN)
    for end, name in TOLD.items():
        official.check(client.get(f"{root}{end}").json(), name)
    row = answers(released)[PublicState.IN_BIN]
    near = place(row) | {"start": row["position"] - 500, "end": row["position"] + 500}
    bracket = place(row) | {
        "start": f"{row['position'] - 50},{row['position'] + 50}",
        "end": f"{row['position'] - 50},{row['position'] + 90}",
    }
    queries = [sequence(row), sequence(row, alternateBases="N"), near, bracket, near | {"variantType": "SNP"}]
    queries += [{"geneId": released.site_sets[0].name}, near | {"filters": "SO:0001483,alleleFrequency>0.01"}, {}]
    for query, (granularity, name), include in itertools.product(queries, ENVELOPES.items(), ("ALL", "HIT", "MISS")):
        asked = query | {"requestedGranularity": granularity, "includeResultsetResponses": include, "limit": 5}
        body = ask(client, root, **asked)
        official.check(body, name)
        for one in body.get("response", {}).get("resultSets", []):
            for variation in one["results"]:
                official.check_record(variation)
    official.check(
        client.get(f"{root}g_variants/{text_of(row)}?requestedGranularity=record").json(), ENVELOPES["record"]
    )
    for wrong in ({"start": "x"}, {"nonsense": "1"}, place(row) | {"start": 5}, {"requestedGranularity": "all"}):
        answer = client.get(f"{root}g_variants", wrong)
        assert answer.status_code == 400
        assert answer.json()["error"]["errorCode"] == 400
        official.check(answer.json(), "beaconErrorResponse")
    assert official.validated > 100


def test_the_schemas_find_what_is_wrong(released, visitor):
    official = schemas()
    body = ask(visitor, **sequence(answers(released)[PublicState.IN_BIN]), requestedGranularity="record")
    [held] = body["response"]["resultSets"]
    record = held["results"][0]
    for broken in ({"variantInternalId": 5}, {"variation": {}}, {"frequencyInPopulations": [{"source": "x"}]}):
        assert official.wrong_record(record | broken)
    assert official.wrong_record({name: value for name, value in record.items() if name != "variation"})
    for name in ("id", "setType", "exists", "resultsCount", "results"):
        lacking = body | {"response": {"resultSets": [{key: held[key] for key in held if key != name}]}}
        assert official.wrong(lacking, ENVELOPES["record"])
    assert official.wrong({"meta": body["meta"]}, ENVELOPES["boolean"])


def test_the_release_is_found_site_by_site(released, visitor):
    for row in shown(released).gather_every(5).iter_rows(named=True):
        body = ask(visitor, **sequence(row), requestedGranularity="record")
        assert found(body) == [text_of(row)]
        told = body["response"]["resultSets"][0]["results"][0]
        assert (told["info"]["bin"], told["info"]["an"]) == (row["bin"], row["an"])
        frequency = told["frequencyInPopulations"][0]["frequencies"][0]["alleleFrequency"]
        assert told["info"]["af_low"] <= frequency <= told["info"]["af_high"]


def test_ranges_brackets_and_filters_agree_with_a_slow_reading(released, visitor):
    rows = list(shown(released).iter_rows(named=True))
    middle = rows[len(rows) // 2]
    near = [one for one in rows if one["contig"] == middle["contig"]]
    low, high = middle["position"] - 3_000, middle["position"] + 3_000

    def expected(keeps):
        return [text_of(one) for one in near if keeps(one, one["position"] - 1, one["position"] - 1 + len(one["ref"]))]

    def asked(**fields):
        body = ask(visitor, **place(middle), **fields, requestedGranularity="record", limit=0)
        assert body["responseSummary"]["numTotalResults"] == len(found(body))
        return found(body)

    within = expected(lambda _, start, end: start < high and end > low)
    assert asked(start=low, end=high) == within
    assert len(within) > 3
    snvs = expected(lambda one, start, end: start < high and end > low and len(one["ref"]) == len(one["alt"]) == 1)
    assert asked(start=low, end=high, variantType="SNP") == snvs
    assert asked(start=low, end=high, filters="SO:0001483") == snvs
    assert asked(start=low, end=high, referenceBases="N", alternateBases="N") == snvs
    others = expected(lambda one, start, end: start < high and end > low and len(one["ref"]) != len(one["alt"]))
    assert sorted(asked(start=low, end=high, variantMinLength=2) + asked(start=low, end=high, variantMaxLength=1)) == (
        sorted(within)
    )
    assert set(asked(start=low, end=high, filters="SO:0000667") + asked(start=low, end=high, filters="SO:0000159")) <= (
        set(others)
    )
    bracket = expected(lambda _, start, end: low <= start < middle["position"] and middle["position"] <= end < high)
    assert asked(start=f"{low},{middle['position']}", end=f"{middle['position']},{high}") == bracket


def test_pages_follow_each_other_and_tell_the_total(released, visitor):
    everything = [text_of(one) for one in shown(released).iter_rows(named=True)]
    pages = [
        ask(visitor, requestedGranularity="record", skip=number, limit=7) for number in range(len(everything) // 7 + 1)
    ]
    assert sorted(itertools.chain.from_iterable(map(found, pages))) == sorted(everything)
    assert {page["responseSummary"]["numTotalResults"] for page in pages} == {len(everything)}
    assert found(ask(visitor, requestedGranularity="record", skip=10**9, limit=7)) == []


def test_absent_and_below_are_answered_with_the_same_bytes(released, visitor):
    """Whatever is asked in whatever granularity: the answers differ in the question alone."""
    below = answers(released)[PublicState.BELOW]
    other = next(base for base in "ACGT" if base not in (below["ref"], below["alt"]))
    absent = below | {"alt": other}
    assert below["ac"] > 0
    for granularity, include in itertools.product(ENVELOPES, ("ALL", "HIT", "MISS", "NONE")):
        bodies = []
        for row in (below, absent):
            fields = sequence(row, requestedGranularity=granularity, includeResultsetResponses=include)
            text = visitor.get("/beacon/g_variants", fields).content.decode()
            bodies.append(text.replace(f'"alternateBases": "{row["alt"]}"', '"alternateBases": "?"'))
        assert bodies[0] == bodies[1]
        assert '"exists": false' in bodies[0]
    ends = [
        visitor.get(f"/beacon/g_variants/{text_of(row)}?requestedGranularity=record").content for row in (below, absent)
    ]
    assert ends[0] == ends[1]


def test_a_body_asks_as_an_address_does(released, visitor):
    row = answers(released)[PublicState.IN_BIN]
    parameters = {**sequence(row), "start": [row["position"] - 1]}
    for given in (parameters, {"g_variant": parameters}):
        query = {"requestParameters": given, "requestedGranularity": "record", "pagination": {"skip": 0, "limit": 3}}
        body = {"meta": {"apiVersion": "v2.0.0"}, "query": query}
        answer = visitor.post("/beacon/g_variants", json.dumps(body), content_type="application/json")
        assert found(answer.json()) == [text_of(row)]
        assert answer.json()["meta"]["receivedRequestSummary"]["requestParameters"] == {"g_variant": parameters}


def test_named_alleles_are_found(released, visitor):
    row = next(one for one in shown(released).iter_rows(named=True) if len(one["ref"]) == len(one["alt"]) == 1)
    name = f"{refseq_accession(Build.GRCH38, row['contig'])}:g.{row['position']}{row['ref']}>{row['alt']}"
    body = ask(visitor, genomicAlleleShortForm=name, requestedGranularity="record")
    assert found(body) == [text_of(row)]
    assert body["response"]["resultSets"][0]["results"][0]["identifiers"]["genomicHGVSId"] == name


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"referenceName": "20", "start": "5", "alternateBases": "A"}, "assemblyId is missing"),
        ({"assemblyId": "GRCh37", "referenceName": "20", "start": "5", "end": "9"}, "This Beacon is of GRCh38"),
        ({"assemblyId": "GRCh38", "referenceName": "20", "start": "5"}, "needs alternateBases"),
        ({"assemblyId": "GRCh38", "referenceName": "99", "start": "5", "end": "9"}, "no chromosome"),
        ({"assemblyId": "GRCh38", "referenceName": "20", "start": "9", "end": "5"}, "end must lie behind start"),
        ({"assemblyId": "GRCh38", "referenceName": "20", "start": "1,9", "end": "5"}, "two each"),
        ({"assemblyId": "GRCh38", "referenceName": "20", "start": "1,2,3", "end": "5"}, "one or two values"),
        ({"assemblyId": "GRCh38", "referenceName": "20", "start": "5", "end": "9", "variantType": "DUP"}, "not held"),
        ({"geneId": "NOSUCHGENE"}, "NOSUCHGENE"),
        ({"filters": "HP:0000001"}, "no filter"),
        ({"aminoacidChange": "V600E"}, "needs geneId"),
        ({"testMode": "perhaps"}, "testMode"),
    ],
)
def test_what_is_not_understood_is_a_beacon_error(released, visitor, fields, words):
    answer = visitor.get("/beacon/g_variants", fields)
    body = answer.json()
    assert (answer.status_code, body["error"]["errorCode"]) == (400, 400)
    assert words in body["error"]["errorMessage"]


def test_professionals_get_exact_counts_and_are_logged(released, client_as):
    below = answers(released)[PublicState.BELOW]
    client = client_as(Role.CLINICIAN)
    body = ask(client, "/beacon/professional/", **sequence(below), requestedGranularity="record")
    info = body["response"]["resultSets"][0]["results"][0]["info"]
    names = ("ac", "an", "nhomalt", "nhemi", "nobs")
    assert {name: info[name] for name in names} == {name: below[name] for name in names}
    test = ask(client, "/beacon/professional/", **sequence(below), requestedGranularity="record", testMode="true")
    assert (test["responseSummary"]["exists"], test["meta"]["testMode"]) == (False, True)
    entries = AuditEntry.objects.filter(action="registers.frequency.lookup")
    assert [json.loads(bytes(one.stored))["details"] for one in entries] == [{"of": "beacon"}]
    assert text_of(below) not in "".join(bytes(one.stored).decode() for one in entries)
    assert client.get("/beacon/professional/g_variants", sequence(below))["Cache-Control"] == "no-store"


def test_exact_counts_are_a_study_result_of_the_va_specification(released, visitor, client_as):
    rows = [row for row in answers(released).values() if row["ac"]]
    client = client_as(Role.CLINICIAN)
    for row in rows:
        body = ask(client, "/beacon/professional/", **sequence(row), requestedGranularity="record")
        info = body["response"]["resultSets"][0]["results"][0]["info"]
        result = CohortAlleleFrequencyStudyResult.model_validate_json(json.dumps(info["cohortAlleleFrequency"]))
        assert ga4gh_identify(result.focusAllele) == info["vrsId"]
        assert (result.focusAlleleCount, result.locusAlleleCount) == (row["ac"], row["an"])
        assert result.focusAlleleFrequency == row["ac"] / row["an"]
        assert result.ancillaryResults == {
            "homozygotes": row["nhomalt"],
            "hemizygotes": row["nhemi"],
            "faf95": info["faf95"],
        }
        parts = result.subCohortFrequency
        assert [part.cohort.name for part in parts] == ["XX", "XY"]
        assert all(part.focusAllele.root == info["vrsId"] for part in parts)
        assert sum(part.focusAlleleCount for part in parts) <= row["ac"]
    assert rows
    told = ask(visitor, **sequence(answers(released)[PublicState.IN_BIN]), requestedGranularity="record")
    assert "cohortAlleleFrequency" not in json.dumps(told)


def test_strangers_never_reach_the_exact_counts(released, visitor):
    refused = visitor.get("/beacon/professional/g_variants")
    assert (refused.status_code, refused.json()["error"]["errorCode"]) == (401, 401)
    assert "response" not in refused.json()


def test_without_a_release_nothing_is_held(db, data, visitor):
    body = ask(visitor, requestedGranularity="record")
    assert (body["responseSummary"], body["response"]["resultSets"]) == ({"exists": False, "numTotalResults": 0}, [])
    assert "no public release" in body["info"]["reason"]


@pytest.mark.parametrize(
    ("address", "method", "status"),
    [
        ("/beacon/nonsense", "get", 404),
        ("/beacon/g_variants/20-1-A-T/nonsense", "get", 404),
        ("/beacon/professional/nonsense", "get", 404),
        ("/beacon/info", "post", 405),
        ("/beacon/g_variants", "delete", 405),
        ("/beacon/professional/info", "get", 401),
        ("/beacon/professional/g_variants", "get", 401),
        ("/beacon/professional/g_variants", "post", 401),
        (f"/beacon/g_variants/20-{'1' * 5_000}-A-G", "get", 400),
    ],
)
def test_errors_of_any_kind_are_beacon_errors(visitor, address, method, status):
    answer = getattr(visitor, method)(address, headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    body = answer.json()
    assert set(body) == {"meta", "error"}
    assert body["error"]["errorCode"] == status
    assert len(body["error"]["errorMessage"]) > 10
    assert ("Allow" in answer) == (status == 405)


def test_a_role_that_may_not_ask_gets_a_beacon_error(client_as):
    answer = client_as(Role.PATIENT).get("/beacon/professional/g_variants")
    assert (answer.status_code, answer.json()["error"]["errorCode"]) == (403, 403)
