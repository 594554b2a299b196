"""The header of an annotated VCF: what was there, and what the new fields mean and were made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from varde.frequency.annotate_layout import FIELDS, STATES
from varde.genome.errors import InputError
from varde.genome.vcf_header import VcfHeader

_MEANING = {
    "AC": ("Integer", "Alternate alleles counted; on MT homoplasmic ones"),
    "AN": ("Integer", "Alleles called at the place of the allele; 0 where nobody was covered"),
    "AF": ("Float", "AC / AN"),
    "nhomalt": ("Integer", "People homozygous for the allele"),
    "nhemi": ("Integer", "People with the allele on their only copy"),
    "faf95": ("Float", "Filtering allele frequency: lower bound of the one-sided 95% Poisson interval of AF"),
    "AC_low": ("Integer", "Least number of alternate alleles of the bin"),
    "AC_high": ("Integer", "Greatest number of alternate alleles of the bin"),
    "AF_low": ("Float", "AC_low / AN"),
    "AF_high": ("Float", "AC_high / AN, at most 1"),
    "nhomalt_low": ("Integer", "At least so many people are homozygous"),
    "nhemi_low": ("Integer", "At least so many people have the allele on their only copy"),
    "state": ("String", "What is known of the allele, or why nothing: " + ", ".join(STATES)),
}
_PUBLIC = ("AC_low", "AC_high", "AF_low", "AF_high", "nhomalt_low", "nhemi_low")


def annotated_header(header: VcfHeader, index: Mapping[str, Any], prefix: str, *, overwrite: bool, source: str) -> str:
    """The header text with a line end. Raises InputError ``info_exists`` when a field is declared and may not go."""
    is_public = "bin" in index["tables"]["sites"]["columns"]
    told = [name for name in FIELDS if name in ("AN", "state") or (name in _PUBLIC) == is_public]
    *lines, columns = header.text.split("\n")
    kept = [line for line in lines if not _is_ours(line, prefix)]
    if len(kept) < len(lines) and not overwrite:
        first = next(number for number, line in enumerate(lines, start=1) if _is_ours(line, prefix))
        raise InputError(
            "info_exists",
            f"The header declares fields of this annotation already: {lines[first - 1][:80]}",
            "Use --overwrite to replace what an earlier annotation wrote.",
            source=source,
            line=first,
            field="##INFO",
        )
    made_from = json.dumps(index["made_from"], ensure_ascii=False, sort_keys=True)
    made_from = made_from.replace("\n", " ")
    new = [f"##{prefix}source={made_from}"]
    for name in told:
        kind, text = _MEANING[name]
        new.append(f'##INFO=<ID={prefix}{name},Number=A,Type={kind},Description="{text}">')
    return "\n".join([*kept, *new, columns]) + "\n"


def _is_ours(line: str, prefix: str) -> bool:
    return line.startswith((f"##INFO=<ID={prefix}", f"##{prefix}source="))
