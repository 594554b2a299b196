"""The store of references: what it keeps, what it answers, and what it refuses without leaving a trace."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import pysam
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import Reference, ReferenceStore

CHR20 = "ACGTNacgtnRYKMSWBDHV" * 7 + "TTT"
CHRX = "GATTACA" * 3
GENES = """##gff-version 3
##sequence-region 20 1 143
#!genome-build made
X\tmade\tgene\t5\t9\t.\t+\t.\tID=gene:late
chr20\tmade\texon\t11\t20\t.\t+\t.\tParent=transcript:t;Name=a b
chr20\tmade\tgene\t11\t143\t.\t+\t.\tID=gene:æ
chr20\tmade\tmRNA\t11\t143\t.\t+\t.\tID=transcript:t;Parent=gene:æ
###
20\tmade\tgene\t1\t4\t.\t-\t.\tID=gene:first
"""


def wrapped(sequences: dict[str, str], width: int = 10, end: str = "\n") -> str:
    lines = [
        line
        for name, bases in sequences.items()
        for line in (f">{name}", *(bases[i : i + width] for i in range(0, len(bases), width)))
    ]
    return end.join(lines) + end


@pytest.fixture
def fasta(tmp_path: Path) -> Path:
    path = tmp_path / "input.fa"
    path.write_text(wrapped({"chr20 whole or not": CHR20, "X": CHRX, "GL000191.1": "AC"}))
    return path


@pytest.fixture
def store(tmp_path: Path) -> ReferenceStore:
    return ReferenceStore(tmp_path / "references")


def refused(store: ReferenceStore, *arguments: object, name: str = "made") -> InputError:
    """The refusal of an addition, after checking that nothing is left of it."""
    before = sorted(store.root.rglob("*")) if store.root.exists() else []
    with pytest.raises(InputError) as caught:
        store.add(*arguments, name)  # type: ignore[arg-type]
    assert (sorted(store.root.rglob("*")) if store.root.exists() else []) == before
    return caught.value


def test_sequences_are_kept_in_capitals_one_line_each(store: ReferenceStore, fasta: Path) -> None:
    reference = store.add(fasta, None, Build.GRCH37, "made")
    assert reference.fasta.read_text() == f">chr20\n{CHR20.upper()}\n>X\n{CHRX}\n>GL000191.1\nAC\n"
    assert [(c.name, c.code, c.length, c.complete) for c in reference.contigs] == [
        ("chr20", 20, 143, False),
        ("X", 23, 21, False),
        ("GL000191.1", 0, 2, False),
    ]
    with pysam.FastaFile(str(reference.fasta)) as indexed:
        for contig in reference.contigs:
            assert (
                indexed.fetch(contig.name, 1, 2)
                == reference.fasta.read_text().split("\n>")[reference.contigs.index(contig)].split("\n")[1][1]
            )
    assert reference.codes == (20, 23)
    assert reference.gff3 is None
    assert reference.transcripts_json is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
def test_every_packing_gives_the_same_sequence(store: ReferenceStore, tmp_path: Path, end: str, packing: str) -> None:
    text = wrapped({"20": CHR20, "X": CHRX}, end=end)
    path = tmp_path / "input"
    path.write_bytes(gzip.compress(text.encode()) if packing == "gzip" else text.encode())
    if packing == "bgzip":
        pysam.tabix_compress(str(path), str(path.with_suffix(".gz")))
        path = path.with_suffix(".gz")
    reference = store.add(path, None, Build.GRCH37, "made")
    assert reference.fasta.read_text() == f">20\n{CHR20.upper()}\n>X\n{CHRX}\n"


def test_blocks_may_end_anywhere(store: ReferenceStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, path = CHR20 * 458, tmp_path / "input.fa"
    path.write_text(wrapped({"20": first, "X": CHRX * 3000, "MT": "GATC"}, width=33).rstrip("\n"))
    header_of_x = path.read_text().index(">X")
    sizes = [*range(1 << 16, (1 << 16) + 36), *range(header_of_x - 3, header_of_x + 5)]
    for size in sizes:
        monkeypatch.setattr("varde.genome.reference_files._BLOCK_BYTES", size)
        reference = store.add(path, None, Build.GRCH37, f"blocks{size}")
        assert reference.fasta.read_text() == f">20\n{first.upper()}\n>X\n{CHRX * 3000}\n>MT\nGATC\n"


def test_several_files_make_one_reference(store: ReferenceStore, tmp_path: Path) -> None:
    one, two = tmp_path / "20.fa", tmp_path / "X.fa"
    one.write_text(">20\nACGT\n")
    two.write_text(">X\nTTTA\n")
    written: list[int] = []
    reference = store.add([one, two], None, Build.GRCH37, "both", progress=written.append)
    assert reference.sequence(20, 0, 4) + reference.sequence(23, 1, 4) == "ACGTTTA"
    assert written == [8, 16]
    assert [source["name"] for source in reference.sources] == ["20.fa", "X.fa"]
    assert refused(store, [one, one], None, Build.GRCH37).code == "duplicate_contig"


def test_ranges_are_half_open_and_end_with_the_sequence(store: ReferenceStore, fasta: Path) -> None:
    reference = store.add(fasta, None, Build.GRCH37, "made")
    assert reference.sequence(20, 0, 3) == "ACG"
    assert reference.sequence(20, 140, 143) == "TTT"
    assert reference.sequence(23, 21, 21) == ""
    for start, end in ((-1, 2), (0, 144), (143, 144), (5, 4)):
        with pytest.raises(InputError, match=r"a part of that contig only") as caught:
            reference.sequence(20, start, end)
        assert caught.value.code == "beyond_reference"
    for code in (0, 1, 26):
        with pytest.raises(InputError) as caught:
            reference.bases(code)
        assert caught.value.code == "contig_not_in_reference"


def test_bases_are_the_file_itself_and_cannot_be_changed(store: ReferenceStore, fasta: Path) -> None:
    bases = store.add(fasta, None, Build.GRCH37, "made").bases(20)
    assert bases.tobytes().decode() == CHR20.upper()
    assert (bases.dtype, bases.shape) == (np.uint8, (143,))
    with pytest.raises(ValueError, match="read-only"):
        bases[0] = 65


def test_genes_are_sorted_and_named_as_the_fasta_names_them(store: ReferenceStore, fasta: Path, tmp_path: Path) -> None:
    genes = tmp_path / "genes.gff3"
    genes.write_text(GENES, encoding="utf-8")
    reference = store.add(fasta, genes, Build.GRCH37, "made")
    assert reference.gff3 is not None
    assert reference.gff3.read_text(encoding="utf-8").splitlines() == [
        "##gff-version 3",
        "##sequence-region chr20 1 143",
        "##sequence-region X 1 21",
        "#!genome-build made",
        "chr20\tmade\tgene\t1\t4\t.\t-\t.\tID=gene:first",
        "chr20\tmade\tgene\t11\t143\t.\t+\t.\tID=gene:æ",
        "chr20\tmade\tmRNA\t11\t143\t.\t+\t.\tID=transcript:t;Parent=gene:æ",
        "chr20\tmade\texon\t11\t20\t.\t+\t.\tParent=transcript:t;Name=a b",
        "X\tmade\tgene\t5\t9\t.\t+\t.\tID=gene:late",
    ]


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        ("21\tmade\tgene\t1\t2\t.\t+\t.\tID=a", "contig_not_in_reference", 4),
        ("X\tmade\tgene\t1\t22\t.\t+\t.\tID=a", "beyond_reference", 4),
        ("X\tmade\tgene\t0\t2\t.\t+\t.\tID=a", "beyond_reference", 4),
        ("X\tmade\tgene\t3\t2\t.\t+\t.\tID=a", "bad_coordinate", 4),
        ("X\tmade\tgene\tone\t2\t.\t+\t.\tID=a", "bad_coordinate", 4),
        ("X\tmade\tgene\t1\t2\t.", "not_gff3", 4),
        ("X\tmade\tgene\t1\t2\t.\t+\t.\tID=\udcff", "not_utf8", 4),
    ],
)
def test_genes_that_do_not_fit_are_refused(
    store: ReferenceStore, fasta: Path, tmp_path: Path, line: str, code: str, where: int
) -> None:
    genes = tmp_path / "genes.gff3"
    text = f"##gff-version 3\n\n#note\n{line}\nX\tmade\tgene\t1\t2\t.\t+\t.\tID=b\n"
    genes.write_bytes(text.encode("utf-8", "surrogateescape"))
    error = refused(store, fasta, genes, Build.GRCH37)
    assert (error.code, error.source, error.line) == (code, "genes.gff3", where)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"##gff-version 3\n", "empty_gff3"),
        (b"20\tx\ty\t1\t2\n", "not_gff3"),
        (b"\x1f\x8b\x08", "truncated"),
    ],
)
def test_files_that_are_no_genes_are_refused(
    store: ReferenceStore, fasta: Path, tmp_path: Path, content: bytes, code: str
) -> None:
    genes = tmp_path / "genes.gff3"
    genes.write_bytes(content)
    error = refused(store, fasta, genes, Build.GRCH37)
    assert error.code == code


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty", None),
        (b"ACGT\n", "not_fasta", 1),
        (b"\n>20\nACGT\n", "not_fasta", 1),
        (b"##fileformat=VCFv4.2\n", "not_fasta", 1),
        (b">20", "not_fasta", 1),
        (b">20\n", "empty_sequence", 1),
        (b">20\n>X\nA\n", "empty_sequence", 1),
        (b">20\nACGT\nAC-T\n", "not_fasta", 3),
        (b">20\nACGT\nAC>X\n", "not_fasta", 3),
        (b">20\nMVLSPADKTNVKAAWGKVGAHAGEYGAEALERM\n", "not_fasta", 2),
        (b">20\nACGT\n>chr20\nA\n", "duplicate_contig", 3),
        (b">other\nACGT\n>other\nA\n", "duplicate_contig", 3),
        (b">../../etc,passwd\nACGT\n", "not_fasta", 1),
        (b"> \nACGT\n", "not_fasta", 1),
        (b">NC_000020.11\nACGT\n", "wrong_build", 1),
        (b">MT\n" + b"A" * 16570 + b"\n", "contig_too_long", 1),
        (b">chrM\n" + b"A" * 16571 + b"\n", "contig_too_long", 1),
    ],
)
def test_what_is_no_sequence_of_the_build_is_refused(
    store: ReferenceStore, tmp_path: Path, content: bytes, code: str, line: int | None
) -> None:
    fasta = tmp_path / "input.fa"
    fasta.write_bytes(content)
    error = refused(store, fasta, None, Build.GRCH37)
    assert (error.code, error.source, error.line) == (code, "input.fa", line)


def test_a_whole_contig_of_the_other_build_is_recognised(store: ReferenceStore, tmp_path: Path) -> None:
    fasta = tmp_path / "input.fa"
    fasta.write_bytes(b">21\n" + b"N" * 46_709_983 + b"\n")
    assert store.add(fasta, None, Build.GRCH38, "right").contigs[0].complete
    assert refused(store, fasta, None, Build.GRCH37).code == "wrong_build"


def test_files_cut_short_are_refused(store: ReferenceStore, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    fasta = tmp_path / "input.fa"
    fasta.write_text(wrapped({"20": "".join(rng.choice(list("ACGT"), 300_000)), "X": CHRX}))
    pysam.faidx(str(fasta))
    whole = tmp_path / "whole.fa.gz"
    pysam.tabix_compress(str(fasta), str(whole))
    packed = whole.read_bytes()
    second_block = packed.index(b"\x1f\x8b\x08\x04", 1)
    for cut in (len(packed) - 28, len(packed) - 100, second_block, 20):
        (tmp_path / "cut.fa.gz").write_bytes(packed[:cut])
        assert refused(store, tmp_path / "cut.fa.gz", None, Build.GRCH37).code in {"truncated", "corrupt"}
    fasta.write_bytes(fasta.read_bytes()[:-60])
    error = refused(store, fasta, None, Build.GRCH37)
    assert (error.code, error.source) == ("truncated", "input.fa")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../up", "a/b", "a\\b", ".adding-x", "-x", "a b", "æ", "a\n", "x" * 65]
)
def test_hostile_names_are_refused(store: ReferenceStore, fasta: Path, name: str) -> None:
    assert refused(store, fasta, None, Build.GRCH37, name=name).code == "bad_name"
    with pytest.raises(InputError) as caught:
        store.get(name)
    assert caught.value.code == "unknown_reference"


def test_a_name_is_given_once(store: ReferenceStore, fasta: Path) -> None:
    store.add(fasta, None, Build.GRCH37, "made")
    assert refused(store, fasta, None, Build.GRCH38).code == "name_taken"
    assert store.get("made").build is Build.GRCH37


def test_files_that_are_not_there_are_named(store: ReferenceStore, fasta: Path, tmp_path: Path) -> None:
    for missing in (tmp_path / "none.fa", tmp_path, Path("-")):
        assert refused(store, missing, None, Build.GRCH37).code == "not_found"
    assert refused(store, fasta, tmp_path / "none.gff3", Build.GRCH37).source == "none.gff3"
    assert refused(store, [], None, Build.GRCH37).code == "no_fasta"


def test_the_store_lists_what_it_holds(store: ReferenceStore, fasta: Path) -> None:
    assert store.names() == ()
    added = store.add(fasta, None, Build.GRCH37, "zeta")
    store.add(fasta, None, Build.GRCH38, "alpha")
    (store.root / ".adding-left").mkdir()
    (store.root / "note.txt").write_text("")
    assert store.names() == ("alpha", "zeta")
    assert store.get("zeta") == added


def test_checksums_show_later_damage(store: ReferenceStore, fasta: Path, tmp_path: Path) -> None:
    genes = tmp_path / "genes.gff3"
    genes.write_text(GENES, encoding="utf-8")
    reference = store.add(fasta, genes, Build.GRCH37, "made")
    reference.verify()
    described = json.loads((reference.folder / "reference.json").read_text())
    assert described["sources"][0]["sha256"] == hashlib.sha256(fasta.read_bytes()).hexdigest()
    assert set(reference.checksums) == {"sequence.fa", "sequence.fa.fai", "genes.gff3"}
    content = reference.fasta.read_bytes()
    reference.fasta.write_bytes(content.replace(b"A", b"C", 1))
    with pytest.raises(InputError) as caught:
        store.get("made").verify()
    assert (caught.value.code, caught.value.source) == ("damaged_reference", "sequence.fa")
    reference.fasta.write_bytes(content[:-1])
    with pytest.raises(InputError, match="damaged"):
        store.get("made")
    (reference.folder / "reference.json").write_text("{}")
    with pytest.raises(InputError, match=r"reference\.json"):
        store.get("made")


def test_a_store_that_cannot_be_written_is_named(fasta: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refused(ReferenceStore(tmp_path / "file" / "root"), fasta, None, Build.GRCH37).code == "not_writable"


def test_real_sequences_are_those_of_htslib(shared_reference: Reference) -> None:
    assert [(c.name, c.length, c.complete) for c in shared_reference.contigs] == [
        ("20", 63_025_520, True),
        ("X", 69_999_930, False),
    ]
    for code, name in ((20, "GRCh37_chr20.fa.gz"), (23, "GRCh37_chrX_1-70Mb.fa.gz")):
        lines = gzip.decompress(shared_data("reference", name).read_bytes()).split(b"\n", 1)[1]
        expected = hashlib.sha256(lines.replace(b"\n", b"").upper()).hexdigest()
        assert hashlib.sha256(shared_reference.bases(code)).hexdigest() == expected
    with pysam.FastaFile(str(shared_reference.fasta)) as indexed:
        for start in (60_000, 1_000_000, 62_965_519):
            assert indexed.fetch("20", start, start + 1000) == shared_reference.sequence(
                20, start, min(start + 1000, 63_025_520)
            )
    with pytest.raises(InputError, match="1-69999930; it holds a part"):
        shared_reference.sequence(23, 69_999_930, 69_999_931)


def test_real_genes_are_all_kept_in_order(shared_reference: Reference) -> None:
    source = gzip.decompress(shared_data("reference", "mane_on_grch37_chr20_chrX.gff3.gz").read_bytes()).decode()
    assert shared_reference.gff3 is not None
    kept = [line for line in shared_reference.gff3.read_text().splitlines() if line[0] != "#"]
    assert sorted(kept) == sorted(line for line in source.splitlines() if line and line[0] != "#")
    places = [(line.split("\t")[0] == "X", int(line.split("\t")[3])) for line in kept]
    assert places == sorted(places)
