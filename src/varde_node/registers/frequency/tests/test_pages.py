"""The professional pages and their answer for programs: exact figures, three states, regions, refusals, the log."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math

import pytest

from varde.frequency.lookup import Counts
from varde.frequency.statistics import faf
from varde.genome.builds import CONTIGS, Build
from varde.genome.pedigree import Sex
from varde.simulate.country import FAMILIES
from varde_node.people.models import AuditEntry
from varde_node.people.services import Role
from varde_node.registers.frequency import indexes, queries, services, store
from varde_node.registers.frequency.drawing import Bar, region_svg
from varde_node.registers.frequency.tests.published import count_country, genes_of

PLAN = FAMILIES[0].plan


@pytest.fixture
def counted(data, settings, manager, country):
    """Two regions of twelve, sent to the nation, with the reference they were normalised with."""
    count_country(manager, country, settings)
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
    assert (held.people, held.alleles_at_most) == (24, 48)
    assert [(one.code, one.people) for one in held.regions] == [("HSO", 12), ("HN", 12)]
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
        names = {"ac": "ac", "an": "an", "homozygotes": "nhomalt", "hemizygotes": "nhemi", "carriers": "nobs"}
        assert {name: nation[name] for name in names} == {name: row[column] for name, column in names.items()}
        for number in ("ac", "an", "homozygotes", "hemizygotes"):
            assert sum(region[number] for region in body["regions"]) == nation[number]
            if number != "hemizygotes":
                assert sum(sex[number] for sex in body["sexes"]) == nation[number]
        low, high = wilson(nation["ac"], nation["an"])
        assert math.isclose(nation["low"], low, rel_tol=1e-9)
        assert math.isclose(nation["high"], high, rel_tol=1e-9)
        assert math.isclose(nation["faf95"], float(faf(row["ac"], row["an"])), rel_tol=1e-12)
        page = client.get(f"/register/variants/{variant}/")
        assert page.status_code == 200
        assert f"{nation['ac']} of {nation['an']} alleles" in page.content.decode()
        if word == "rare":
            assert nation["ac"] == 1


def test_the_own_region_is_live_and_the_nation_is_as_of_the_last_shard(counted, client_as, geneticist, country):
    client = client_as(Role.SECOND_READER)
    services.add_contribution(
        geneticist,
        vcf=country.family,
        samples={PLAN.mother: Sex.FEMALE, PLAN.father: Sex.MALE},
        build=Build.GRCH38,
        reference=country.reference,
    )
    variant = dict(queries.summary(client.actor).examples)["common"]
    body = client.get(f"/api/register/variants/{variant}").json()
    assert (body["nation"]["people"], body["own"]["code"], body["own"]["people"]) == (24, "HSO", 14)
    here = Counts(store.region_folder("HSO")).lookup(queries.lookup(client.actor, variant).counted)
    assert (body["own"]["ac"], body["own"]["an"]) == (here.ac, here.an)
    assert "Your own region now: South-East" in client.get(f"/register/variants/{variant}/").content.decode()
    national = client_as(Role.REGISTER_MANAGER).get(f"/api/register/variants/{variant}").json()
    assert national["own"] is None


def test_the_laboratory_may_ask_for_its_own_cases_and_the_question_is_logged(counted, client_as):
    laboratory, clinician = client_as(Role.LABORATORY_GENETICIST), client_as(Role.CLINICIAN)
    address = f"/register/variants/{dict(queries.summary(clinician.actor).examples)['common']}/"
    assert "Look among our own cases" in laboratory.get(address).content.decode()
    assert "Look among our own cases" not in clinician.get(address).content.decode()
    assert "is counted with it" in laboratory.get(f"{address}?own=1").content.decode()
    assert clinician.get(f"{address}?own=1").status_code == 403
    asked = AuditEntry.objects.filter(action="registers.own_case.read").order_by("index")
    assert [one.outcome for one in asked] == ["allowed", "refused"]


def test_the_index_is_made_anew_when_the_nation_has_changed(counted, manager, country, client_as):
    before = indexes.index_of(store.nation_folder()).path
    services.import_population(
        manager,
        vcfs={"HV": country.files.population_vcf("HV")},
        sexes=country.sexes,
        build=Build.GRCH38,
        reference=country.reference,
    )
    from varde_node.registers.frequency import exchange

    exchange.send(manager, "HV")
    after = indexes.index_of(store.nation_folder())
    assert after.path != before
    assert not before.exists()
    assert queries.summary(client_as(Role.CLINICIAN).actor).people == 36


def test_every_look_is_logged_without_the_variant_in_clear(counted, client_as):
    client = client_as(Role.CLINICIAN)
    variant = dict(queries.summary(client.actor).examples)["common"]
    client.get(f"/register/variants/{variant}/")
    client.get("/register/regions/1:1-100000/")
    entries = AuditEntry.objects.filter(action="registers.frequency.lookup")
    stored = [bytes(one.stored).decode() for one in entries.order_by("index")]
    assert [json.loads(one)["details"]["of"] for one in stored] == ["variant", "region"]
    assert {one.outcome for one in entries} == {"allowed"}
    assert variant not in "".join(stored)


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
        ("BRCA1", "No gene has this name here"),
        ("20:5-1", "Write a region as contig:first-last"),
        ("rs334", "No source with rsIDs is loaded"),
        ("99-1-A-T", "The contig is not known"),
        ("NC_000020.10:1234:A:T", "belongs to another build"),
        ("<script>", "This could not be understood"),
    ],
)
def test_what_is_no_variant_is_refused_at_the_field(counted, client_as, text, words):
    client = client_as(Role.CLINICIAN)
    answer = client.get("/register/", {"q": text})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert words in body
    assert 'aria-invalid="true"' in body
    assert "<script>" not in body.split("<main")[1]


@pytest.mark.parametrize(("text", "code"), [("99-1-A-T", "bad_contig"), ("BRCA1", "unknown_gene")])
def test_programs_get_problem_details(counted, client_as, text, code):
    refused = client_as(Role.CLINICIAN).get(f"/api/register/variants/{text}")
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
    assert refused.json()["code"] == code


def test_a_wrong_reference_base_is_named(counted, client_as):
    client = client_as(Role.CLINICIAN)
    contig, position, ref, alt = dict(queries.summary(client.actor).examples)["common"].split("-")
    wrong = next(base for base in "ACGT" if base not in (ref, alt))
    answer = client.get(f"/register/variants/{contig}-{position}-{wrong}-{alt}/")
    assert answer.status_code == 422
    assert "are not those of the genome at this position" in answer.content.decode()


def test_search_leads_to_the_page_and_says_what_was_understood(counted, client_as, country):
    client = client_as(Role.COUNSELLOR)
    variant = dict(queries.summary(client.actor).examples)["rare"]
    answer = client.get("/register/", {"q": f" chr{variant.replace('-', ':')} "})
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"/register/variants/{variant}/?asked=")
    page = client.get(answer["Location"]).content.decode()
    assert "it was read as: position with REF and ALT, as in VCF" in page
    gene = next(iter(genes_of(country)))
    assert client.get("/register/", {"q": gene.lower()})["Location"].startswith(f"/register/genes/{gene}/")
    assert client.get("/register/", {"q": "chr2:1-2,000"})["Location"].startswith("/register/regions/2:1-2000/")


def test_what_can_be_read_in_several_ways_is_offered(counted, client_as):
    client = client_as(Role.CLINICIAN)
    contig, position, ref, _ = dict(queries.summary(client.actor).examples)["common"].split("-")
    others = [base for base in "ACGT" if base != ref]
    page = client.get("/register/", {"q": f"{contig}-{position}-{ref}-{','.join(others)}"})
    assert page.status_code == 200
    for other in others:
        assert f"/register/variants/{contig}-{position}-{ref}-{other}/" in page.content.decode()


@pytest.fixture
def observed(counted):
    """Rows of the nation's sites on contig 1 that somebody carries, in their order."""
    return counted.sites.filter((counted.sites["contig"] == 1) & (counted.sites["ac"] > 0))


def test_a_region_lists_every_observed_site_page_by_page(observed, client_as):
    client = client_as(Role.CLINICIAN)
    seen, page = [], 1
    while True:
        context = client.get(f"/register/regions/1/?size=50&page={page}").context
        seen += [(row["position"], row["ref"], row["alt"], row["ac"], row["an"]) for _, row in context["rows"]]
        if page == context["table"].pages:
            break
        page += 1
    assert page == -(-observed.height // 50) > 1
    assert seen == observed.select("position", "ref", "alt", "ac", "an").rows()


def test_a_regions_table_is_sorted_and_narrowed_by_its_address(observed, client_as):
    client = client_as(Role.CLINICIAN)
    shown = client.get("/register/regions/1/?sort=-ac&least=0.05&kind=substitution&size=1000").context
    rows = [(row["ac"], row["position"]) for _, row in shown["rows"]]
    wanted = [
        (row["ac"], row["position"])
        for row in observed.iter_rows(named=True)
        if row["ac"] / row["an"] >= 0.05 and len(row["ref"]) == len(row["alt"]) == 1
    ]
    assert rows == sorted(wanted, key=lambda one: (-one[0], one[1]))
    assert (shown["table"].matching, shown["table"].total) == (len(wanted), observed.height)
    nonsense = client.get("/register/regions/1/?sort=drop&least=x&kind=y&size=9999999&page=-4&page=99999999999")
    assert nonsense.status_code == 200


def test_a_regions_rows_are_downloaded_whole(observed, client_as):
    client = client_as(Role.CLINICIAN)
    answer = client.get("/register/regions/1/variants.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    expected = observed.select("position", "ref", "alt", "ac", "an", "nhomalt", "nhemi").rows()
    assert [
        (int(row["position"]), row["ref"], row["alt"], *(int(row[name]) for name in ("AC", "AN", "nhomalt", "nhemi")))
        for row in rows
    ] == expected
    text = b"".join(client.get("/register/regions/1/variants.vcf?sort=-ac").streaming_content).decode()
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == observed.height
    assert client.get("/register/regions/1/variants.exe").status_code == 404


def test_a_gene_page_holds_the_genes_sites_and_its_exons(observed, client_as, country):
    symbol, place = next(iter(genes_of(country).items()))
    start, stop = (int(bound[0]) - (1 << 32) for bound in (place.places.start, place.places.stop))
    shown = client_as(Role.CLINICIAN).get(f"/register/genes/{symbol}/")
    inside = observed.filter((observed["position"] > start) & (observed["position"] <= stop))
    assert shown.context["table"].total == inside.height > 0
    picture = str(shown.context["picture"])
    assert symbol in picture
    assert 'class="exons"' in picture
    assert f"{inside.height} sites are drawn." in picture


def test_a_variant_bears_its_names(observed, client_as, country):
    from varde.annotation.genes import reference_transcripts
    from varde.annotation.names import HgvsNamer
    from varde.frequency.vrs import vrs_identifiers

    transcripts, namer = reference_transcripts(country.reference), HgvsNamer(country.reference)
    row = next(
        row
        for row in observed.iter_rows(named=True)
        if transcripts.overlapping(1, row["position"] - 1, row["position"]) and len(row["ref"]) > 1
    )
    answer = client_as(Role.CLINICIAN).get(f"/register/variants/1-{row['position']}-{row['ref']}-{row['alt']}/")
    transcript = transcripts.overlapping(1, row["position"] - 1, row["position"])[0]
    names = namer.names(answer.context["view"].counted, transcript.identifier)
    (identifier,) = vrs_identifiers(country.reference, [(1, row["position"], row["ref"], row["alt"])])
    shown = answer.content.decode()
    for name in (names.genomic, names.coding, identifier):
        assert name.replace(">", "&gt;") in shown


def test_neighbours_are_the_nearest_observed_alleles(observed, client_as):
    rows = observed.rows(named=True)
    near = next(
        (one, other)
        for one, other in itertools.pairwise(rows)
        if 0 < other["position"] - one["position"] <= queries.NEIGHBOUR_BASES
    )
    one, other = (f"{CONTIGS[row['contig'] - 1]}-{row['position']}-{row['ref']}-{row['alt']}" for row in near)
    view = queries.lookup(client_as(Role.CLINICIAN).actor, one)
    assert other in [neighbour.variant for neighbour in view.neighbours]
    assert one not in [neighbour.variant for neighbour in view.neighbours]
    distances = [abs(neighbour.distance) for neighbour in view.neighbours]
    assert distances == sorted(distances)


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
    services.reconcile()
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


def test_a_variant_read_in_few_carries_a_warning(data, settings, manager, country, client_as):
    count_country(manager, country, settings, ("HSO",))
    counts = Counts(queries.counts_folder())
    client = client_as(Role.CLINICIAN)
    common = dict(queries.summary(client.actor).examples)["common"]
    nation = client.get(f"/api/register/variants/{common}").json()["nation"]
    assert (nation["an"], nation["expected"], counts.people) == (24, 24, 12)
    assert "alleles were read at this place" not in client.get(f"/register/variants/{common}/").content.decode()
    few = queries.Place(**(nation | {"state": nation["state"], "an": 11}))
    assert few.read_in_few
    assert not queries.Place(**(nation | {"an": 12})).read_in_few


def test_warming_makes_the_indexes_before_the_first_page(data, settings, manager, country, client_as):
    queries.warm_up()  # nobody is counted yet
    count_country(manager, country, settings, ("HSO",))
    queries.warm_up()
    made = sorted((store.root() / "indexes").glob("*.index"))
    assert len(made) == 2  # the nation, and what it holds of its one region
    assert client_as(Role.CLINICIAN).get("/register/").status_code == 200
    assert sorted((store.root() / "indexes").glob("*.index")) == made
