"""The register's own API: agreement with the release and with exact counts, pages, tags, budgets, hostile input."""

from __future__ import annotations

import json
import string
from pathlib import Path
from urllib.parse import quote

import jsonschema_rs
import polars as pl
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from varde.frequency.beacon import request
from varde.frequency.lookup import Counts
from varde.frequency.release.answers import PublicState
from varde.genome.alleles import Variant
from varde.genome.builds import Build, refseq_accession
from varde.genome.errors import InputError
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role
from varde_node.registers.frequency import api, queries, search
from varde_node.registers.frequency.budgets import MOST_CLIENTS, Budget, prefix_of
from varde_node.registers.frequency.tests.test_public import answers, text_of

DESCRIPTION = json.loads(Path(api.__file__).with_name("openapi.json").read_text(encoding="utf-8"))
JSON = "application/json"


@pytest.fixture
def visitor(db):
    return Client()


def check(body, name):
    """Valid by the schema of that name in our own description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIPTION["components"]}
    jsonschema_rs.Draft202012Validator(schema).validate(body)
    return body


def send(client, items, address="/api/frequencies/variants", **headers):
    return client.post(address, json.dumps(items), content_type=JSON, headers=headers)


def test_a_batch_agrees_with_single_look_ups_in_every_state(released, visitor):
    rows = answers(released)
    assert {PublicState.IN_BIN, PublicState.BELOW, PublicState.NOT_IN_RELEASE} <= set(rows)
    texts = [text_of(row) for row in rows.values()]
    body = check(send(visitor, texts).json(), "PublicBatch")
    assert [one["asked"] for one in body["results"]] == texts
    for text, told in zip(texts, body["results"], strict=True):
        single = check(visitor.get(f"/api/frequencies/variants/{text}").json(), "PublicVariant")["answer"]
        names = {"in_bin": "matched"}
        assert told["status"] == names.get(single["state"], single["state"])
        assert {name: told[name] for name in single if name in told} == {
            name: value for name, value in single.items() if name in told
        }


def test_exact_batches_agree_with_the_counts_and_are_logged(released, client_as):
    counts = Counts(queries.counts_folder())
    texts = [text_of(row) for row in counts.sites.gather_every(11).iter_rows(named=True)]
    other = [f"{text.rpartition('-')[0]}-{'A' if not text.endswith('A') else 'C'}{'G' * 20}" for text in texts[:20]]
    client = client_as(Role.CLINICIAN)
    body = check(send(client, texts + other, "/api/register/variants").json(), "ExactBatch")
    for one in body["results"]:
        if one["variant"] is None:
            continue
        slow = counts.lookup(Variant.parse(Build.GRCH38, one["variant"]))
        told = (one["ac"], one["an"], one["nhomalt"], one["nhemi"], one["nobs"])
        assert told == (slow.ac, slow.an, slow.homozygotes, slow.hemizygotes, slow.carriers)
        assert one["status"] == {"observed": "matched", "absent_covered": "covered_absent"}.get(slow.state, slow.state)
    assert body["statuses"]["matched"] >= len(texts)
    (entry,) = AuditEntry.objects.filter(action="registers.frequency.lookup")
    stored = bytes(entry.stored).decode()
    assert json.loads(stored)["details"] == {"of": "batch", "variants": len(texts + other)}
    assert texts[0] not in stored


def test_each_item_says_why_it_has_no_answer(released, visitor):
    row = answers(released)[PublicState.IN_BIN]
    contig, position = text_of(row).split("-")[:2]
    wrong = next(base for base in "ACGT" if not row["ref"].startswith(base))
    asked = {
        text_of(row).lower(): "matched",
        f"chr{contig}:{position}:{row['ref']}:{row['alt']}": "matched",
        f"{contig}-{position}-{wrong}-{row['ref'][0]}": "reference_mismatch",
        f"{contig}-248956000-A-T": "outside_reference",
        "NC_000020.10:1234:A:T": "wrong_build",
        "Y-20000-A-T": "outside_reference",
        "99-1-A-T": "not_parseable",
        "20-1-A-A": "not_parseable",
        "": "not_parseable",
        "\u0000'; --": "not_parseable",
    }
    body = check(send(visitor, list(asked)).json(), "PublicBatch")
    assert {one["asked"]: one["status"] for one in body["results"]} == asked
    assert body["statuses"]["not_parseable"] == 4
    assert sum(body["statuses"].values()) == body["total"] == len(asked)


def test_an_indel_written_elsewhere_is_found_and_said_to_be_moved(released, visitor, larger_country):
    rows = released.all_sites().to_dicts()
    row = next(one for one in rows if len(one["ref"]) != len(one["alt"]))
    before = larger_country.reference.sequence(row["contig"], row["position"] - 2, row["position"] - 1)
    longer = row | {"position": row["position"] - 1, "ref": before + row["ref"], "alt": before + row["alt"]}
    (one,) = send(visitor, [text_of(longer)]).json()["results"]
    assert (one["status"], one["variant"], one["normalised"]) == ("matched", text_of(row), True)


def test_absent_and_below_have_the_same_bytes(released, visitor):
    below = answers(released)[PublicState.BELOW]
    absent = below | {"alt": next(base for base in "ACGT" if base not in (below["ref"], below["alt"]))}
    pages = []
    for row in (below, absent):
        single = visitor.get(f"/api/frequencies/variants/{text_of(row)}").json()
        batch = send(visitor, [text_of(row)]).content.decode().replace(text_of(row), "?")
        pages.append((batch, single["answer"], single["interpretations"]))
    assert pages[0] == pages[1]


def test_lines_in_and_lines_out(released, visitor):
    texts = [text_of(row) for row in answers(released).values()]
    lines = "\n".join(map(json.dumps, texts))
    kind = "application/x-ndjson"
    answer = visitor.post("/api/frequencies/variants", lines, content_type=kind, headers={"Accept": kind})
    assert [json.loads(line)["asked"] for line in answer.content.splitlines()] == texts
    refused = visitor.post("/api/frequencies/variants", lines + "\n{", content_type=kind)
    assert (refused.status_code, refused.json()["line"]) == (400, len(texts) + 1)


def test_a_region_is_paged_and_never_cut_silently(released, visitor, client_as):
    everything = released.all_sites()
    contig = everything["contig"][0]
    held = [text_of(one) for one in everything.filter(contig=contig).iter_rows(named=True)]
    address, texts, name = f"/api/frequencies/regions/{contig}?limit=7", [], None
    while address:
        body = check(visitor.get(address).json(), "PublicSites")
        assert body["total"] == len(held)
        texts += [one["variant"] for one in body["sites"]]
        address, name = body["next"], body["region"]
    assert texts == held
    assert name.startswith(f"{contig}:1-")
    counts = Counts(queries.counts_folder()).sites.filter(contig=contig).filter(nobs=1)
    body = check(client_as(Role.CLINICIAN).get(f"/api/register/regions/{contig}?limit=100000").json(), "ExactSites")
    assert body["next"] is None
    assert body["total"] == len(body["sites"]) == Counts(queries.counts_folder()).sites.filter(contig=contig).height
    assert {text_of(one) for one in counts.iter_rows(named=True)} <= {one["variant"] for one in body["sites"]}


def test_a_gene_is_its_region(released, visitor):
    gene = released.site_sets[0].name
    body = check(visitor.get(f"/api/frequencies/genes/{gene}").json(), "PublicSites")
    again = visitor.get(f"/api/frequencies/regions/{body['region']}").json()
    assert again["sites"] == body["sites"]
    assert body["total"] > 0


def test_what_has_not_changed_is_not_sent_again(released, visitor):
    row = answers(released)[PublicState.IN_BIN]
    for address in (
        f"/api/frequencies/variants/{text_of(row)}",
        f"/api/frequencies/regions/{row['contig']}",
        f"/api/frequencies/releases/{released.name}",
        "/beacon/map",
        "/beacon/g_variants?requestedGranularity=count",
    ):
        first = visitor.get(address)
        assert (first.status_code, first["Cache-Control"]) == (200, "public, max-age=300")
        again = visitor.get(address, headers={"If-None-Match": f'"other", {first["ETag"]}'})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert visitor.get(address, headers={"If-None-Match": '"other"'}).content == first.content
        head = visitor.head(address)
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])


def test_releases_and_the_signed_manifest(released, visitor):
    (one,) = check(visitor.get("/api/frequencies/releases").json(), "Releases")["releases"]
    assert (one["release"], one["current"]) == (released.name, True)
    assert visitor.get(one["manifest"]).content == (released.folder / "manifest.json").read_bytes()
    assert visitor.get("/api/frequencies/releases/none").status_code == 404


def test_a_used_up_budget_is_a_429_with_the_time_to_wait(released, visitor, settings):
    settings.PUBLIC_BUDGET = 3
    row = answers(released)[PublicState.IN_BIN]
    for _ in range(3):
        assert visitor.get(f"/api/frequencies/variants/{text_of(row)}", REMOTE_ADDR="192.0.2.7").status_code == 200
    refused = visitor.get(f"/api/frequencies/variants/{text_of(row)}", REMOTE_ADDR="192.0.2.99")
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert 1 <= int(refused["Retry-After"]) <= 20
    assert visitor.get("/beacon/g_variants", REMOTE_ADDR="192.0.2.99").json()["error"]["errorCode"] == 429
    assert visitor.get(f"/api/frequencies/variants/{text_of(row)}", REMOTE_ADDR="192.0.3.7").status_code == 200


def test_a_bucket_fills_evenly_and_large_answers_are_paid_for():
    now = [0.0]
    budget = Budget(60, clock=lambda: now[0])
    assert [budget.wait_for("a") for _ in range(60)] == [0] * 60
    assert budget.wait_for("a") == 1
    assert budget.wait_for("b") == 0
    now[0] = 1
    assert budget.wait_for("a") == 0
    budget.charge("b", 10_000)
    assert budget.wait_for("b") == pytest.approx(41, abs=1.01)
    for number in range(MOST_CLIENTS + 5):
        budget.wait_for(str(number))
    assert len(budget._held) == MOST_CLIENTS


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:22ff::1", "2001:db8:1:2200::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", "unknown"),
    ],
)
def test_a_client_is_known_by_its_network(address, prefix):
    assert prefix_of(address) == prefix


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "empty_body"),
        (b"{", 400, "malformed_request"),
        (b"[" * 100_000, 400, "malformed_request"),
        (b'"x"', 400, "malformed_request"),
        (b"[1]", 400, "malformed_request"),
        (b'["\\ud800"]', 400, "malformed_request"),
        (b"\xff\xfe", 400, "malformed_request"),
        (json.dumps(["20-1-A-T"] * 20_001).encode(), 413, "too_large"),
        (json.dumps(["A" * 2_001]).encode(), 400, "malformed_request"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(released, visitor, body, status, code):
    answer = visitor.post("/api/frequencies/variants", body, content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("address", ["/api/frequencies/variants", "/api/register/variants"])
def test_a_batch_may_have_four_million_bytes(released, client_as, settings, address):
    client = client_as(Role.CLINICIAN)
    items = [f"20-{1_000_000 + i}-A-{'ACGT' * 48}T" for i in range(18_500)]
    body = json.dumps(items)
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 4_000_000
    small = client.post(address, body + " " * (3_900_000 - len(body)), content_type=JSON)
    assert (small.status_code, small.json()["total"]) == (200, 18_500)
    assert [one["asked"] for one in small.json()["results"]] == items
    entries = AuditEntry.objects.count()
    for size, status in ((4_000_000, 200), (4_000_001, 413), (4_100_000, 413)):
        answer = client.post(address, body + " " * (size - len(body)), content_type=JSON)
        assert answer.status_code == status
    assert answer.json()["code"] == "too_large"
    assert "larger than 4,000,000 bytes" in answer.json()["detail"]
    assert AuditEntry.objects.count() == entries + (1 if "register" in address else 0)


@pytest.mark.parametrize("query", ["skip=-1", "skip=x", "limit=0", "limit=100001", "limit=1e3", "skip=٣"])
def test_a_page_that_cannot_be_is_refused(released, visitor, query):
    assert visitor.get(f"/api/frequencies/regions/1?{query}").status_code == 400


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=string.printable, max_size=60),
    st.from_regex(
        r"(chr)?[0-9XYM]{1,3}[-: ][0-9,]{1,12}[-: ][ACGTNacgtn*<>]{0,30}[-:>/ ][ACGTN]{0,30}", fullmatch=True
    ),
    st.from_regex(r"(NC_0000\d\d\.\d\d?|ENST\d{11}|[A-Z]{3,5}\d?):[gcmnp]\.[\w*+->_()]{1,20}", fullmatch=True),
)
PARAMETERS = [*request.PARAMETERS, "requestedGranularity", "limit", "skip", "filters", "testMode"]
FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@FUZZ
@given(items=st.lists(HOSTILE, max_size=8))
def test_no_list_of_texts_breaks_a_batch(released, visitor, items):
    answer = send(visitor, items)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        body = check(answer.json(), "PublicBatch")
        assert [one["asked"] for one in body["results"]] == items


@FUZZ
@given(
    values=st.dictionaries(
        st.sampled_from(PARAMETERS),
        st.one_of(
            st.sampled_from(["GRCh38", "1", "chr20", "X", "record", "NaN", "alleleFrequency>=nan", "[ACG", "N"]),
            st.integers(-5, 2**70).map(str),
            HOSTILE,
        ),
        max_size=8,
    )
)
def test_no_query_breaks_the_beacon(released, visitor, values):
    answer = visitor.get("/beacon/g_variants", values)
    assert answer.status_code in (200, 400)
    assert ("error" in answer.json() or "\0" in "".join(values.values())) == (answer.status_code == 400)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)


@FUZZ
@given(query=_ANY, parameters=_ANY, whole=st.booleans())
def test_no_body_breaks_the_beacon(released, visitor, query, parameters, whole):
    body = (
        query if whole else {"meta": {"apiVersion": "2"}, "query": {"requestParameters": parameters, "filters": query}}
    )
    answer = visitor.post("/beacon/g_variants", json.dumps(body), content_type=JSON)
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize("digits", [25, 4_301, 6_000])
def test_numbers_that_no_position_has_are_refused_not_failed(released, visitor, client_as, digits):
    number = "1" * digits
    places = [
        f"20-{number}-A-G",
        f"{number}-20-A-G",
        f"20:{number}:A:G",
        f"20:g.{number}A>G",
        f"NC_000020.11:{number}:A:G",
    ]
    public = [
        root.format(place)
        for place in places
        for root in (
            "/frequencies/variants/{}/",
            "/api/frequencies/variants/{}",
            "/beacon/g_variants/{}",
            "/frequencies/?q={}",
        )
    ]
    spans = [f"20:{number}", f"20:1-{number}", f"20:{number}-{number}", f"{number}:1-2"]
    public += [
        root.format(span)
        for span in spans
        for root in (
            "/frequencies/regions/{}/",
            "/frequencies/regions/{}/variants.csv",
            "/api/frequencies/regions/{}",
        )
    ]
    public += [f"/beacon/g_variants?referenceName=20&start={number}&referenceBases=A&alternateBases=G"]
    exact = [
        root.format(place)
        for place in places
        for root in (
            "/register/variants/{}/",
            "/api/register/variants/{}",
            "/beacon/professional/g_variants/{}",
        )
    ]
    exact += [root.format(span) for span in spans for root in ("/register/regions/{}/", "/api/register/regions/{}")]
    client = client_as(Role.LABORATORY_GENETICIST)
    answered = {path: visitor.get(path).status_code for path in public} | {
        path: client.get(path).status_code for path in exact
    }
    searches = {path for path in answered if "?q=" in path}
    assert {path[:60]: code for path, code in answered.items() if path not in searches and not 400 <= code < 500} == {}
    assert {answered[path] for path in searches} <= {200, 400, 414, 422}
    batch = send(visitor, [places[0]])
    if digits == 25:
        assert batch.json()["results"][0]["status"] == "not_parseable"
    else:  # no item may be so long
        assert batch.status_code == 400


def test_every_address_reads_spdi_from_zero_and_vcf_style_from_one(released, client_as, larger_country):
    client, reference = client_as(Role.CLINICIAN), larger_country.reference
    for row in released.all_sites().filter(pl.col("ref").str.len_bytes() == 1).head(20).iter_rows(named=True):
        before = reference.sequence(row["contig"], row["position"] - 2, row["position"] - 1)
        if before == row["ref"]:
            break
    else:
        raise AssertionError("the country has a site after the same base")
    accession, text = refseq_accession(Build.GRCH38, row["contig"]), text_of(row)
    spdi = f"{accession}:{row['position'] - 1}:{row['ref']}:{row['alt']}"
    for asked in (spdi, spdi.lower(), f"{accession}-{row['position']}-{row['ref']}-{row['alt']}"):
        assert client.get(f"/api/frequencies/variants/{asked}").json()["variant"] == text, asked
        assert client.get(f"/api/register/variants/{asked}").json()["variant"] == text, asked
        assert send(client, [asked]).json()["results"][0]["variant"] == text, asked
        assert send(client, [asked], "/api/register/variants").json()["results"][0]["variant"] == text, asked
        for root in ("/beacon/", "/beacon/professional/"):
            body = client.get(f"{root}g_variants/{asked}", {"requestedGranularity": "record"}).json()
            assert body["response"]["resultSets"][0]["results"][0]["variantInternalId"] == text, asked
        for room in ("frequencies", "register"):
            assert str(client.get(f"/{room}/variants/{asked}/").context["view"].variant) == text, asked
            assert text in client.get(f"/{room}/", {"q": asked})["Location"], asked


def test_names_are_read_by_single_addresses_as_by_the_search(released, client_as):
    client, symbol = client_as(Role.CLINICIAN), released.site_sets[0].name
    row = answers(released)[PublicState.IN_BIN]
    expected = text_of(row)
    genomic = f"chr{row['contig']}:g.{row['position']}{row['ref']}>{row['alt']}"
    names = [one.coding for _, one in search.named(Variant.parse(Build.GRCH38, expected)) if one.coding]
    assert names
    for asked in (genomic, *names):
        for address in ("/api/frequencies/variants/", "/api/register/variants/"):
            assert client.get(address + quote(asked, safe="")).json()["variant"] == expected
        body = client.get(f"/beacon/g_variants/{quote(asked, safe='')}?requestedGranularity=record").json()
        assert body["response"]["resultSets"][0]["results"][0]["variantInternalId"] == expected
        assert str(client.get(f"/register/variants/{quote(asked, safe='')}/").context["view"].variant) == expected
    residue = next(
        f"{symbol} p.{old}2{new}"
        for old in "ACDEFGHIKLMNPQRSTVWY"
        for new in "AL"
        if several(f"{symbol} p.{old}2{new}")
    )
    candidates = [str(one.target) for one in search.searcher().understand(residue).choices]
    for address in ("/api/frequencies/variants/", "/api/register/variants/"):
        refused = client.get(address + quote(residue, safe=""))
        assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
        assert check(refused.json(), "Problem")["candidates"] == candidates
        assert refused.json()["code"] == "ambiguous"
        assert client.get(address + symbol).json()["code"] == "no_variant"
    beacon = client.get(f"/beacon/g_variants/{quote(residue, safe='')}")
    assert beacon.status_code == 400
    assert candidates[0] in beacon.json()["error"]["errorMessage"]
    for room in ("frequencies", "register"):
        page = client.get(f"/{room}/variants/{quote(residue, safe='')}/")
        assert [one.text for one in page.context["meanings"]] == candidates


def several(text):
    try:
        return len(search.searcher().understand(text).choices) > 1
    except InputError:
        return False


@pytest.mark.parametrize("address", ["variants/20-1-A-T", "regions/20:1-9", "genes/DEMO01"])
def test_a_program_without_a_session_is_told_so_and_not_sent_to_a_page(released, visitor, address):
    before = AuditEntry.objects.count()
    answer = visitor.get(f"/api/register/{address}", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Session realm="Varde"'
    assert check(answer.json(), "Problem")["status"] == 401
    assert send(visitor, ["20-1-A-T"], "/api/register/variants").status_code == 401
    assert AuditEntry.objects.count() == before
    assert visitor.get("/register/")["Location"].startswith("/sign-in/?next=/register/")


def test_anything_that_is_there_is_not_sent_to_who_has_anything(released, visitor):
    row = answers(released)[PublicState.IN_BIN]
    addresses = (
        *(f"/api/frequencies/variants/{text_of(row)}", f"/api/frequencies/releases/{released.name}", "/beacon/map"),
        *("/api/register/openapi.json", f"/frequencies/releases/{released.name}/files/manifest.json"),
    )
    for address in addresses:
        first = visitor.get(address)
        again = visitor.get(address, headers={"If-None-Match": "*"})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"]), address
        assert visitor.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    missing = visitor.get("/api/frequencies/variants/99-1-A-T", headers={"If-None-Match": "*"})
    assert missing.status_code == 422


def test_a_method_that_is_not_there_is_a_problem_with_those_that_are(released, visitor):
    answer = visitor.delete("/api/frequencies/variants/20-1-A-T")
    assert (answer.status_code, answer["Allow"], answer.json()["status"]) == (405, "GET, HEAD", 405)
