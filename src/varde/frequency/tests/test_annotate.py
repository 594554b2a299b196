"""Annotating against a slow reading of the same rules, record by record, and against bcftools annotate."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from varde.frequency.annotate import annotate
from varde.frequency.annotate_layout import BLOCK_ROWS, FEW
from varde.frequency.count import Counting, count
from varde.frequency.disclosure.bins import SCHEMES, Scheme
from varde.frequency.genotypes import Gate
from varde.frequency.index import build_index, index_increment
from varde.frequency.lookup import Counts as CountsFolder
from varde.frequency.packed import BLOCK_ROWS as PACKED_BLOCK_ROWS
from varde.frequency.statistics import faf
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.references import Reference, ReferenceStore

SEQUENCE = "GACACACACACATTTTTTTTGGATCGATCGATCGATTACGNACGTTTTAAACCCGGGACACAGTGTGTGTG"
COVERED = ((1, 30, 200), (40, 60, 90))  # positions of contig 20 from, to, and the allele number there
HEADER = "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = tmp_path_factory.mktemp("reference")
    (folder / "a.fa").write_text(f">20\n{SEQUENCE}\n")
    return ReferenceStore(folder / "store").add(folder / "a.fa", None, Build.GRCH37, "short")


def one_form(position: int, ref: str, alt: str, sequence: str) -> tuple[int, str, str]:
    """Tan, Abecasis and Kang's algorithm as they wrote it, a base at a time; without a sequence only trimming."""
    changed = True
    while changed:
        changed = False
        if ref and alt and ref[-1] == alt[-1] and (min(len(ref), len(alt)) > 1 or (sequence and position > 1)):
            ref, alt, changed = ref[:-1], alt[:-1], True
        if not ref or not alt:
            position -= 1
            ref, alt, changed = sequence[position - 1] + ref, sequence[position - 1] + alt, True
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return position, ref, alt


def six_digits(value: Fraction) -> str:
    """A ratio with six significant digits, ties to even, as %g writes it."""
    if not value:
        return "0"
    exponent = 0
    while value * Fraction(10) ** -exponent < 1:
        exponent -= 1
    digits = round(value * Fraction(10) ** (5 - exponent))
    return f"{float(Fraction(digits) * Fraction(10) ** (exponent - 5)):.6g}"


Counts = dict[tuple[int, str, str], tuple[int, int, int]]


def annotated(line: str, counts: Counts, sequence: str) -> str:
    """One record, slowly."""
    columns = line.split("\t")
    name, position, ref = columns[0], int(columns[1]), columns[3].upper()
    if columns[4] == ".":
        return line
    told: dict[str, list[str]] = {n: [] for n in ("AC", "AN", "AF", "nhomalt", "faf95", "state")}
    for alt in columns[4].split(","):
        row = slowly(name, position, ref, alt, counts, sequence)
        for field, value in zip(told, row, strict=True):
            told[field].append(value)
    fields = [f"Varde_{n}={','.join(v)}" for n, v in told.items() if set(v) != {"."}]
    columns[7] = ";".join(([] if columns[7] == "." else [columns[7]]) + fields)
    return "\t".join(columns)


def slowly(name: str, position: int, ref: str, alt: str, counts: Counts, sequence: str) -> tuple[str, ...]:
    nothing = (".",) * 5
    for looks, state in (("<", "symbolic"), ("*", "spanning_deletion"), ("[", "breakend"), ("]", "breakend")):
        if looks in alt:
            return (*nothing, state)
    if name != "20":
        return (*nothing, "unknown_contig")
    alt = alt.upper()
    if sequence and not agrees(sequence[position - 1 : position - 1 + len(ref)], ref):
        return (*nothing, "ref_mismatch")
    if ref == alt:
        return (*nothing, "same_as_ref")
    position, ref, alt = one_form(position, ref, alt, sequence)
    an = next((number for start, end, number in COVERED if start <= position <= end), 0)
    ac, an, hom = counts.get((position, ref, alt), (0, an, 0))
    if not an:
        return (".", "0", ".", ".", ".", "not_covered")
    low = f"{float(faf(ac, an)):.6g}"
    return str(ac), str(an), six_digits(Fraction(ac, an)), str(hom), low, "observed" if ac else "absent_covered"


def agrees(bases: str, ref: str) -> bool:
    return len(bases) == len(ref) and all(b in (r, "N") for b, r in zip(bases, ref, strict=True))


def make_index(path: Path, counts: Counts) -> None:
    alleles = sorted(counts)
    keys = encode_keys([20] * len(alleles), [a[0] for a in alleles], [a[1] for a in alleles], [a[2] for a in alleles])
    frame = pl.DataFrame(
        {"key": keys, "ref": [a[1] for a in alleles], "alt": [a[2] for a in alleles]}
        | {n: [counts[a][i] for a in alleles] for i, n in enumerate(("ac", "an", "nhomalt"))},
        schema={
            "key": pl.UInt64,
            "ref": pl.String,
            "alt": pl.String,
            "ac": pl.Int64,
            "an": pl.Int64,
            "nhomalt": pl.Int64,
        },
    ).sort("key")
    steps = [
        ((20 << 32) + place - 1, an) for start, end, number in COVERED for place, an in ((start, number), (end + 1, 0))
    ]
    coverage = pl.DataFrame(steps, schema={"place": pl.UInt64, "an": pl.Int64}, orient="row")
    hashed = pl.col("key").cast(pl.UInt64) & (1 << 30) != 0
    long = frame.filter(hashed).select("key", "ref", "alt")
    sites = frame.select("key", "ac", "an", "nhomalt").with_columns(nhemi=pl.lit(0))
    build_index(path, Build.GRCH37, sites, coverage, long=long, made_from={"release": "test"})


LETTERS = st.text("ACGT", min_size=1, max_size=3) | st.text("ACGTacgt", min_size=1, max_size=16)


@dataclass
class Drawn:
    lines: list[str]
    counts: Counts
    uses_reference: bool


@st.composite
def files(draw: st.DrawFn) -> Drawn:
    """Records in and out of repeats, and a register of some of their alleles."""
    uses_reference = draw(st.booleans())
    sequence = SEQUENCE if uses_reference else ""
    lines, counts = [], {}
    for _ in range(draw(st.integers(1, 12))):
        position = draw(st.integers(1, len(SEQUENCE)))
        ref = SEQUENCE[position - 1 :][: draw(st.integers(1, 14))]
        if draw(st.integers(0, 5)) == 0:
            ref = draw(LETTERS)
        alts = []
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(st.integers(0, 9))
            if kind < 4:
                cut = draw(st.integers(0, len(ref)))
                alts.append((ref[:cut] + draw(st.text("ACGT", max_size=6)) + ref[cut:]) or "A")
            elif kind < 6:
                alts.append(ref[: draw(st.integers(1, len(ref)))])
            elif kind == 6:
                alts.append(draw(st.sampled_from(["*", "<DEL>", "<NON_REF>", "A[20:5[", "]20:9]T"])))
            else:
                alts.append(draw(LETTERS))
        name = draw(st.sampled_from(["20", "20", "20", "20", "HLA"]))
        info = draw(st.sampled_from([".", "DP=3", "VQSLOD=1;V;Vardex=2", "AC=1;AN=2;AF=0.5;DP=12;END=4"]))
        alt = ",".join(alts) if draw(st.integers(0, 19)) else "."
        lines.append("\t".join((name, str(position), "rs1", ref, alt, "3.5", "PASS", info)))
        for one in alts:
            resolved = name == "20" and one.isalpha() and one.upper() != ref.upper()
            fits = not sequence or agrees(sequence[position - 1 : position - 1 + len(ref)], ref.upper())
            if resolved and fits and draw(st.booleans()):
                an = draw(st.integers(1, 2_000_000))
                ac = draw(st.integers(0, an))
                counts[one_form(position, ref.upper(), one.upper(), sequence)] = (ac, an, draw(st.integers(0, 9)))
    return Drawn(lines, counts, uses_reference)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=files())
def test_annotation_equals_the_slow_one(drawn: Drawn, tmp_path: Path, reference: Reference) -> None:
    make_index(tmp_path / "a.index", drawn.counts)
    (tmp_path / "a.vcf").write_text(HEADER + "\n".join(drawn.lines) + "\n")
    sequence = SEQUENCE if drawn.uses_reference else ""
    expected = [annotated(line, drawn.counts, sequence) for line in drawn.lines]
    wrong = sum(line.count("ref_mismatch") for line in expected)
    total = sum(line.split("\t")[4].count(",") + 1 for line in drawn.lines if line.split("\t")[4] != ".")
    files = tmp_path / "a.vcf", tmp_path / "o.vcf", tmp_path / "a.index"
    given_reference = reference if drawn.uses_reference else None
    if wrong > FEW and 2 * wrong > total:
        with pytest.raises(InputError, match="differs from the reference"):
            annotate(*files, reference=given_reference)
        return
    summary = annotate(*files, reference=given_reference)
    assert [line for line in (tmp_path / "o.vcf").read_text().split("\n") if line and line[0] != "#"] == expected
    assert summary.read == summary.kept == len(drawn.lines)
    assert sum(summary.alleles.values()) == total


def test_constants_of_two_modules_agree() -> None:
    assert BLOCK_ROWS == PACKED_BLOCK_ROWS


ONE = (5, "A", "T")
LINES = [
    "20\t5\t.\tA\tT\t.\tPASS\tDP=1\tGT\t0/1",
    "20\t5\t.\tA\tC\t.\tPASS\t.\tGT\t0/1",
    "20\t99\t.\tA\tC\t.\t.\tDP=2\tGT\t.",
]
SAMPLE_HEADER = HEADER.replace("INFO\n", "INFO\tFORMAT\tS1\n").replace(
    "#CHROM", '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">\n#CHROM'
)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    make_index(tmp_path / "a.index", {ONE: (7, 200, 2)})
    return tmp_path / "a.index"


def write(path: Path, lines: list[str], header: str = SAMPLE_HEADER) -> Path:
    path.write_text(header + "\n".join(lines) + "\n")
    return path


def test_every_way_in_and_out_gives_the_same_records(tmp_path: Path, index: Path) -> None:
    import pysam

    plain = write(tmp_path / "a.vcf", LINES)
    pysam.tabix_compress(str(plain), str(tmp_path / "a.vcf.gz"))
    annotate(plain, tmp_path / "o.vcf", index)
    text = (tmp_path / "o.vcf").read_text()
    assert (
        "\tDP=1;Varde_AC=7;Varde_AN=200;Varde_AF=0.035;Varde_nhomalt=2;Varde_faf95=0.0164266;Varde_state=observed\tGT"
        in text
    )
    assert "\tVarde_AC=0;Varde_AN=200;Varde_AF=0;Varde_nhomalt=0;Varde_faf95=0;Varde_state=absent_covered\tGT" in text
    assert "\tDP=2;Varde_AN=0;Varde_state=not_covered\tGT" in text
    for level in (1, 6):
        summary = annotate(tmp_path / "a.vcf.gz", tmp_path / "o.vcf.gz", index, level=level, threads=level)
        assert gzip.decompress((tmp_path / "o.vcf.gz").read_bytes()).decode() == text
        assert summary.alleles == {"observed": 1, "absent_covered": 1, "not_covered": 1}
        with pysam.VariantFile(str(tmp_path / "o.vcf.gz")) as file:
            assert [record.info["Varde_state"] for record in file] == [
                ("observed",), ("absent_covered",), ("not_covered",)
            ]  # fmt: skip


def test_windows_end_anywhere(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line.replace("DP", "X" * (17 * i) + "=1;DP") for i in range(60) for line in LINES[:1]]
    source = write(tmp_path / "a.vcf", lines)
    annotate(source, tmp_path / "o.vcf", index)
    monkeypatch.setattr("varde.frequency.annotate._WINDOW", 300)
    annotate(source, tmp_path / "small.vcf", index)
    assert (tmp_path / "small.vcf").read_text() == (tmp_path / "o.vcf").read_text()
    assert (tmp_path / "o.vcf").read_text().count("Varde_AC=7;") == 60


def test_line_ends_and_the_last_line_stay_as_they_are(tmp_path: Path, index: Path) -> None:
    (tmp_path / "a.vcf").write_bytes((HEADER + "20\t5\t.\tA\tT\t.\t.\tDP=1").replace("\n", "\r\n").encode())
    annotate(tmp_path / "a.vcf", tmp_path / "o.vcf", index)
    assert (tmp_path / "o.vcf").read_bytes().endswith(b"\tDP=1;Varde_AC=7;Varde_AN=200;Varde_AF=0.035;Varde_nhomalt=2;"
                                                      b"Varde_faf95=0.0164266;Varde_state=observed\n")  # fmt: skip


def test_an_earlier_annotation_is_an_error_or_replaced(tmp_path: Path, index: Path) -> None:
    annotate(write(tmp_path / "a.vcf", LINES), tmp_path / "o.vcf", index)
    with pytest.raises(InputError) as told:
        annotate(tmp_path / "o.vcf", tmp_path / "twice.vcf", index)
    assert (told.value.code, told.value.field) == ("info_exists", "##INFO")
    assert not (tmp_path / "twice.vcf").exists()
    summary = annotate(tmp_path / "o.vcf", tmp_path / "twice.vcf", index, overwrite=True)
    assert (tmp_path / "twice.vcf").read_text() == (tmp_path / "o.vcf").read_text()
    assert summary.replaced == 6 + 6 + 2
    annotate(tmp_path / "o.vcf", tmp_path / "beside.vcf", index, prefix="Old_")
    assert "Varde_state=observed;Old_AC=7;" in (tmp_path / "beside.vcf").read_text()


def test_undeclared_field_of_the_same_name_is_found(tmp_path: Path, index: Path) -> None:
    source = write(tmp_path / "a.vcf", [LINES[0], LINES[1].replace("PASS\t.", "PASS\tDP=4;Varde_AC=9")])
    with pytest.raises(InputError) as told:
        annotate(source, tmp_path / "o.vcf", index)
    assert (told.value.code, told.value.line, told.value.field) == ("info_exists", 6, "INFO")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.index", "a.vcf"]


BAD = {
    "bad_columns": "20\t5\t.\tA\tT",
    "bad_position": "20\tx\t.\tA\tT\t.\t.\t.\tGT\t.",
    "bad_allele": "20\t5\t.\tA\tT,\t.\t.\t.\tGT\t.",
    "second_header": "##INFO",
    "wrong_build": "20\t63025521\t.\tAC\tT\t.\t.\t.\tGT\t.",
}


@pytest.mark.parametrize("code", BAD)
def test_a_bad_record_is_named_and_leaves_nothing(tmp_path: Path, index: Path, code: str) -> None:
    source = write(tmp_path / "a.vcf", [LINES[0], BAD[code]])
    (tmp_path / "o.vcf").write_text("as before")
    with pytest.raises(InputError) as told:
        annotate(source, tmp_path / "o.vcf", index)
    assert (told.value.code, told.value.line, told.value.source) == (code, 6, "a.vcf")
    assert (tmp_path / "o.vcf").read_text() == "as before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.index", "a.vcf", "o.vcf"]


def test_another_build_is_refused(tmp_path: Path, index: Path, reference: Reference) -> None:
    other = write(tmp_path / "a.vcf", LINES, SAMPLE_HEADER.replace("63025520", "64444167"))
    with pytest.raises(InputError) as told:
        annotate(other, tmp_path / "o.vcf", index)
    assert told.value.code == "wrong_build"
    source = write(tmp_path / "a.vcf", [f"20\t{3 * i + 2}\t.\tT\tG\t.\t.\t.\tGT\t." for i in range(1, 20)])
    with pytest.raises(InputError) as told:
        annotate(source, tmp_path / "o.vcf", index, reference=reference)
    assert told.value.code == "ref_mismatch"
    assert not (tmp_path / "o.vcf").exists()


def test_values_are_those_of_bcftools_annotate(tmp_path: Path, index: Path) -> None:
    if shutil.which("bcftools") is None:
        pytest.skip("bcftools is not installed")
    import pysam

    places = list(range(2, 60))
    counts = {(p, "A", "C"): (p * 7, p * 31 + 7, p) for p in places[::2]}
    make_index(tmp_path / "b.index", counts)
    declared = "".join(
        f'##INFO=<ID={n},Number=A,Type={k},Description="d">\n'
        for n, k in (("AC", "Integer"), ("AF", "Float"), ("X", "Integer"))
    )
    rows = [f"20\t{p}\t.\tA\tC\t.\t.\tAC={ac};AF={ac / an!r}" for (p, _, _), (ac, an, _) in counts.items()]
    known = write(tmp_path / "k.vcf", rows, HEADER.replace("#CHROM", declared + "#CHROM"))
    pysam.tabix_index(str(known), preset="vcf", force=True)
    source = write(
        tmp_path / "a.vcf",
        [f"20\t{p}\t.\tA\tC\t.\t.\tX=1" for p in places],
        HEADER.replace("#CHROM", declared + "#CHROM"),
    )
    pysam.tabix_index(str(source), preset="vcf", force=True, keep_original=True)
    theirs = tmp_path / "theirs.vcf"
    columns = "INFO/Varde_AC:=INFO/AC,INFO/Varde_AF:=INFO/AF"
    command = ["bcftools", "annotate", "-a", f"{known}.gz", "-c", columns, "-o", str(theirs), f"{source}.gz"]
    subprocess.run(command, check=True, capture_output=True)
    annotate(f"{source}.gz", tmp_path / "o.vcf", tmp_path / "b.index")

    def told(path: Path) -> dict[int, tuple[str, str]]:
        records = [line.split("\t") for line in path.read_text().splitlines() if line[0] != "#"]
        infos = {int(r[1]): dict(f.partition("=")[::2] for f in r[7].split(";")) for r in records}
        return {p: (i["Varde_AC"], i["Varde_AF"]) for p, i in infos.items() if i.get("Varde_AC", "0") != "0"}

    assert told(tmp_path / "o.vcf") == told(theirs)
    assert len(told(theirs)) == len(counts)


def test_the_tabix_index_finds_what_a_scan_finds(tmp_path: Path, index: Path) -> None:
    import pysam

    draw = np.random.default_rng(4)
    spans: dict[str, list[tuple[int, int]]] = {}
    lines = []
    for name in ("20", "X", "HLA"):
        positions = np.sort(np.concatenate([draw.integers(1, 60_000_000, 2_000), draw.integers(1, 40_000, 800)]))
        for position in positions.tolist():
            ref, alt, end = "ACGT"[: draw.integers(1, 5)], "C", 0
            if draw.random() < 0.02:
                end = position + int(draw.integers(1, 3_000_000))
                alt = "<DEL>"
            info = f"X=1;END={end};Y={'p' * draw.integers(1, 200)}" if end else "X=1"
            lines.append(f"{name}\t{position}\t.\t{ref}\t{alt}\t.\t.\t{info}")
            spans.setdefault(name, []).append((position - 1, max(end, position - 1 + len(ref))))
    source = write(tmp_path / "a.vcf", lines, HEADER)
    summary = annotate(source, tmp_path / "o.vcf.gz", index)
    assert (summary.is_sorted, summary.index_written) == (True, True)
    with pysam.TabixFile(str(tmp_path / "o.vcf.gz")) as file:
        assert file.contigs == ["20", "X", "HLA"]
        assert sum(1 for name in file.contigs for _ in file.fetch(name)) == len(lines)
        for _ in range(300):
            name = str(draw.choice(file.contigs))
            start = int(draw.integers(0, 60_000_000 if draw.random() < 0.5 else 50_000))
            end = start + int(draw.choice([1, 300, 20_000, 2_000_000]))
            found = [int(row.split("\t")[1]) for row in file.fetch(name, start, end)]
            assert found == [first + 1 for first, last in spans[name] if first < end and last > start]


def test_unsorted_records_stay_in_their_order_and_get_no_index(tmp_path: Path, index: Path) -> None:
    (tmp_path / "o.vcf.gz.tbi").write_text("of an older file")
    for lines in ([LINES[2], LINES[0]], [LINES[0], LINES[0].replace("20", "X", 1), LINES[2]]):
        summary = annotate(write(tmp_path / "a.vcf", lines), tmp_path / "o.vcf.gz", index)
        records = gzip.decompress((tmp_path / "o.vcf.gz").read_bytes()).decode().split("\n")[-len(lines) - 1 :]
        assert [record.split("\t")[:2] for record in records[:-1]] == [line.split("\t")[:2] for line in lines]
        assert (summary.is_sorted, summary.index_written) == (False, False)
        assert not (tmp_path / "o.vcf.gz.tbi").exists()


def test_a_public_index_tells_bins_alone(tmp_path: Path) -> None:
    sites = pl.DataFrame({"an": [1_000], "bin": [2], "homozygotes": [1], "hemizygotes": [0]})
    sites = sites.with_columns(key=pl.Series(encode_keys([20], [5], ["A"], ["T"])))
    steps = pl.DataFrame(
        {"place": [1, 9, 19], "an": [1_000, 0, 0], "told": [1, 1, 0]},
        schema_overrides={"place": pl.UInt64},
    ).with_columns(pl.col("place") + (20 << 32))
    made_from = {"release": "2026-10-1", "people_per_site": 5, "edges": SCHEMES["sqrt-5"].edges}
    build_index(tmp_path / "p.index", Build.GRCH37, sites, steps, made_from=made_from)
    lines = [f"20\t{p}\t.\tA\t{alt}\t.\t.\t." for p, alt in ((1, "T"), (5, "T"), (5, "C"), (10, "T"), (20, "T"))]
    summary = annotate(write(tmp_path / "a.vcf", lines, HEADER), tmp_path / "o.vcf", tmp_path / "p.index")
    text = (tmp_path / "o.vcf").read_text()
    found = [line.split("\t")[7] for line in text.splitlines() if line[0] != "#"]
    tail = "Varde_AF_low={};Varde_AF_high={};Varde_nhomalt_low={};Varde_state={}"
    assert found == [
        "Varde_state=not_in_release",
        "Varde_AN=1000;Varde_AC_low=100;Varde_AC_high=224;" + tail.format("0.1", "0.224", 5, "in_bin"),
        "Varde_AN=1000;Varde_AC_low=0;Varde_AC_high=24;" + tail.format("0", "0.024", 0, "below"),
        "Varde_AN=0;Varde_state=not_covered",
        "Varde_state=not_in_release",
    ]
    assert summary.alleles == {"not_in_release": 2, "in_bin": 1, "below": 1, "not_covered": 1}
    assert "##INFO=<ID=Varde_AC," not in text
    assert "##INFO=<ID=Varde_AC_low," in text


@pytest.mark.parametrize("scheme", list(SCHEMES.values()), ids=list(SCHEMES))
def test_bins_stand_for_the_counts_that_the_release_says(tmp_path: Path, scheme: Scheme) -> None:
    random = np.random.default_rng(5)
    position = np.arange(1, 301)
    an = random.integers(1, 60, 300) * 100
    number = scheme.number(random.integers(0, an + 1), an)
    columns = {"an": an, "bin": number, "homozygotes": np.zeros(300, int), "hemizygotes": np.zeros(300, int)}
    keys = encode_keys(np.full(300, 20), position, ["A"] * 300, ["T"] * 300)
    # Of every second site the lowest bin is not written, and the allele number comes from the coverage.
    kept = (number > 0) & (position % 2 == 0)
    steps = pl.DataFrame({"place": ((20 << 32) + position - 1).astype(np.uint64), "an": an, "told": np.ones(300, int)})
    made_from = {"release": "2026-10-1", "people_per_site": 5, "edges": scheme.edges}
    sites = pl.DataFrame({"key": keys} | columns).filter(pl.Series(kept))
    build_index(tmp_path / "p.index", Build.GRCH37, sites, steps, made_from=made_from)
    lines = [f"20\t{p}\t.\tA\tT\t.\t.\t." for p in position]
    annotate(write(tmp_path / "a.vcf", lines, HEADER), tmp_path / "o.vcf", tmp_path / "p.index")
    infos = [line.split("\t")[7] for line in (tmp_path / "o.vcf").read_text().splitlines() if line[0] != "#"]
    found = [dict(part.split("=") for part in info.split(";")) for info in infos]
    low, high = scheme.bounds(np.where(kept, number, 0), an)
    assert [(int(one["Varde_AC_low"]), int(one["Varde_AC_high"])) for one in found] == list(
        zip(low.tolist(), high.tolist(), strict=True)
    )


def test_bcf_is_read_and_a_cut_file_leaves_nothing(tmp_path: Path, index: Path) -> None:
    import pysam

    plain = write(tmp_path / "a.vcf", [line.replace("DP=1", ".").replace("DP=2", ".") for line in LINES])
    with (
        pysam.VariantFile(str(plain)) as file,
        pysam.VariantFile(str(tmp_path / "a.bcf"), "wb", header=file.header) as out,
    ):
        for record in file:
            out.write(record)
    assert annotate(tmp_path / "a.bcf", tmp_path / "o.vcf", index).alleles["observed"] == 1
    pysam.tabix_compress(str(plain), str(tmp_path / "a.vcf.gz"))
    whole = (tmp_path / "a.vcf.gz").read_bytes()
    (tmp_path / "a.vcf.gz").write_bytes(whole[:-28])
    with pytest.raises(InputError) as told:
        annotate(tmp_path / "a.vcf.gz", tmp_path / "cut.vcf.gz", index)
    assert told.value.code == "truncated"
    assert not list(tmp_path.glob("*cut*"))


def test_one_half_of_the_cohort_annotates_the_other(tmp_path: Path) -> None:
    """AC and AN of real records equal what bcftools counts in the file that was counted."""
    from pysam import bcftools

    folder = shared_data("genotypes", "1000g-chr20-grch37")
    for name, source in (("counted", "phased_300"), ("asked", "unphased_203")):
        where = ["-t", "20:1000000-1150000"]
        bcftools.view(
            "-Oz", "-o", str(tmp_path / f"{name}.vcf.gz"), *where, str(folder / f"{source}.vcf.gz"), catch_stdout=False
        )
    count([tmp_path / "counted.vcf.gz"], out=tmp_path / "counts", counting=Counting(Build.GRCH37, Gate.NONE))
    index_increment(tmp_path / "c.index", CountsFolder(tmp_path / "counts").increment, made_from={})
    summary = annotate(tmp_path / "asked.vcf.gz", tmp_path / "o.vcf.gz", tmp_path / "c.index")
    expected = {}
    for line in bcftools.query("-f", "%POS\\t%REF\\t%ALT[\\t%GT]\\n", str(tmp_path / "counted.vcf.gz")).splitlines():
        position, ref, alt, *genotypes = line.split("\t")
        alleles = "".join(genotypes)
        expected[position, ref, alt] = f"{alleles.count('1')} {alleles.count('1') + alleles.count('0')}"
    text = bcftools.query("-f", "%POS\\t%REF\\t%ALT\\t%Varde_AC %Varde_AN\\n", str(tmp_path / "o.vcf.gz"))
    found = {tuple(row[:3]): row[3] for row in (line.split("\t") for line in text.splitlines())}
    assert len(found) == summary.read > 1_000
    assert found == expected
