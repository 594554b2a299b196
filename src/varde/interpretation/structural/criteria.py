"""The scoring metric for copy-number loss and gain (Riggs 2020), as data.

Points are whole hundredths, so that the borders of the classes are exact. ``lowest`` and ``highest`` bound what one
criterion may give in all (published range and maximum; of what is counted by case, family or study the whole).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

SOURCE = "Riggs 2020, Genet Med 22:245-257 (ACMG/ClinGen), tables 1 and 2"
RULESET = "ACMG/ClinGen CNV 2020"

PATHOGENIC, LIKELY_PATHOGENIC, LIKELY_BENIGN, BENIGN = 99, 90, -90, -99
"""Sums in hundredths at which a class begins: 0.99, 0.90, -0.90, -0.99."""


class Change(StrEnum):
    """What the metric scores."""

    LOSS = "loss"
    GAIN = "gain"


class Judge(StrEnum):
    """Who judges a row: the programme from data, or a person from literature, family and phenotype."""

    PROGRAMME = "programme"
    PERSON = "person"


CHANGE_OF_KIND: Mapping[str, Change] = MappingProxyType({"DEL": Change.LOSS, "DUP": Change.GAIN})
"""Kinds of events that the metric scores; insertions, inversions and breakends have none."""


@dataclass(frozen=True)
class CnvCriterion:
    """One row of the metric. ``group`` names rows of which one at most is met."""

    code: str
    section: int
    suggested: int
    lowest: int
    highest: int
    judge: Judge
    group: str = ""

    def __post_init__(self) -> None:
        if not self.lowest <= self.suggested <= self.highest:
            raise ValueError(f"{self.code}: the suggested points lie outside their range")


_C, _M = Judge.PROGRAMME, Judge.PERSON


def _fixed(code: str, points: int, judge: Judge, group: str = "") -> CnvCriterion:
    return CnvCriterion(code, int(code[0]), points, points, points, judge, group)


def _range(code: str, points: int, bounds: tuple[int, int], judge: Judge, group: str = "") -> CnvCriterion:
    return CnvCriterion(code, int(code[0]), points, *bounds, judge, group)


_CONTENT = (_fixed("1A", 0, _C, "content"), _fixed("1B", -60, _C, "content"))
_LITERATURE = (
    _range("4A", 30, (0, 90), _M),
    _range("4B", 15, (0, 90), _M),
    _range("4C", 10, (0, 90), _M),
    _range("4D", 0, (-30, 0), _M),
    _range("4E", 10, (0, 30), _M),
    _fixed("4F", 15, _M, "segregation"),
    _fixed("4G", 30, _M, "segregation"),
    _fixed("4H", 45, _M, "segregation"),
    _range("4I", -45, (-90, 0), _M),
    _range("4J", -30, (-90, 0), _M),
    _range("4K", -15, (-30, 0), _M),
    _range("4L", 45, (0, 45), _M),
    _range("4M", 30, (0, 45), _M),
    _range("4N", -90, (-90, 0), _M),
    _range("4O", -100, (-100, 0), _C),
)


def _family(highly_specific: int) -> tuple[CnvCriterion, ...]:
    return (
        _range("5A", 0, (-30, 45), _M, "inheritance"),
        _range("5B", -30, (-45, 0), _M, "inheritance"),
        _range("5C", -15, (-30, 0), _M, "inheritance"),
        _range("5D", 15, (0, 45), _M),
        _range("5E", 0, (-45, 0), _M),
        _fixed("5F", 0, _C, "inheritance"),
        _range("5G", 10, (0, 15), _M, "inheritance"),
        _range("5H", highly_specific, (0, 30), _M, "inheritance"),
    )


LOSS: Mapping[str, CnvCriterion] = MappingProxyType(
    {
        one.code: one
        for one in (
            *_CONTENT,
            _fixed("2A", 100, _C),
            _fixed("2B", 0, _C),
            _range("2C-1", 90, (45, 100), _C),
            _range("2C-2", 0, (0, 45), _C),
            _fixed("2D-1", 0, _C),
            _range("2D-2", 90, (45, 90), _M, "last_exon"),
            _range("2D-3", 30, (0, 45), _M, "last_exon"),
            _range("2D-4", 90, (45, 100), _C),
            _range("2E", 0, (0, 90), _M),
            _fixed("2F", -100, _C),
            _fixed("2G", 0, _C),
            _fixed("2H", 15, _C),
            _fixed("3A", 0, _C, "genes"),
            _fixed("3B", 45, _C, "genes"),
            _fixed("3C", 90, _C, "genes"),
            *_LITERATURE,
            *_family(30),
        )
    }
)
GAIN: Mapping[str, CnvCriterion] = MappingProxyType(
    {
        one.code: one
        for one in (
            *_CONTENT,
            _fixed("2A", 100, _C),
            _fixed("2B", 0, _C),
            _fixed("2C", -100, _C),
            _fixed("2D", -100, _C),
            _fixed("2E", 0, _C),
            _range("2F", -100, (-100, 0), _C),
            _fixed("2G", 0, _C),
            _fixed("2H", 0, _C),
            _range("2I", 0, (0, 90), _M),
            _fixed("2J", 0, _M, "one_breakpoint"),
            _fixed("2K", 45, _M, "one_breakpoint"),
            _fixed("2L", 0, _C),
            _fixed("3A", 0, _C, "genes"),
            _fixed("3B", 45, _C, "genes"),
            _fixed("3C", 90, _C, "genes"),
            *_LITERATURE,
            *_family(15),
        )
    }
)
METRIC: Mapping[Change, Mapping[str, CnvCriterion]] = MappingProxyType({Change.LOSS: LOSS, Change.GAIN: GAIN})

GENE_STEPS: Mapping[Change, tuple[int, int]] = MappingProxyType({Change.LOSS: (25, 35), Change.GAIN: (35, 50)})
"""Protein-coding genes from which 3B and 3C apply."""
DE_NOVO_POINTS: Mapping[tuple[bool, str], int] = MappingProxyType(
    {
        (True, "specific"): 45,
        (True, "consistent"): 30,
        (True, "heterogeneous"): 15,
        (True, "not_consistent"): 0,
        (False, "specific"): 30,
        (False, "consistent"): 15,
        (False, "heterogeneous"): 10,
        (False, "not_consistent"): 0,
    }
)
"""5A by 4A to 4D: (parentage confirmed, how specific the phenotype is)."""
PVS1_POINTS: Mapping[str, int] = MappingProxyType({"very_strong": 90, "strong": 45, "moderate": 30, "supporting": 15})
"""2E by the strength of PVS1; 2I takes the first two."""
COMMON_FREQUENCY, CONFIDENCE_Z = 0.01, 1.96
"""4O: common is more than one of a hundred alleles. It is so when the lower end of the 95 % interval (Wilson) is above,
and not so when the upper end is below: registers of structural variants hold fewer people than those of small ones."""
PLI, LOEUF, HI_PERCENT = 0.9, 0.35, 10.0
"""2H: gnomAD's pLI of at least and LOEUF below count as one predictor, DECIPHER's percentile of at most as another."""


def interval(count: float, total: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; (0, 1) of nothing.

    >>> [round(end, 4) for end in interval(0, 1168)]
    [0.0, 0.0033]
    """
    if total <= 0:
        return 0.0, 1.0
    share, square = count / total, CONFIDENCE_Z**2
    middle = share + square / (2 * total)
    half = CONFIDENCE_Z * (share * (1 - share) / total + square / (4 * total**2)) ** 0.5
    scale = 1 + square / total
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
