"""Callers' styles of writing a family's structural variants; inheritance of the events."""

from __future__ import annotations

import pytest

from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.inheritance import Mode
from varde.interpretation.structural.calls import read_family
from varde.interpretation.structural.events import call_of, family_events, relatives_of, text_of
from varde.interpretation.structural.tests.families import HEADER, events, read, trio, vcf

MANTA = "GT:FT:GQ:PR:SR"


def told(frame, *columns):
    return frame.select("text", *columns).rows()


def test_manta_pairs_and_split_reads(tmp_path):
    values = "0/1:PASS:99:20,9:11,8 0/0:PASS:60:30,0:28,0 0/0:PASS:55:31,0:30,0"
    record = f"2 1000 m1 N <DEL> PASS SVTYPE=DEL;END=5000;SVLEN=-4000 {MANTA} {values}"
    row = events(tmp_path, record).row(0, named=True)
    assert (row["text"], row["origin"], row["mode"], row["evaluated"]) == ("2-1001-5000-DEL", "new", "de_novo", True)
    assert (row["child_depth_ref"], row["child_depth_alt"], row["child_quality"]) == (31, 17, 99)


def test_delly_reads_copy_numbers_only_beside_missing_genotypes(tmp_path):
    found = events(
        tmp_path,
        "2 1000 d1 N <DUP> PASS SVTYPE=DUP;END=9000 GT:GQ:CN:DR:DV:RR:RV"
        " 0/1:50:3:12:7:9:4 0/1:44:3:10:6:8:5 0/0:60:2:15:0:12:0",
        "3 700 d2 N [5:900[N PASS SVTYPE=BND GT:GQ 0/1:50 0/0:50 0/0:50",
        "4 800 d3 N <TRA> PASS SVTYPE=TRA;CHR2=1;END=300 GT:GQ 0/1:50 0/0:50 0/0:50",
    )
    assert told(found, "origin", "child_depth_alt") == [
        ("1-300-4-800-BND", "new", None),
        ("2-1001-9000-DUP", "mother", 11),
        ("3-700-5-900-BND", "new", None),
    ]


def test_gatk_copy_numbers_against_the_sex(tmp_path):
    boy = trio(Sex.MALE)
    record = "X 30000000 c1 N <DEL>,<DUP> PASS END=30200000 GT:CN:CNQ 1:0:70 1:1:60 0:1:80"
    row = events(tmp_path, record, pedigree=boy).row(0, named=True)
    assert (row["text"], row["origin"], row["mode"]) == ("X-30000001-30200000-DEL", "mother", "x_linked_recessive")
    assert (row["child_copies"], row["child_ploidy"], row["mother_ploidy"]) == (1, 1, 2)
    multiallelic = "5 1000 c2 N <CNV> PASS END=9000;SVTYPE=CNV GT:CN:CNQ ./.:1:50 ./.:2:50 ./.:3:50"
    assert told(events(tmp_path, multiallelic), "child_state", "mother_state", "father_state") == [
        ("5-1001-9000-DEL", "carried", "absent", "absent"),
        ("5-1001-9000-DUP", "absent", "absent", "carried"),
    ]
    stated = "6 1000 c3 N <CN0>,<CN2> PASS END=9000 GT 0/1 0/2 0/0"
    assert told(events(tmp_path, stated), "origin") == [("6-1001-9000-DEL", "new"), ("6-1001-9000-DUP", "")]


def test_sniffles_breakends_are_one_event_and_spelled_alleles_count(tmp_path):
    found = events(
        tmp_path,
        "2 100 s1 N N[5:2000[ PASS SVTYPE=BND;MATEID=s2 GT:GQ:DR:DV 0/1:40:9:8 0/0:40:20:0 0/0:40:20:0",
        "5 2000 s2 N ]2:100]N PASS SVTYPE=BND;MATEID=s1 GT:GQ:DR:DV 0/1:40:9:8 0/0:40:20:0 0/0:40:20:0",
        f"7 500 s3 A A{'C' * 80} PASS SVTYPE=INS GT:GQ:DR:DV 1/1:40:0:15 0/1:40:9:8 0/1:40:9:7",
        "7 900 s4 A G PASS . GT:GQ:DR:DV 1/1:40:0:15 0/1:40:9:8 0/1:40:9:7",
    )
    assert told(found, "records", "mode") == [
        ("2-100-5-2000-BND", 2, "de_novo"),
        ("7-500-500-INS-80", 1, "homozygous_recessive"),
    ]
    assert all(text_of(call_of(text)) == text for text in found["text"])
    assert call_of("7-500-A-G") is None
    assert call_of("chr7-500-900-DEL") is None


def test_kept_and_dropped_are_all_that_was_read(tmp_path):
    family = read(
        tmp_path,
        "2 1000 a N <DEL> PASS END=5000 GT 0/1 0/0 0/0",
        "2 1000 b N <DEL> PASS . GT 0/1 0/0 0/0",
        "2 1000 c N <DEL>,<CPX> PASS END=5000 GT 0/1 0/0 0/0",
        "2 6000 d N <DEL> PASS END=5000 GT 0/1 0/0 0/0",
        "M 100 e N <DEL> PASS END=5000 GT 0/1 0/0 0/0",
        "2 70 f N N. PASS . GT 0/1 0/0 0/0",
    )
    assert (family.records, family.alleles, family.kept) == (6, 7, 2)
    assert family.dropped == {
        "bad_end": 1, "mitochondrial": 1, "no_end": 1, "single_breakend": 1, "unknown_symbol": 1,
    }  # fmt: skip


def test_relatives_in_files_of_their_own_are_matched(tmp_path):
    child = vcf(tmp_path, "2 1000 a N <DEL> PASS END=11000 GT:GQ 0/1:60", samples="C", name="c.vcf")
    mother = vcf(tmp_path, "2 1180 b N <DEL> LowQual END=10900 GT:GQ 0/1:60", samples="M", name="m.vcf")
    father = vcf(tmp_path, "2 9000 c N <DEL> PASS END=19000 GT:GQ 0/1:60", samples="F", name="f.vcf")
    found = family_events(read_family([child, mother, father], trio(), Build.GRCH38), trio())
    assert told(found, "origin", "start_high", "files", "filter", "father_state") == [
        ("2-1001-11000-DEL", "mother", 1181, 2, "PASS", "not_called"),
        ("2-9001-19000-DEL", "", 9001, 1, "PASS", "carried"),
    ]
    alone = family_events(read_family([child, father], trio(), Build.GRCH38), trio())
    assert told(alone.head(1), "origin", "mode", "mother_state") == [
        ("2-1001-11000-DEL", "unknown", "possible_de_novo", "not_applicable")
    ]


def test_a_brother_has_calls_of_his_own(tmp_path):
    pedigree = Pedigree((*trio().persons, Person("fam", "B", "F", "M", Sex.MALE, Affected.UNAFFECTED)))
    family = read(
        tmp_path,
        "2 1000 a N <DEL> PASS END=5000 GT:GQ 0/1:60 0/0:60 0/0:60 0/1:44",
        "3 1000 b N <DEL> PASS END=5000 GT:GQ 0/1:60 0/1:60 0/0:60 0/0:50",
        pedigree=pedigree,
        samples="C M F B",
    )
    found = family_events(family, pedigree, "C")
    told = relatives_of(family, found, pedigree, "C").select("event", "sample", "state", "quality").rows()
    assert told == [(0, "B", "carried", 44), (1, "B", "absent", 50)]


@pytest.mark.parametrize(
    ("values", "mode", "evaluated"),
    [
        ("0/1:60 0/0:60 0/0:60", Mode.DE_NOVO, True),
        ("0/1:60 0/0:5 0/0:60", Mode.POSSIBLE_DE_NOVO, False),
        ("0/1:60 ./.:. 0/0:60", Mode.POSSIBLE_DE_NOVO, False),
        ("0/1:. 0/0:. 0/0:.", Mode.DE_NOVO, False),
        ("1/1:60 0/1:60 0/1:60", Mode.HOMOZYGOUS_RECESSIVE, True),
        ("1/1:60 0/1:60 0/0:60", Mode.RECESSIVE_UNIPARENTAL_HINT, True),
        ("0/1:60 0/1:60 0/0:60", None, None),
        ("0/0:60 0/1:60 0/0:60", None, None),
    ],
)
def test_modes(tmp_path, values, mode, evaluated):
    row = events(tmp_path, f"2 1000 a N <DEL> PASS END=5000 GT:GQ {values}").row(0, named=True)
    assert row["mode"] == (mode and mode.value)
    if evaluated is not None:
        assert row["evaluated"] is evaluated


def test_an_affected_mother_passes_it_on(tmp_path):
    ill = trio(mother=Affected.AFFECTED)
    row = events(tmp_path, "2 1000 a N <DUP> PASS END=5000 GT:GQ 0/1:60 0/1:60 0/0:60", pedigree=ill).row(0, named=True)
    assert (row["mode"], row["origin"]) == ("dominant_inherited", "mother")


def test_a_boys_x_comes_from_his_mother(tmp_path):
    boy, record = trio(Sex.MALE), "X 30000000 a N <DEL> PASS END=30200000 GT:GQ {} 0/0:60 {}"
    row = events(tmp_path, record.format("1:60", "0:60"), pedigree=boy).row(0, named=True)
    assert (row["mode"], row["evaluated"], row["child_copies"]) == ("x_linked_de_novo", True, 1)
    doubtful = events(tmp_path, record.format("0/1:60", "0/0:60"), pedigree=boy).row(0, named=True)
    assert (doubtful["child_gate"], doubtful["evaluated"]) == (0, False)
    unknown = events(tmp_path, record.format("1/1:60", "0:60"), pedigree=trio(Sex.UNKNOWN))
    assert unknown.height == 0


def test_refusals(tmp_path):
    small = "##fileformat=VCFv4.3\n"
    with pytest.raises(InputError) as error:
        read_family([vcf(tmp_path, "2 100 a A G PASS . GT 0/1 0/0 0/0", header=small)], trio(), Build.GRCH38)
    assert error.value.code == "not_structural"
    with pytest.raises(InputError) as error:
        read_family([vcf(tmp_path, samples="X")], trio(), Build.GRCH38)
    assert error.value.code == "samples_not_of_case"
    other = HEADER + "##contig=<ID=2,length=243199373>\n"
    with pytest.raises(InputError) as error:
        read_family([vcf(tmp_path, header=other)], trio(), Build.GRCH38)
    assert error.value.code == "wrong_build"
    path = vcf(tmp_path)
    path.write_text(path.read_text() + "2\t100\ta\tN\t<DEL>\t.\tPASS\tEND=900\n")
    with pytest.raises(InputError) as error:
        read_family([path], trio(), Build.GRCH38)
    assert (error.value.code, error.value.source) == ("bad_columns", "sv.vcf")
    empty = read_family([vcf(tmp_path)], trio(), Build.GRCH38)
    assert (empty.alleles, family_events(empty, trio()).height, empty.samples) == (0, 0, ("C", "M", "F"))
