"""HGVS names of 5,000 variants on 516 transcripts of chromosome 20, against ferro-hgvs; every difference in a class.

ferro-hgvs (Rust) shares no code with ``hgvs`` and cdot, on which Varde's namer stands. Where the two differ, a third
judge decides: the slow reader of names of Varde's tests, which applies a name to the sequence.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from varde.annotation.genes import reference_transcripts
from varde.annotation.genetic_code import reverse_complement
from varde.annotation.names import HgvsNamer, HgvsNames
from varde.annotation.tests import hgvs_oracle as oracle
from varde.annotation.transcripts import Transcript
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.references import Reference, ReferenceStore
from varde.genome.vcf import read_whole_vcf

HERE = Path(__file__).parent
TABLE = HERE / "HGVS.md"
VARIANTS = 5_000
CHROMOSOME = 20
TARGET = 0.995


def shared(*parts: str) -> Path:
    """A file of the shared data."""
    root = os.environ.get("VARDE_SHARED_DATA", HERE.parents[1] / "shared" / "data")
    return Path(root).joinpath(*parts)


@dataclass(frozen=True)
class Asked:
    """A variant on a transcript."""

    variant: Variant
    transcript: Transcript


@dataclass(frozen=True)
class Names:
    """g., c. and p. without accessions."""

    genomic: str | None
    coding: str | None
    protein: str | None


def make_reference(folder: Path) -> Reference:
    """Chromosome 20 with its MANE transcripts."""
    with gzip.open(shared("reference", "mane_on_grch37_chr20_chrX.gff3.gz"), "rt") as file:
        lines = [line for line in file if not line.startswith(("X\t", "##sequence-region X"))]
    gff3 = folder / "chromosome_20.gff3"
    gff3.write_text("".join(lines))
    store = ReferenceStore(folder / "references")
    return store.add(shared("reference", "GRCh37_chr20.fa.gz"), gff3, Build.GRCH37, "chromosome_20")


def ask(reference: Reference) -> list[Asked]:
    """Real variants of the 1000 Genomes on transcripts, at most a third; the rest made, at every kind of place."""
    transcripts = reference_transcripts(reference)
    letters = random.Random(20)
    table = read_whole_vcf(shared("genotypes", "1000g-chr20-grch37", "phased_300.vcf.gz"), samples=())
    real = []
    for position, ref, alt in table.sites.select("position", "ref", "alt").iter_rows():
        hit = transcripts.overlapping(CHROMOSOME, position - 1, position - 1 + len(ref))
        if hit and set(ref + alt) <= set("ACGT"):
            real.append(Asked(Variant(Build.GRCH37, CHROMOSOME, position, ref, alt), hit[0]))
    indels = [one for one in real if len(one.variant.ref) != len(one.variant.alt)]
    others = [one for one in real if len(one.variant.ref) == len(one.variant.alt)]
    chosen = letters.sample(indels, min(len(indels), 800))
    chosen += letters.sample(others, min(len(others), VARIANTS // 3 - len(chosen)))
    while len(chosen) < VARIANTS:
        chosen.append(_made(letters.choice(transcripts.transcripts), reference, letters))
    return chosen


def _made(transcript: Transcript, reference: Reference, letters: random.Random) -> Asked:
    """A change in or beside an exon, most of them in the coding sequence."""
    start, end = letters.choice(transcript.coding_segments if letters.random() < 0.75 else transcript.exons)
    at = letters.randrange(start - 12, end + 12)
    kind = letters.choice(["snv"] * 5 + ["deletion"] * 2 + ["insertion", "duplication", "delins"])
    size = letters.choice([1, 1, 2, 3, 3, 6, 10])
    before = reference.sequence(CHROMOSOME, at - 1, at)
    taken = reference.sequence(CHROMOSOME, at, at + size)
    new = "".join(letters.choice("ACGT") for _ in range(size))
    if kind == "snv":
        base = reference.sequence(CHROMOSOME, at, at + 1)
        position, ref, alt = at + 1, base, letters.choice("ACGT".replace(base, ""))
    elif kind == "deletion":
        position, ref, alt = at, before + taken, before
    elif kind == "insertion":
        position, ref, alt = at, before, before + new
    elif kind == "duplication":
        position, ref, alt = at, before, before + taken
    else:
        other = "".join(letters.choice("ACGT") for _ in range(letters.choice([1, 2, 3, 4])))
        position, ref, alt = at + 1, taken, other
    if ref == alt:
        return _made(transcript, reference, letters)
    return Asked(Variant(Build.GRCH37, CHROMOSOME, position, ref, alt), transcript)


def ours(reference: Reference, asked: list[Asked]) -> tuple[list[HgvsNames], float]:
    """Varde's names and the seconds."""
    namer = HgvsNamer(reference)
    namer.names(asked[0].variant, asked[0].transcript.name)
    started = time.perf_counter()
    found = [namer.names(one.variant, one.transcript.name) for one in asked]
    return found, time.perf_counter() - started


def theirs(reference: Reference, asked: list[Asked], folder: Path) -> tuple[list[Names | str], float]:
    """ferro-hgvs' names, or why it gives none; and the seconds of projecting.

    Its converter (1.0.0) splices the exons of a minus strand in the wrong order. What lies there is therefore given to
    it on the other strand of the chromosome, as a plus strand; g. is normalised on the strand as it is.
    """
    import ferro_hgvs as ferro

    forward = reference.sequence(CHROMOSOME, 0, reference.contig(CHROMOSOME).length)
    named: list[Names | str] = ["not asked"] * len(asked)
    spent = 0.0
    for strand, sequence in ((1, forward), (-1, reverse_complement(forward))):
        converted = _converted(reference, strand, sequence, folder)
        if strand == 1:
            normalizer = ferro.Normalizer(reference_json=str(converted))
        projector = ferro.VariantProjector(reference_json=str(converted))
        rows = [row for row, one in enumerate(asked) if one.transcript.strand == strand]
        names = [_as_plain(asked[row].variant, strand, len(sequence)) for row in rows]
        projector.project_many(names[:1])
        started = time.perf_counter()
        answers = projector.project_many(names, return_exceptions=True)
        spent += time.perf_counter() - started
        for row, answer in zip(rows, answers, strict=True):
            plain = _as_plain(asked[row].variant, 1, len(sequence))
            named[row] = _answer(answer, asked[row], _bare(normalizer.normalize(plain)))
    return named, spent


def _answer(answer: Any, one: Asked, genomic: str | None) -> Names | str:
    """The names on the transcript asked for, or why there are none."""
    if isinstance(answer, Exception):
        return f"{type(answer).__name__}: {answer}"
    told = next((each for each in answer if each.transcript_id == one.transcript.refseq), None)
    if told is None:
        return "not projected on the transcript"
    return Names(genomic, _bare(told.c_name or told.n_name), _bare(told.p_name))


def _converted(reference: Reference, strand: int, sequence: str, folder: Path) -> Path:
    """The transcripts of one strand for ferro, on a contig on which all of them are plus.

    Named by RefSeq's accessions, as of an Ensembl transcript it projects nothing in bulk; without MANE tags, as it
    writes one that it refuses. It lengthens coding sequences by a stop codon that Ensembl's GFF3 counts in already:
    that is taken back.
    """
    import ferro_hgvs as ferro

    contig, length = f"chr{CHROMOSOME}", len(sequence)  # of an accession it looks for another assembly
    fasta, gff3, converted = (folder / f"ferro{strand}.{kind}" for kind in ("fa", "gff3", "json"))
    fasta.write_text(f">{contig}\n" + "\n".join(sequence[i : i + 60] for i in range(0, length, 60)) + "\n")
    fasta.with_suffix(".fa.fai").write_text(f"{contig}\t{length}\t{len(contig) + 2}\t60\t61\n")
    chosen = [one for one in reference_transcripts(reference).transcripts if one.strand == strand]
    gff3.write_text("##gff-version 3\n" + "".join(_rows(one, contig, length) for one in chosen))
    settings = {"build": "GRCh37", "emit_genomic_sequences": True, "error_mode": "silent"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ferro.convert_gff(ferro.ConvertGffConfig(str(gff3), str(fasta), str(converted), **settings))
    told = json.loads(converted.read_text())
    own = {one.refseq: one for one in chosen}
    for entry in told["transcripts"]:
        one = own[entry["id"]]
        if (entry["sequence"], entry["cds_start"]) != (one.spliced_sequence(reference), one.coding_start + 1):
            raise AssertionError(f"ferro has another transcript {one.name} than the reference")
        entry["cds_end"] = one.coding_start + one.coding_length
    converted.write_text(json.dumps(told))
    return converted


def _rows(transcript: Transcript, contig: str, length: int) -> str:
    def turned(span: tuple[int, int]) -> tuple[int, int]:
        return span if transcript.strand == 1 else (length - span[1], length - span[0])

    def row(kind: str, span: tuple[int, int], phase: str, attributes: str) -> str:
        start, end = turned(span)
        return f"{contig}\tx\t{kind}\t{start + 1}\t{end}\t.\t+\t{phase}\t{attributes}\n"

    whole, parent = (transcript.start0, transcript.end0), f"Parent={transcript.refseq}"
    text = row("gene", whole, ".", f"ID=gene-{transcript.refseq};Name={transcript.gene}")
    text += row("mRNA", whole, ".", f"ID={transcript.refseq};Parent=gene-{transcript.refseq};biotype=protein_coding")
    for span in transcript.ordered_exons:
        text += row("exon", span, ".", parent)
    before = 0
    for span in transcript.coding_segments:
        text += row("CDS", span, str(-before % 3), f"ID=cds-{transcript.refseq};{parent}")
        before += span[1] - span[0]
    return text


def _as_plain(variant: Variant, strand: int, length: int) -> str:
    """The change as it stands, not shifted, on either strand of the chromosome."""
    position, ref, alt = variant.position, variant.ref, variant.alt
    if strand == -1:
        position, ref, alt = length - (position + len(ref) - 1) + 1, reverse_complement(ref), reverse_complement(alt)
    return f"chr{CHROMOSOME}:{_plain(position, ref, alt)}"


def _plain(position: int, ref: str, alt: str) -> str:
    """REF and ALT without what they share, as a name."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    if not ref:
        return f"g.{position - 1}_{position}ins{alt}"
    place = str(position) if len(ref) == 1 else f"{position}_{position + len(ref) - 1}"
    if len(ref) == len(alt) == 1:
        return f"g.{position}{ref}>{alt}"
    return f"g.{place}del" if not alt else f"g.{place}delins{alt}"


def _bare(name: str | None) -> str | None:
    return None if name is None else name.partition(":")[2] or name


AXES = ("genomic", "coding", "protein")
EXPLAINED = {
    "repeat": "ferro writes a repeat (`46_54A[11]`), Varde the deletion or duplication that the general recommendation "
    "names first and that laboratories' tables use. Same change.",
    "no protein beside a repeat": "ferro gives no protein where it wrote the coding change as a repeat.",
    "no protein named": "Intron, untranslated region or splice site: Varde says `p.?`, ferro nothing.",
    "intron of the 3' UTR": "ferro counts an intron behind the stop codon from the last base of the transcript instead "
    "of from the next exon.",
    "start codon said of the 3' UTR": "ferro says `p.(Met1?)` of a change behind the stop codon.",
    "start codon kept": "The first ten bases are doubled; the first start codon stays where it was and is read as "
    "before. ferro says `p.(Met1?)`.",
    "protein split": "ferro splits one change of neighbouring residues into several; HGVS names it `delins`.",
    "stop in an insertion": "The inserted residues end in a stop: HGVS names an insertion (`Lys2_Phe3insLeuTer`), "
    "ferro takes a neighbour into a `delins`.",
    "protein not most C-terminal": "A doubled run of residues: HGVS names the most C-terminal copy, ferro another.",
    "unknown where it can be told": "ferro says `p.?`, or nothing, of a change that can be read.",
    "at a junction": "Bases doubled at the very end of an exon: whether the new ones stay in the exon is not known. "
    "Varde says `p.?`, ferro reads them as exonic.",
}


def explained(axis: str, own: str | None, other: str | None, coding: str | None) -> str:
    """The class of a difference; ``unexplained`` when it is none of ``EXPLAINED``."""
    if axis != "protein":
        if other and "[" in other:
            return "repeat"
        return "intron of the 3' UTR" if re.match(r"c\.\*\d+[+-]", own or "") else "unexplained"
    if own == "p.?":
        if other is None:
            return "no protein named"
        return "start codon said of the 3' UTR" if other == "p.(Met1?)" else "at a junction"
    if other is None and coding and "[" in coding:
        return "no protein beside a repeat"
    if other in (None, "p.?"):
        return "unknown where it can be told"
    if other == "p.(Met1?)":
        return "start codon kept"
    if "[" in other:
        return "protein split"
    if "ins" in (own or "") and (own or "").endswith("Ter)"):
        return "stop in an insertion"
    return "protein not most C-terminal" if "dup" in other or "dup" in (own or "") else "unexplained"


def judged(axis: str, name: str | None, one: Asked, reference: Reference) -> bool | None:
    """Whether the slow reader of names finds the variant in the name; None where it cannot read such a name."""
    variant = one.variant
    if name is None or name == "p.?":
        return None
    try:
        if axis == "protein":
            return _protein_right(name, one, reference)
        low, high = variant.start0 - 2_000, variant.end0 + 2_000
        contig = reference.sequence(CHROMOSOME, low, high)
        changed = contig[: variant.start0 - low] + variant.alt + contig[variant.end0 - low :]
        transcript = one.transcript if axis == "coding" else None
        return oracle.applied(f"x:{name}", transcript, reference, (low, high)) == changed
    except (AssertionError, IndexError, ValueError, KeyError):
        return False


def _protein_right(name: str, one: Asked, reference: Reference) -> bool | None:
    start, end, alt = _along(one, reference)
    before, after = oracle.reading(one.transcript, reference, start, end, alt)
    if "fs" in name:
        return oracle.slow_frameshift(before, after) == name
    if "ext" in name or name == "p.(Met1?)":
        return None
    single = re.fullmatch(r"p\.\([A-Z][a-z]{2}\d+Ter\)", name)
    if single:
        return oracle.slow_frameshift(before, after) == name
    return oracle.applied_protein(name, before) == after.split("*")[0] + "*"


def _along(one: Asked, reference: Reference) -> tuple[int, int, str]:
    """REF's span and ALT, an insertion or deletion moved as far along a plus transcript as it goes (a VCF writes it at
    the other end, which may lie in an intron)."""
    start, end, alt = one.variant.start0, one.variant.end0, one.variant.alt
    ref = one.variant.ref
    if one.transcript.strand == -1 or len(ref) == len(alt) or ref[0] != alt[0] or min(len(ref), len(alt)) > 1:
        return start, end, alt
    start, moved = start + 1, alt[1:]
    while True:
        following = reference.sequence(CHROMOSOME, end, end + 1)
        first = moved[0] if moved else reference.sequence(CHROMOSOME, start, start + 1)
        if first != following:
            return start, end, moved
        start, end, moved = start + 1, end + 1, (moved[1:] + following if moved else "")


@dataclass(frozen=True)
class Difference:
    """One difference, its class, and the third judge's word on Varde's name."""

    axis: str
    kind: str
    asked: Asked
    own: str | None
    other: str | None
    right: bool | None


def compared(
    asked: list[Asked], own: list[HgvsNames], other: list[Names | str], reference: Reference
) -> tuple[Counter[str], list[Difference]]:
    """Equal names by axis, and the differences. A variant that neither names counts as equal."""
    equal: Counter[str] = Counter()
    differences = []
    for one, mine, theirs_ in zip(asked, own, other, strict=True):
        names = theirs_ if isinstance(theirs_, Names) else Names(None, None, None)
        for axis in AXES:
            told, said = _bare(getattr(mine, axis)), getattr(names, axis)
            if told == said or (mine.error and isinstance(theirs_, str)):
                equal[axis] += 1
                continue
            kind = explained(axis, told, said, names.coding)
            differences.append(Difference(axis, kind, one, told, said, judged(axis, told, one, reference)))
    return equal, differences


def write_table(equal: Counter[str], differences: list[Difference], total: int) -> None:
    """Every class with its explanation, then every difference that is not of the two large classes."""
    lines = [
        "# HGVS names of Varde and of ferro-hgvs",
        "",
        f"Written by `python benchmarks/run.py hgvs`: {total:,} variants on MANE transcripts of GRCh37 chromosome 20, "
        "a third of them real (1000 Genomes), the rest made at every kind of place. The judge is a slow, independent "
        "reader that applies Varde's name to the sequence: right / wrong / no name that it can read.",
        "",
        "| name | equal | of |",
        "|---|---:|---:|",
        *(f"| {axis} | {equal[axis]:,} | {total:,} |" for axis in AXES),
        "",
        "| name | class | number | judge on Varde's name | why |",
        "|---|---|---:|---|---|",
    ]
    groups = Counter((one.axis, one.kind) for one in differences)
    for (axis, kind), count in sorted(groups.items(), key=lambda each: (AXES.index(each[0][0]), -each[1])):
        words = Counter(one.right for one in differences if (one.axis, one.kind) == (axis, kind))
        judge = " / ".join(f"{words[word]:,}" for word in (True, False, None))
        lines.append(f"| {axis} | {kind} | {count:,} | {judge} | {EXPLAINED.get(kind, 'not explained')} |")
    lines += ["", "| variant | transcript | name | Varde | ferro-hgvs | class |", "|---|---|---|---|---|---|"]
    for one in differences:
        if one.kind not in ("no protein named", "repeat"):
            lines.append(
                f"| {one.asked.variant} | {one.asked.transcript.name} | {one.axis} | `{one.own}` | "
                f"{f'`{one.other}`' if one.other else 'none'} | {one.kind} |"
            )
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run() -> list[dict[str, object]]:
    """Rows for RESULTS.md."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        reference = make_reference(folder)
        asked = ask(reference)
        other, quick = theirs(reference, asked, folder)
        own, slow = ours(reference, asked)
        equal, differences = compared(asked, own, other, reference)
        write_table(equal, differences, len(asked))
    rows = []
    for axis in AXES:
        explained_ = sum(one.kind in EXPLAINED and one.right is not False for one in differences if one.axis == axis)
        share = (equal[axis] + explained_) / len(asked)
        rows.append(
            {
                "what": f"{axis} names equal, and after the explained classes of HGVS.md",
                "target": f">= {TARGET:.1%}",
                "measured": f"{equal[axis] / len(asked):.2%}; {share:.2%}",
                "peer": "ferro-hgvs 1.0.0",
                "ratio": "",
            }
        )
    rows.append(
        {
            "what": f"{len(asked):,} variants named g., c. and p.",
            "target": "",
            "measured": f"{slow:.1f} s, {len(asked) / slow:,.0f} a second",
            "peer": f"{quick:.2f} s",
            "ratio": f"{slow / quick:.0f} times the peer's time",
        }
    )
    return rows
