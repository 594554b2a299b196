"""Reading the sites of another register from a VCF: alleles normalised and keyed, counts checked, rsIDs kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from varde.frequency.ploidy import Region, regions
from varde.genome.builds import Build, contig_code, contig_length
from varde.genome.errors import InputError
from varde.genome.keys import is_hashed
from varde.genome.liftover import bare_table
from varde.genome.normalise import normalise, with_keys
from varde.genome.references import Reference
from varde.genome.text_source import TextSource
from varde.genome.vcf_header import VcfHeader, parse_header
from varde.genome.vcf_lines import LineWindow

_GROUP = re.compile(r"##INFO=<ID=AN_([A-Za-z]{2,12}),")
_NOT_GROUPS = ("Het", "Hom", "Hemi", "raw")
_COUNTS: Mapping[str, tuple[str, ...]] = {
    "ac": ("AC",),
    "an": ("AN",),
    "nhomalt": ("nhomalt",),
    "nhemi": ("nhemi",),
    "ac_xy": ("AC_XY", "AC_male"),
}
_SHARES: Mapping[str, tuple[str, ...]] = {"af": ("AF",), "faf95": ("faf95", "fafmax_faf95_max")}
_CONSEQUENCES = r";(?:vep|CSQ|ANN)=[^;]*"
"""Most of the bytes of such files, taken off before fields are looked for."""
RSIDS = pl.Schema({"rsid": pl.UInt32(), "key": pl.UInt64(), "ref": pl.String(), "alt": pl.String()})


@dataclass(frozen=True)
class Records:
    """``sites``: key, ref and alt (null where the key spells them), passed (FILTER), ac, an, af, nhomalt, nhemi, faf95
    and ``ac_g``, ``an_g`` by group, sorted by key; ``rsids``: ``RSIDS``, sorted; ``passed_over``: alleles by
    reason."""

    sites: pl.DataFrame
    rsids: pl.DataFrame
    groups: tuple[str, ...]
    passed_over: Mapping[str, int]


def read_site_records(
    path: Path, build: Build, reference: Reference | None = None, *, identifiers_only: bool = False
) -> Records:
    """All sites of a VCF (or VCF.gz, BCF), in memory: some 100 bytes per allele while reading.

    Raises InputError as ``read_vcf`` for what is no VCF; ``wrong_build``; ``no_counts`` for a header without AC and AN,
    or AF; ``bad_count`` naming the line, for what is no number, negative, AC above AN, or not one value per allele;
    ``duplicate_allele``; and those of ``normalise``.
    """
    with TextSource(path) as source:
        window = LineWindow(source)
        header = parse_header(window.take_header(), source.name)
        _check_build(header, build, source.name)
        fields, groups = _fields(header, source.name, identifiers_only)
        passed_over: Counter[str] = Counter()
        parts = [
            _batch(text, line, fields, build, reference, source.name, passed_over) for text, line in _texts(window)
        ]
    whole = pl.concat(parts) if parts else _batch(b"", 1, fields, build, reference, path.name, passed_over)
    whole = whole.sort("key", "ref", "alt", "line")
    _refuse_duplicates(whole, path.name)
    return Records(_sites(whole, groups, build), _rsids(whole), groups, dict(sorted(passed_over.items())))


def _check_build(header: VcfHeader, build: Build, source: str) -> None:
    if header.build not in (None, build):
        raise InputError(
            "wrong_build",
            f"{build} is expected, but the header tells of {header.build}.",
            f"Give --build {header.build}, or the file of {build}.",
            source=source,
            field="##contig",
        )


def _fields(header: VcfHeader, source: str, identifiers_only: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """The column of each INFO field to read, and the groups."""
    if identifiers_only:
        return {}, ()
    declared = set(re.findall(r"##INFO=<ID=([^,>]+)", header.text))
    fields = {}
    for column, names in (*_COUNTS.items(), *_SHARES.items()):
        name = next((name for name in names if name in declared), None)
        if name is not None:
            fields[column] = name
    if not {"ac", "an"} <= fields.keys() and "af" not in fields:
        raise InputError(
            "no_counts",
            "The header declares neither INFO/AC with AN nor INFO/AF.",
            "Give a file of sites with counts, or import its identifiers only.",
            source=source,
            field="INFO",
        )
    named = [name for name in _GROUP.findall(header.text) if f"AC_{name}" in declared and name not in _NOT_GROUPS]
    groups = tuple(sorted(set(named)))
    fields |= {f"{count}_{group}": f"{count.upper()}_{group}" for group in groups for count in ("ac", "an")}
    return fields, groups


def _texts(window: LineWindow) -> Iterator[tuple[bytes, int]]:
    """Whole lines with the number of the first."""
    while not window.is_done:
        if window.start == window.stop:
            window.refill()
        text = window.text[window.start : window.stop].tobytes()
        if text:
            yield text, window.line
        window.line += text.count(b"\n")
        window.start = window.stop


def _batch(
    text: bytes,
    line: int,
    fields: Mapping[str, str],
    build: Build,
    reference: Reference | None,
    source: str,
    passed_over: Counter[str],
) -> pl.DataFrame:
    """Rows by allele: line, key, ref, alt, identifier, passed and one column per field."""
    records = _records(text, line, source)
    values = [_values(records, column, name, source) for column, name in fields.items()]
    whole = records.drop("info", "allele_count").with_columns(values).with_columns(alt=pl.col("alt").str.split(","))
    per_allele = [column for column in fields if whole[column].dtype == pl.List]
    rows = whole.explode("alt", *per_allele)
    reason = (
        pl.when(pl.col("contig") == 0)
        .then(pl.lit("other_sequence"))
        .when(~pl.col("alt").str.contains(r"^[ACGTNacgtn]+$") | ~pl.col("ref").str.contains(r"^[ACGTNacgtn]+$"))
        .then(pl.lit("not_sequence"))
    )
    rows = rows.with_columns(reason=reason)
    passed_over.update(rows.drop_nulls("reason")["reason"].to_list())
    rows = rows.filter(pl.col("reason").is_null()).drop("reason")
    _check(rows, fields, build, source)
    table = bare_table(rows.select("contig", "position", "ref", "alt"), build)
    keyed = (normalise(table, reference) if reference else with_keys(table)).sites
    return rows.with_columns(keyed["key"], keyed["ref"], keyed["alt"], keyed["position"])


def _records(text: bytes, line: int, source: str) -> pl.DataFrame:
    names = ["contig", "position", "identifier", "ref", "alt", "quality", "filter", "info"]
    if not text:
        frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    else:
        frame = pl.DataFrame({"text": text.decode().removesuffix("\n").split("\n")}).select(
            pl.col("text").str.strip_suffix("\r").str.splitn("\t", 9).struct.rename_fields([*names, "rest"])
        )
        frame = frame.unnest("text").select(names)
    numbered = frame.with_row_index("line", offset=line)
    bad = numbered.filter(pl.col("info").is_null() | ~pl.col("position").str.contains(r"^[0-9]{1,9}$"))
    if bad.height:
        raise _refused("bad_columns", "A record has eight columns and a whole number in POS.", bad, source)
    codes = {name: contig_code(name) for name in numbered["contig"].unique()}
    return numbered.select(
        pl.col("line").cast(pl.Int64),
        pl.col("contig").replace_strict(codes, default=0, return_dtype=pl.UInt8),
        pl.col("position").cast(pl.Int64),
        "identifier",
        pl.col("ref").str.to_uppercase(),
        "alt",
        passed=pl.col("filter").is_in(["PASS", "."]),
        info=pl.col("info").str.replace_all(_CONSEQUENCES, ""),
        allele_count=pl.col("alt").str.count_matches(",") + 1,
    )


def _values(records: pl.DataFrame, column: str, name: str, source: str) -> pl.Series:
    """One INFO field as numbers: by record for AN, which has one value, else a list by allele; null for ``.``."""
    single = column.startswith("an")
    kind = pl.Float64 if column in _SHARES else pl.Int64
    found = records["info"].str.extract(rf"(?:^|;){re.escape(name)}=([^;]*)")
    records, text = records.select("line", "allele_count", found.alias("text")), pl.col("text")
    if single or records["allele_count"].max() == 1:  # as gnomAD writes: no lists are needed
        told = pl.when(text != ".").then(text)
        number = told.cast(kind, strict=False)
        read = records.select(
            "line", number.alias(column), bad=told.is_not_null() & ~number.is_finite().fill_null(False)
        )
    else:
        count = pl.col("allele_count")
        given = pl.when(text.is_null()).then(pl.lit(".").repeat_by(count)).otherwise(text.str.split(","))
        number = pl.element().cast(kind, strict=False)
        unread = (pl.element() != ".") & ~number.is_finite().fill_null(False)
        bad = (given.list.len() != count) | given.list.eval(unread).list.any()
        read = records.select("line", given.list.eval(number).alias(column), bad=bad)
    if read["bad"].any():
        expected = "one number" if single else "one number per allele"
        raise _refused("bad_count", f"INFO/{name} is not {expected}.", read.filter("bad"), source)
    return read[column]


def _check(rows: pl.DataFrame, fields: Mapping[str, str], build: Build, source: str) -> None:
    lengths = {code: contig_length(build, code) for code in rows["contig"].unique()}
    beyond = rows.filter(
        pl.col("position") + pl.col("ref").str.len_bytes() - 1
        > pl.col("contig").replace_strict(lengths, default=0, return_dtype=pl.Int64)
    )
    if beyond.height:
        raise _refused("wrong_build", f"The record lies beyond its contig in {build}.", beyond, source)
    for column, name in fields.items():
        low = rows.filter(pl.col(column) < 0)
        if low.height:
            raise _refused("bad_count", f"INFO/{name} is negative; what is not known is written '.'.", low, source)
    for count in (column for column in fields if column.startswith("ac") and column.replace("ac", "an", 1) in fields):
        above = rows.filter(pl.col(count) > pl.col(count.replace("ac", "an", 1)))
        if above.height:
            raise _refused("bad_count", f"INFO/{fields[count]} is above its AN.", above, source)
    if "af" in fields and rows.filter(pl.col("af") > 1).height:
        raise _refused("bad_count", "INFO/AF is above 1.", rows.filter(pl.col("af") > 1), source)


def _refuse_duplicates(rows: pl.DataFrame, source: str) -> None:
    again = rows.filter(pl.struct("key", "ref", "alt").is_duplicated())
    if again.height:
        lines = again.filter(pl.col("key") == again["key"][0])["line"]
        raise InputError(
            "duplicate_allele",
            f"The allele stands twice, in line {lines[0]} and line {lines[1]}: which counts are right?",
            "Import one file per source, with each allele once.",
            source=source,
            line=int(lines[1]),
        )


def _sites(rows: pl.DataFrame, groups: tuple[str, ...], build: Build) -> pl.DataFrame:
    absent = [name for name in ("ac", "an", "nhomalt", "nhemi", "ac_xy", "af", "faf95") if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None, pl.Float64 if name in _SHARES else pl.Int64).alias(name) for name in absent)
    region = regions(build, rows["contig"].to_numpy(), rows["position"].to_numpy())
    haploid = pl.Series((region == Region.X) | (region == Region.Y))
    hashed = pl.Series(is_hashed(rows["key"].to_numpy()))
    counts = ["ac", "an", "nhomalt", "nhemi", *(f"{count}_{group}" for group in groups for count in ("ac", "an"))]
    nhemi = pl.when(pl.col("nhemi").is_null() & haploid).then("ac_xy").otherwise("nhemi")
    share = pl.when(pl.col("af").is_null() & (pl.col("an") > 0)).then(pl.col("ac") / pl.col("an")).otherwise("af")
    return rows.with_columns(nhemi=nhemi, af=share).select(
        "key",
        *(pl.when(hashed).then(name).alias(name) for name in ("ref", "alt")),
        "passed",
        *(pl.col(name).cast(pl.UInt32) for name in counts),
        pl.col("af"),
        pl.col("faf95"),
    )


def _rsids(rows: pl.DataFrame) -> pl.DataFrame:
    hashed = pl.Series(is_hashed(rows["key"].to_numpy()))
    spelt = rows.with_columns(pl.when(hashed).then(name).alias(name) for name in ("ref", "alt"))
    numbers = pl.col("identifier").str.extract_all(r"(?:^|[;,])rs[0-9]{1,10}").alias("rsid")
    each = spelt.select(numbers, "key", "ref", "alt").explode("rsid").drop_nulls("rsid")
    number = pl.col("rsid").str.extract("([0-9]+)").cast(pl.UInt32, strict=False)
    return each.with_columns(number).drop_nulls("rsid").unique().sort("rsid", "key").match_to_schema(RSIDS)


def _refused(code: str, problem: str, rows: pl.DataFrame, source: str) -> InputError:
    return InputError(
        code,
        f"{problem} {rows.height:,} records are like this." if rows.height > 1 else problem,
        "Correct the file, or import it from its origin anew.",
        source=source,
        line=int(rows["line"].min()),  # type: ignore[arg-type]
        field="INFO" if code == "bad_count" else "POS",
    )
