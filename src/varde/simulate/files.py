"""The demo country as files: reference, gene knowledge, panel, population and family VCFs with pedigrees."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysam

from varde.frequency.cells import Assay
from varde.genome.builds import CONTIGS, Build, X, contig_length
from varde.genome.errors import InputError
from varde.simulate.country import (
    FAMILIES,
    FIRST_KINDS,
    PEOPLE_PER_REGION,
    REGIONS,
    STORY_GENE,
    DemoFamily,
    kind_of,
)
from varde.simulate.family import FamilyPlan, draw_family
from varde.simulate.genome import DemoGenome, build_genome, write_fasta, write_gff3
from varde.simulate.structural import (
    FAMILY_HEADER,
    DemoEvent,
    family_structural_lines,
    structural_events,
    structural_vcf_lines,
)
from varde.simulate.structural import HEADER as STRUCTURAL_HEADER
from varde.simulate.variation import (
    Sites,
    common_and_rare_sites,
    draw_population,
    exome_places,
    population_vcf_lines,
)

PANEL_NAME = "Utviklingsforstyrrelse og epilepsi (demo)"
PANEL_VERSION = "1.0"
PANEL_SIZE = 40
KNOWLEDGE_VERSION = "demo 1"
OTHER_TERMS = ("HP:0001252", "HP:0001251", "HP:0000717", "HP:0000365", "HP:0001638", "HP:0000478", "HP:0001999")


@dataclass(frozen=True)
class CountryFiles:
    """Where the pieces stand, below one folder."""

    folder: Path

    @property
    def fasta(self) -> Path:
        return self.folder / "reference" / "demo.fa"

    @property
    def gff3(self) -> Path:
        return self.folder / "reference" / "demo.gff3"

    @property
    def knowledge(self) -> Path:
        return self.folder / "knowledge" / "genes.tsv"

    @property
    def panel(self) -> Path:
        return self.folder / "knowledge" / "panel.tsv"

    def population_vcf(self, region: str) -> Path:
        return self.folder / "population" / f"{region}.vcf.gz"

    def population_structural_vcf(self, region: str) -> Path:
        """Structural variants of those of a region who were read as genomes."""
        return self.folder / "population" / f"{region}.structural.vcf.gz"

    @property
    def population_ped(self) -> Path:
        return self.folder / "population" / "population.ped"

    def cohort_vcf(self, cohort: str, region: str) -> Path:
        return self.folder / "population" / f"{region}-{cohort}.vcf.gz"

    def cohort_ped(self, cohort: str) -> Path:
        return self.folder / "population" / f"{cohort}.ped"

    @property
    def population_bed(self) -> Path:
        """Where every person of the population was read well: the exons with their flanks."""
        return self.folder / "population" / "callable.bed"

    def family_vcf(self, plan: FamilyPlan) -> Path:
        return self.folder / "families" / f"{plan.name}.vcf.gz"

    def family_structural_vcf(self, plan: FamilyPlan) -> Path:
        """Structural variants of a family whose plan has losses."""
        return self.folder / "families" / f"{plan.name}.structural.vcf.gz"

    @property
    def dosage(self) -> Path:
        """Dosage curation of the genes whose loss was planted, laid out as ClinGen's download."""
        return self.folder / "knowledge" / "structural" / "dosage.csv"

    @property
    def repeat_loci(self) -> Path:
        """Limits of one synthetic repeat, as an example of the table."""
        return self.folder / "knowledge" / "structural" / "repeat_loci.tsv"

    def family_ped(self, plan: FamilyPlan) -> Path:
        return self.folder / "families" / f"{plan.name}.ped"


def write_country(
    folder: Path,
    seed: int,
    *,
    families: Iterable[DemoFamily] = FAMILIES,
    people_per_region: int = PEOPLE_PER_REGION,
    progress: Callable[[str], None] | None = None,
    cohorts: Mapping[str, Mapping[str, int]] | None = None,
) -> CountryFiles:
    """Writes everything below ``folder``; the same seed gives the same bytes. ``cohorts``: more people, as ``COHORTS``.

    Raises InputError when the folder exists and is not empty. Nothing is left behind by a failure.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError("folder_not_empty", "the folder is not empty.", "Name a new folder.", source=folder.name)
    files = CountryFiles(folder)
    try:
        for part in (files.fasta, files.knowledge, files.population_ped, folder / "families" / "x"):
            part.parent.mkdir(parents=True, exist_ok=True)
        _write_all(files, seed, tuple(families), people_per_region, progress or (lambda _: None), cohorts or {})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return files


def _write_all(
    files: CountryFiles,
    seed: int,
    families: tuple[DemoFamily, ...],
    people: int,
    progress: Callable[[str], None],
    cohorts: Mapping[str, Mapping[str, int]],
) -> None:
    progress("genome")
    genome = build_genome(seed)
    write_fasta(genome, files.fasta)
    write_gff3(genome, files.gff3)
    write_knowledge(genome, families, files)
    write_structural_tables(genome, families, files)
    sites, events = common_and_rare_sites(genome), structural_events(genome)
    ped: list[str] = []
    for region in REGIONS:
        progress(f"population {region.code}")
        lines = _write_people(sites, seed, region.code, people, files.population_vcf(region.code))
        _write_structural(events, seed, region.code, lines, len(ped), files.population_structural_vcf(region.code))
        ped += lines
    files.population_ped.write_text("\n".join(ped) + "\n", encoding="utf-8")
    for cohort, wanted in cohorts.items():
        progress(f"population {cohort}")
        lines = [
            line
            for region, number in wanted.items()
            for line in _write_people(sites, seed, f"{region}-{cohort}", number, files.cohort_vcf(cohort, region))
        ]
        files.cohort_ped(cohort).write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_callable_bed(genome, files.population_bed)
    for family in families:
        progress(f"family {family.plan.name}")
        write_family(genome, sites, family.plan, files.family_vcf(family.plan), files.family_ped(family.plan))
        if family.plan.losses:
            write_family_structural(genome, family.plan, events, files.family_structural_vcf(family.plan))


def _write_people(sites: Sites, seed: int, name: str, people: int, path: Path) -> list[str]:
    """Unrelated people into a VCF; their lines of a pedigree. ``name`` seeds the draw and begins their names."""
    population = draw_population(sites, name, people, seed)
    write_vcf(path, population.names, population_vcf_lines(population, sites, seed))
    return [
        f"{one}\t{one}\t0\t0\t{1 if male else 2}\t0"
        for one, male in zip(population.names, population.male, strict=True)
    ]


def _write_structural(
    events: Sequence[DemoEvent], seed: int, region: str, ped: Sequence[str], before: int, path: Path
) -> None:
    """Structural variants of those of a region read as genomes; ``before`` others precede its lines of the pedigree."""
    rows = [line.split("\t") for line in ped]
    read = [row for place, row in enumerate(rows, start=before) if kind_of(place, FIRST_KINDS)[1] is Assay.GENOME]
    male = np.array([row[4] == "1" for row in read], dtype=np.bool_)
    lines = structural_vcf_lines(events, male, seed, region)
    write_vcf(path, [row[1] for row in read], lines, STRUCTURAL_HEADER)


def write_callable_bed(genome: DemoGenome, path: Path) -> None:
    """The bases that the demo's exomes read, as sorted, separate intervals."""
    lines = []
    places = exome_places(genome)
    ends = np.flatnonzero((np.diff(places[:, 0]) != 0) | (np.diff(places[:, 1]) != 1))
    for first, last in zip([0, *(ends + 1)], [*ends, len(places) - 1], strict=True):
        contig, start0 = places[first]
        lines.append(f"chr{CONTIGS[contig - 1]}\t{start0}\t{places[last, 1] + 1}\n")
    path.write_text("".join(lines), encoding="ascii")


def write_family(genome: DemoGenome, sites: Sites, plan: FamilyPlan, vcf: Path, ped: Path) -> None:
    """A trio's joint VCF (indexed) and PED."""
    write_vcf(vcf, (plan.child, plan.mother, plan.father), draw_family(genome, sites, plan).vcf_lines())
    sex = "1" if plan.child_male else "2"
    ped.write_text(
        f"{plan.name}\t{plan.child}\t{plan.father}\t{plan.mother}\t{sex}\t2\n"
        f"{plan.name}\t{plan.mother}\t0\t0\t2\t1\n"
        f"{plan.name}\t{plan.father}\t0\t0\t1\t1\n",
        encoding="utf-8",
    )


def write_family_structural(genome: DemoGenome, plan: FamilyPlan, events: Sequence[DemoEvent], path: Path) -> None:
    """A trio's joint VCF of structural variants (indexed)."""
    names = (plan.child, plan.mother, plan.father)
    write_vcf(path, names, family_structural_lines(genome, plan, events), FAMILY_HEADER)


def write_structural_tables(genome: DemoGenome, families: tuple[DemoFamily, ...], files: CountryFiles) -> None:
    """Dosage curation for the planted losses, and a table of one synthetic locus of repeats."""
    files.dosage.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        '"CLINGEN DOSAGE SENSITIVITY CURATIONS (SYNTHETIC, VARDE DEMO COUNTRY)"',
        '"FILE CREATED: 2026-01-01"',
        '"GENE/REGION","HGNC/ISCA","GRCh37","GRCh38","HAPLOINSUFFICIENCY","TRIPLOSENSITIVITY","ONLINE REPORT","DATE"',
    ]
    for symbol in sorted({loss.gene for family in families for loss in family.plan.losses}):
        gene = genome.gene(symbol)
        place = f"chr{CONTIGS[gene.contig - 1]}:{gene.exons[0][0] + 1}-{gene.exons[-1][1]}"
        ratings = '"Sufficient Evidence for Haploinsufficiency","No Evidence for Triplosensitivity"'
        rows.append(f'"{symbol}","HGNC:{gene.number}","{place}","{place}",{ratings},"","2026-01-01"')
    files.dosage.write_text("\n".join(rows) + "\n", encoding="utf-8")
    first = genome.genes[0]
    columns = "locus\tgene\tmotif\tcontig\tstart\tend\tnormal_max\tpathogenic_min\tinheritance\tdisease\tsource"
    start = first.exons[0][0] + 1
    values = (
        first.symbol,
        first.symbol,
        "CAG",
        CONTIGS[first.contig - 1],
        start,
        start + 59,
        30,
        40,
        "AD",
        "Syntetisk",
        "demo",
    )
    text = "\t".join(str(one) for one in values)
    files.repeat_loci.write_text(f"{columns}\n{text}\n", encoding="utf-8")


def write_vcf(path: Path, samples: Iterable[str], lines: Iterable[str], declared: Iterable[str] = ()) -> None:
    """A bgzip-compressed, indexed VCF marked synthetic; ``declared`` are more lines of its header."""
    contigs = [
        f"##contig=<ID=chr{name},length={contig_length(Build.GRCH38, code)},assembly=GRCh38>"
        for code, name in enumerate(CONTIGS, start=1)
    ]
    header = [
        "##fileformat=VCFv4.2",
        "##source=varde simulate: SYNTHETIC, no person's genome",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##FILTER=<ID=LowQual,Description="Low depth and genotype quality">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads supporting each allele">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
        *declared,
        *contigs,
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]),
    ]
    with pysam.BGZFile(str(path), "wb", None) as out:
        out.write(("\n".join(header) + "\n").encode())
        for line in lines:
            out.write(f"{line}\n".encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)


def write_knowledge(genome: DemoGenome, families: tuple[DemoFamily, ...], files: CountryFiles) -> None:
    """Gene knowledge (inheritance, loss of function as mechanism, phenotype) and a panel without the story's gene."""
    rng = np.random.default_rng([genome.seed, 7])
    answers = {plant.gene: family for family in families for plant in family.plan.plants}
    rows = ["gene\tinheritance\tlof_mechanism\tdisease\thpo\tsource\tversion"]
    for gene in genome.genes:
        inheritance = "XL" if gene.contig == X else str(rng.choice(["AR", "AD"]))
        terms = [str(term) for term in rng.choice(OTHER_TERMS, 2, replace=False)]
        mechanism = str(rng.choice(["established", "unknown"]))
        if gene.symbol in answers:
            family = answers[gene.symbol]
            inheritance = _inheritance_of(family, gene.contig)
            terms, mechanism = [*family.hpo, "HP:0001249"], "established"
        rows.append(
            f"{gene.symbol}\t{inheritance}\t{mechanism}\tSyntetisk tilstand {gene.number}\t{';'.join(terms)}"
            f"\tVarde demo country (synthetic)\t{KNOWLEDGE_VERSION}"
        )
    files.knowledge.write_text("\n".join(rows) + "\n", encoding="utf-8")
    names = [gene.symbol for gene in genome.genes if gene.symbol != STORY_GENE]
    must = sorted(symbol for symbol in answers if symbol != STORY_GENE)
    others = [symbol for symbol in names if symbol not in must]
    chosen = sorted([*must, *(str(name) for name in rng.choice(others, PANEL_SIZE - len(must), replace=False))])
    lines = [f"# name: {PANEL_NAME}", f"# version: {PANEL_VERSION}", "# source: Varde demo country (synthetic)"]
    lines += ["gene\tconfidence\tinheritance", *(f"{symbol}\tgreen\t" for symbol in chosen)]
    files.panel.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _inheritance_of(family: DemoFamily, contig: int) -> str:
    if contig == X:
        return "XL"
    return "AD" if any(plant.origin == "de_novo" for plant in family.plan.plants) else "AR"
