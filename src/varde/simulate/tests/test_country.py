"""The demo country holds what it promises: sound genes, Mendel's laws, planted answers, the same bytes for a seed."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.genome.builds import Build, X
from varde.genome.errors import InputError
from varde.genome.regions import read_bed
from varde.simulate.country import FAMILIES, STORY_GENE
from varde.simulate.family import Damage, FamilyPlan, Origin, Plant, draw_family, plant_allele
from varde.simulate.files import write_callable_bed, write_country
from varde.simulate.genome import STOP_CODONS, build_genome
from varde.simulate.identity import is_synthetic_national_identifier, synthetic_national_identifier
from varde.simulate.variation import common_and_rare_sites, draw_population, exome_places

GENOME = build_genome(2026)
SITES = common_and_rare_sites(GENOME)


def test_every_gene_is_an_open_frame_with_gt_ag_introns() -> None:
    for gene in GENOME.genes:
        coding = GENOME.coding_sequence(gene)
        codons = [coding[i : i + 3].encode() for i in range(0, len(coding), 3)]
        assert (len(coding) % 3, codons[0], codons[-1]) == (0, b"ATG", b"TAA")
        assert not set(codons[:-1]) & set(STOP_CODONS)
        for (_, left), (right, _) in zip(gene.exons, gene.exons[1:], strict=False):
            ends = GENOME.text(gene.contig, left, left + 2) + GENOME.text(gene.contig, right - 2, right)
            assert ends == ("GTAG" if gene.strand > 0 else "CTAC")


def test_genes_do_not_overlap() -> None:
    for first, second in zip(GENOME.genes, GENOME.genes[1:], strict=False):
        assert first.contig != second.contig or first.exons[-1][1] < second.exons[0][0]


def test_ref_of_every_site_is_the_sequence() -> None:
    for row in range(len(SITES)):
        start0 = int(SITES.position[row]) - 1
        assert GENOME.text(int(SITES.contig[row]), start0, start0 + len(SITES.ref[row])) == SITES.ref[row]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.plan.name)
def test_a_child_breaks_mendels_laws_only_where_a_new_allele_was_planted(family) -> None:
    drawn = draw_family(GENOME, SITES, family.plan)
    child, mother, father = drawn.dosage.T
    sites = drawn.sites
    alleles = list(zip(sites.contig.tolist(), sites.position.tolist(), sites.ref, sites.alt, strict=True))
    errors = set()
    for row, allele in enumerate(alleles):
        given_by_mother = {0: {0}, 1: {0, 1}, 2: {1}}[int(mother[row])]
        if sites.is_x_only[row]:
            assert father[row] in (0, 1)
            given_by_father = {0} if family.plan.child_male else {int(father[row])}
        else:
            given_by_father = {0: {0}, 1: {0, 1}, 2: {1}}[int(father[row])]
        if child[row] not in {m + f for m in given_by_mother for f in given_by_father}:
            errors.add(allele)
    de_novo = {
        allele
        for plant, allele in zip(family.plan.plants, drawn.planted, strict=True)
        if plant.origin is Origin.DE_NOVO
    }
    assert errors == de_novo


def test_the_storys_two_alleles_come_one_from_each_parent() -> None:
    drawn = draw_family(GENOME, SITES, FAMILIES[0].plan)
    rows = [
        next(
            row
            for row in range(len(drawn.sites))
            if (int(drawn.sites.contig[row]), int(drawn.sites.position[row]), drawn.sites.ref[row]) == allele[:3]
        )
        for allele in drawn.planted
    ]
    assert drawn.dosage[rows].tolist() == [[1, 1, 0], [1, 0, 1]]
    assert {plant.gene for plant in FAMILIES[0].plan.plants} == {STORY_GENE}


@pytest.mark.parametrize("gene", [gene.symbol for gene in GENOME.genes[::7]])
def test_a_planted_stop_is_a_stop_and_a_frameshift_removes_one_base(gene: str) -> None:
    stop = plant_allele(GENOME, Plant(gene, Damage.STOP_GAINED, Origin.MOTHER))
    assert (len(stop[2]), len(stop[3])) == (1, 1)
    shift = plant_allele(GENOME, Plant(gene, Damage.FRAMESHIFT, Origin.MOTHER))
    assert (len(shift[2]), len(shift[3])) == (2, 1)
    assert shift[2][0] == shift[3]


def test_males_carry_one_copy_of_x_outside_the_pseudoautosomal_region() -> None:
    drawn = draw_family(GENOME, SITES, FamilyPlan("prove", child_male=True, number=99))
    on_x = drawn.sites.is_x_only
    assert int(drawn.dosage[on_x][:, [0, 2]].max()) == 1
    par = (drawn.sites.contig == X) & ~on_x
    assert int(par.sum()) > 50
    assert int(drawn.dosage[par].max()) == 2


def test_one_seed_gives_the_same_bytes_and_a_used_folder_is_refused(tmp_path: Path) -> None:
    def digest(folder: Path) -> dict[str, str]:
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        write_country(folder, 7, families=FAMILIES[:2], people_per_region=4)
    before = digest(first)
    assert before == digest(second)
    assert sorted(before) == [
        "families/nilsen.ped",
        "families/nilsen.vcf.gz",
        "families/nilsen.vcf.gz.tbi",
        "families/solberg.ped",
        "families/solberg.vcf.gz",
        "families/solberg.vcf.gz.tbi",
        "knowledge/genes.tsv",
        "knowledge/panel.tsv",
        "knowledge/structural/dosage.csv",
        "knowledge/structural/repeat_loci.tsv",
        *sorted(
            f"population/{code}{kind}.vcf.gz{end}"
            for code in ("HSO", "HV", "HMN", "HN")
            for kind in ("", ".structural")
            for end in ("", ".tbi")
        ),
        "population/callable.bed",
        "population/population.ped",
        "reference/demo.fa",
        "reference/demo.gff3",
    ]  # fmt: skip
    with pytest.raises(InputError, match="not empty"):
        write_country(first, 7)
    assert digest(first) == before


@settings(max_examples=200, deadline=None)
@given(st.dates(date(1940, 1, 1), date(2039, 12, 31)), st.booleans(), st.integers(0, 20))
def test_identity_numbers_have_right_control_digits(born: date, male: bool, serial: int) -> None:
    number = synthetic_national_identifier(born, male, serial)
    assert is_synthetic_national_identifier(number)
    for place in range(11):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert not is_synthetic_national_identifier(wrong)


def test_every_planted_allele_lies_where_the_population_was_read(tmp_path: Path) -> None:
    write_callable_bed(GENOME, tmp_path / "callable.bed")
    read = read_bed(tmp_path / "callable.bed", Build.GRCH38)
    planted = [plant_allele(GENOME, plant) for family in FAMILIES for plant in family.plan.plants]
    contig, position = (np.array(column) for column in zip(*(allele[:2] for allele in planted), strict=True))
    assert read.covers(contig.astype(np.uint8), position).all()
    assert read.covers(SITES.contig, SITES.position).all()
    assert read.total_length == len(exome_places(GENOME))


def test_numbers_that_are_not_synthetic_are_told_apart() -> None:
    assert not is_synthetic_national_identifier("٠١٢٣٤٥٦٧٨٩٠")
    assert not is_synthetic_national_identifier("14032299827")


def test_population_dosages_follow_the_allele_frequencies() -> None:
    population = draw_population(SITES, "HSO", 400, 1)
    copies = np.where(SITES.is_x_only[:, None] & population.male[None, :], 1, 2).sum(axis=1)
    expected = SITES.frequency * copies
    spread = np.sqrt(copies * SITES.frequency * (1 - SITES.frequency))
    z = (population.dosage.sum(axis=1) - expected) / spread
    common = SITES.frequency > 0.02
    assert abs(float(z[common].mean())) < 0.1
    assert 0.9 < float(z[common].std()) < 1.1
