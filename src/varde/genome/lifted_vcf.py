"""A VCF of one build written in the other: what lifts into one file, what does not, with the reason, into another.

Records lift whole. INFO, FORMAT and genotypes are copied; ``END`` of a spelled allele is moved; other fields that hold
positions or alleles of the old build (annotations) stay as they were. Each lifted record says where it came from
(``Varde_lifted_from``) and whether its strand turned, so that lifted counts are never taken for native ones.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import polars as pl
import pysam

from varde.genome.builds import CONTIGS, MT, Build, contig_code, contig_length
from varde.genome.chains import Chains, Reason
from varde.genome.errors import InputError
from varde.genome.liftover import lift_records
from varde.genome.references import Reference
from varde.genome.text_source import TextSource
from varde.genome.vcf_header import VcfHeader, parse_header
from varde.genome.vcf_lines import LineWindow

_END = re.compile(rb"(?<![^;])END=(\d+)")
_DROPPED = ("##contig=", "##reference=", "##assembly=")
_FROM = "Varde_lifted_from"
_TURNED = "Varde_strand_turned"
_REASON = "Varde_unlifted"


@dataclass(frozen=True)
class Lift:
    """``records`` = ``lifted`` + all of ``unlifted`` (by reason). ``checked``: against a reference of the target."""

    source: Build
    target: Build
    records: int
    lifted: int
    turned: int
    unlifted: dict[str, int]
    checked: bool


def lift_vcf(
    path: str | Path,
    out: str | Path,
    rejected: str | Path,
    chains: Chains,
    *,
    source_build: Build | None = None,
    reference: Reference | None = None,
    progress: Callable[[int], None] | None = None,
) -> Lift:
    """Write the records that lift to ``out`` (.vcf.gz, sorted, indexed) and the others to ``rejected`` as they come.

    ``source_build`` is needed when the header does not tell the build. Both files appear when all is done, or none.
    Raises InputError as ``read_vcf`` for what is no VCF, ``wrong_build``, ``unknown_build`` and ``cannot_write``.
    """
    targets = Path(out), Path(rejected)
    with TextSource(path) as source:
        window = LineWindow(source)
        header = parse_header(window.take_header(), source.name)
        _check_build(header, chains, source_build, source.name)
        with _Outputs(targets, header, chains) as outputs:
            done = 0
            for lines in _batches(window):
                outputs.write(lines, *_lifted(lines, chains, reference))
                done += len(lines)
                if progress is not None:
                    progress(done)
            turned, unlifted = outputs.finish()
    lifted = done - sum(unlifted.values())
    return Lift(
        chains.source, chains.target, done, lifted, turned, dict(sorted(unlifted.items())), reference is not None
    )


def _check_build(header: VcfHeader, chains: Chains, told: Build | None, source: str) -> None:
    build = header.build or told
    if build is None:
        raise InputError(
            "unknown_build",
            "The header does not tell the build: no lengths of contigs, no assembly.",
            f"Say it: --from {chains.source}.",
            source=source,
            field="##contig",
        )
    if build is not chains.source or told not in (None, build):
        raise InputError(
            "wrong_build",
            f"The file is of {build}; the chains lead from {chains.source} to {chains.target}.",
            "Give the chain file that starts from the file's build.",
            source=source,
            field="##contig",
        )


def _batches(window: LineWindow) -> Iterator[list[bytes]]:
    while not window.is_done:
        if window.start == window.stop:
            window.refill()
        if window.stop > window.start:
            yield window.text[window.start : window.stop].tobytes().removesuffix(b"\n").split(b"\n")
        window.start = window.stop


def _lifted(lines: list[bytes], chains: Chains, reference: Reference | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The records as given and as lifted."""
    fields = [line.split(b"\t", 5) for line in lines]
    bad = next((number for number, one in enumerate(fields) if len(one) < 6 or not one[1].isdigit()), None)
    if bad is not None:
        raise InputError(
            "bad_columns",
            f"A record has at least eight columns and a whole number in POS; found {lines[bad][:60]!r}.",
            "Correct the record.",
            field="POS",
        )
    given = pl.DataFrame(
        {
            "contig": np.array([contig_code(one[0].decode()) for one in fields], dtype=np.uint8),
            "position": np.array([one[1] for one in fields]).astype(np.int64),
            "ref": [one[3].decode() for one in fields],
            "alts": pl.Series([one[4].decode() for one in fields]).str.split(","),
        }
    )
    lifted = lift_records(chains, given, reference)
    blocks = [row for row, line in enumerate(lines) if b"END=" in line and _is_block(line, fields[row])]
    if not blocks:
        return given, lifted
    of_a_block = pl.int_range(pl.len()).is_in(pl.Series(blocks).implode())
    reason = pl.when(of_a_block).then(pl.lit("not_sequence")).otherwise("reason").cast(lifted["reason"].dtype)
    return given, lifted.with_columns(reason=reason)


def _is_block(line: bytes, fields: list[bytes]) -> bool:
    """Whether END says that the record stands for more than the letters of REF."""
    found = _END.search(line.split(b"\t", 8)[7])
    return found is not None and int(found[1]) != int(fields[1]) + len(fields[3]) - 1


class _Outputs:
    """Lifted lines by contig in scratch files, sorted at the end; the others as they come."""

    def __init__(self, targets: tuple[Path, Path], header: VcfHeader, chains: Chains) -> None:
        self._targets, self._header, self._chains = targets, header, chains
        self._unlifted: Counter[str] = Counter()
        self._turned = 0
        self._prefix = "chr" if any(name.startswith("chr") for name in header.contigs) else ""
        self._places: dict[int, list[tuple[int, int, bytes]]] = {}
        self._scratch: dict[int, BinaryIO] = {}

    def __enter__(self) -> Self:
        try:
            folder = self._targets[0].parent
            self._folder = tempfile.TemporaryDirectory(prefix=f".{self._targets[0].name}.", dir=folder)
            self._new = tuple(Path(self._folder.name) / name for name in ("lifted.vcf.gz", "rejected.vcf.gz"))
            self._rejected = self._open(self._targets[1], self._new[1])
        except OSError as error:
            raise _unwritable(self._targets[0], error) from error
        self._rejected.write(_rejected_header(self._header))
        return self

    @staticmethod
    def _open(target: Path, new: Path) -> BinaryIO:
        return pysam.BGZFile(str(new), "wb", None) if target.name.endswith(".gz") else new.open("wb")  # type: ignore[return-value]

    def write(self, lines: list[bytes], given: pl.DataFrame, lifted: pl.DataFrame) -> None:
        """One batch, each record to its file."""
        columns = (lifted["reason"], lifted["contig"], lifted["position"], lifted["ref"], lifted["turned"])
        alts = lifted["alts"].list.join(",")
        before = given["position"]
        for line, reason, contig, position, ref, turned, alt, old in zip(lines, *columns, alts, before, strict=True):
            if reason == "lifted":
                self._turned += turned
                self._keep(line, contig, position, ref, alt, turned, old)
            else:
                self._reject(line, reason)

    def _keep(self, line: bytes, contig: int, position: int, ref: str, alt: str, turned: bool, old: int) -> None:
        if contig not in self._scratch:
            self._scratch[contig] = (Path(self._folder.name) / str(contig)).open("w+b")
            self._places[contig] = []
        fields = line.split(b"\t", 8)
        origin = fields[0] + b":" + fields[1]
        info = _END.sub(b"END=%d" % (position + len(ref) - 1), fields[7])
        said = b"%s=%s%s" % (_FROM.encode(), origin, b";" + _TURNED.encode() if turned else b"")
        fields[0] = f"{self._prefix}{_name(contig, self._prefix)}".encode()
        fields[1], fields[3], fields[4] = str(position).encode(), ref.encode(), alt.encode()
        fields[7] = said if info == b"." else info + b";" + said
        whole = b"\t".join(fields) + b"\n"
        self._scratch[contig].write(whole)
        self._places[contig].append((position, len(whole), origin))

    def _reject(self, line: bytes, reason: str) -> None:
        self._unlifted[reason] += 1
        fields = line.split(b"\t", 8)
        said = f"{_REASON}={reason}".encode()
        fields[7] = said if fields[7] == b"." else fields[7] + b";" + said
        self._rejected.write(b"\t".join(fields) + b"\n")

    def finish(self) -> tuple[int, Counter[str]]:
        """Sort, index and put both files in place; records that turned, and those that did not lift by reason."""
        lifted, rejected = self._new
        with pysam.BGZFile(str(lifted), "wb", None) as file:
            file.write(_lifted_header(self._header, self._chains, self._prefix))
            for contig in sorted(self._scratch):
                for line in self._sorted(contig):
                    file.write(line)
        self._rejected.close()
        pysam.tabix_index(str(lifted), preset="vcf", force=True)
        try:
            Path(f"{lifted}.tbi").replace(f"{self._targets[0]}.tbi")
            rejected.replace(self._targets[1])
            lifted.replace(self._targets[0])
        except OSError as error:
            raise _unwritable(self._targets[0], error) from error
        return self._turned, self._unlifted

    def _sorted(self, contig: int) -> Iterator[bytes]:
        """Lines by position. Alleles of two places of the source that became one are told apart no more: rejected."""
        places = self._places[contig]
        ends = np.cumsum([length for _, length, _ in places])
        file = self._scratch[contig]
        file.seek(0)
        text = file.read()
        order = np.argsort(np.array([position for position, _, _ in places]), kind="stable").tolist()
        lines = [text[ends[row] - places[row][1] : ends[row]] for row in order]
        collided = _collided(lines, [places[row][0] for row in order], [places[row][2] for row in order])
        for number, line in enumerate(lines):
            if number in collided:
                self._reject(line.removesuffix(b"\n"), Reason.COLLISION.name.lower())
            else:
                yield line

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._scratch.values():
            file.close()
        self._rejected.close()
        self._folder.cleanup()


def _collided(lines: list[bytes], positions: list[int], origins: list[bytes]) -> set[int]:
    found: set[int] = set()
    for number in np.flatnonzero(np.diff(np.array(positions, dtype=np.int64)) == 0).tolist():
        first = number
        while first > 0 and positions[first - 1] == positions[number]:
            first -= 1
        alleles = lines[number + 1].split(b"\t", 5)[3:5]
        for other in range(first, number + 1):
            if origins[other] != origins[number + 1] and lines[other].split(b"\t", 5)[3:5] == alleles:
                found |= {other, number + 1}
    return found


def _name(contig: int, prefix: str) -> str:
    return "M" if contig == MT and prefix else CONTIGS[contig - 1]


def _lifted_header(header: VcfHeader, chains: Chains, prefix: str) -> bytes:
    lines = header.text.split("\n")
    kept = [line for line in lines[:-1] if not line.startswith(_DROPPED)]
    target = chains.target
    contigs = [
        f"##contig=<ID={prefix}{_name(code, prefix)},length={contig_length(target, code)},assembly={target}>"
        for code in range(1, len(CONTIGS) + 1)
    ]
    said = f"##varde_lift=<from={chains.source},to={target},chain={chains.name},sha256={chains.sha256}>"
    info = [
        f'##INFO=<ID={_FROM},Number=1,Type=String,Description="Place in {chains.source} where it was">',
        f'##INFO=<ID={_TURNED},Number=0,Type=Flag,Description="Strand turned, alleles are reverse complements">',
    ]
    return ("\n".join([*kept, *contigs, said, *info, lines[-1]]) + "\n").encode()


def _rejected_header(header: VcfHeader) -> bytes:
    lines = header.text.split("\n")
    info = f'##INFO=<ID={_REASON},Number=1,Type=String,Description="Why the record was not lifted">'
    return ("\n".join([*lines[:-1], info, lines[-1]]) + "\n").encode()


def _unwritable(target: Path, error: OSError) -> InputError:
    return InputError(
        "cannot_write",
        f"The file cannot be written: {error.strerror}.",
        "Give a folder that exists, can be written and has room.",
        source=target.name,
        field="--out",
    )
