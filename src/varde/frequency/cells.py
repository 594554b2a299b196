"""Cells: what people are told apart by in the counts, and nothing more: sex, coarse disease group and assay."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from varde.frequency.ploidy import SEXES
from varde.genome.pedigree import Sex


class Assay(StrEnum):
    """How the person was read. The place in this list is part of the stored format: add at the end only."""

    UNSPECIFIED = "unspecified"
    GENOME = "genome"
    EXOME = "exome"
    PANEL = "panel"


class DiseaseGroup(StrEnum):
    """Why the person was examined, coarsely. The place in this list is part of the stored format: add at the end only.

    A finer list would make groups that are too small to be told of (strategy, C1).
    """

    UNSPECIFIED = "unspecified"
    HEALTHY = "healthy"
    DEVELOPMENT = "development"
    NEUROLOGY = "neurology"
    HEART = "heart"
    CANCER = "cancer"
    METABOLISM = "metabolism"
    KIDNEY = "kidney"
    EYE_EAR = "eye_ear"
    IMMUNE_BLOOD = "immune_blood"
    OTHER = "other"


_ASSAYS, _GROUPS = tuple(Assay), tuple(DiseaseGroup)
_ASSAY_ROOM = 8


@dataclass(frozen=True, order=True)
class Cell:
    """People of one sex, disease group and assay."""

    sex: Sex
    group: DiseaseGroup = DiseaseGroup.UNSPECIFIED
    assay: Assay = Assay.UNSPECIFIED

    @property
    def code(self) -> int:
        """A number below 65,536: sex column + 3 * (assay + 8 * group)."""
        return self.sex_column + 3 * (_ASSAYS.index(self.assay) + _ASSAY_ROOM * _GROUPS.index(self.group))

    @property
    def sex_column(self) -> int:
        """The place of the sex in ``varde.frequency.ploidy.SEXES``."""
        return SEXES.index(self.sex)

    @classmethod
    def of_code(cls, code: int) -> Cell:
        """The inverse of ``code``. Raises ValueError for a number that is no cell's."""
        rest, sex = divmod(code, len(SEXES))
        group, assay = divmod(rest, _ASSAY_ROOM)
        if not 0 <= group < len(_GROUPS) or assay >= len(_ASSAYS):
            raise ValueError(f"{code} is not the code of a cell")
        return cls(SEXES[sex], _GROUPS[group], _ASSAYS[assay])
