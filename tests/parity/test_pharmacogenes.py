"""3,202 people of 1000 Genomes: counts equal those that stand in the files, and four regions are one nation.

``VARDE_ALL_GENES=1`` reads the 50 autosomal genes, some minutes, instead of one.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pysam
import pytest
from pysam import bcftools

from shared_data import shared_data
from varde.frequency.count import Counting, count
from varde.frequency.genotypes import Gate
from varde.frequency.lookup import Counts
from varde.frequency.merge import merge
from varde.genome.builds import Build, contig_code
from varde.genome.keys import encode_keys

FOLDER = ("genotypes", "1000g-pharmacogenes-grch38")
ALL = Counting(Build.GRCH38, Gate.NONE)
SUPERPOPULATIONS = ("AFR", "AMR", "EAS", "EUR", "SAS")


def autosomal_genes() -> list[str]:
    """All 50; none, which skips the test, unless they are asked for."""
    if not os.environ.get("VARDE_ALL_GENES"):
        return []
    return sorted(path.name for path in shared_data(*FOLDER).glob("*.vcf.gz") if path.name != "G6PD.vcf.gz")


def alleles_of(vcf: Path, tags: tuple[str, ...]) -> pl.DataFrame:
    """Contig, position, REF, ALT and INFO tags of every record; each has one ALT."""
    text = bcftools.query(
        "-f", "\t".join(("%CHROM", "%POS", "%REF", "%ALT", *(f"%{tag}" for tag in tags))) + "\n", str(vcf)
    )
    names = ["contig", "position", "ref", "alt", *tags]
    types = {
        "contig": pl.String,
        "position": pl.Int64,
        "ref": pl.String,
        "alt": pl.String,
        **dict.fromkeys(tags, pl.Int64),
    }
    return pl.read_csv(
        text.encode(), separator="\t", has_header=False, new_columns=names, schema_overrides=list(types.values())
    )


def by_genotype(vcf: Path) -> pl.DataFrame:
    """Contig, position, REF, ALT; AC, AN and homozygotes counted from the text of the genotypes."""
    text = bcftools.query("-f", "%CHROM\t%POS\t%REF\t%ALT\t[ %GT]\n", str(vcf)).encode()
    names = ["contig", "position", "ref", "alt", "genotypes"]
    rows = pl.read_csv(text, separator="\t", has_header=False, new_columns=names)
    genotypes = pl.col("genotypes").str
    return rows.select(
        *names[:4],
        AC=genotypes.count_matches("1").cast(pl.Int64),
        AN=genotypes.count_matches("[01]").cast(pl.Int64),
        hom=genotypes.count_matches("1[|/]1").cast(pl.Int64),
    )


def counted(folder: Path, alleles: pl.DataFrame) -> pl.DataFrame:
    contig = np.array([contig_code(name) for name in alleles["contig"]], dtype=np.uint8)
    position = alleles["position"].to_numpy()
    return Counts(folder).annotate(encode_keys(contig, position, alleles["ref"], alleles["alt"]), contig, position)


def trimmed(alleles: pl.DataFrame) -> pl.DataFrame:
    """Those that are written as counts write them."""
    ref, alt = pl.col("ref"), pl.col("alt")
    longer = (ref.str.len_bytes() > 1) & (alt.str.len_bytes() > 1)
    return alleles.filter(~longer | ((ref.str.head(1) != alt.str.head(1)) & (ref.str.tail(1) != alt.str.tail(1))))


def is_as_in_file(folder: Path, vcf: Path) -> None:
    alleles = alleles_of(vcf, ("AC", "AN", "AC_Hom"))
    plain = trimmed(alleles)
    assert plain.height > 0.98 * alleles.height
    found = counted(folder, plain)
    assert found["ac"].to_list() == plain["AC"].to_list()
    assert found["an"].to_list() == plain["AN"].to_list()
    assert (2 * found["nhomalt"]).to_list() == plain["AC_Hom"].to_list()
    assert found["nhemi"].sum() == 0


@pytest.mark.parametrize("gene", autosomal_genes())
def test_every_site_of_every_gene_has_the_counts_of_the_file_itself(tmp_path: Path, gene: str) -> None:
    count([shared_data(*FOLDER, gene)], out=tmp_path / "counts", counting=ALL)
    is_as_in_file(tmp_path / "counts", shared_data(*FOLDER, gene))


def people_by_superpopulation() -> dict[str, list[str]]:
    table = pl.read_csv(shared_data("genotypes", "1000g-samples.tsv"), separator="\t")
    groups = {name: table.filter(superpopulation=name)["sample"].to_list() for name in SUPERPOPULATIONS}
    return groups | {"none": shared_data("genotypes", "1000g-samples-without-labels.txt").read_text().split()}


def people_by_population() -> dict[str, list[str]]:
    table = pl.read_csv(shared_data("genotypes", "1000g-samples.tsv"), separator="\t")
    return {str(name): part["sample"].to_list() for (name,), part in table.group_by("population", maintain_order=True)}


def test_each_of_the_26_populations_has_the_counts_that_bcftools_makes_of_it(tmp_path: Path) -> None:
    vcf = shared_data(*FOLDER, "CYP3A4.vcf.gz")
    groups = people_by_population()
    assert len(groups) == 26
    assert sum(map(len, groups.values())) == len({name for names in groups.values() for name in names}) == 2504
    for name, people in groups.items():
        part = tmp_path / f"{name}.vcf.gz"
        bcftools.view("-s", ",".join(people), "-Oz", "-o", str(part), str(vcf), catch_stdout=False)
        count([part], out=tmp_path / name, counting=ALL)
        # AC and AN are those that bcftools writes for a part of the samples; homozygotes come from the genotypes' text.
        expected = trimmed(alleles_of(part, ("AC", "AN")))
        found = counted(tmp_path / name, expected)
        assert found["ac"].to_list() == expected["AC"].to_list(), name
        assert found["an"].to_list() == expected["AN"].to_list() == [2 * len(people)] * expected.height, name
        assert found["nhomalt"].to_list() == trimmed(by_genotype(part))["hom"].to_list(), name
        assert found["ac"].sum() > 0


def test_disjoint_people_counted_apart_are_those_of_one_and_of_each_superpopulation(tmp_path: Path) -> None:
    vcf = shared_data(*FOLDER, "CYP3A4.vcf.gz")
    groups = people_by_superpopulation()
    with pysam.VariantFile(str(vcf)) as file:
        in_file = set(file.header.samples)
    assert {name for names in groups.values() for name in names} == in_file
    alleles = trimmed(alleles_of(vcf, ("AC", *(f"AC_{name}" for name in SUPERPOPULATIONS))))
    without_label = np.zeros(alleles.height, dtype=np.int64)
    for name, people in groups.items():
        part = tmp_path / f"{name}.vcf.gz"
        bcftools.view("-s", ",".join(people), "-Oz", "-o", str(part), str(vcf), catch_stdout=False)
        count([part], out=tmp_path / name, counting=ALL)
        expected = trimmed(by_genotype(part))
        found = counted(tmp_path / name, expected)
        assert found["ac"].to_list() == expected["AC"].to_list()
        assert found["an"].to_list() == expected["AN"].to_list() == [2 * len(people)] * expected.height
        assert found["nhomalt"].to_list() == expected["hom"].to_list()
        if name in SUPERPOPULATIONS:
            # The file counts the 698 relatives too, whose superpopulation no table here tells.
            missing = alleles[f"AC_{name}"].to_numpy() - found["ac"].to_numpy()
            assert (missing >= 0).all()
            without_label += missing
    assert without_label.tolist() == counted(tmp_path / "none", alleles)["ac"].to_list()
    merge([tmp_path / name for name in groups], tmp_path / "merged")
    count([vcf], out=tmp_path / "one", counting=ALL)
    merged, one = Counts(tmp_path / "merged"), Counts(tmp_path / "one")
    is_as_in_file(tmp_path / "one", vcf)
    assert merged.people == one.people == 3202
    assert merged.increment.observations.equals(one.increment.observations)
    assert merged.increment.coverage.equals(one.increment.coverage)
