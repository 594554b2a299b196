"""Tables for the tests: written by hand, or read record by record with pysam, apart from Varde's own reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pysam

from varde.genome.builds import CONTIGS, Build
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.genome.records import ABSENT, MISSING, SITE_SCHEMA, AlleleKind, AlleleTable


def trio_pedigree(
    child_sex: Sex = Sex.MALE,
    mother: Affected = Affected.UNAFFECTED,
    father: Affected = Affected.UNAFFECTED,
    names: tuple[str, str, str] = ("child", "mother", "father"),
) -> Pedigree:
    child_name, mother_name, father_name = names
    return Pedigree(
        (
            Person("family", child_name, father_name, mother_name, child_sex, Affected.AFFECTED),
            Person("family", mother_name, None, None, Sex.FEMALE, mother),
            Person("family", father_name, None, None, Sex.MALE, father),
        )
    )


def call(text: str, ad: tuple[int, int] | None = None, dp: int | None = None, gq: int | None = 99) -> dict[str, Any]:
    """A call such as '0/1', '1|0', './.', '1', './1'; AD defaults to what the genotype leads one to expect of 30."""
    parts = text.replace("|", "/").split("/")
    codes = [MISSING if part == "." else int(part) for part in parts]
    if len(codes) == 1:
        codes.append(ABSENT)
    if ad is None and codes[0] != MISSING:
        alts = codes.count(1)
        called = sum(code != ABSENT for code in codes)
        ad = (30 - 30 * alts // called, 30 * alts // called)
    return {
        "genotype": codes,
        "phased": "|" in text,
        "ref": MISSING if ad is None else ad[0],
        "alt": MISSING if ad is None else ad[1],
        "dp": dp if dp is not None else (MISSING if ad is None else sum(ad)),
        "gq": MISSING if gq is None else gq,
    }


def table_of(
    samples: Sequence[str], rows: Sequence[tuple[dict[str, Any], Sequence[dict[str, Any]]]], build: Build = Build.GRCH37
) -> AlleleTable:
    """A table of (site columns that differ from the default, calls in the samples' order). Phase sets: key 'ps'."""
    sites = []
    for index, (given, _) in enumerate(rows):
        site = {
            "line": index + 1,
            "record": index,
            "allele": 1,
            "allele_count": 1,
            "contig": 1,
            "position": 1000 + index,
            "identifier": ".",
            "ref": "A",
            "alt": "C",
            "filter": "PASS",
            "kind": int(AlleleKind.SNV),
            **given,
        }
        site.setdefault("contig_name", CONTIGS[site["contig"] - 1] if site["contig"] else "other")
        site.setdefault("end", site["position"] + len(site["ref"]) - 1)
        sites.append(site)
    shape = (len(rows), len(samples))
    genotype = np.array([[c["genotype"] for c in calls] for _, calls in rows], dtype=np.int8).reshape(*shape, 2)

    def grid(name: str, kind: Any) -> Any:
        return np.array([[c.get(name, MISSING) for c in calls] for _, calls in rows], dtype=kind).reshape(shape)

    return AlleleTable(
        build=build,
        samples=tuple(samples),
        sites=pl.DataFrame(sites, schema=SITE_SCHEMA),
        genotype=genotype,
        phased=grid("phased", np.bool_),
        phase_set=grid("ps", np.int32),
        depth_ref=grid("ref", np.int32),
        depth_alt=grid("alt", np.int32),
        depth_x=grid("dp", np.int32),
        genotype_quality=grid("gq", np.int32),
    )


def trio_table(*rows: tuple[str, str, str] | Sequence[Any], **site: Any) -> AlleleTable:
    """A table of child, mother, father from genotype texts or calls, all with the same site columns."""
    written = [(dict(site), [call(one) if isinstance(one, str) else one for one in row]) for row in rows]
    return table_of(("child", "mother", "father"), written)


def read_with_pysam(path: Path, build: Build, samples: Sequence[str]) -> tuple[AlleleTable, list[dict[str, Any]]]:
    """A file of biallelic records, and each record's INFO."""
    rows, info = [], []
    with pysam.VariantFile(str(path)) as file:
        for index, record in enumerate(file):
            name = record.chrom.removeprefix("chr")
            (alt,) = record.alts
            kind = AlleleKind.SNV if len(record.ref) == len(alt) == 1 else AlleleKind.INSERTION
            kind = AlleleKind.SPANNING if alt == "*" else AlleleKind.DELETION if len(record.ref) > len(alt) else kind
            site = {
                "record": index,
                "contig": CONTIGS.index(name) + 1,
                "contig_name": record.chrom,
                "position": record.pos,
                "end": record.stop,
                "ref": record.ref,
                "alt": alt,
                "filter": ";".join(record.filter.keys()) or ".",
                "kind": int(kind),
            }
            rows.append((site, [_pysam_call(record.samples[sample]) for sample in samples]))
            info.append(dict(record.info))
    return table_of(samples, rows, build), info


def _pysam_call(sample: Any) -> dict[str, Any]:
    codes = [MISSING if code is None else code for code in sample["GT"]]
    ad = sample.get("AD") or (None, None)
    ps = sample.get("PS")
    return {
        "genotype": codes if len(codes) == 2 else [*codes, ABSENT],
        "phased": sample.phased,
        "ps": MISSING if ps is None else ps,
        "ref": MISSING if ad[0] is None else ad[0],
        "alt": MISSING if len(ad) < 2 or ad[1] is None else ad[1],
        "dp": MISSING if sample.get("DP") is None else sample["DP"],
        "gq": MISSING if sample.get("GQ") is None else sample["GQ"],
    }
