"""A case made ready for filtering: all that was computed once from the files, kept in a folder between sessions."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from varde.annotation.knowledge import Inheritance
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.family import PIECE_ROWS
from varde.genome.kin import Kin
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.read_phase import READ_PHASES
from varde.interpretation.spool import Spool
from varde.quality.report import QualityReport

FORMAT = 2
_MANIFEST = "prepared.json"
_TABLES = ("alleles", "consequences", "modes", "halves", "read_phases")


@dataclass(frozen=True)
class InputFile:
    """A file that the case was made from."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class GeneFacts:
    """What the laboratory's table says of a gene: how its disease is inherited, its HPO terms, and the source."""

    gene: str
    inheritance: frozenset[Inheritance] = frozenset()
    hpo: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class FamilyMember:
    """A person of the family: what they are to the examined one, and the prefix of their columns in ``alleles``: child,
    mother, father, relative_1, relative_2 ...; None for one without data."""

    person: Person
    kin: Kin
    column: str | None


@dataclass(frozen=True)
class PreparedCase:
    """Everything of a case that does not depend on filter settings.

    ``alleles`` has one row per allele read, in the order of ``row`` (UInt32, 0, 1, 2 ...): the columns of the family's
    sites with ``key``; for each of child, mother and father (null without data), and for each relative with data,
    ``<member>_gt`` (text; 2 is another alternate allele), ``_ad_ref``, ``_ad_alt``, ``_dp``, ``_gq`` (null when not
    given), ``_ab`` (balance; on MT the caller's fraction where it gives one) and ``_gate`` (1, 0, -1 not evaluable);
    ``child_carries``; ``gene``, ``transcript``, ``mane``, ``consequence``, ``impact``, ``amino_acid_change``,
    ``dna_change``, ``not_evaluated`` of the most severe consequence; ``ac``, ``an``, ``nhomalt``, ``nhemi``, ``af`` of
    the frequency register; the columns of ``varde.interpretation.known``; and ``modes``, a list. What was not evaluated
    is null.

    ``consequences`` is the frame of ``varde.annotation.consequence`` (empty without a reference), ``modes`` and
    ``halves`` those of ``varde.interpretation.inheritance``. ``members`` are the names of child, mother and father,
    None for a parent without data. ``family`` is everybody in the pedigree: child, mother, father, then the others in
    its order. ``refuted`` are those whom the genotypes show not to be who the pedigree says, with the metric that shows
    it ('kinship', 'sex'): their calls were not asked.
    """

    build: Build
    gate: str
    members: tuple[str, str | None, str | None]
    alleles: pl.DataFrame
    consequences: pl.DataFrame
    modes: pl.DataFrame
    halves: pl.DataFrame
    quality: QualityReport
    genes: Mapping[str, GeneFacts]
    versions: Mapping[str, str]
    inputs: tuple[InputFile, ...]
    has_consequences: bool
    has_frequencies: bool
    family: tuple[FamilyMember, ...] = ()
    refuted: Mapping[str, str] = field(default_factory=dict)
    read_phases: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=READ_PHASES))
    """Pairs of rows that the patient's reads phase (``read_phase.READ_PHASES``)."""

    @property
    def relatives(self) -> tuple[FamilyMember, ...]:
        """Those with columns of their own beside child, mother and father."""
        core = (Kin.CHILD, Kin.MOTHER, Kin.FATHER)
        return tuple(one for one in self.family if one.column is not None and one.kin not in core)

    @property
    def pedigree(self) -> Pedigree:
        """The family as a pedigree."""
        return Pedigree(tuple(one.person for one in self.family))

    def save(self, folder: str | Path) -> None:
        """Write the case as a folder, whole or not at all; an older case of that name is replaced.

        Raises OSError when the place cannot be written; the older case then stands as it was.
        """
        target = Path(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            checksums = {}
            for name in _TABLES:
                path = new / f"{name}.parquet"
                getattr(self, name).write_parquet(
                    path, compression="zstd", compression_level=1, row_group_size=PIECE_ROWS
                )
                checksums[path.name] = _sha256(path)
            manifest = json.dumps({**self._described(), "sha256": checksums}, indent=1, sort_keys=True)
            (new / _MANIFEST).write_text(manifest, encoding="utf-8")
            _put_in_place(new, target)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise

    @classmethod
    def load(cls, folder: str | Path) -> PreparedCase:
        """The case in a folder. Raises InputError ``no_case``, ``unknown_format`` or ``damaged_case``."""
        source = Path(folder)
        stored = _manifest(source)
        try:
            tables = {name: _table(source, name, stored["sha256"]) for name in _TABLES}
            genes = [_facts(fact) for fact in stored["genes"]]
            child, mother, father = stored["members"]
            return cls(
                build=Build(stored["build"]),
                gate=stored["gate"],
                members=(child, mother, father),
                quality=QualityReport.from_dict(stored["quality"]),
                genes={fact.gene: fact for fact in genes},
                versions=stored["versions"],
                inputs=tuple(InputFile(**one) for one in stored["inputs"]),
                has_consequences=stored["has_consequences"],
                has_frequencies=stored["has_frequencies"],
                family=tuple(_member(one) for one in stored["family"]),
                refuted=stored["refuted"],
                **tables,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(source, str(error)) from None

    def _described(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "build": self.build.value,
            "gate": self.gate,
            "members": list(self.members),
            "quality": self.quality.as_dict(),
            "genes": [
                {"gene": gene, "inheritance": sorted(fact.inheritance), "hpo": list(fact.hpo), "source": fact.source}
                for gene, fact in sorted(self.genes.items())
            ],
            "versions": dict(self.versions),
            "inputs": [asdict(one) for one in self.inputs],
            "has_consequences": self.has_consequences,
            "has_frequencies": self.has_frequencies,
            "family": [{**asdict(one.person), "kin": one.kin, "column": one.column} for one in self.family],
            "refuted": dict(self.refuted),
        }


def input_file(path: str | Path) -> InputFile:
    """Name, SHA-256 and size of a file."""
    source = Path(path)
    return InputFile(source.name, _sha256(source), source.stat().st_size)


def _member(stored: Mapping[str, Any]) -> FamilyMember:
    told = {name: stored[name] for name in ("family", "identifier", "father", "mother")}
    person = Person(**told, sex=Sex(stored["sex"]), affected=Affected(stored["affected"]))
    return FamilyMember(person, Kin(stored["kin"]), stored["column"])


def _facts(stored: Mapping[str, Any]) -> GeneFacts:
    inheritance = frozenset(Inheritance(one) for one in stored["inheritance"])
    return GeneFacts(stored["gene"], inheritance, tuple(stored["hpo"]), stored["source"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put_in_place(new: Path, target: Path) -> None:
    if not target.exists():
        new.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
    os.replace(target, old / "case")  # noqa: PTH105
    try:
        new.rename(target)
    except BaseException:
        os.replace(old / "case", target)  # noqa: PTH105
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _manifest(source: Path) -> dict[str, Any]:
    try:
        stored = json.loads((source / _MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            "no_case", "There is no prepared case here.", "Prepare the case first.", source=source.name
        ) from None
    except ValueError as error:
        raise _damaged(source, str(error)) from None
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise InputError(
            "unknown_format",
            f"The case was written in another format than {FORMAT}.",
            "Prepare it anew from its VCFs.",
            source=source.name,
        )
    return stored


def _table(source: Path, name: str, checksums: Mapping[str, str]) -> pl.DataFrame:
    path = source / f"{name}.parquet"
    if not path.exists() or _sha256(path) != checksums[path.name]:
        raise ValueError(f"{path.name} is missing or was changed")
    rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    if rows <= PIECE_ROWS:
        return pl.read_parquet(path)
    spool = Spool()
    for start in range(0, rows, PIECE_ROWS):
        spool.add(pl.scan_parquet(path).slice(start, PIECE_ROWS).collect())
    return spool.frame()


def _damaged(source: Path, why: str) -> InputError:
    return InputError(
        "damaged_case", f"The prepared case is damaged: {why}.", "Prepare it anew from its VCFs.", source=source.name
    )
