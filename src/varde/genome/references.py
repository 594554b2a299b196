"""A store of references: sequences and genes, copied once, checked, and read without surprises.

``<root>/<name>/`` holds ``sequence.fa`` (capitals, one line per sequence, so that it is read by offset as well as
through its ``.fai``), ``genes.gff3`` where given, and ``reference.json``. Other parts may keep derived files beside
them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS, Build
from varde.genome.errors import InputError
from varde.genome.reference_files import Contig, copy_fasta, copy_gff3, file_sha256

FORMAT = 1
_SEQUENCE = "sequence.fa"
_GENES = "genes.gff3"
_DESCRIPTION = "reference.json"
_TRANSCRIPTS = "transcripts.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Reference:
    """A stored reference. A place that it does not hold raises InputError; it never answers with N."""

    name: str
    build: Build
    folder: Path
    contigs: tuple[Contig, ...]
    checksums: Mapping[str, str]
    """SHA-256 by file name of what the store wrote."""
    sources: tuple[Mapping[str, str | int], ...]
    """``name``, ``sha256`` and ``size_bytes`` of the files the reference was made from."""
    _by_code: Mapping[int, Contig] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_code", {contig.code: contig for contig in self.contigs if contig.code})

    @property
    def fasta(self) -> Path:
        """Plain FASTA in capitals, with ``.fai``."""
        return self.folder / _SEQUENCE

    @property
    def gff3(self) -> Path | None:
        """Sorted genes, named as in ``fasta``; None when the reference has none."""
        return self.folder / _GENES if _GENES in self.checksums else None

    @property
    def transcripts_json(self) -> Path | None:
        """Transcripts derived from ``gff3`` for naming variants; None until they were made."""
        path = self.folder / _TRANSCRIPTS
        return path if path.is_file() else None

    @property
    def codes(self) -> tuple[int, ...]:
        """Contig codes that the reference holds, in the FASTA's order."""
        return tuple(self._by_code)

    def contig(self, code: int) -> Contig:
        """The contig of that code. Raises InputError ``contig_not_in_reference``."""
        try:
            return self._by_code[code]
        except KeyError:
            held = ", ".join(CONTIGS[one - 1] for one in sorted(self._by_code)) or "none"
            asked = CONTIGS[code - 1] if 1 <= code <= len(CONTIGS) else f"contig code {code}"
            raise InputError(
                "contig_not_in_reference",
                f"Reference {self.name} does not hold {asked}; it holds {held}.",
                f"Use a reference of {self.build} that holds it.",
            ) from None

    def bases(self, code: int) -> NDArray[np.uint8]:
        """All bases of a contig as capital ASCII letters: uint8 [length], read-only, mapped from the file."""
        contig = self.contig(code)
        mapped = np.memmap(self.fasta, dtype=np.uint8, mode="r", offset=contig.offset, shape=(contig.length,))
        return np.asarray(mapped)

    def sequence(self, code: int, start0: int, end0: int) -> str:
        """Bases of the half-open range [start0, end0). Raises InputError ``beyond_reference`` outside the contig."""
        contig = self.contig(code)
        if not 0 <= start0 <= end0 <= contig.length:
            whole = "" if contig.complete else "; it holds a part of that contig only"
            raise InputError(
                "beyond_reference",
                f"{contig.name}:{start0 + 1}-{end0} lies outside reference {self.name}, which holds "
                f"{contig.name}:1-{contig.length}{whole}.",
                f"Check the build ({self.build}), or use a reference with the whole contig.",
            )
        with self.fasta.open("rb") as file:
            file.seek(contig.offset + start0)
            return file.read(end0 - start0).decode("ascii")

    def verify(self) -> None:
        """Compare all files with their checksums. Raises InputError ``damaged_reference``, naming the file."""
        for name, expected in self.checksums.items():
            path = self.folder / name
            if not path.is_file() or file_sha256(path) != expected:
                raise _damaged(self.name, name)


class ReferenceStore:
    """The references under one folder. What is stored is never changed: another content is another name."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def names(self) -> tuple[str, ...]:
        """Names of the stored references, sorted."""
        if not self.root.is_dir():
            return ()
        return tuple(sorted(path.parent.name for path in self.root.glob(f"[A-Za-z0-9]*/{_DESCRIPTION}")))

    def get(self, name: str) -> Reference:
        """The reference of that name. Raises InputError ``unknown_reference`` or ``damaged_reference``."""
        if not _NAME.fullmatch(name) or name not in self.names():
            held = ", ".join(self.names()) or "none"
            raise InputError(
                "unknown_reference",
                f"There is no reference {name[:64]!r}; stored are: {held}.",
                "Add it with 'varde reference add'.",
                field="reference",
            )
        return _read(self.root / name)

    def add(
        self,
        fasta: str | Path | Sequence[str | Path],
        gff3: str | Path | None,
        build: Build,
        name: str,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Reference:
        """Copy one or several FASTA files and their genes into the store.

        Contigs may be partial; none may be longer than the build's. ``progress`` is called with the bases written so
        far. Nothing is stored unless all is well. Raises InputError for a name that is taken or unusable and for files
        that are not what they should be.
        """
        self._refuse_name(name)
        sources = [Path(fasta)] if isinstance(fasta, (str, Path)) else [Path(one) for one in fasta]
        if not sources:
            raise InputError("no_fasta", "No FASTA was given.", "Give at least one.", field="fasta")
        genes = None if gff3 is None else Path(gff3)
        folder = self._new_folder()
        try:
            contigs = copy_fasta(sources, folder / _SEQUENCE, build, progress)
            if genes is not None:
                copy_gff3(genes, folder / _GENES, contigs)
            _describe(folder, name, build, contigs, [*sources, *([genes] if genes else [])])
            folder.chmod(0o755)
            self._refuse_name(name)
            folder.rename(self.root / name)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return self.get(name)

    def _new_folder(self) -> Path:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=".adding-", dir=self.root))
        except OSError as error:
            raise InputError(
                "not_writable",
                f"The folder of references cannot be written: {error.strerror}.",
                "Set VARDE_REFERENCES to a folder that can be written.",
                source=self.root.name,
            ) from None

    def _refuse_name(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise InputError(
                "bad_name",
                f"{name[:64]!r} cannot name a reference.",
                "Use 1-64 letters, digits, '.', '_' or '-', starting with a letter or digit.",
                field="name",
            )
        if (self.root / name).exists():
            raise InputError(
                "name_taken",
                f"There is already a reference {name!r}.",
                "Choose another name; a stored reference is never changed.",
                field="name",
            )


def _describe(folder: Path, name: str, build: Build, contigs: Sequence[Contig], sources: Sequence[Path]) -> None:
    written = sorted(path for path in folder.iterdir() if path.is_file())
    description = {
        "format": FORMAT,
        "name": name,
        "build": build.value,
        "sources": [
            {"name": path.name, "sha256": file_sha256(path), "size_bytes": path.stat().st_size} for path in sources
        ],
        "files": {path.name: file_sha256(path) for path in written},
        "contigs": [asdict(contig) for contig in contigs],
        "versions": {"varde": version("varde")},
    }
    target = folder / _DESCRIPTION
    target.write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    for path in (*written, target):
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _read(folder: Path) -> Reference:
    try:
        description: dict[str, Any] = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        reference = Reference(
            name=description["name"],
            build=Build(description["build"]),
            folder=folder,
            contigs=tuple(Contig(**contig) for contig in description["contigs"]),
            checksums=description["files"],
            sources=tuple(description["sources"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise _damaged(folder.name, _DESCRIPTION) from None
    last = reference.contigs[-1]
    sequence = reference.fasta
    if not sequence.is_file() or sequence.stat().st_size != last.offset + last.length + 1:
        raise _damaged(reference.name, _SEQUENCE)
    return reference


def _damaged(name: str, file: str) -> InputError:
    return InputError(
        "damaged_reference",
        f"Reference {name} is damaged: {file} is not what was stored.",
        f"Remove the reference's folder and add it again under the name {name}.",
        source=file,
    )
