"""A plain VCF reader, one record and one string at a time: the oracle that the compiled reader is held against."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from varde.genome.builds import contig_code
from varde.genome.records import AlleleKind, AlleleTable

IUPAC = re.compile(r"[ACGTNRYSWKMBDHVacgtnryswkmbdhv]+")


def slow_kind(ref: str, alt: str) -> AlleleKind:
    """What an ALT is, by the rules of the VCF specification."""
    if alt in (".", "<NON_REF>", "<*>"):
        return AlleleKind.REFERENCE
    if alt == "*":
        return AlleleKind.SPANNING
    if alt.startswith("<"):
        return AlleleKind.SYMBOLIC
    if not IUPAC.fullmatch(alt):
        return AlleleKind.BREAKEND
    a, b = ref.upper(), alt.upper()
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    return {
        (False, False): AlleleKind.REFERENCE,
        (False, True): AlleleKind.INSERTION,
        (True, False): AlleleKind.DELETION,
        (True, True): (AlleleKind.SNV if len(a) == 1 else AlleleKind.MNV) if len(a) == len(b) else AlleleKind.DELINS,
    }[bool(a), bool(b)]


def _number(text: str) -> int:
    return -1 if text in ("", ".") else int(float(text))


def _phase_set(text: str) -> int:
    found = re.fullmatch(r"(\d+)(_.*)?", text)
    return int(found[1]) if found else -1


def slow_call(keys: list[str], sample: str, alternates: int) -> dict:
    """One sample's values, alleles by number."""
    values = dict(zip(keys, sample.split(":"), strict=False))
    call = {"alleles": [-1, -1], "phased": False, "ad": [-1] * (alternates + 1)}
    if "GT" in values:
        text = values["GT"].lstrip("/|")
        alleles = [-1 if part == "." else int(part) for part in re.split(r"[/|]", text)]
        call["phased"] = "|" in text
        call["alleles"] = [*alleles, -1 if alleles == [-1] else -2] if len(alleles) == 1 else alleles
    depths = values.get("AD", ".").split(",")
    if len(depths) == alternates + 1:
        call["ad"] = [_number(depth) for depth in depths]
    call["dp"], call["gq"] = _number(values.get("DP", ".")), _number(values.get("GQ", "."))
    pid = _phase_set(values.get("PID", "."))
    call["ps"] = _phase_set(values.get("PS", "."))
    if call["ps"] == -1:
        call["ps"] = pid
    order = {"0|1": 0, "1|0": 1}.get(values.get("PGT", "."))
    low, high = sorted(call["alleles"])
    if order is not None and pid != -1 and not call["phased"] and low == 0 < high:
        call["alleles"], call["phased"] = [[low, high], [high, low]][order], True
    return call


def slow_rows(text: str) -> list[tuple]:
    """One tuple per record and ALT: the columns of ``SITE_SCHEMA``, then one tuple of values per sample."""
    rows = []
    record = 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line.startswith("#") or not line:
            continue
        chrom, pos, name, ref, alts, _, filters, info, *rest = line.split("\t")
        alternates = [] if alts == "." else alts.split(",")
        keys = rest[0].split(":") if rest else []
        calls = [slow_call(keys, sample, len(alternates)) for sample in rest[1:]]
        ends = [int(item[4:]) for item in info.split(";") if item.startswith("END=")]
        for allele, alt in enumerate(alternates or ["."], start=1 if alternates else 0):
            end = int(pos) + len(ref) - 1
            if (alt == "." or alt.startswith("<")) and ends:
                end = ends[0]
            kind = slow_kind(ref, alt)
            shown = alt.upper() if IUPAC.fullmatch(alt) else alt
            site = (number, record, allele, len(alternates), contig_code(chrom), chrom, int(pos), end)
            codes = [
                (
                    *(a if a <= 0 else 1 if a == allele else 2 for a in call["alleles"]),
                    call["phased"],
                    call["ps"],
                    call["ad"][0],
                    call["ad"][allele] if alternates else -1,
                    call["dp"],
                    call["gq"],
                )
                for call in calls
            ]
            rows.append((*site, name, ref.upper(), shown, filters, int(kind), *codes))
        record += 1
    return rows


def slow_rows_of(path: Path) -> list[tuple]:
    raw = path.read_bytes()
    return slow_rows((gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode())


def table_rows(table: AlleleTable) -> list[tuple]:
    """A table in the shape of ``slow_rows``."""
    calls = zip(
        table.genotype[:, :, 0].tolist(),
        table.genotype[:, :, 1].tolist(),
        table.phased.tolist(),
        table.phase_set.tolist(),
        table.depth_ref.tolist(),
        table.depth_alt.tolist(),
        table.depth_x.tolist(),
        table.genotype_quality.tolist(),
        strict=True,
    )
    return [(*site, *zip(*call, strict=True)) for site, call in zip(table.sites.rows(), calls, strict=True)]
