"""Release folders: what is public, what is refused, what verifies, and that the same people give the same bytes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import polars as pl
import pysam
import pytest

from varde.frequency.callable_intervals import Intervals
from varde.frequency.cells import Cell, DiseaseGroup
from varde.frequency.count import Counting, add_person, count, remove_person
from varde.frequency.coverage import COVERAGE
from varde.frequency.genotypes import Gate
from varde.frequency.increment import PEOPLE as PEOPLE_SCHEMA
from varde.frequency.increment import Increment
from varde.frequency.ledger import compact
from varde.frequency.release import layout
from varde.frequency.release.answers import PublicState
from varde.frequency.release.build import build_release
from varde.frequency.release.gate import Acceptance, Verdict
from varde.frequency.release.gdi import GDI_SITES, export_release
from varde.frequency.release.groups import people_by_group
from varde.frequency.release.measure import measure
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.prepare import Order, interpreted_first, prepare
from varde.frequency.release.public import public_coverage
from varde.frequency.release.read import Release
from varde.frequency.release.sources import Sources
from varde.frequency.release.sums import COMMANDS
from varde.frequency.release.tables import read_sites
from varde.frequency.release.tests.registers import BASE, CELL, SETTINGS, Town, as_if_measured, keys, region
from varde.frequency.release.verify import verify_release
from varde.frequency.run import NO_LONG_ALLELES, Alleles
from varde.frequency.tests.cohorts import vcf_text
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys, key_positions
from varde.genome.pedigree import Sex

SMALL = Parameters(least_people=50, least_batch=5, hysteresis=False)
TOWN = Town.of(genes=4, sites_per_gene=40)
PEOPLE = TOWN.people(160, seed=7)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    return tmp_path_factory.mktemp("releases")


@pytest.fixture(scope="module")
def signer(workplace):
    return keys(workplace)


@pytest.fixture(scope="module")
def sources(workplace):
    north = region(workplace / "north", TOWN, PEOPLE[:80])
    return Sources.of_regions([north, region(workplace / "south", TOWN, PEOPLE[80:])])


@pytest.fixture(scope="module")
def released(workplace, signer, sources):
    out = workplace / "2026-11.1"
    gate = build_release(out, prepare(sources, order()), as_if_measured(chosen=3), signer[0])
    assert gate.verdict is Verdict.PASSED
    return Release(out)


def order(name="2026-11.1", **changes):
    return replace(Order(name, TOWN.genes, SMALL), **changes)


def dosages(people):
    """People by site, counted by hand."""
    table = np.zeros((len(people), len(TOWN.keys)), dtype=np.int64)
    for row, person in enumerate(people):
        table[row, np.searchsorted(TOWN.keys, person.alleles.keys)] = person.alleles.dosage
    return table


def contents(folder):
    """Path to bytes of everything below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_site_has_the_bin_that_counting_by_hand_gives(released):
    table = dosages(PEOPLE)
    by_region = (dosages(PEOPLE[:80]).any(axis=0).astype(int), dosages(PEOPLE[80:]).any(axis=0).astype(int))
    found = released.find(TOWN.keys)
    for site, answer in enumerate(found.iter_rows(named=True)):
        position = int(key_positions(TOWN.keys[site : site + 1])[0])
        if position > 3_000:
            assert answer["state"] == "not_in_release"
            assert answer["an"] is answer["bin"] is None
            continue
        ac, homozygous = int(table[:, site].sum()), int((table[:, site] == 2).sum())
        enough = (table[:, site] > 0).sum() >= 5 and by_region[0][site] + by_region[1][site] == 2
        number = int(np.sqrt(ac) // 5) if enough else 0
        assert answer["bin"] == number
        assert answer["state"] == ("in_bin" if number else "below")
        assert answer["an"] == 300  # 2 x 160 people, rounded
        assert (answer["ac_low"], answer["ac_high"]) == (25 * number**2, 25 * (number + 1) ** 2 - 1)
        assert answer["homozygotes"] == (number > 0 and homozygous >= 5)
        assert answer["hemizygotes"] is False
    assert {"in_bin", "below"} <= set(found["state"])


def test_one_variant_is_answered_as_many_are(released):
    many = released.find(TOWN.keys)
    for row, position in zip(many.iter_rows(named=True), key_positions(TOWN.keys).tolist(), strict=True):
        one = released.lookup(Variant(Build.GRCH38, 20, position, "A", "T"))
        assert str(one.state) == row["state"]
        assert [one.an, one.bin, one.ac_low, one.af_high] == [row["an"], row["bin"], row["ac_low"], row["af_high"]]
    outside = released.lookup(Variant(Build.GRCH38, 21, 5, "A", "T"))
    assert outside.state is PublicState.NOT_IN_RELEASE
    assert outside.an is None


def test_parquet_vcf_and_index_tell_the_same(released):
    parquet = pl.concat(read_sites(path) for path in sorted((released.folder / layout.SITES).iterdir()))
    assert (
        released.all_sites()
        .select(parquet.columns)
        .equals(parquet.with_columns(pl.col("an", "bin").cast(pl.Int64)), null_equal=True)
    )
    with pysam.VariantFile(str(released.folder / layout.VCF)) as vcf:
        lines = [(r.pos, r.ref, r.alts[0], r.info["AN"], r.info["BIN"][0], "HOM_AT_LEAST_K" in r.info) for r in vcf]
    columns = parquet.select("position", "ref", "alt", "an", "bin", "homozygotes")
    assert lines == list(columns.iter_rows())
    assert parquet.height == released.manifest["sites"]["released"] > 20


def test_nobody_and_hardly_anybody_are_one_answer_in_every_form(workplace, signer):
    """Two registers that differ in carriers of rare alleles alone: nobody, or up to 24 alleles."""
    rare = np.flatnonzero(dosages(PEOPLE).sum(axis=0) < 25)
    assert len(rare) > 20
    without = [_without(person, TOWN.keys[rare]) for person in PEOPLE]
    folders = []
    for name, people in (("with", PEOPLE), ("without", without)):
        regions = [region(workplace / name / str(i), TOWN, people[80 * i : 80 * (i + 1)]) for i in range(2)]
        folders.append(workplace / f"{name}-release")
        prepared = prepare(Sources.of_regions(regions), order())
        build_release(folders[-1], prepared, as_if_measured(chosen=3), signer[0])
    seen, unseen = (contents(folder / layout.PUBLIC) for folder in folders)
    assert seen == unseen
    answers = [
        [Release(folder).lookup(Variant(Build.GRCH38, 20, position, "A", "T")).as_json() for folder in folders]
        for position in key_positions(TOWN.keys[rare]).tolist()
    ]
    assert all(json.dumps(one) == json.dumps(other) for one, other in answers)
    never = Release(folders[0]).lookup(Variant(Build.GRCH38, 20, int(key_positions(TOWN.keys[rare[:1]])[0]), "A", "G"))
    assert never.as_json() == answers[0][0]
    assert never.state is PublicState.BELOW


def test_one_person_with_alleles_of_their_own_changes_no_byte_that_is_not_professional(workplace, signer):
    """In and out: a single nucleotide and a long insertion that nobody else has. Sums and signature included."""
    position = [1_500, 2_500]
    own = encode_keys(np.full(2, 20), position, ["A", "A"], ["G", "A" + "CT" * 40])
    kept = np.concatenate((PEOPLE[0].alleles.keys, own))
    at = np.argsort(kept)
    dosage = np.concatenate((PEOPLE[0].alleles.dosage, [1, 2]))[at].astype(np.uint8)
    long = pl.DataFrame({"key": own[1:], "ref": ["A"], "alt": ["A" + "CT" * 40]}, schema=NO_LONG_ALLELES.schema)
    someone = replace(PEOPLE[0], alleles=Alleles(kept[at], dosage, np.zeros(len(at), np.uint8), long))
    found = []
    for name, people in (("plain", PEOPLE), ("own", [someone, *PEOPLE[1:]])):
        regions = [region(workplace / f"one-{name}" / str(i), TOWN, people[80 * i : 80 * (i + 1)]) for i in range(2)]
        prepared = prepare(Sources.of_regions(regions), order())
        build_release(workplace / f"one-{name}-release", prepared, as_if_measured(chosen=3), signer[0])
        found.append(contents(workplace / f"one-{name}-release"))
    outside = [{path: held for path, held in one.items() if not path.startswith(layout.PROFESSIONAL)} for one in found]
    assert outside[0] == outside[1]
    assert found[0] != found[1]


def _without(person, left_out):
    kept = ~np.isin(person.alleles.keys, left_out)
    alleles = person.alleles
    return replace(
        person, alleles=Alleles(alleles.keys[kept], alleles.dosage[kept], alleles.flags[kept], NO_LONG_ALLELES)
    )


def test_the_order_of_people_and_regions_changes_no_byte(workplace, signer, released):
    shuffled = [PEOPLE[i] for i in np.random.default_rng(3).permutation(80)]
    other = workplace / "shuffled"
    south = region(other / "south", TOWN, list(reversed(PEOPLE[80:])))
    prepared = prepare(Sources.of_regions([south, region(other / "north", TOWN, shuffled)]), order())
    build_release(other / "release", prepared, as_if_measured(chosen=3), signer[0])
    assert contents(other / "release") == contents(released.folder)


def test_somebody_who_came_and_went_leaves_no_byte(workplace, signer, released):
    guests = TOWN.people(3, seed=99)
    north = region(workplace / "guests" / "north", TOWN, [*PEOPLE[:80], *guests])
    for guest in guests:
        remove_person(north, guest.identifier)
    compact(north)
    south = region(workplace / "guests" / "south", TOWN, PEOPLE[80:])
    prepared = prepare(Sources.of_regions([north, south]), order())
    build_release(workplace / "guests" / "release", prepared, as_if_measured(chosen=3), signer[0])
    assert contents(workplace / "guests" / "release") == contents(released.folder)


def test_a_release_verifies_with_varde_and_by_a_stranger(workplace, signer, released, tmp_path):
    found = verify_release(released.folder, signer[1])
    assert (found.release, found.sites) == ("2026-11.1", released.manifest["sites"]["released"])
    assert found.professional
    # The stranger fetches what is public, and the register's key from elsewhere; Varde is not asked.
    copy = tmp_path / "fetched"
    shutil.copytree(released.folder, copy, ignore=shutil.ignore_patterns(layout.PROFESSIONAL))
    shutil.copy(workplace / "register.public.pem", copy)
    for command in COMMANDS:
        done = subprocess.run(command, shell=True, cwd=copy, capture_output=True, text=True, check=False)  # noqa: S602
        assert done.returncode == 0, done.stderr
    (copy / layout.COVERAGE).write_bytes(b"PAR1")
    failed = subprocess.run(COMMANDS[1], shell=True, cwd=copy, capture_output=True, text=True, check=False)  # noqa: S602
    assert failed.returncode != 0
    assert f"{layout.COVERAGE}: FAILED" in failed.stdout


@pytest.mark.parametrize(
    ("damage", "code", "named"),
    [
        (lambda f: _cut(f / layout.SITES / "20.0.parquet"), "exchanged_file", "public/sites/20.0.parquet"),
        (lambda f: shutil.copy(f / layout.SITE_SETS, f / layout.COVERAGE), "exchanged_file", "public/coverage.parquet"),
        (lambda f: (f / layout.PUBLIC / "more.csv").write_text("1"), "extra_file", "public/more.csv"),
        (lambda f: (f / layout.INDEX).unlink(), "missing_file", "public/register.index"),
        (lambda f: _replace(f / layout.MANIFEST, '"passed"', '"refused"'), "exchanged_file", "manifest.json"),
        (lambda f: _replace(f / "SHA256SUMS", "a", "b"), "wrong_signature", "SHA256SUMS"),
        (lambda f: (f / "SHA256SUMS.sig").unlink(), "no_sums", "damaged"),
        (
            lambda f: _cut(f / "professional/counts/observations.parquet"),
            "exchanged_file",
            "counts/observations.parquet",
        ),
    ],
)
def test_damage_is_named(released, signer, tmp_path, damage, code, named):
    folder = tmp_path / "damaged"
    shutil.copytree(released.folder, folder)
    verify_release(folder, signer[1])
    damage(folder)
    with pytest.raises(InputError) as refused:
        verify_release(folder, signer[1])
    assert (refused.value.code, refused.value.source) == (code, named)


def _cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def _replace(path, old, new):
    path.write_text(path.read_text().replace(old, new, 1))


def test_a_truncated_table_is_refused_by_whoever_reads_it(released, tmp_path):
    path = tmp_path / "20.0.parquet"
    shutil.copy(released.folder / layout.SITES / "20.0.parquet", path)
    _cut(path)
    with pytest.raises(InputError) as refused:
        read_sites(path)
    assert refused.value.code == "truncated_table"


def test_another_key_does_not_verify(released, tmp_path):
    with pytest.raises(InputError) as refused:
        verify_release(released.folder, keys(tmp_path, "somebody")[1])
    assert refused.value.code == "wrong_signature"


@pytest.mark.parametrize(
    ("measured", "parameters", "key"),
    [
        (as_if_measured(0.101), SMALL, "gate_needs_acceptance"),
        (as_if_measured(0.51), SMALL, "gate_too_high"),
        (as_if_measured(None), SMALL, "gate_not_estimable"),
        (as_if_measured(0.05, chosen=0), SMALL, "gate_nothing_fits"),
        (as_if_measured(0.05), Parameters(), "gate_too_few_people"),
    ],
)
def test_without_the_gate_there_is_nothing_public(workplace, signer, sources, tmp_path, measured, parameters, key):
    gate = build_release(tmp_path / "r", prepare(sources, order(parameters=parameters)), measured, signer[0])
    assert gate.verdict is Verdict.REFUSED
    assert not (tmp_path / "r" / layout.PUBLIC).exists()
    release = Release(tmp_path / "r")
    assert release.manifest["gate"]["sentence_key"] == key
    assert release.manifest["sites"]["released"] == 0
    assert verify_release(release.folder, signer[1]).sites == 0
    with pytest.raises(InputError) as refused:
        release.lookup(Variant(Build.GRCH38, 20, 5, "A", "T"))
    assert refused.value.code == "no_public_release"
    assert "anonymous" not in json.dumps(release.manifest) + (release.folder / layout.REPORT).read_text()


def test_a_risk_between_the_limits_is_public_only_when_somebody_else_signed_for_it(signer, sources, tmp_path):
    prepared, measured = prepare(sources, order()), as_if_measured(0.3)
    officer = keys(tmp_path, "officer")[0]
    accepted = Acceptance.signed("data protection officer", "Rare diseases need it.", measured.digest, officer)
    gate = build_release(tmp_path / "r", prepared, measured, signer[0], accepted)
    assert gate.verdict is Verdict.ACCEPTED
    written = json.dumps(Release(tmp_path / "r").manifest) + (tmp_path / "r" / layout.REPORT).read_text()
    assert "anonymous" not in written
    assert "Rare diseases need it." in written
    for acceptance, code in (
        (replace(accepted, reason="Other."), "wrong_signature"),
        (replace(accepted, measured_sha256="0" * 64), "other_measure"),
        (Acceptance.signed("register", "We may.", measured.digest, signer[0]), "own_acceptance"),
    ):
        with pytest.raises(InputError) as refused:
            build_release(tmp_path / "other", prepared, measured, signer[0], acceptance)
        assert refused.value.code == code
        assert not (tmp_path / "other").exists()
    too_high = as_if_measured(0.6)
    late = Acceptance.signed("data protection officer", "Still.", too_high.digest, officer)
    assert build_release(tmp_path / "no", prepared, too_high, signer[0], late).verdict is Verdict.REFUSED


def test_a_release_is_never_written_over(released, signer, sources):
    before = contents(released.folder)
    with pytest.raises(InputError) as refused:
        build_release(released.folder, prepare(sources, order()), as_if_measured(), signer[0])
    assert refused.value.code == "out_exists"
    assert contents(released.folder) == before


def test_too_few_new_people_are_no_batch_but_may_be_a_correction(workplace, signer, sources, released, tmp_path):
    following = order("2026-12.1", previous=released)
    gate = build_release(tmp_path / "r", prepare(sources, following), as_if_measured(), signer[0])
    assert gate.sentence.key == "gate_batch_too_small"
    corrected = build_release(
        tmp_path / "c", prepare(sources, replace(following, correction=True)), as_if_measured(), signer[0]
    )
    assert corrected.verdict is Verdict.PASSED
    told = Release(tmp_path / "c").manifest["previous"]
    text = (released.folder / layout.MANIFEST).read_bytes()
    assert told == {"release": "2026-11.1", "manifest_sha256": hashlib.sha256(text).hexdigest()}


def test_hysteresis_keeps_a_site_in_its_bin(workplace, signer, sources, released, tmp_path):
    """A site just above an edge stays where it was; without hysteresis it moves."""
    held = replace(SMALL, hysteresis=True)
    more = region(tmp_path / "more", TOWN, TOWN.people(30, seed=4))
    grown = Sources(sources.settings, {**sources.regions, "more": Sources.of_regions([more]).total})
    with_hold = prepare(grown, order("2026-12.1", previous=released, parameters=held))
    without = prepare(grown, order("2026-12.1", previous=released))
    was = released.find(with_hold.sites["key"].to_numpy())["bin"].fill_null(-1).to_numpy()
    ac = with_hold.sites["ac"].to_numpy()
    moved = (without.bins.number != was) & (was >= 0)
    stayed = moved & (with_hold.bins.number == was)
    assert 0 < stayed.sum() < moved.sum()
    edge = (5 * (was[stayed] + 1)) ** 2
    assert np.all(ac[stayed] - edge <= np.sqrt(ac[stayed]))


def test_nothing_public_names_a_professional_file(released):
    professional = released.folder / layout.PROFESSIONAL
    public = [path for path in released.folder.rglob("*") if path.is_file() and professional not in path.parents]
    assert len(public) == len(released.manifest["artefacts"]) + 3  # the manifest, the sums and the signature
    sums = [line.split()[0] for line in (professional / "SHA256SUMS").read_text().splitlines()]
    for path in public:
        text = path.read_bytes()
        assert layout.PROFESSIONAL.encode() not in text, path
        assert not [one for one in sums if one.encode() in text], path


def test_interpretations_are_told_of_enough_laboratories_and_of_alleles_in_a_bin(signer, sources, tmp_path):
    def given(key, laboratories):
        columns = {"key": key, "class": "5", "laboratories": laboratories, "year": 2026, "guideline": "ACMG 2015"}
        return pl.DataFrame([columns])

    plain = prepare(sources, order())
    in_bin, lowest = (
        plain.sites["key"].to_numpy()[plain.chosen(3) & told]
        for told in (plain.bins.number > 0, plain.bins.number == 0)
    )
    known = pl.concat([given(in_bin[0], 2), given(in_bin[1], 1), given(lowest[0], 3)])
    build_release(tmp_path / "r", prepare(sources, order(interpretations=known)), as_if_measured(chosen=3), signer[0])
    assert Release(tmp_path / "r").interpretations["key"].to_list() == [int(in_bin[0])]
    last = int(TOWN.keys[150])
    for laboratories, names in ((1, ["GENE0", "GENE1", "GENE2", "GENE3"]), (2, ["GENE3", "GENE0", "GENE1", "GENE2"])):
        assert [one.name for one in interpreted_first(TOWN.genes, given(last, laboratories), SMALL)] == names


def test_the_mini_node_layout_has_its_names_types_and_bins_alone(released, tmp_path):
    sites = export_release(released, tmp_path / "GDI-1", "NO")
    path = tmp_path / "GDI-1" / "GRCh38" / "allele-freq-chr20.0.parquet"
    table = pl.read_parquet(path)
    assert pl.read_parquet_schema(path) == pl.Schema(
        {"POS": pl.Int32, "REF": pl.String, "ALT": pl.String, "VT": pl.String, "POPULATION": pl.String}
        | {"AF": pl.Float64} | dict.fromkeys(("AC", "AC_HET", "AC_HOM", "AC_HEMI", "AN"), pl.Int32)
    )  # fmt: skip
    assert table.columns == GDI_SITES.names
    assert sites == table.height == released.manifest["sites"]["released"]
    first = released.all_sites().row(0, named=True)
    assert table["POS"][0] == first["position"] - 1
    assert table["AF"][0] == pytest.approx((first["af_low"] + first["af_high"]) / 2)
    assert table.select(pl.col("AC", "AC_HET", "AC_HOM", "AC_HEMI").null_count()).row(0) == (sites,) * 4
    assert set(table["VT"]) == {"SNP"}
    assert json.loads((tmp_path / "GDI-1" / "metadata.yaml").read_text())["record_count"] == sites


@pytest.mark.parametrize("name", ["2026-13.1", "2026-11", "2026-11.0", "../x"])
def test_names_of_releases_are_a_month_and_a_number(name):
    with pytest.raises(InputError) as refused:
        order(name)
    assert refused.value.code == "bad_release_name"


def test_the_size_of_a_small_group_is_not_told():
    def people(group, number):
        frame = pl.DataFrame({"cell": [Cell(Sex.UNKNOWN, group).code], "people": [number], "structural_people": [0]})
        return replace(Increment.empty(Build.GRCH38), people=frame.cast(dict(PEOPLE_SCHEMA)))

    def both(*parts):
        return Increment.merged(Build.GRCH38, parts)

    heart, eye, kidney = DiseaseGroup.HEART, DiseaseGroup.EYE_EAR, DiseaseGroup.KIDNEY
    sources = Sources(
        SETTINGS,
        {
            "north": both(people(heart, 500), people(eye, 120), people(kidney, 950)),
            "south": both(people(heart, 260), people(eye, 79), people(kidney, 30)),
        },
    )
    told = people_by_group(sources.total, Parameters())
    assert told == {"eye_ear": "fewer than 200", "heart": 800, "kidney": 1000}


def test_coverage_is_the_least_of_each_block_and_knows_no_place(sources):
    """Against every base counted one by one; a place covered by more people than its neighbours does not show."""
    random = np.random.default_rng(8)
    place = np.unique(random.integers(0, 4_000, 300))
    change = random.integers(-30, 60, len(place))
    change = np.diff(np.maximum(np.cumsum(change), 0), prepend=0)
    alone = np.array([2_345, 2_346])  # a single base with 900 people more
    steps = pl.DataFrame({"place": np.concatenate((place, alone)) + BASE, "change": [*change, 900, -900]})
    steps = steps.group_by("place").agg(pl.col("change").sum()).filter(pl.col("change") != 0).sort("place")
    frame = steps.with_columns(cell=pl.lit(CELL.code)).select(COVERAGE.names()).cast(dict(COVERAGE))
    people = pl.DataFrame({"cell": [CELL.code], "people": [3_000], "structural_people": [0]}).cast(dict(PEOPLE_SCHEMA))
    counted = replace(Increment.empty(Build.GRCH38), coverage=frame, people=people)
    chosen = Intervals.of(np.array([BASE + 103, BASE + 2_000]), np.array([BASE + 1_777, BASE + 3_999]))
    found = public_coverage(counted, chosen, 10)
    by_base = np.zeros(4_100, dtype=int)
    for start, amount in steps.iter_rows():
        by_base[start - BASE :] += 2 * amount
    expected = np.zeros(4_100, dtype=int)
    for base in range(4_100):
        if chosen.covers(np.array([BASE + base]))[0]:
            least = by_base[base // 10 * 10 : base // 10 * 10 + 10].min()
            expected[base] = (least + 50) // 100 * 100
    shown = np.zeros(4_100, dtype=int)
    for row in found.iter_rows(named=True):
        assert not shown[row["start0"] : row["end0"]].any()
        shown[row["start0"] : row["end0"]] = row["an"]
    assert np.array_equal(shown, expected)
    assert by_base[2_345] > by_base[2_344] + 1_500
    assert shown[2_345] == shown[2_344]


def refusal(attempt):
    with pytest.raises(InputError) as caught:
        attempt()
    return caught.value


def scattered(people):
    """People at 40 places a megabase apart, which tell who is who."""
    random = np.random.default_rng(9)
    position = np.arange(1, 41) * 1_000_000
    town = replace(TOWN, keys=encode_keys(np.full(40, 20), position, ["A"] * 40, ["T"] * 40))
    return town, [town.person(random.choice([1, 2], 40).astype(np.uint8)) for _ in range(people)]


def test_one_person_in_two_regions_is_refused(tmp_path):
    town, people = scattered(8)
    north = region(tmp_path / "north", town, people[:4], people[4:5])
    before = contents(north)
    shutil.copytree(north, tmp_path / "copy")
    one_again = region(tmp_path / "south", town, people[3:4])
    held_again = region(tmp_path / "west", town, people[4:5])
    held_there = region(tmp_path / "east", town, people[5:6], people[:1])
    for other in (tmp_path / "copy", one_again, held_again, held_there):
        error = refusal(lambda other=other: Sources.of_regions([north, other]))
        assert (error.code, error.field, error.source) == ("person_in_two_folders", "folders", other.name)
        assert "'north'" in error.problem
        assert f"'{other.name}'" in error.problem
    fine = region(tmp_path / "fine", town, people[5:7], people[4:5])  # held out in both: in no sum
    assert Sources.of_regions([north, fine]).total.number_of_people == 6
    strangers = region(tmp_path / "strangers", town, (), people[:1])
    prepared = prepare(Sources.of_regions([north]), order())
    error = refusal(lambda: measure(prepared, [north], strangers=[strangers]))
    assert (error.code, error.source) == ("person_in_two_folders", "strangers")
    assert contents(north) == before


def test_equal_runs_of_few_places_are_two_people_unless_of_one_file(tmp_path):
    north = region(tmp_path / "north", TOWN, PEOPLE[:3])
    south = region(tmp_path / "south", TOWN, PEOPLE[2:5])
    assert Sources.of_regions([north, south]).total.number_of_people == 6
    vcf = tmp_path / "one.vcf"
    vcf.write_text(vcf_text(["A"], ["20\t100\t.\tA\tG\t.\t.\t.\tGT\t0/1"]))
    for name in ("east", "west"):
        add_person(tmp_path / name, [vcf], sample="A", sex=Sex.UNKNOWN, counting=Counting(Build.GRCH38, Gate.NONE))
    east, west = tmp_path / "east", tmp_path / "west"
    assert refusal(lambda: Sources.of_regions([east, west])).code == "person_in_two_folders"
    for name in ("up", "down"):
        count([vcf], out=tmp_path / name, counting=Counting(Build.GRCH38, Gate.NONE))
    assert refusal(lambda: Sources.of_regions([tmp_path / "up", tmp_path / "down"])).code == "same_file_twice"
