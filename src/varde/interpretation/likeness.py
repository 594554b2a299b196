"""How well a patient's phenotype fits a gene: the share of the patient's information that the gene's diseases explain.

A gene is compared disease by disease, and its best disease counts: a person has one of a gene's diseases, not all.
Measured against hpo3's own similarity on published cases in ``benchmarks/phenotype.py``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from varde.interpretation.phenotype import ancestors_by_number, current_identifiers, disease_terms, gene_terms

SOURCE = (
    "Varde's proposal, version 2: information content over OMIM diseases (Resnik 1995), best match of every term of "
    "the patient, and with a fifth of the weight of every term of the disease"
)
WEIGHT_OF_DISEASE = 0.2
"""What the share of the disease's information found in the patient weighs beside the patient's share explained. Chosen
on half of the genes of the benchmark, measured on the other half."""
LEAST_TERMS = 3
"""A disease with fewer terms is not set apart from its gene's other diseases."""
LEAST_SHARE = 0.05
"""Below this share of a term's information, what is shared says nothing: "phenotypic abnormality"."""


class GeneProfile(NamedTuple):
    """HPO terms that go with a gene in one of its diseases; ``disease`` is empty for the gene as a whole."""

    gene: str
    terms: tuple[str, ...]
    disease: str = ""


@dataclass(frozen=True)
class TermMatch:
    """One term of the patient and the most telling term that the gene's disease shares with it.

    ``shared`` is the term itself, one above it, or None for nothing in common; ``share`` is what part of the term's
    information is explained, 0 to 1.
    """

    term: str
    shared: str | None
    share: float

    @property
    def exact(self) -> bool:
        """Whether the disease has this very term, or one below it."""
        return self.shared == self.term


@dataclass(frozen=True)
class Likeness:
    """Why a gene fits: ``score`` from 0 to 1, and its ``rank`` among all ``genes`` of the ontology, 1 for the best.

    ``patient_explained`` and ``disease_found`` are the two parts of the score. ``against`` are terms which the patient
    was examined for and does not have, but the disease has; they are shown and do not lower the score.
    """

    gene: str
    disease: str
    score: float
    rank: int
    genes: int
    patient_explained: float
    disease_found: float
    matches: tuple[TermMatch, ...]
    against: tuple[str, ...]


class Profiles:
    """Profiles of genes made ready to be compared with many patients; all arrays are in step with ``profiles``."""

    def __init__(self, profiles: Sequence[GeneProfile]) -> None:
        numbers = _numbers()
        known = ((one, [numbers[term] for term in one.terms if term in numbers]) for one in profiles)
        kept = [(one, sorted(set(terms))) for one, terms in known if terms]
        self.profiles = tuple(one for one, _terms in kept)
        self.genes = tuple(dict.fromkeys(one.gene for one in self.profiles))
        places = {gene: place for place, gene in enumerate(self.genes)}
        self._gene_of = np.array([places[one.gene] for one in self.profiles], dtype=np.int64)
        self._own = _Rows([np.array(terms, dtype=np.int32) for _one, terms in kept])
        self._closed = _Rows([_with_all_above(terms) for _one, terms in kept])
        self._having = self._closed.turned(len(numbers))
        self._information = np.maximum(self._own.sums(information()), 1e-9)

    def scores(self, patient: Sequence[str]) -> Mapping[str, float]:
        """Score of every gene, 0 to 1; empty for a patient without a known term."""
        best, _profile = self._best(tuple(patient))
        return {} if best is None else dict(zip(self.genes, best.tolist(), strict=True))

    def explain(self, patient: Sequence[str], gene: str, excluded: Sequence[str] = ()) -> Likeness | None:
        """Why the gene has its score; None where it has no profile or the patient no known term."""
        best, chosen = self._best(tuple(patient))
        if best is None or chosen is None or gene not in self.genes:
            return None
        place = self.genes.index(gene)
        profile = int(chosen[place])
        numbers, identifiers = _numbers(), current_identifiers()
        above = set(self._closed.of(profile).tolist())
        matches = []
        for term in _known(patient):
            shared = max(
                (one for one in ancestors_by_number()[numbers[term]].tolist() if one in above),
                key=lambda one: (information()[one], one == numbers[term]),
                default=None,
            )
            share = _ratio(shared, numbers[term])
            told = None if shared is None or share < LEAST_SHARE else identifiers[shared]
            matches.append(TermMatch(term, told, share))
        explained, found = self._parts(tuple(_known(patient)))
        return Likeness(
            gene=gene,
            disease=self.profiles[profile].disease,
            score=float(best[place]),
            rank=1 + int((best > best[place]).sum()),
            genes=len(self.genes),
            patient_explained=float(explained[profile]),
            disease_found=float(found[profile]),
            matches=tuple(sorted(matches, key=lambda one: (-one.share, one.term))),
            against=tuple(term for term in _known(excluded) if numbers[term] in above),
        )

    def _best(self, patient: tuple[str, ...]) -> tuple[NDArray[np.float64] | None, NDArray[np.int64] | None]:
        """For every gene the score of its best profile, and which that is."""
        terms = _known(patient)
        if not terms or not self.profiles:
            return None, None
        explained, found = self._parts(tuple(terms))
        score = (explained + WEIGHT_OF_DISEASE * found) / (1 + WEIGHT_OF_DISEASE)
        order = np.lexsort((score, self._gene_of))
        last = np.flatnonzero(np.append(np.diff(self._gene_of[order]) != 0, True))
        chosen = order[last]
        return score[chosen], chosen

    def _parts(self, terms: tuple[str, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(share of the patient's information that each profile explains, share of the profile's found in them)."""
        numbers, worth = _numbers(), information()
        rows = [numbers[term] for term in terms]
        explained = np.zeros(len(self.profiles))
        for row in rows:
            of_term = np.zeros(len(self.profiles))
            above = ancestors_by_number()[row]
            for one in above[np.argsort(worth[above])]:
                of_term[self._having.of(int(one))] = worth[one]
            explained += of_term
        total = max(float(worth[rows].sum()), 1e-9)
        of_patient = np.zeros(len(worth))
        closed = _with_all_above(rows)
        of_patient[closed] = worth[closed]
        found = self._own.sums(_best_above(of_patient)) / self._information
        return explained / total, found


@cache
def ontology_profiles() -> Profiles:
    """Profiles of the ontology's own tables: every gene as a whole, and every disease whose terms all are its gene's.

    The tables do not say which gene a disease belongs to; a gene's terms are those of its diseases together.
    """
    genes = gene_terms()
    having: defaultdict[str, set[str]] = defaultdict(set)
    for gene, terms in genes.items():
        for term in terms:
            having[term].add(gene)
    found = [GeneProfile(gene, terms) for gene, terms in genes.items()]
    for disease, terms in disease_terms().items():
        if len(terms) < LEAST_TERMS:
            continue
        holders = set.intersection(*sorted((having[term] for term in terms), key=len))
        found += [GeneProfile(gene, terms, disease) for gene in sorted(holders) if len(terms) < len(genes[gene])]
    return Profiles(found)


@lru_cache(maxsize=64)
def phenotype_scores(patient: tuple[str, ...]) -> Mapping[str, float]:
    """Score of every gene of the ontology, 0 to 1."""
    return ontology_profiles().scores(patient)


def phenotype_value(patient: tuple[str, ...], gene: str, own_terms: tuple[str, ...] = ()) -> float | None:
    """Where a gene stands among all genes of the ontology by its score: 1 for the best, falling with the logarithm of
    its rank to 0 for the last; None when nothing is known of the gene or the patient.

    ``own_terms`` are those of the laboratory's own table; without them the ontology's tables are used.
    """
    if not patient:
        return None  # before the ontology is loaded, which takes seconds
    scores = phenotype_scores(patient)
    score = _own(gene, own_terms).scores(patient).get(gene) if own_terms else scores.get(gene)
    if score is None or not scores:
        return None
    return 1 - math.log(_rank(patient, score)) / math.log(len(scores))


def terms_likeness(asked: tuple[str, ...], held: tuple[str, ...]) -> float | None:
    """How well one person's terms explain another's, 0 to 1; None when either has no known term."""
    return _own("", held).scores(asked).get("")


def explain(
    patient: tuple[str, ...], gene: str, own_terms: tuple[str, ...] = (), excluded: tuple[str, ...] = ()
) -> Likeness | None:
    """Why a gene has its ``phenotype_value``; None when nothing is known of either."""
    found = (_own(gene, own_terms) if own_terms else ontology_profiles()).explain(patient, gene, excluded)
    if found is None or not own_terms:
        return found
    return replace(found, rank=_rank(patient, found.score), genes=len(phenotype_scores(patient)))


def _rank(patient: tuple[str, ...], score: float) -> int:
    """The place of a score among those of all genes of the ontology; rounding makes no difference to it."""
    ordered = _ordered_scores(patient)
    return 1 + len(ordered) - int(np.searchsorted(ordered, score + 1e-9, side="right"))


@lru_cache(maxsize=64)
def _ordered_scores(patient: tuple[str, ...]) -> NDArray[np.float64]:
    return np.sort(np.fromiter(phenotype_scores(patient).values(), dtype=float))


@lru_cache(maxsize=4096)
def _own(gene: str, terms: tuple[str, ...]) -> Profiles:
    return Profiles([GeneProfile(gene, terms)])


@cache
def information() -> NDArray[np.float64]:
    """Information of every current term by its number: -ln of the share of OMIM diseases that have it or one below."""
    counts = np.zeros(len(current_identifiers()))
    numbers, listed = _numbers(), disease_terms()
    for terms in listed.values():
        counts[_with_all_above([numbers[term] for term in terms if term in numbers])] += 1
    worth: NDArray[np.float64] = -np.log(np.maximum(counts, 1) / max(len(listed), 1))
    return worth


class _Rows:
    """Rows of numbers of different length, one after the other."""

    def __init__(self, rows: Sequence[NDArray[np.int32]]) -> None:
        self._starts = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
        self._values = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int32)

    def of(self, row: int) -> NDArray[np.int32]:
        """The numbers of a row."""
        values: NDArray[np.int32] = self._values[self._starts[row] : self._starts[row + 1]]
        return values

    def sums(self, of: NDArray[np.float64]) -> NDArray[np.float64]:
        """For every row the sum of ``of`` at its numbers. No row is empty."""
        if not len(self._values):
            return np.zeros(0)
        sums: NDArray[np.float64] = np.add.reduceat(of[self._values], self._starts[:-1])
        return sums

    def turned(self, size: int) -> _Rows:
        """For every number below ``size`` the rows that hold it."""
        turned = _Rows([])
        order = np.argsort(self._values, kind="stable")
        turned._values = np.repeat(np.arange(len(self._starts) - 1, dtype=np.int32), np.diff(self._starts))[order]
        turned._starts = np.searchsorted(self._values[order], np.arange(size + 1))
        return turned


def _best_above(worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """For every term the greatest value among it and all above it."""
    values, starts = _ancestors_flat()
    best: NDArray[np.float64] = np.maximum.reduceat(worth[values], starts[:-1])
    return best


@cache
def _ancestors_flat() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    rows = _Rows(ancestors_by_number())
    return rows._values, rows._starts


def _with_all_above(terms: Iterable[int]) -> NDArray[np.int32]:
    above = [ancestors_by_number()[term] for term in terms]
    return np.unique(np.concatenate(above)) if above else np.zeros(0, dtype=np.int32)


def _ratio(shared: int | None, term: int) -> float:
    if shared is None:
        return 0.0
    return 1.0 if shared == term else float(information()[shared] / max(information()[term], 1e-9))


def _known(terms: Iterable[str]) -> list[str]:
    return [term for term in dict.fromkeys(terms) if term in _numbers()]


@cache
def _numbers() -> dict[str, int]:
    return {identifier: number for number, identifier in enumerate(current_identifiers())}
