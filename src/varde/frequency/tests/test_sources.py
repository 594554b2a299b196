"""Other registers' sites as named sources, side by side, and rsIDs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pysam
import pytest

from shared_data import shared_data
from varde.frequency import rsids
from varde.frequency.sources import Source, add_source, side_by_side, sources, verify_source
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422>
##INFO=<ID=AC,Number=A,Type=Integer,Description="">
##INFO=<ID=AN,Number=1,Type=Integer,Description="">
##INFO=<ID=nhomalt,Number=A,Type=Integer,Description="">
##INFO=<ID=AC_XY,Number=A,Type=Integer,Description="">
##INFO=<ID=faf95,Number=A,Type=Float,Description="">
##INFO=<ID=AC_nfe,Number=A,Type=Integer,Description="">
##INFO=<ID=AN_nfe,Number=1,Type=Integer,Description="">
##INFO=<ID=AN_raw,Number=1,Type=Integer,Description="">
##INFO=<ID=AC_raw,Number=A,Type=Integer,Description="">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO
"""
LONG = "ACGTACGTACGTACGT"
RECORDS = (
    "chr1 100 rs5;rs7 A G,T PASS AC=3,1;AN=200;nhomalt=1,0;faf95=0.01,.;AC_nfe=2,0;AN_nfe=50;AC_XY=1,0",
    f"chr1 90 . A {LONG} AC0 AC=0;AN=180",
    "chrX 5000000 rs5 C T PASS AC=4;AN=150;AC_XY=4;nhomalt=0",
    "chrUn_x 5 . C T PASS AC=4;AN=150",
    "chr1 120 . C <DEL>,CA . AC=1,2;AN=9",
)


def write(folder: Path, *records: str, header: str = HEADER) -> Path:
    lines = ["\t".join([*one.split()[:5], ".", *one.split()[5:]]) + "\n" for one in records]
    path = folder / "sites.vcf"
    path.write_text(header + "".join(lines))
    return path


def add(folder: Path, path: Path, name: str = "gnomAD", version: str = "4.1", **options: object) -> Source:
    settings = {"licence": "CC0", "build": Build.GRCH38, "imported_on": date(2026, 11, 23)} | options
    return add_source(folder / "sources", path, name=name, version=version, **settings)


@pytest.fixture
def source(tmp_path):
    return add(tmp_path, write(tmp_path, *RECORDS))


def v(text: str) -> Variant:
    return Variant.parse(Build.GRCH38, text)


def test_what_a_source_tells(source):
    told = source.description
    assert (told.name, told.version, told.licence, told.groups) == ("gnomAD", "4.1", "CC0", ("nfe",))
    assert (told.sites, told.rsids, told.imported_on) == (5, 5, date(2026, 11, 23))
    assert told.passed_over == {"not_sequence": 1, "other_sequence": 1}
    first = source.lookup(v("1-100-A-G"))
    names = ("ac", "an", "nhomalt", "nhemi", "faf95", "ac_nfe", "an_nfe", "passed")
    assert [first[name] for name in names] == [3, 200, 1, None, 0.01, 2, 50, True]
    assert first["af"] == 3 / 200
    second = source.lookup(v("1-100-A-T"))
    assert [second[name] for name in names] == [1, 200, 0, None, None, 0, 50, True]
    long = source.lookup(v(f"1-90-A-{LONG}"))
    assert [long[name] for name in names] == [0, 180, None, None, None, None, None, False]
    assert source.lookup(v("X-5000000-C-T"))["nhemi"] == 4  # AC_XY counts hemizygous people outside the PAR
    assert source.lookup(v("1-120-C-CA"))["ac"] == 2
    assert source.lookup(v("1-100-A-C")) is None
    assert source.lookup(v(f"1-90-A-{LONG}A")) is None


def test_one_allele_a_line_tells_the_same(tmp_path, source):
    """Files without lines of several alleles are read another way."""
    apart = (
        "chr1 100 rs5;rs7 A G PASS AC=3;AN=200;nhomalt=1;faf95=0.01;AC_nfe=2;AN_nfe=50;AC_XY=1",
        "chr1 100 rs5;rs7 A T PASS AC=1;AN=200;nhomalt=0;faf95=.;AC_nfe=0;AN_nfe=50;AC_XY=0",
        *RECORDS[1:4],
        "chr1 120 . C CA . AC=2;AN=9",
    )
    other = add(tmp_path, write(tmp_path, *apart), version="4.1-split")
    for name in ("sites.parquet", "rsids.parquet", "names.parquet"):
        assert (other.folder / name).read_bytes() == (source.folder / name).read_bytes()


def test_many_keys_at_once_in_their_order(source):
    asked = [(1, 120, "C", "CA"), (2, 1, "A", "C"), (1, 100, "A", "G"), (1, 120, "C", "CA")]
    keys = encode_keys(*(list(column) for column in zip(*asked, strict=True)))
    assert source.find(keys)["ac"].to_list() == [2, None, 3, 2]
    assert source.find(keys[:0]).height == 0
    assert source.find(np.array([5], dtype=np.uint64))["key"].to_list() == [None]


def test_the_rsids_of_many_keys_over_several_sources(tmp_path, source):
    """Each key gets the numbers of every source, once and in order, wherever it stands in the question."""
    other = add(tmp_path, write(tmp_path, "chr1 100 rs9;rs5 A G PASS AC=1;AN=80"), "dbSNP", "157")
    asked = [(23, 5000000, "C", "T"), (2, 1, "A", "C"), (1, 100, "A", "T"), (1, 100, "A", "G"), (1, 100, "A", "T")]
    keys = encode_keys(*(list(column) for column in zip(*asked, strict=True)))
    told = ["rs5", None, "rs5;rs7", "rs5;rs7;rs9", "rs5;rs7"]
    assert rsids.of_keys([source, other], keys).to_list() == told
    assert rsids.of_keys([other, source], keys[::-1]).to_list() == told[::-1]
    assert rsids.of_keys([source], keys[:0]).to_list() == []
    assert rsids.of_keys([], keys).to_list() == [None] * 5


def test_side_by_side_and_by_rsid(tmp_path, source):
    other = HEADER.replace("AC_nfe", "AC_fin").replace("AN_nfe", "AN_fin")
    add(tmp_path, write(tmp_path, "chr1 100 rs5 A C PASS AC=1;AN=80", header=other), "SweFreq", "2")
    add(
        tmp_path,
        write(tmp_path, RECORDS[1], header=HEADER.replace("248956422", "249250621")),
        build=Build.GRCH37,
        version="2.1",
    )
    found = sources(tmp_path / "sources")
    assert [(one.description.name, one.description.version) for one in found] == [
        ("SweFreq", "2"),
        ("gnomAD", "2.1"),
        ("gnomAD", "4.1"),
    ]
    beside = side_by_side(found, v("1-100-A-G"))
    assert [(told.name, row and row["ac"]) for told, row in beside] == [("SweFreq", None), ("gnomAD", 3)]
    native = sources(tmp_path / "sources", Build.GRCH38)
    expected = [v("1-100-A-C"), v("1-100-A-G"), v("1-100-A-T"), v("X-5000000-C-T")]
    assert list(rsids.find(native, "RS5 ")) == expected
    assert rsids.find(native, "rs6") == ()
    for bad in ("5", "rs", "rs05", "rs99999999999"):
        with pytest.raises(InputError) as refused:
            rsids.find(native, bad)
        assert refused.value.code == "bad_rsid"


def test_identifiers_alone(tmp_path):
    header = "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path = write(tmp_path, "1 7 rs9 AC A . .", header=header)
    with pytest.raises(InputError) as refused:
        add(tmp_path, path)
    assert refused.value.code == "no_counts"
    source = add(tmp_path, path, "dbSNP", "157", identifiers_only=True)
    assert source.of_rsid(9) == (v("1-7-AC-A"),)
    assert source.lookup(v("1-7-AC-A"))["ac"] is None


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("chr1 100 . A G,T PASS AC=3;AN=200", "bad_count"),
        ("chr1 100 . A G PASS AC=x;AN=200", "bad_count"),
        ("chr1 100 . A G PASS AC=1;AN=2,3", "bad_count"),
        ("chr1 100 . A G PASS AC=-1;AN=200", "bad_count"),
        ("chr1 100 . A G PASS AC=201;AN=200", "bad_count"),
        ("chr1 100 . A G PASS AC=2;AN=200;AC_nfe=3;AN_nfe=2", "bad_count"),
        ("chr1 100 . A G PASS AC=2;AN=200;faf95=nan", "bad_count"),
        ("chr1 x . A G PASS AC=2;AN=200", "bad_columns"),
        ("chr1 248956423 . A G PASS AC=2;AN=200", "wrong_build"),
        ("chr1 50 . AC AG PASS AC=2;AN=200", "duplicate_allele"),
        ("chr1 60 . A A PASS AC=2;AN=200", "alt_equals_ref"),
    ],
)
def test_bad_files_leave_nothing(tmp_path, record, code):
    good = "chr1 51 . C G PASS AC=1;AN=200"
    with pytest.raises(InputError) as refused:
        add(tmp_path, write(tmp_path, good, record))
    assert refused.value.code == code
    assert refused.value.line == HEADER.count("\n") + 2 or code == "alt_equals_ref"
    assert not list((tmp_path / "sources").glob("*")) if (tmp_path / "sources").exists() else True


def test_other_refusals(tmp_path, source):
    path = write(tmp_path, RECORDS[0])
    for options, code in (
        ({}, "out_exists"),
        ({"version": "9", "build": Build.GRCH37}, "wrong_build"),
        ({"name": "../x"}, "bad_name"),
        ({"licence": ""}, "bad_name"),
    ):
        with pytest.raises(InputError) as refused:
            add(tmp_path, path, **options)
        assert refused.value.code == code
    assert [one.name for one in (tmp_path / "sources").iterdir()] == ["gnomAD-4.1"]
    with pytest.raises(InputError) as refused:
        source.lookup(Variant.parse(Build.GRCH37, "1-100-A-G"))
    assert refused.value.code == "wrong_build"


def test_damaged_sources_are_refused(source):
    verify_source(source)
    sites = source.folder / "sites.parquet"
    whole = sites.read_bytes()
    sites.write_bytes(whole[:-20])
    with pytest.raises(InputError) as refused:
        verify_source(source)
    assert refused.value.code == "damaged_source"
    with pytest.raises(InputError) as refused:
        Source(source.folder).lookup(v("1-100-A-G"))
    assert refused.value.code == "damaged_source"
    sites.unlink()
    with pytest.raises(InputError) as refused:
        Source(source.folder)
    assert refused.value.code == "damaged_source"
    told = json.loads((source.folder / "source.json").read_text())
    (source.folder / "source.json").write_text(json.dumps(told | {"format": 99}))
    with pytest.raises(InputError) as refused:
        Source(source.folder)
    assert refused.value.code == "unknown_format"
    with pytest.raises(InputError) as refused:
        Source(source.folder.parent)
    assert refused.value.code == "no_source"


def test_same_file_gives_the_same_bytes(tmp_path):
    first = add(tmp_path / "a", write(tmp_path, *RECORDS))
    second = add(tmp_path / "b", write(tmp_path, *RECORDS))
    for name in ("sites.parquet", "rsids.parquet", "source.json"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_real_sites_against_the_file_itself(tmp_path):
    """1,000 Genomes sites of VKORC1 as a source: every count by superpopulation is the file's."""
    path = shared_data("genotypes", "1000g-pharmacogenes-grch38", "VKORC1.vcf.gz")
    source = add(tmp_path, path, "1000G", "30x")
    assert source.description.groups == ("AFR", "AMR", "EAS", "EUR", "SAS")
    compared = 0
    with pysam.VariantFile(str(path)) as vcf:
        for record in vcf:
            for number, alt in enumerate(record.alts):
                told = source.lookup(as_trimmed(record.chrom, record.pos, record.ref, alt))
                if told is None:
                    assert not set(alt) <= set("ACGT")
                    continue
                for name in ("AC", "AC_EUR", "AC_SAS"):
                    assert told[name.replace("AC", "ac")] == record.info[name][number]
                assert (told["an"], told["an_AFR"]) == (record.info["AN"], record.info["AN_AFR"])
                assert told["af"] == pytest.approx(record.info["AF"][number], rel=1e-4)
                compared += 1
    assert compared == source.description.sites == 196


def as_trimmed(contig: str, position: int, ref: str, alt: str) -> Variant:
    """By hand: common bases off the end, then off the start, one stays."""
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        ref, alt, position = ref[1:], alt[1:], position + 1
    return v(f"{contig}-{position}-{ref}-{alt}")
