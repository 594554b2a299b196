"""Who the data are of: VerifyBamID2, somalier, peddy."""

from __future__ import annotations

from collections.abc import Iterator

from varde.quality.formats.reading import QualityText, given, pair, table
from varde.quality.measurement import Measurement


def read_selfsm(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """VerifyBamID2's ``*.selfSM``: FREEMIX, the share of reads of somebody else, and the rest."""
    return _by_person(source, "VerifyBamID2", "\t", "SEQ_ID", ("FREEMIX",))


def read_somalier_samples(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """somalier's ``*.samples.tsv``; ``sex`` is the sex it infers: 1 male, 2 female, else not told."""
    return _by_person(source, "somalier", "\t", "sample_id", ("sex", "X_depth_mean", "Y_depth_mean"))


def read_somalier_pairs(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """somalier's ``*.pairs.tsv``; relatedness is about twice KING's kinship."""
    return _by_pair(source, "somalier", "\t", ("relatedness", "ibs0", "n"))


def read_peddy_sex(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """peddy's ``*.sex_check.csv``."""
    return _by_person(source, "peddy", ",", "sample_id", ("predicted_sex", "het_ratio"))


def read_peddy_pairs(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """peddy's ``*.ped_check.csv``; ``rel`` is about twice KING's kinship."""
    return _by_pair(source, "peddy", ",", ("rel", "ibs0", "n"))


def _by_person(
    source: QualityText, tool: str, separator: str, name: str, required: tuple[str, ...]
) -> Iterator[Measurement]:
    for row in table(source, separator, (name, *required)):
        person = row.pop(name)
        for column, cell in row.items():
            yield source.measured(tool, person, column, given(cell))


def _by_pair(source: QualityText, tool: str, separator: str, required: tuple[str, ...]) -> Iterator[Measurement]:
    for row in table(source, separator, ("sample_a", "sample_b", *required)):
        both = pair(row.pop("sample_a"), row.pop("sample_b"))
        for column, cell in row.items():
            yield source.measured(tool, both, f"pair.{column}" if column not in ("rel", "relatedness") else column,
                                  given(cell))  # fmt: skip
