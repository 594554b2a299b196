"""``varde annotate``: what a register knows of each allele, written into a VCF."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from varde.cli import output
from varde.frequency.annotate import PREFIX, STANDARD_OUTPUT, Summary, annotate, compiled_code
from varde.frequency.new_file import refuse_taken
from varde.genome.errors import InputError

if TYPE_CHECKING:
    from varde.genome.references import Reference

_WORDS = {
    "observed": "observed",
    "absent_covered": "not observed, though people were covered there",
    "not_covered": "not covered: nothing is known there",
    "in_bin": "in a bin of the release",
    "below": "covered, with fewer carriers than the lowest bin tells of, or none",
    "not_in_release": "outside the genes of the release",
    "symbolic": "not looked up: symbolic allele (<DEL>, <NON_REF> ...)",
    "breakend": "not looked up: breakend",
    "spanning_deletion": "not looked up: '*', told of in the deletion's own record",
    "ref_mismatch": "not looked up: REF differs from the reference",
    "unknown_contig": "not looked up: not a chromosome of the build",
    "y_pseudoautosomal": "not looked up: pseudo-autosomal on Y, counted on X",
    "same_as_ref": "not looked up: ALT is the same as REF",
}
_STRUCTURAL_WORDS = {
    "observed": "like an event that was counted",
    "absent_assayed": "like none, though people were read for such",
    "not_assayed": "where nobody was read for such: nothing is known",
    "small": "not compared: no structural allele",
}
_PROFESSIONAL_COUNTS = "professional/counts"
_RELEASE_INDEX = "public/register.index"


def main(arguments: Sequence[str]) -> None:
    """Read the arguments, annotate, tell what was done. Raises InputError; SystemExit for ``--help`` and bad usage."""
    given = _parser().parse_args(arguments)
    if given.out == STANDARD_OUTPUT and given.json:
        raise InputError(
            "bad_output_name",
            "The records and the summary cannot both go to standard output.",
            "Name a file with --out, or leave --json off.",
            field="--out",
        )
    if given.out != STANDARD_OUTPUT:
        for name in (given.out, f"{given.out}.tbi")[: 1 + given.out.endswith(".gz")]:
            refuse_taken(Path(name))
    if given.structural:
        _structural(given)
        return
    with tempfile.TemporaryDirectory() as folder:
        index = given.index
        if given.counts is not None:
            index = _indexed(given.counts, Path(folder) / "counts.index")
        elif given.release is not None:
            index = given.release / _RELEASE_INDEX
        found = annotate(
            given.vcf,
            given.out,
            index,
            reference=_reference(given.reference),
            overwrite=given.overwrite,
            level=given.level,
            threads=given.threads,
            prefix=given.prefix,
            tell=_tell,
        )
    if given.out == STANDARD_OUTPUT:
        sys.stderr.write(_text(found, given.out) + "\n")
    else:
        output.print_result({**found.as_json(), "vcf": given.out}, as_json=given.json, text=_text(found, given.out))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "varde annotate",
        description="Write what a register knows of each allele into a VCF; every record and its INFO is kept, in its "
        "order. Each alternate allele is normalised by itself. What could not be matched is told by reason, in the "
        "field Varde_state and at the end.",
    )
    parser.add_argument("vcf", metavar="VCF", help="VCF, VCF.gz or BCF; '-' reads standard input.")
    parser.add_argument(
        "-o", "--out", default=STANDARD_OUTPUT, metavar="FILE",
        help="VCF to write: with .gz compressed by bgzip and, when sorted, indexed; '-' (default) writes text.",
    )  # fmt: skip
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--index", type=Path, metavar="FILE", help="Frequency index, as a release holds it.")
    source.add_argument("--release", type=Path, metavar="FOLDER", help="Release: its public index.")
    source.add_argument("--counts", type=Path, metavar="FOLDER", help="Counts; an index is made of them first.")
    parser.add_argument(
        "--structural",
        action="store_true",
        help="The file is of a caller of structural variants: write the counts of the events that its alleles are "
        "like, from --counts, or from the professional part of --release.",
    )
    parser.add_argument("--reference", metavar="NAME", help="Reference to left-align with and to check REF against.")
    parser.add_argument("--overwrite", action="store_true", help="Replace fields of an earlier annotation.")
    parser.add_argument("--prefix", type=_prefix, default=PREFIX, help="Begin of the new names (default: %(default)s).")
    parser.add_argument(
        "--level",
        type=int,
        choices=range(1, 10),
        default=1,
        metavar="1-9",
        help="Compression: 1 is the fastest (default), 2 to 9 give the sizes that bgzip's levels give.",
    )
    parser.add_argument("--threads", type=int, choices=range(1, 65), default=2, metavar="1-64", help="Default: 2.")
    parser.add_argument("--json", action="store_true", help="Print the summary as one JSON object on standard output.")
    parser.add_argument(
        "--prepare", action=_Prepare, nargs=0, help="Prepare what the first call after an installation would, and exit."
    )
    return parser


class _Prepare(argparse.Action):
    """As ``--help``: acts when it is read, whatever else is given."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        compiled_code(_tell)
        parser.exit()


def _tell(sentence: str) -> None:
    sys.stderr.write(f"varde: {sentence}\n")
    sys.stderr.flush()


def _structural(given: argparse.Namespace) -> None:
    """Annotate a file of structural variants."""
    from varde.frequency.annotate_structural import annotate_structural
    from varde.frequency.increment import read_increment
    from varde.frequency.lookup import Counts
    from varde.frequency.structural_events import StructuralEvents

    if given.index is not None or given.reference is not None:
        raise InputError(
            "bad_options",
            "Structural variants are in no frequency index, and are compared without a reference.",
            "Give --counts, or a --release with its professional part; leave --index and --reference off.",
            field="--structural",
        )
    if given.counts is not None:
        events, made_from = Counts(given.counts).events, {"counts": given.counts.name}
    else:
        folder = given.release / _PROFESSIONAL_COUNTS
        if not folder.is_dir():
            raise InputError(
                "no_professional_part",
                "Structural variants are in the professional part of a release, which is not there.",
                "Give the whole release, or --counts.",
                source=given.release.name,
            )
        events = StructuralEvents.of(read_increment(folder, ("structural", "people")))
        made_from = {"release": given.release.name, "tier": "professional"}
    found = annotate_structural(
        given.vcf,
        given.out,
        events,
        made_from=made_from,
        overwrite=given.overwrite,
        level=given.level,
        threads=given.threads,
        prefix=given.prefix,
    )
    words = [f"{found.read:,} records read, {found.kept:,} written; {found.alleles.total():,} alternate alleles:"]
    words += [f"  {number:,} {_STRUCTURAL_WORDS.get(state, state)}" for state, number in found.alleles.most_common()]
    if found.replaced:
        words.append(f"{found.replaced:,} fields of an earlier annotation were replaced.")
    if given.out == STANDARD_OUTPUT:
        sys.stderr.write("\n".join(words) + "\n")
    else:
        output.print_result({**found.as_json(), "vcf": given.out}, as_json=given.json, text="\n".join(words))


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]{0,15}", text):
        raise argparse.ArgumentTypeError("1 to 16 letters, digits, '_' or '.', a letter first")
    return text


def _indexed(counts: Path, path: Path) -> Path:
    from varde.frequency.index import index_increment
    from varde.frequency.lookup import Counts

    index_increment(path, Counts(counts).increment, made_from={"counts": counts.name})
    return path


def _reference(name: str | None) -> Reference | None:
    if name is None:
        return None
    from varde.cli.reference import reference_store

    return reference_store().get(name)


def _text(found: Summary, out: str) -> str:
    total = sum(found.alleles.values())
    lines = [f"{found.read:,} records read, {found.kept:,} written; {total:,} alternate alleles:"]
    lines += [f"  {found.alleles[state]:,} {words}" for state, words in _WORDS.items() if state in found.alleles]
    if found.without_alternate:
        lines.append(f"{found.without_alternate:,} records have no alternate allele.")
    if found.not_left_aligned:
        lines.append(
            f"{found.not_left_aligned:,} insertions and deletions were looked up without being left-aligned; "
            "give --reference, or some may be missed in repeats."
        )
    if found.replaced:
        lines.append(f"{found.replaced:,} fields of an earlier annotation were replaced.")
    if not found.is_sorted and out.endswith(".gz"):
        lines.append("The records are not sorted, so no index was written beside the file.")
    return "\n".join(lines)
