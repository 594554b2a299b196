"""Criteria of 172 published variants (AutoACMG's comparison table) beside ours; writes ACMG.md with every difference.

The table gives HGVS names and expected codes, no data. What can be judged is what a name, the MANE transcripts,
gnomAD's constraint and ClinGen's dosage tell: PVS1, PM4, PP2, and that codes of other kinds of variant do not hold.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from shared_data import shared_data
from varde.annotation.knowledge import Inheritance as Known
from varde.annotation.knowledge import KnowledgeTable, merge, read_clingen_dosage, read_gnomad_constraint
from varde.interpretation.acmg import Code, Criterion, State, evaluate
from varde.interpretation.acmg.evidence import (
    Branch,
    Evidence,
    Inheritance,
    LofConfidence,
    LofMechanism,
    TranscriptFacts,
)

WRITTEN = Path(__file__).parent / "ACMG.md"
_THREE = "[A-Z][a-z]{2}"
_NAME = re.compile(r"(NM_\d+)\.\d+(?:\((\w+)\))?:(c\.\S+)")
_WHY = {
    (
        "PVS1",
        "open",
    ): "The mechanism for this gene and inheritance is not in ClinGen's dosage extract, or the transcript "
    "or start codon's alternatives are not known here: open, not refused.",
    ("PVS1", "missed"): "Not a null variant by its name, or the tree ends without strength.",
    ("PVS1", "added"): "A null variant by its name, which the table gives other codes for.",
    ("PM4", "missed"): "The name is no in-frame change, or PVS1 stands already.",
    ("PM4", "open"): "Whether the change lies in a repeat needs the reference sequence.",
    ("PM4", "added"): "In frame by its name, and the table does not count it.",
    (
        "PP2",
        "missed",
    ): "gnomAD's missense Z is not above 3.09 and no ClinVar is asked: the panel named the gene itself.",
    ("PP2", "added"): "gnomAD's missense Z is above 3.09, and the panel does not use PP2 for this gene.",
    ("PP2", "open"): "The gene has no missense Z in the extract.",
}
JUDGED = ("PVS1", "PM4", "PP2")


def run() -> list[dict[str, Any]]:
    """Judge, write ACMG.md, and return the rows of RESULTS.md."""
    rows = [_judged(row, *_knowledge()) for row in _table()]
    told = {code: Counter(_difference(code, *row[1:3]) for row in rows) for code in JUDGED}
    WRITTEN.write_text(_text(rows, told), encoding="utf-8")
    return [
        {
            "what": f"{code}: same as expected, of those that could be judged (172 variants)",
            "target": None,
            "measured": f"{counts['same']} of {sum(counts.values()) - counts['open']}",
            "peer": None,
            "ratio": None,
        }
        for code, counts in told.items()
    ]


def _table() -> list[dict[str, str]]:
    path = shared_data("knowledge", "acmg", "comparison_criteria_custom.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if not row["variant"].startswith("#")]


_KEPT: list[Any] = []


def _knowledge() -> tuple[KnowledgeTable, dict[str, tuple[str, list[int], int]]]:
    """Gene knowledge, and of each MANE transcript its gene, the coding bases of each exon and the exons."""
    if not _KEPT:
        dosage = shared_data("knowledge", "clingen", "clingen_dosage_sensitivity_reduced.csv")
        constraint = shared_data("knowledge", "gnomad", "gnomad_v4.1.1_constraint_reduced.tsv.gz")
        table = merge(read_clingen_dosage(dosage), read_gnomad_constraint(constraint, "4.1.1"))
        transcripts = {}
        with gzip.open(shared_data("reference", "mane_grch38_genepred.tsv.gz"), "rt", encoding="utf-8") as lines:
            for line in lines:
                cells = line.rstrip("\n").split("\t")
                start, cds = int(cells[1]), (int(cells[6]), int(cells[7]))
                sizes, places = ([int(n) for n in cells[i].strip(",").split(",")] for i in (10, 11))
                exons = [(start + at, start + at + size) for at, size in zip(places, sizes, strict=True)]
                coding = [max(0, min(end, cds[1]) - max(begin, cds[0])) for begin, end in exons]
                name = next(cell for cell in cells[18:] if cell.startswith("NM_"))
                found = coding if cells[5] == "+" else coding[::-1]
                transcripts[name.split(".")[0]] = (cells[18], found, len(exons))
        _KEPT.extend((table, transcripts))
    return _KEPT[0], _KEPT[1]


def _judged(
    row: dict[str, str], known: KnowledgeTable, transcripts: dict[str, tuple[str, list[int], int]]
) -> tuple[str, dict[str, Criterion], set[str], str]:
    """The variant, our criteria by code, the expected codes, and its kind."""
    named = _NAME.match(row["variant"])
    identifier, coding = (named[1], named[3]) if named else ("", "")
    gene = _gene(row, transcripts.get(identifier))
    kind, position, stop = _kind(coding, row["comment"] or "")
    facts = _facts(transcripts.get(identifier), kind, position, stop)
    rows = known.by_gene.get(gene, ())
    dosage = next((one for one in rows if one.lof_mechanism.value == "established"), None)
    recessive = dosage is None
    mechanisms = () if dosage is None else (_mechanism(dosage.inheritance, f"{dosage.source} {dosage.version}"),)
    evidence = Evidence(
        gene=gene,
        consequence=frozenset({kind}) if kind else None,
        inheritance=Inheritance.AUTOSOMAL_RECESSIVE if recessive else mechanisms[0].inheritance,
        transcript=facts,
        relevant_transcript=True if facts is not None else None,
        lof_mechanisms=mechanisms or None,
        missense_z=next((one.missense_z for one in rows if one.missense_z is not None), None),
        constraint_source="gnomAD constraint 4.1.1",
    )
    ours = {criterion.code.value: criterion for criterion in evaluate(evidence)}
    return row["variant"], ours, set((row["expected_criteria"] or "").split(";")), kind


def _mechanism(inheritance: Known, source: str) -> LofMechanism:
    mode = Inheritance.X_LINKED if inheritance is Known.X_LINKED else Inheritance.AUTOSOMAL_DOMINANT
    return LofMechanism(mode, LofConfidence.ESTABLISHED, source)


def _gene(row: dict[str, str], transcript: tuple[str, list[int], int] | None) -> str:
    told = re.search(r"Gene: (\w+)", row["comment"] or "") or re.search(r"\((\w+)\)", row["variant"])
    return told[1] if told else transcript[0] if transcript else ""


def _kind(coding: str, comment: str) -> tuple[str, int | None, int | None]:
    """Sequence Ontology term by the name, first residue changed, and the residue of a premature stop."""
    protein = re.search(rf"p\.\(?({_THREE}\d+\S*?)[);,. ]", comment + " ")
    said = protein[1] if protein else ""
    if re.fullmatch(r"c\.[123][ACGT]>[ACGT]", coding):
        return "start_lost", 1, None
    if re.search(r"c\.\d+(?:_\d+)?[+-][12](?:\D|$)", coding):
        return ("splice_donor_variant" if "+" in coding else "splice_acceptor_variant"), None, None
    if re.search(r"\d[+-]\d", coding):
        return "intron_variant", None, None
    if shifted := re.match(rf"{_THREE}(\d+){_THREE}fs(?:Ter|\*)?(\d+)?", said):
        first = int(shifted[1])
        return "frameshift_variant", first, first + int(shifted[2]) - 1 if shifted[2] else None
    if stopped := re.match(rf"{_THREE}(\d+)(?:Ter|\*)", said):
        return "stop_gained", int(stopped[1]), int(stopped[1])
    if said.endswith("="):
        return "synonymous_variant", None, None
    length = _length_change(coding)
    if length:
        return ("frameshift_variant" if length % 3 else "inframe_deletion"), None, None
    if re.fullmatch(rf"{_THREE}\d+{_THREE}", said):
        return "missense_variant", None, None
    return "", None, None


def _length_change(coding: str) -> int:
    """Bases more or fewer, by the name; 0 when it does not say."""
    told = re.fullmatch(r"c\.(\d+)(?:_(\d+))?(del|dup)[ACGT]*", coding)
    return int(told[2] or told[1]) - int(told[1]) + 1 if told else 0


def _facts(
    transcript: tuple[str, list[int], int] | None, kind: str, position: int | None, stop: int | None
) -> TranscriptFacts | None:
    if kind == "start_lost":
        return TranscriptFacts(Branch.START, mane=True)
    if kind not in ("stop_gained", "frameshift_variant"):
        return TranscriptFacts(Branch.NOT_NULL) if kind and not kind.startswith("splice_") else None
    if transcript is None or position is None:
        return None
    coding, exons = transcript[1], transcript[2]
    length = sum(coding) // 3 - 1
    before_last = sum(coding[:-1]) if exons > 1 else 0
    return TranscriptFacts(
        Branch.NONSENSE_FRAMESHIFT,
        mane=True,
        exon_count=exons,
        protein_position=position,
        protein_length=length,
        removed_residues=max(length - position + 1, 0),
        ptc_to_last_junction=before_last - 3 * (stop - 1) if stop is not None and exons > 1 else None,
    )


def _difference(code: str, ours: dict[str, Criterion], expected: set[str]) -> str:
    found = ours[code].state
    if found is State.NOT_EVALUATED:
        return "open"
    if (found is State.MET) == (code in expected):
        return "same"
    return "added" if found is State.MET else "missed"


def _text(rows: list[tuple[str, dict[str, Criterion], set[str], str]], told: dict[str, Counter[str]]) -> str:
    lines = [
        "# Criteria of Varde beside AutoACMG's comparison table",
        "",
        "Written by `python benchmarks/run.py acmg`: 172 variants with the codes that experts or recommendations give. "
        "The table holds names and codes, no data, so only what a name, the MANE transcripts, gnomAD's constraint and "
        "ClinGen's dosage tell can be judged; every other code stays open here, as it must.",
        "",
        "| code | same | added | missed | open, expected | open, not expected |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for code, counts in told.items():
        waiting = [code in row[2] for row in rows if _difference(code, row[1], row[2]) == "open"]
        parts = (counts["same"], counts["added"], counts["missed"], sum(waiting), len(waiting) - sum(waiting))
        lines.append(f"| {code} | " + " | ".join(map(str, parts)) + " |")
    others = [code.value for code in Code if code.value not in JUDGED]
    open_codes = Counter(
        code for row in rows for code in row[2] if code in row[1] and row[1][code].state is State.NOT_EVALUATED
    )
    refused = [
        (row[0], code, str(row[1][code].text))
        for row in rows
        for code in others
        if code in row[2] and code in row[1] and row[1][code].state is State.NOT_MET
    ]
    lines += ["", "Expected and open for want of data: ", ""]
    lines.append(", ".join(f"{code} {number}" for code, number in sorted(open_codes.items())) + ".")
    lines += ["", "## Every difference", "", "| variant | kind by its name | code | difference | ours says | why |"]
    lines.append("|---|---|---|---|---|---|")
    for variant, ours, expected, kind in rows:
        for code in JUDGED:
            found = _difference(code, ours, expected)
            if found == "same" or (found == "open" and code not in expected):
                continue
            value = f" ({ours[code].value})" if ours[code].value else ""
            why = _WHY.get((code, found), "")
            lines.append(f"| {variant} | {kind or 'not told'} | {code} | {found} | {ours[code].text}{value} | {why} |")
    for variant, code, said in refused:
        lines.append(f"| {variant} | | {code} | missed | {said} | Told by the kind of variant or its gene alone. |")
    return "\n".join(lines) + "\n"
