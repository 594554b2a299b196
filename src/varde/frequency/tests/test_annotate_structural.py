"""VCFs of four callers annotated with counted events: every record kept, values against the look-up of each allele."""

from __future__ import annotations

import gzip
from dataclasses import astuple

import pytest

from shared_data import shared_data
from varde.frequency.annotate_structural import FIELDS, annotate_structural
from varde.frequency.structural import UnusableError, info_of, place_of
from varde.frequency.structural_clusters import StructuralCall
from varde.frequency.structural_events import StructuralEvents
from varde.frequency.tests.structural_oracle import MAN, WOMAN, deletion, increment
from varde.genome.builds import Build
from varde.genome.errors import InputError

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
PAIR = ("BND", 2, 1000, 1000, 5, 2000, 0, WOMAN.code, 3, 0, 0)
INSERTION = ("INS", 7, 5000, 5000, 0, 0, 300, WOMAN.code, 2, 1, 0)
EVENTS = StructuralEvents.of(
    increment([deletion(1000, 2000, 4), deletion(1300, 2300, 2, 1), PAIR, INSERTION], {WOMAN: 10, MAN: 5})
)
MANTA = (
    "chr1\t1040\tMantaDEL:1\tA\t<DEL>\t50\tPASS\tEND=2050;SVTYPE=DEL;SVLEN=-1010;IMPRECISE;CIPOS=-9,9",
    "chr2\t1200\tMantaBND:1:0\tN\tN[chr5:2100[\t50\tPASS\tSVTYPE=BND;MATEID=MantaBND:1:1",
    "chr5\t2100\tMantaBND:1:1\tN\t]chr2:1200]N\t50\tPASS\tSVTYPE=BND;MATEID=MantaBND:1:0",
)
DELLY = ("1\t20000\tDUP1\tN\t<DUP>\t.\tLowQual\tPRECISE;SVTYPE=DUP;END=25000;CT=5to3",)
GATK = ("1\t1039\tCNV1\tN\t<CN0>,<CN1>,<CN2>\t.\tPASS\tEND=2050;SVTYPE=CNV", "MT\t10\tx\tN\t<DEL>\t.\t.\tEND=900")
SNIFFLES = ("7\t5010\tSniffles2.INS.1\tN\t<INS>\t60\tPASS\tSVTYPE=INS;SVLEN=310;END=5010;RNAMES=a,b",)


def run(folder, records, samples="", **options):
    head = HEADER + (f"\tFORMAT\t{samples}" if samples else "")
    (folder / "in.vcf").write_text(head + "\n" + "".join(f"{one}\n" for one in records))
    summary = annotate_structural(folder / "in.vcf", folder / "out.vcf", EVENTS, made_from={"counts": "c"}, **options)
    lines = [one for one in (folder / "out.vcf").read_text().splitlines() if not one.startswith("#")]
    return summary, lines


def records_of(path):
    with gzip.open(path, "rt") as text:
        return [line.rstrip("\n") for line in text if not line.startswith("#")]


def told(line):
    info = dict(one.partition("=")[::2] for one in line.split("\t")[7].split(";"))
    return {name: info[f"Varde_SV_{name}"] for name in FIELDS if f"Varde_SV_{name}" in info}


def test_each_callers_style_gets_the_counts_of_its_event(tmp_path):
    records = (*MANTA, *DELLY, *GATK, *SNIFFLES)
    summary, lines = run(tmp_path, records)
    answers = [told(line) for line in lines]
    assert answers[0] == {
        "event": "1:1000-2000:DEL", "AC": "4", "AN": "30", "AF": "0.133333", "carriers": "4", "people": "15",
        "nhomalt": "0", "nhemi": "0", "overlap": f"{960 / 1010:.6g}",
        "distance": "50", "events": "1", "state": "observed",
    }  # fmt: skip
    assert [one["event"] for one in answers[1:3]] == ["2:1000-5:2000:BND"] * 2
    assert [(one["carriers"], one["overlap"], one["distance"]) for one in answers[1:3]] == [("3", ".", "200")] * 2
    assert (answers[3]["state"], answers[3]["AC"], answers[3]["AN"], answers[3]["event"]) == (
        "absent_assayed", "0", "30", ".",
    )  # fmt: skip
    assert answers[4]["state"] == "observed,usual_copies,absent_assayed"
    assert answers[4]["AC"] == "4,.,0"
    assert answers[5]["state"] == "mitochondrial"
    assert (answers[6]["event"], answers[6]["AC"], answers[6]["nhomalt"]) == ("7:5000:INS:300", "4", "1")
    assert (summary.read, summary.kept) == (7, 7)
    assert summary.alleles == {"observed": 5, "absent_assayed": 2, "usual_copies": 1, "mitochondrial": 1}


def test_where_nobody_was_read_nothing_is_known(tmp_path):
    nobody = StructuralEvents.of(increment([], {}))
    (tmp_path / "in.vcf").write_text(f"{HEADER}\n{MANTA[0]}\n")
    summary = annotate_structural(tmp_path / "in.vcf", tmp_path / "out.vcf", nobody, made_from={})
    answer = told((tmp_path / "out.vcf").read_text().splitlines()[-1])
    assert (answer["state"], answer["AN"], answer["AF"], summary.alleles) == (
        "not_assayed",
        "0",
        ".",
        {"not_assayed": 1},
    )


def test_every_record_and_all_that_stands_in_it_is_kept(tmp_path):
    records = [
        f"{one}\tGT:FT\t0/1:PASS\t./." for one in (*MANTA, "1\t9\ts\tA\tG,<STR3>\t.\t.\t.", "1\t9\tn\tA\t.\t.\t.\tDP=3")
    ]
    summary, lines = run(tmp_path, records, samples="A\tB")
    for before, after in zip(records, lines, strict=True):
        was, now = before.split("\t"), after.split("\t")
        assert (was[:7], was[8:]) == (now[:7], now[8:])
        kept = ";".join(one for one in now[7].split(";") if not one.startswith("Varde_SV_"))
        assert kept == ("" if was[7] == "." else was[7])
    assert told(lines[3])["state"] == "small,unknown_symbol"
    assert told(lines[4]) == {}
    assert summary.alleles == {"observed": 3, "small": 1, "unknown_symbol": 1}


def test_an_annotated_file_is_refused_or_annotated_anew(tmp_path):
    _, lines = run(tmp_path, MANTA)
    first = (tmp_path / "out.vcf").read_bytes()
    (tmp_path / "again.vcf").write_bytes(first)
    with pytest.raises(InputError) as refused:
        annotate_structural(tmp_path / "again.vcf", tmp_path / "new.vcf", EVENTS, made_from={"counts": "c"})
    assert (refused.value.code, (tmp_path / "new.vcf").exists()) == ("info_exists", False)
    summary = annotate_structural(
        tmp_path / "again.vcf", tmp_path / "new.vcf", EVENTS, made_from={"counts": "c"}, overwrite=True
    )
    assert (summary.replaced, (tmp_path / "new.vcf").read_bytes()) == (len(FIELDS) * len(lines), first)


def test_refusals_leave_no_file(tmp_path):
    with pytest.raises(InputError) as refused:
        run(tmp_path, ("1\t100\t.\tN\t<DEL>",))
    assert (refused.value.code, refused.value.line) == ("bad_columns", 3)
    (tmp_path / "37.vcf").write_text(HEADER.replace("#CHROM", "##contig=<ID=1,length=249250621>\n#CHROM") + "\n")
    with pytest.raises(InputError) as refused:
        annotate_structural(tmp_path / "37.vcf", tmp_path / "out.vcf", EVENTS, made_from={})
    assert refused.value.code == "wrong_build"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["37.vcf", "in.vcf"]


def test_a_real_file_of_a_caller(tmp_path):
    """Each allele's answer is that of asking for it alone."""
    path = shared_data("knowledge", "scout-demo", "643594.clinical.SV.vcf.gz")
    records = records_of(path)
    calls = []
    for one in records:
        fields = one.split("\t")
        try:
            calls.append(place_of(Build.GRCH37, fields, info_of(fields[7]), fields[4], 1))
        except UnusableError:
            calls.append(None)
    rows = [
        (*astuple(one), WOMAN.code, 1 + number % 3, 0, 0)
        for number, one in enumerate(dict.fromkeys(filter(None, calls)))
    ]
    events = StructuralEvents.of(increment(sorted(rows), {WOMAN: 40}, Build.GRCH37))
    summary = annotate_structural(path, tmp_path / "out.vcf.gz", events, made_from={})
    lines = records_of(tmp_path / "out.vcf.gz")
    assert summary.kept == len(lines) == len(records)
    for line, call in zip(lines, calls, strict=True):
        if call is not None:
            best = events.like(call).row(0, named=True)
            answer = told(line)
            assert (answer["event"], answer["AC"], answer["distance"]) == (
                str(StructuralCall.of(best)), str(best["ac"]), str(best["distance"]),
            )  # fmt: skip
