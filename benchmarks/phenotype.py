"""Where the causal gene stands among all genes by phenotype alone, and among a case's candidates with its variants.

Published cases (phenopacket-store, in the shared data) against hpo3's own similarity with its default settings. Genes
are cut in two halves by a checksum of their name: what was chosen (measure, weights) was chosen on one, the figures are
of the other. The cases' variants are real; the candidates beside them are drawn, seeded, since no file holds them.

Circular in part: the ontology's annotations come to some extent from the publications of these very cases. The figures
compare methods on equal terms; they do not foretell how often a new patient's gene stands first.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

SEED = 17
PEER_CASES = int(os.environ.get("VARDE_BENCH_PEER_CASES", "60"))
SOME_CASES = 300
BESIDE = 40
"""Candidate genes beside the causal one: about what a trio exome has after the filters."""
SYMBOL_COLUMN = 18
"""Of UCSC's bigGenePred: geneName2, the gene's symbol."""
_MODES = {"de_novo": 0.05, "compound_heterozygous": 0.45, "homozygous_recessive": 0.3, "x_linked_recessive": 0.2}
_IMPACTS = {"HIGH": 0.12, "MODERATE": 0.80, "LOW": 0.08}


@dataclass(frozen=True)
class Solved:
    """A published case: its terms, the causal gene, and mode and impact of its variants."""

    gene: str
    terms: tuple[str, ...]
    mode: str
    impact: str


def solved_cases(path: Path) -> list[Solved]:
    """Cases of the archive with a term and one causal gene."""
    from varde.interpretation.phenopackets import parse_phenopacket
    from varde.interpretation.phenotype import is_current_term, replacement_of

    found = []
    with tarfile.open(path) as archive:
        members = sorted((one for one in archive if one.name.endswith(".json")), key=lambda one: one.name)
        for member in members:
            file = archive.extractfile(member)
            packet = parse_phenopacket(file.read(), member.name) if file else None
            if packet and packet.observed and len(packet.genes) == 1:
                current = (one if is_current_term(one) else replacement_of(one) for one in packet.observed)
                terms = tuple(sorted({one for one in current if one}))
                found.append(Solved(packet.genes[0], terms, _mode(packet.variants), _impact(packet.variants)))
    return found


def _mode(variants: Iterable) -> str:
    states = [one.zygosity for one in variants]
    if "hemizygous" in states:
        return "x_linked_recessive"
    if "homozygous" in states:
        return "homozygous_recessive"
    return "compound_heterozygous" if len(states) > 1 else "de_novo"


def _impact(variants: Iterable) -> str:
    """HIGH when a variant shortens the protein, is structural or lies at a splice site; else MODERATE."""
    names = [(one.expression("hgvs.p") or "", one.expression("hgvs.c") or "") for one in variants]
    short = any("Ter" in protein or "fs" in protein or "*" in protein for protein, _coding in names)
    site = any(f"{sign}{base}" in coding for _protein, coding in names for sign in "+-" for base in "12")
    return "HIGH" if short or site or not any(protein for protein, _coding in names) else "MODERATE"


def is_measured(gene: str) -> bool:
    """Whether the gene is of the half that figures are measured on."""
    return hashlib.sha256(gene.encode()).digest()[-1] % 2 == 1


def place(scores: dict[str, float], gene: str) -> float:
    """The gene's rank; genes of equal score share the mean of their ranks. Infinite for a gene without a score."""
    if gene not in scores:
        return float("inf")
    values, own = np.fromiter(scores.values(), float), scores[gene]
    return 1 + int((values > own).sum()) + (int((values == own).sum()) - 1) / 2


def by_varde(terms: tuple[str, ...]) -> dict[str, float]:
    """Varde's score of all genes."""
    from varde.interpretation.likeness import ontology_profiles

    return dict(ontology_profiles().scores(terms))


def by_hpo3(terms: tuple[str, ...]) -> dict[str, float]:
    """hpo3's set similarity to all genes with its defaults (kind omim, method graphic, combine funSimAvg)."""
    from pyhpo import Gene, HPOSet

    from varde.interpretation.phenotype import gene_terms

    patient = HPOSet.from_queries(list(terms))
    return {gene: patient.similarity(Gene.get(gene).hpo_set()) for gene in gene_terms()}


def with_variants(case: Solved, rng: np.random.Generator, genes: list[str], scores: dict[str, float]) -> float:
    """Rank of the causal gene among itself and ``BESIDE`` drawn ones, by ``rank_candidates``; ``scores`` of all genes
    by phenotype count by their rank, as in ``varde.interpretation.likeness.phenotype_value``."""
    from varde.interpretation.ranking import inheritance_fits, rank_candidates

    others = [gene for gene in rng.choice(genes, BESIDE + 1, replace=False).tolist() if gene != case.gene][:BESIDE]
    listed = [case.gene, *others]
    size = len(listed)
    modes = [case.mode, *rng.choice(list(_MODES), size - 1, p=list(_MODES.values())).tolist()]
    impacts = [case.impact, *rng.choice(list(_IMPACTS), size - 1, p=list(_IMPACTS.values())).tolist()]
    rows = pl.Series(np.arange(size), dtype=pl.UInt32)
    found = pl.DataFrame({"gene": listed, "mode": modes, "row_a": rows}).with_columns(
        row_b=pl.lit(None, pl.UInt32), phase=pl.lit(None, pl.String), evaluated=pl.lit(value=True)
    )
    alleles = pl.DataFrame(
        {
            "row": rows,
            "contig": 1,
            "position": rng.permutation(size),
            "ref": "A",
            "alt": "C",
            "filter": "PASS",
            "af": np.exp(rng.uniform(np.log(1e-6), np.log(5e-3), size)),
        }
    )
    values = {gene: 1 - np.log(place(scores, gene)) / np.log(len(scores)) for gene in listed if gene in scores}
    ranked = rank_candidates(
        found,
        alleles,
        pl.DataFrame({"row": rows, "gene": listed, "impact": impacts}),
        inheritance_fits(()),
        pl.DataFrame(
            {"gene": listed, "phenotype": [values.get(gene) for gene in listed]},
            schema={"gene": pl.String, "phenotype": pl.Float64},
        ),
    )
    return float(ranked.filter(pl.col("gene") == case.gene)["rank"][0])


def genes_drawn_from(data: Path) -> list[str]:
    """Symbols of the genes with a MANE transcript, of which about a quarter has annotations."""
    path = data / "reference" / "mane_grch38_genepred.tsv.gz"
    table = pl.read_csv(path, separator="\t", has_header=False, infer_schema=False)
    return sorted(set(table[:, SYMBOL_COLUMN].to_list()))


def recall(ranks: Iterable[float]) -> str:
    """Share of cases whose gene stands first, and among the first ten."""
    values = np.array(list(ranks))
    return f"{(values <= 1).mean():.1%} / {(values <= 10).mean():.1%}"


def run() -> list[dict[str, object]]:
    """The rows of the section; one row when the shared data are not there."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    data = Path(os.environ.get("VARDE_SHARED_DATA", beside))
    archive = data / "phenopackets" / "phenopackets.tar.gz"
    if not archive.exists():
        return [_row("published cases", measured="not measured: shared test data not present")]
    from varde.interpretation.phenotype import gene_terms

    measured = [case for case in solved_cases(archive) if is_measured(case.gene)]
    known = [case for case in measured if case.gene in gene_terms()]
    rng = np.random.default_rng(SEED)
    few = [known[number] for number in sorted(rng.choice(len(known), min(PEER_CASES, len(known)), replace=False))]
    by_varde(known[0].terms)
    ours, seconds = _scored(by_varde, measured)
    peer, peer_seconds = _scored(by_hpo3, few)
    ours_of_few, _seconds = _scored(by_varde, few)
    universe = genes_drawn_from(data)
    some = known[:: max(1, len(known) // SOME_CASES)]
    ours_of_some, _seconds = _scored(by_varde, some)
    count = len(gene_terms())
    lacking = len(measured) - len(known)
    return [
        _row(
            f"phenotype alone, top 1 / top 10 of {count:,} genes; all {len(measured):,} cases of the measured half of "
            f"the genes, {lacking} of them with a gene that the ontology lacks",
            measured=recall(map(place, ours, _genes(measured))),
        ),
        _row(
            f"the same, {len(few)} cases drawn; peer: hpo3's default",
            target="above peer",
            measured=recall(map(place, ours_of_few, _genes(few))),
            peer=recall(map(place, peer, _genes(few))),
        ),
        _row(
            "milliseconds to score all genes for one patient",
            measured=round(1000 * seconds / len(measured), 1),
            peer=round(1000 * peer_seconds / len(few)),
            ratio=f"{peer_seconds / len(few) / (seconds / len(measured)):.0f} times as fast",
        ),
        _row(
            f"phenotype and variant, top 1 / top 10 of {BESIDE + 1} candidate genes; {len(some)} cases",
            measured=_combined(some, universe, ours_of_some),
            peer=_combined(some, universe, [{} for _case in some]) + " without phenotype",
        ),
        _row(
            f"the same, {len(few)} cases drawn; peer: the same ranking with hpo3's default",
            target="above peer",
            measured=_combined(few, universe, ours_of_few),
            peer=_combined(few, universe, peer),
        ),
        _row(
            "circular in part: annotations come to some extent from the publications of these very cases",
            measured="compares methods only",
        ),
    ]


def _genes(cases: Iterable[Solved]) -> list[str]:
    return [case.gene for case in cases]


def _combined(cases: list[Solved], universe: list[str], scores: list[dict[str, float]]) -> str:
    return recall(
        with_variants(case, np.random.default_rng([SEED, number]), universe, told)
        for number, (case, told) in enumerate(zip(cases, scores, strict=True))
    )


def _scored(
    score: Callable[[tuple[str, ...]], dict[str, float]], cases: list[Solved]
) -> tuple[list[dict[str, float]], float]:
    start = time.perf_counter()
    return [score(case.terms) for case in cases], time.perf_counter() - start


def _row(
    what: str, *, target: str = "", measured: object, peer: object = None, ratio: object = None
) -> dict[str, object]:
    return {"what": what, "target": target, "measured": measured, "peer": peer, "ratio": ratio}
