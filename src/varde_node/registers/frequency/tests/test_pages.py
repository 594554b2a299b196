"""The register's pages and its answer for programs: exact figures, three states, refusals."""

from __future__ import annotations

import math

import polars as pl
import pytest

from varde.frequency.lookup import Counts
from varde.genome.builds import Build
from varde.genome.pedigree import Sex
from varde.simulate.country import FAMILIES
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role
from varde_node.registers.frequency import queries, services
from varde_node.registers.frequency.drawing import Bar, region_svg

PLAN = FAMILIES[0].plan


@pytest.fixture
def counted(data, settings, manager, geneticist, country):
    """Two regions of twelve and a family's parents, with the reference they were normalised with."""
    settings.REFERENCES = country.reference.folder.parent
    services.import_population(
        manager,
        vcfs={region: country.files.population_vcf(region) for region in ("HSO", "HN")},
        sexes=country.sexes,
        build=Build.GRCH38,
        reference=country.reference,
    )
    services.add_contribution(
        geneticist,
        vcf=country.family,
        samples={PLAN.mother: Sex.FEMALE, PLAN.father: Sex.MALE},
        build=Build.GRCH38,
        reference=country.reference,
    )
    return Counts(queries.counts_folder())


def wilson(count, total, z=1.959963984540054):
    """The bounds as roots of (p - x)^2 = z^2 x (1 - x) / n, solved as a quadratic."""
    share = count / total
    a, b, c = 1 + z * z / total, -(2 * share + z * z / total), share * share
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def test_front_page_says_how_many_and_offers_variants_that_it_holds(counted, client_as):
    page = client_as(Role.CLINICIAN).get("/register/").content.decode()
    held = queries.summary(client_as(Role.CLINICIAN).actor)
    assert (held.people, held.alleles_at_most) == (26, 52)
    assert [(one.code, one.people) for one in held.regions] == [("HSO", 14), ("HN", 12)]
    assert held.variants == int((counted.sites["ac"] > 0).sum())
    assert {word for word, _ in held.examples} == {"common", "rare", "x"}
    for _, variant in held.examples:
        assert f"/register/variants/{variant}/" in page


def test_a_variant_shows_its_counts_and_the_regions_add_up(counted, client_as):
    client = client_as(Role.SECOND_READER)
    for word, variant in queries.summary(client.actor).examples:
        body = client.get(f"/api/register/variants/{variant}").json()
        row = counted.sites.filter(
            (counted.sites["position"] == int(variant.split("-")[1])) & (counted.sites["alt"] == variant.split("-")[3])
        ).row(0, named=True)
        nation = body["nation"]
        assert (nation["ac"], nation["an"], nation["homozygotes"], nation["hemizygotes"]) == (
            row["ac"],
            row["an"],
            row["nhomalt"],
            row["nhemi"],
        )
        for number in ("ac", "an", "homozygotes", "hemizygotes"):
            assert sum(region[number] for region in body["regions"]) == nation[number]
        assert sum(sex["ac"] for sex in body["sexes"]) == nation["ac"]
        low, high = wilson(nation["ac"], nation["an"])
        assert math.isclose(nation["low"], low, rel_tol=1e-9)
        assert math.isclose(nation["high"], high, rel_tol=1e-9)
        page = client.get(f"/register/variants/{variant}/")
        assert page.status_code == 200
        assert f"{nation['ac']} of {nation['an']} alleles" in page.content.decode()
        if word == "rare":
            assert nation["ac"] == 1


def test_the_three_states_are_told_apart(counted, client_as, country):
    client = client_as(Role.CLINICIAN)
    common = dict(queries.summary(client.actor).examples)["common"]
    contig, position, ref, alt = common.split("-")
    other = next(base for base in "ACGT" if base not in (ref, alt))
    absent = client.get(f"/api/register/variants/{contig}-{position}-{ref}-{other}").json()["nation"]
    assert (absent["state"], absent["ac"], absent["frequency"], absent["low"]) == ("absent_covered", 0, 0.0, 0.0)
    assert absent["an"] > 0
    first = country.reference.contigs[0]
    base = country.reference.sequence(first.code, 0, 1)
    nowhere = client.get(f"/api/register/variants/{first.code}-1-{base}-{'A' if base != 'A' else 'C'}").json()["nation"]
    assert (nowhere["state"], nowhere["an"], nowhere["frequency"], nowhere["low"]) == ("not_covered", 0, None, None)
    page = client.get(f"/register/variants/{first.code}-1-{base}-{'A' if base != 'A' else 'C'}/").content.decode()
    assert "not a frequency of zero" in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("BRCA1", "Write the variant as contig-position-REF-ALT"),
        ("99-1-A-T", "The contig is not known"),
        ("NC_000020.10:1234:A:T", "belongs to another build"),
        ("<script>", "Write the variant as contig-position-REF-ALT"),
    ],
)
def test_what_is_no_variant_is_refused_at_the_field(counted, client_as, text, words):
    client = client_as(Role.CLINICIAN)
    answer = client.get("/register/", {"variant": text})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert words in body
    assert 'aria-invalid="true"' in body
    assert "<script>" not in body.split("<main")[1]
    refused = client.get(f"/api/register/variants/{text}") if "/" not in text else answer
    assert refused.status_code == 422
    if refused is not answer:
        assert refused["Content-Type"] == "application/problem+json"
        assert refused.json()["code"] in {"bad_variant", "bad_contig", "wrong_build"}


def test_a_wrong_reference_base_is_named(counted, client_as):
    client = client_as(Role.CLINICIAN)
    contig, position, ref, alt = dict(queries.summary(client.actor).examples)["common"].split("-")
    wrong = next(base for base in "ACGT" if base not in (ref, alt))
    answer = client.get(f"/register/variants/{contig}-{position}-{wrong}-{alt}/")
    assert answer.status_code == 422
    assert "REF is not what the reference has" in answer.content.decode()


def test_search_leads_to_the_variant(counted, client_as):
    client = client_as(Role.COUNSELLOR)
    variant = dict(queries.summary(client.actor).examples)["rare"]
    answer = client.get("/register/", {"variant": f" chr{variant.replace('-', ':')} "})
    assert (answer.status_code, answer["Location"]) == (302, f"/register/variants/{variant}/")


def test_an_empty_register_says_so(data, client_as):
    client = client_as(Role.CLINICIAN)
    assert "Nobody is counted yet" in client.get("/register/").content.decode()
    assert client.get("/register/variants/1-1-A-T/").status_code == 302
    assert client.get("/api/register/variants/1-1-A-T").status_code == 404


def test_the_managers_book_shows_numbers_and_reasons_only(counted, client_as, geneticist, country):
    with pytest.raises(Exception, match="NOBODY"):
        services.add_contribution(
            geneticist,
            vcf=country.family,
            samples={"NOBODY": Sex.MALE},
            build=Build.GRCH38,
            reference=country.reference,
        )
    body = client_as(Role.REGISTER_MANAGER).get("/register/contributions/").content.decode()
    assert "The file does not hold the named person" in body
    assert "NOBODY" not in body
    assert PLAN.mother not in body


@pytest.mark.parametrize("role", [Role.PATIENT, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER])
def test_who_is_no_professional_is_refused_and_the_refusal_is_logged(data, client_as, role):
    client = client_as(role)
    for address in ("/register/", "/register/variants/1-1-A-T/", "/api/register/variants/1-1-A-T"):
        assert client.get(address).status_code == 403
    assert client.get("/register/contributions/").status_code == 403
    assert AuditEntry.objects.filter(outcome="refused", role=role.value).count() == 4


def test_a_clinician_does_not_see_the_managers_book(data, client_as):
    assert client_as(Role.CLINICIAN).get("/register/contributions/").status_code == 403


def test_drawing_escapes_words_and_places_the_decades_evenly():
    bars = [Bar("<b>", 0.01, 0.001, 0.1, "none"), Bar("n", None, None, None, "nobody")]
    drawn = region_svg(bars, list("abcdef"), identifier="i", title="t", description="d")
    assert "<b>" not in drawn
    start, end, width = 132.0, 548.0, 548.0 - 132.0
    assert f'cx="{end - 0.4 * width:.1f}"' in drawn
    assert f'd="M{start + 0.4 * width:.1f} ' in drawn
    assert f"H{end - 0.2 * width:.1f}" in drawn
    assert "nobody" in drawn


def test_a_variant_read_in_few_carries_a_warning_and_callable_intervals_mend_it(
    data, settings, manager, geneticist, country, client_as, tmp_path
):
    settings.REFERENCES = country.reference.folder.parent
    values = {"build": Build.GRCH38, "reference": country.reference}
    services.import_population(
        manager, vcfs={"HSO": country.files.population_vcf("HSO")}, sexes=country.sexes, **values
    )
    services.add_contribution(geneticist, vcf=country.family, samples={PLAN.mother: Sex.FEMALE}, **values)
    own = Counts(queries.counts_folder()).sites.filter((pl.col("an") == 2) & (pl.col("contig") < 23)).row(0, named=True)
    variant = f"{own['contig']}-{own['position']}-{own['ref']}-{own['alt']}"
    client = client_as(Role.CLINICIAN)
    nation = client.get(f"/api/register/variants/{variant}").json()["nation"]
    assert (nation["an"], nation["expected"]) == (2, 26)
    assert "Only 2 of 26 alleles were read" in client.get(f"/register/variants/{variant}/").content.decode()

    bed = tmp_path / "callable.bed"
    bed.write_text(f"chr{own['contig']}\t{own['position'] - 10}\t{own['position'] + 10}\n", encoding="utf-8")
    services.import_population(
        manager,
        vcfs={"HN": country.files.population_vcf("HN")},
        sexes=country.sexes,
        callable_bed=bed,
        **values,
    )
    nation = client.get(f"/api/register/variants/{variant}").json()["nation"]
    assert (nation["ac"], nation["an"], nation["expected"]) == (own["ac"], 26, 50)
    assert "alleles were read at this place" not in client.get(f"/register/variants/{variant}/").content.decode()


def test_warming_reads_the_counts_once_for_every_page_after_it(data, settings, manager, country, client_as):
    settings.REFERENCES = country.reference.folder.parent
    queries.warm_up()  # nobody is counted yet
    values = {"build": Build.GRCH38, "reference": country.reference, "sexes": country.sexes}
    services.import_population(manager, vcfs={"HSO": country.files.population_vcf("HSO")}, **values)
    queries._read_counts.cache_clear()
    queries.warm_up()
    assert queries._read_counts.cache_info().misses == 2  # the nation and its one region
    assert client_as(Role.CLINICIAN).get("/register/").status_code == 200
    assert queries._read_counts.cache_info().misses == 2
