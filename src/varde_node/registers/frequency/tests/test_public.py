"""The public tier: the four answers, what is hidden and why, files as they were signed, nothing kept of who asked."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import re
import subprocess
from dataclasses import fields, replace
from datetime import date
from urllib.parse import quote

import polars as pl
import pytest
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, given
from hypothesis import settings as trial
from hypothesis import strategies as st

from varde.frequency.lookup import Counts
from varde.frequency.release.answers import AtLeast, PublicState
from varde.frequency.release.build import TEXTS
from varde.frequency.release.parameters import Parameters
from varde.frequency.signing import PublicKey
from varde.frequency.sources import add_source
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS, Build
from varde_node.people.models import AuditEntry
from varde_node.registers.frequency import budgets, exchange, indexes, public_words, queries
from varde_node.registers.frequency.models import Release as ReleaseRow
from varde_node.registers.frequency.models import ReleaseState
from varde_node.registers.frequency.tests.published import NAME, genes_of


@pytest.fixture
def country(larger_country):
    return larger_country


@pytest.fixture
def visitor(db):
    return Client()


def text_of(row):
    return f"{CONTIGS[row['contig'] - 1]}-{row['position']}-{row['ref']}-{row['alt']}"


def answers(release):
    """A variant for each state that the release has, by looking at the exact counts."""
    sites = Counts(queries.counts_folder()).sites
    found = {}
    for row in sites.iter_rows(named=True):
        state = release.lookup(Variant.parse(Build.GRCH38, text_of(row))).state
        found.setdefault(state, row)
    return found


def body_of(answer):
    """The page without what differs by the variant asked about and the links with it."""
    text = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r'<section class="ds-card names".*?</section>|<a .*?</a>|<h1.*?</h1>', "", text, flags=re.DOTALL)


def test_a_seen_variant_is_told_as_a_range_that_holds_its_count(released, visitor):
    row = answers(released)[PublicState.IN_BIN]
    page = visitor.get(f"/frequencies/variants/{text_of(row)}/")
    answer = page.context["answer"]
    assert answer.ac_low <= row["ac"] <= answer.ac_high
    assert page.context["said"].headline.startswith("Between about ")
    shown = body_of(page)
    assert f"{row['ac']} of" not in shown
    assert 'class="bin"' in shown
    assert all(why for _, _, why in page.context["hidden"])
    assert {"The exact count", "By sex, disease group and health region"} <= {
        what for what, _, _ in page.context["hidden"]
    }


def test_the_filtering_frequency_and_people_with_one_copy_are_told_or_hidden_with_the_reason(released):
    row = answers(released)[PublicState.IN_BIN]
    autosomal = Variant.parse(Build.GRCH38, text_of(row))
    answer = released.lookup(autosomal)
    told = {what: (value, why) for what, value, why in public_words.hidden(answer, released, autosomal)}
    value, why = told["Filtering frequency (faf95)"]
    assert value == f"at most {public_words.share(answer.faf95_at_most)}"
    assert "95 %" in why
    assert "People with one copy, and the change in it" not in told
    on_x = Variant(Build.GRCH38, 23, 50_000_000, "A", "T")
    for hemizygotes, words in (
        (AtLeast.FEWER_THAN_K, "fewer than 5 people, or nobody"),
        (AtLeast.AT_LEAST_K, "at least 5 people"),
    ):
        shown = public_words.hidden(replace(answer, hemizygotes=hemizygotes), released, on_x)
        assert ("People with one copy, and the change in it", words, "A small number could point to a family.") in shown


def test_every_figure_of_a_release_has_words():
    assert set(public_words.PARAMETERS) == {one.name for one in fields(Parameters)}


def test_rare_and_never_seen_are_answered_alike(released, visitor):
    row = answers(released)[PublicState.BELOW]
    assert row["ac"] > 0
    other = next(base for base in "ACGT" if base not in (row["ref"][0], row["alt"][0]))
    rare = visitor.get(f"/frequencies/variants/{text_of(row)}/")
    never = visitor.get(f"/frequencies/variants/{text_of(row | {'ref': row['ref'][0], 'alt': other})}/")
    assert never.context["answer"] == rare.context["answer"]
    strip = re.compile(r"1-\d+-[ACGT]+-[ACGT]+")
    assert strip.sub("", body_of(rare)) == strip.sub("", body_of(never))
    assert "or nobody" in rare.context["said"].headline


def test_outside_of_the_genes_nothing_is_told_whatever_is_there(released, visitor):
    row = answers(released)[PublicState.NOT_IN_RELEASE]
    page = visitor.get(f"/frequencies/variants/{text_of(row)}/")
    assert page.context["said"].headline == "Nothing is told of this place"
    assert not page.context["hidden"]
    assert 'class="bin"' not in page.content.decode()


def test_no_cookie_no_log_entry_and_no_sign_in(released, visitor):
    row = answers(released)[PublicState.IN_BIN]
    gene = next(iter(genes_of_release(released)))
    before = AuditEntry.objects.count()
    for address in (
        "/frequencies/",
        "/frequencies/?q=nothing",
        f"/frequencies/variants/{text_of(row)}/",
        f"/frequencies/genes/{gene}/",
        "/frequencies/regions/1:1-50000/",
        "/frequencies/releases/",
        f"/frequencies/releases/{NAME}/",
    ):
        page = visitor.get(address)
        assert page.status_code in (200, 422), address
        assert not page.cookies, address
        assert "csrfmiddlewaretoken" not in page.content.decode()
    assert AuditEntry.objects.count() == before


def genes_of_release(release):
    return sorted(one.name for one in release.site_sets)


def test_a_gene_lists_its_sites_as_ranges_and_as_files(released, visitor, country):
    symbol = genes_of_release(released)[0]
    place = genes_of(country)[symbol].places
    contig = int(place.start[0]) >> 32
    start, stop = (int(bound[0]) - (contig << 32) for bound in (place.start, place.stop))
    expected = released.sites(contig, start + 1, stop)
    page = visitor.get(f"/frequencies/genes/{symbol}/?size=1000")
    assert [(row["position"], row["ref"], row["alt"]) for _, _, row in page.context["rows"]] == expected.select(
        "position", "ref", "alt"
    ).rows()
    assert page.context["told"] == 1.0
    answer = visitor.get(f"/frequencies/regions/{CONTIGS[contig - 1]}:{start + 1}-{stop}/variants.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(int(row["AC_low"]), int(row["AC_high"])) for row in rows] == expected.select("ac_low", "ac_high").rows()
    numbers = ["AN", "AC_low", "AC_high", "AF_low", "AF_high", "faf95_at_most", "hom_at_least_k", "hemi_at_least_k"]
    assert list(rows[0]) == ["contig", "position", "ref", "alt", *numbers]
    flags = expected.select(pl.col("homozygotes", "hemizygotes").cast(pl.Int64)).rows()
    assert [(int(row["hom_at_least_k"]), int(row["hemi_at_least_k"])) for row in rows] == flags
    assert {one for pair in flags for one in pair} == {0, 1} or not any(one for pair in flags for one in pair)
    for row, site in zip(rows, expected.iter_rows(named=True), strict=True):
        told = released.lookup(Variant.parse(Build.GRCH38, text_of(site)))
        assert float(row["faf95_at_most"]) == pytest.approx(told.faf95_at_most, rel=1e-6)
    vcf = visitor.get(f"/frequencies/regions/{CONTIGS[contig - 1]}:{start + 1}-{stop}/variants.vcf")
    lines = b"".join(vcf.streaming_content).decode().splitlines()
    info = [dict(part.split("=") for part in line.split("\t")[7].split(";")) for line in lines if line[0] != "#"]
    assert [(int(one["hom_at_least_k"]), int(one["hemi_at_least_k"])) for one in info] == flags
    assert [row["homozygous"].startswith("at least 5") for _, _, row in page.context["rows"]] == [
        a == 1 for a, _ in flags
    ]
    api = visitor.get(f"/api/frequencies/genes/{symbol}?limit=1000").json()["sites"]
    assert [one["faf95_at_most"] for one in api] == pytest.approx([float(row["faf95_at_most"]) for row in rows])
    chosen = set(genes_of_release(released))
    untold = next(name for name in genes_of(country) if name not in chosen)
    page = visitor.get(f"/frequencies/genes/{untold}/")
    assert page.context["told"] == 0
    assert "Nothing is told of this place" in page.content.decode()
    assert "common enough" not in page.content.decode()


def test_rsids_of_a_loaded_source_stand_beside_what_is_told(released, visitor, tmp_path):
    row = answers(released)[PublicState.IN_BIN]
    place = f"{row['position']}\trs123;rs45\t{row['ref']}\t{row['alt']}"
    vcf = tmp_path / "names.vcf"
    vcf.write_text(
        "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        f"{CONTIGS[row['contig'] - 1]}\t{place}\t.\t.\t.\n"
    )
    told = {"name": "dbSNP", "version": "157", "licence": "public domain", "build": Build.GRCH38}
    add_source(indexes.sources_folder(), vcf, **told, imported_on=date(2026, 11, 30), identifiers_only=True)
    assert visitor.get("/frequencies/?q=rs123")["Location"].startswith(f"/frequencies/variants/{text_of(row)}/")
    page = visitor.get(f"/frequencies/variants/{text_of(row)}/")
    assert page.context["rsids"] == ("rs45", "rs123")
    assert "rs45, rs123" in page.content.decode()
    region = f"/frequencies/regions/{CONTIGS[row['contig'] - 1]}"
    named = {(one["position"], one["alt"]): one["rsids"] for _, _, one in visitor.get(f"{region}/").context["rows"]}
    assert {key: said for key, said in named.items() if said} == {(row["position"], row["alt"]): "rs45, rs123"}
    lines = b"".join(visitor.get(f"{region}/variants.vcf").streaming_content).decode().splitlines()
    fields = [line.split("\t") for line in lines if not line.startswith("#")]
    assert [one[1:5] for one in fields if one[2] != "."] == [
        [str(row["position"]), "rs45;rs123", row["ref"], row["alt"]]
    ]
    rows = csv.DictReader(io.StringIO(b"".join(visitor.get(f"{region}/variants.csv").streaming_content).decode()))
    assert [one["id"] for one in rows if one["id"]] == ["rs45;rs123"]


def test_the_anonymity_report_speaks_the_readers_language(released, visitor):
    address = f"/frequencies/releases/{NAME}/report/"
    english, norwegian = (visitor.get(address, HTTP_ACCEPT_LANGUAGE=one).content.decode() for one in ("en", "nb"))
    for language, shown in (("en", english), ("nb", norwegian)):
        with translation.override(language):
            assert public_words.risk(released).sentence in html.unescape(shown)
    assert "What is not told, and what this does not say" in english
    assert "Hva som ikke fortelles, og hva dette ikke sier" in norwegian
    assert "What it tells" not in norwegian
    assert visitor.get("/frequencies/releases/2020-01.1/report/").status_code == 404


def test_search_leads_to_the_page_or_says_what_is_wrong(released, visitor):
    gene = genes_of_release(released)[0]
    assert visitor.get("/frequencies/", {"q": gene.lower()})["Location"].startswith(f"/frequencies/genes/{gene}/")
    for text in ("<script>alert(1)</script>", "NOGENE", "1-0-A-T", "x" * 3_000, "\u202e", "%00"):
        refused = visitor.get("/frequencies/", {"q": text})
        assert refused.status_code == 422, text
        assert "<script>alert" not in refused.content.decode()


SIGNS = "ACGTN0123456789-:_.,>chrXYMTgcp()=deldupinsrsNC*+?% /<'\u202e"


@trial(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(SIGNS, max_size=40), st.text(max_size=20)))
def test_no_question_is_an_error_of_ours(released, visitor, text):
    refused = 400 if "\0" in text else 422
    assert visitor.get("/frequencies/", {"q": text}).status_code in (200, 302, refused)
    for room in ("variants", "genes", "regions"):
        assert visitor.get(f"/frequencies/{room}/{quote(text, safe='')}/").status_code in (200, 302, 404, refused)


@pytest.mark.parametrize("address", ["variants/1-1-A-T/", "genes/DEMO01/", "regions/1:1-100/"])
def test_without_a_release_the_page_says_why(data, visitor, address):
    front = visitor.get("/frequencies/")
    assert "None has been published yet" in front.content.decode()
    assert visitor.get(f"/frequencies/{address}").status_code in (302, 422)


def test_a_withdrawn_release_stays_in_the_list_with_its_reason(released, visitor):
    ReleaseRow.objects.update(
        state=ReleaseState.WITHDRAWN, withdrawal_reason="Wrong build.", withdrawn_at="2026-11-01T00:00:00Z"
    )
    assert "The last release was withdrawn" in visitor.get("/frequencies/").content.decode()
    listed = visitor.get("/frequencies/releases/").content.decode()
    assert "Wrong build." in listed
    assert "Answers come from this one" not in listed
    assert "This release was withdrawn" in visitor.get(f"/frequencies/releases/{NAME}/").content.decode()


def test_the_files_are_those_that_were_signed(released, visitor, tmp_path):
    page = visitor.get(f"/frequencies/releases/{NAME}/")
    listed = re.findall(rf'href="(/frequencies/releases/{NAME}/files/[^"]+)"', page.content.decode())
    folder = tmp_path / "downloaded"
    for address in listed:
        path = folder / address.split("/files/")[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(visitor.get(address).streaming_content))
    assert not any("professional" in address for address in listed)
    assert page.context["key"].fingerprint == PublicKey.load(exchange.public_key_path()).identifier
    assert len(page.context["key"].fingerprint) == 32
    assert page.context["key"].fingerprint in page.content.decode()
    assert "http://testserver/frequencies/register.public.pem" in page.content.decode()
    served = visitor.get("/frequencies/register.public.pem")
    assert served["Content-Type"] == "application/x-pem-file"
    assert b"PRIVATE" not in served.content
    (folder / "register.public.pem").write_bytes(served.content)
    for command in page.context["commands"]:
        done = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_without_a_key_nothing_is_served_and_the_page_does_not_name_it(data, visitor):
    assert visitor.get("/frequencies/register.public.pem").status_code == 404
    assert "/frequencies/register.public.pem" not in visitor.get("/frequencies/releases/").content.decode()


def test_a_file_is_sent_in_parts_and_not_sent_again(released, visitor):
    address = f"/frequencies/releases/{NAME}/files/public/sites.vcf.gz"
    whole = visitor.get(address)
    data = b"".join(whole.streaming_content)
    assert hashlib.sha256(data).hexdigest() == next(
        one["sha256"] for one in released.manifest["artefacts"] if one["name"] == "public/sites.vcf.gz"
    )
    for asked, start, stop in (
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, len(data)),
        ("bytes=-4", len(data) - 4, len(data)),
    ):
        part = visitor.get(address, headers={"range": asked})
        assert (part.status_code, b"".join(part.streaming_content)) == (206, data[start:stop])
        assert part["Content-Range"] == f"bytes {start}-{stop - 1}/{len(data)}"
    assert visitor.get(address, headers={"range": f"bytes={len(data)}-"}).status_code == 416
    for nonsense in ("bytes=", "bytes=9-2", "lines=1-2", "bytes=a-b", f"bytes={'9' * 5000}-", "bytes=\u0663-"):
        assert visitor.get(address, headers={"range": nonsense}).status_code == 200
    assert visitor.get(address, headers={"if-none-match": whole["ETag"]}).status_code == 304
    stale = visitor.get(address, headers={"range": "bytes=0-9", "if-range": '"other"'})
    assert stale.status_code == 200


def test_the_report_is_shown_and_may_run_nothing(released, visitor):
    report = visitor.get(f"/frequencies/releases/{NAME}/files/anonymity.html")
    assert report["Content-Type"].startswith("text/html")
    assert report["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "attachment" not in report.get("Content-Disposition", "")
    assert visitor.head(f"/frequencies/releases/{NAME}/files/manifest.json").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["professional/manifest.json", "../../nation/manifest.json", "public/../professional/manifest.json", "public", "x"],
)
def test_no_other_file_is_given_out(released, visitor, name):
    assert visitor.get(f"/frequencies/releases/{NAME}/files/{name}").status_code == 404


def test_the_gate_says_what_the_library_says():
    assert {key: str(text) for key, text in public_words.GATE_SENTENCES.items()} == {
        key: text for key, text in TEXTS.items() if key.startswith("gate_")
    }


def test_pages_of_the_public_tier_have_a_budget_too(db, client, settings, monkeypatch):
    monkeypatch.setattr(budgets, "_budgets", {})
    settings.PUBLIC_BUDGET = 3
    answers = [client.get("/frequencies/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[3]["Retry-After"]) > 0
    assert client.get("/frequencies/releases/").status_code == 200
