"""Structural variants and repeats of a case: taken in, shown within the panel, scored, signed and answered."""

from __future__ import annotations

import gzip

import pytest
from django.http import Http404

from varde.genome.errors import InputError
from varde.interpretation.acmg.criterion import State
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.interpretation.structural.texts import MISSING, TEXTS
from varde_node.jobs.models import Job, JobState
from varde_node.lab import cnv_texts, contracts, queries, services
from varde_node.lab.contracts import SignedCase
from varde_node.lab.models import Assessment, CallLayer, CaseState, Interpretation, VariantFile
from varde_node.lab.queries import repeats as repeat_queries
from varde_node.lab.queries import signed
from varde_node.lab.queries import structural as structural_queries
from varde_node.lab.structural_judgement import CnvDecision
from varde_node.lab.tests.interpretation_steps import REASON, consent_of_parents
from varde_node.people.services import AccessDenied, Role
from varde_node.registers.interpretations.models import EarlierInterpretation

pytestmark = pytest.mark.django_db
LOSS = "2-6180-8901-DEL"
REASONING = "New deletion of the first exons of a haploinsufficient gene."
HEADER = (
    '##fileformat=VCFv4.2\n##ALT=<ID=DEL,Description="Deletion">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{}\n"
)


def vcf(samples, *records):
    """Records given as ``CHROM POS ID REF ALT FILTER INFO FORMAT value...``."""
    cells = [record.split() for record in records]
    lines = ["\t".join([*one[:5], ".", *one[5:]]) for one in cells]
    return (HEADER.format("\t".join(samples)) + "".join(f"{line}\n" for line in lines)).encode()


@pytest.fixture
def geneticist(actor_as):
    return actor_as(Role.LABORATORY_GENETICIST)


def test_the_layer_is_told_from_the_file_and_leaves_the_small_variants_alone(loss_case, geneticist):
    kinds = dict(VariantFile.objects.filter(case_id=loss_case.id).values_list("given_name", "kind"))
    assert kinds == {"vik.vcf.gz": "small", "vik.structural.vcf.gz": "structural"}
    assert loss_case.row.state == CaseState.INTERPRETATION
    assert loss_case.row.analyses.count() == 1
    layer = CallLayer.objects.get(case_id=loss_case.id)
    assert (layer.kind, layer.problem, layer.finished_at is not None) == ("structural", None, True)
    view = structural_queries.structural(geneticist, loss_case.id)
    assert [(line.text, line.suggested_class, line.points, line.origin) for line in view.lines] == [
        (LOSS, 4, "0.90", "new")
    ]
    assert view.lines[0].genes[0] == ("DEMO11", "exons 1–3 of 8")
    assert view.facts.kept + sum(count for _, count in view.facts.dropped) == view.facts.alleles
    assert len(view.lines) + sum(count for _, count in view.fallen) == view.facts.events
    assert view.facts.not_applicable == ()


def test_one_event_with_its_scoring(loss_case, geneticist):
    view = structural_queries.event(geneticist, loss_case.id, LOSS)
    rows = {row.code: row for section in view.sections for row in section.rows}
    assert [code for code, row in rows.items() if row.state == "met"] == ["1A", "2C-1", "3A"]
    assert rows["5A"].missing == ("how specific the phenotype is for the gene",)
    assert (view.tally.points, view.tally.acmg_class) == ("0.90", 4)
    fits = structural_queries.event(geneticist, loss_case.id, LOSS, decisions=(), phenotype=PhenotypeFit.SPECIFIC)
    assert (fits.tally.acmg_class, fits.tally.machine_class) == (5, 5)
    with pytest.raises(Http404):
        structural_queries.event(geneticist, loss_case.id, "2-1-900-DEL")
    with pytest.raises(Http404):
        structural_queries.event(geneticist, loss_case.id, "<script>")


def assess(actor, case, **changes):
    values = {"chosen_class": 5, "reasoning": REASONING, "in_answer": True, "phenotype": PhenotypeFit.SPECIFIC}
    return services.assess_structural(actor, case.id, LOSS, **{**values, **changes})


def test_an_assessment_stands_in_the_one_table(loss_case, geneticist):
    decision = CnvDecision("4A", State.MET, 45, "one reported case")
    assess(geneticist, loss_case, decisions=(decision,))
    row = Assessment.objects.get(case_id=loss_case.id)
    assert (row.kind, row.variant, row.gene, row.suggested_class) == ("structural", LOSS, "DEMO11", 5)
    assert float(row.points) == pytest.approx(0.90 + 0.45 + 0.45)
    assert row.names["genomic"] == "NC_000002.12:g.6180_8901del"
    by_code = {one["code"]: one for one in row.criteria}
    assert (by_code["4A"]["by"], by_code["4A"]["reason"], by_code["4A"]["points"]) == (
        geneticist.display_name, "one reported case", 0.45,
    )  # fmt: skip
    again = structural_queries.event(geneticist, loss_case.id, LOSS)
    assert again.current.number == 1
    assert again.tally.points == "1.80"
    view = queries.interpretation(geneticist, loss_case.id)
    assert [one.kind for one in view.assessments] == ["structural"]
    assert not [one for one in view.obstacles if one.key == "structural"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reasoning": " "}, "reasoning_missing"),
        ({"chosen_class": 6}, "class_unknown"),
        ({"decisions": (CnvDecision("4A", State.MET, 95, "too much"),)}, "criterion_points"),
        ({"decisions": (CnvDecision("4A", State.MET, 45, ""),)}, "criterion_reason"),
        (
            {"decisions": (CnvDecision("3B", State.MET, None, "x"), CnvDecision("3C", State.MET, None, "x"))},
            "criterion_points",
        ),
    ],
)
def test_refused_assessments_change_nothing(loss_case, geneticist, changes, code):
    with pytest.raises(InputError) as error:
        assess(geneticist, loss_case, **changes)
    assert error.value.code == code
    assert Assessment.objects.count() == 0


def test_signing_waits_for_the_loss_and_the_answer_carries_it(loss_case, geneticist, actor_as, monkeypatch):
    monkeypatch.setattr(contracts, "_signed_handlers", [])
    blocking = [one for one in queries.interpretation(geneticist, loss_case.id).obstacles if one.blocks]
    assert [(one.key, one.event) for one in blocking] == [("structural", LOSS)]
    assess(geneticist, loss_case)
    proposal = queries.interpretation(geneticist, loss_case.id).proposal
    assert (proposal.conclusion, proposal.gene, proposal.mode) == ("explains", "DEMO11", "de_novo")
    services.sign_interpretation(
        geneticist, loss_case.id, conclusion="explains", summary=proposal.summary, gene="DEMO11", mode="de_novo"
    )
    services.approve_interpretation(actor_as(Role.SECOND_READER), loss_case.id)
    case = loss_case.row
    answer = signed.signed_case(case, Interpretation.objects.get(case=case))
    assert isinstance(answer, SignedCase)
    (variant,) = answer.variants
    assert (variant.kind, variant.variant, variant.points) == ("structural", LOSS, 1.35)
    assert variant.zygosity == {"child": "0/1", "mother": "0/0", "father": "0/0"}
    assert variant.event["genes"][0] == {
        "gene": "DEMO11", "extent": "exons", "first_exon": 1, "last_exon": 3, "exons": 8,
    }  # fmt: skip
    keys = {one["key"] for one in answer.not_looked_at}
    assert {"structural_short", "repeat_expansions"} <= keys
    assert not {"copy_number", "structural", "structural_of"} & keys
    assert "dosage" in answer.versions
    assert answer.recurrence["mode"] == "de_novo"
    assert EarlierInterpretation.objects.count() == 0


def test_a_wrong_mode_is_refused(loss_case, geneticist):
    assess(geneticist, loss_case)
    with pytest.raises(InputError) as error:
        services.sign_interpretation(
            geneticist, loss_case.id, conclusion="explains", summary="x", gene="DEMO11", mode="homozygous_recessive"
        )
    assert error.value.code == "mode_not_shown"
    assert Interpretation.objects.count() == 0


OUTSIDE = "2 243000 out N <DEL> PASS END=250000;SVLEN=-7000 GT:GQ 0/1:70 0/1:70 0/0:70"
"""Over DEMO17, which is not in the panel; from the mother."""


def test_outside_the_panel_nothing_is_shown_until_it_is_opened(analysed_case, upload, geneticist, people, actor_as):
    case = analysed_case("solberg")
    upload(case, "sv.vcf", vcf(["solberg-barn", "solberg-mor", "solberg-far"], OUTSIDE))
    text = "2-243001-250000-DEL"
    view = structural_queries.structural(geneticist, case.id)
    assert (view.lines, view.pairs) == ((), ())
    assert [count for _, count in view.fallen] == [1]
    for act in (
        lambda: structural_queries.event(geneticist, case.id, text),
        lambda: services.assess_structural(
            geneticist, case.id, text, chosen_class=3, reasoning=REASONING, in_answer=False
        ),
    ):
        with pytest.raises(InputError) as error:
            act()
        assert error.value.code == "outside_panel"
    assert Assessment.objects.count() == 0
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(geneticist, case.id, REASON)
    opened = structural_queries.structural(geneticist, case.id)
    assert [line.text for line in opened.lines] == [text]
    pairs = {(pair.small.variant, pair.in_trans) for pair in opened.pairs}
    assert ("2-245474-GC-G", True) in pairs
    assert not any(variant == "2-247146-G-T" for variant, _ in pairs)


def test_a_child_alone_has_structural_data(analysed_case, upload, geneticist):
    case = analysed_case("nilsen")
    record = "1 164000 one N <DEL> PASS END=166000 GT:GQ 0/1:70"
    upload(case, "child.vcf", vcf(["nilsen-barn"], record))
    view = structural_queries.structural(geneticist, case.id)
    assert [str(one) for one in view.facts.not_applicable] == ["Mother", "Father"]
    assert [(line.origin, str(line.mode_words)[:16]) for line in view.lines] == [("unknown", "Possible de novo")]
    small = queries.candidates(geneticist, case.id)
    assert next(line.mode for line in small.lines if line.gene == "DEMO05") == "de_novo"
    says = signed.not_looked_at(
        case.row,
        *signed_parts(case),
    )
    assert {"key": "structural_of", "parameters": {"roles": ["mother", "father"]}} in says


def signed_parts(case):
    from varde_node.lab import opened

    row = case.row
    analysis = opened.analysis_of(row)
    outcome = opened.outcome(row, analysis, opened.default_settings(analysis), row.scope)
    return opened.prepared_case(analysis), outcome, row.scope


def test_a_bad_file_is_set_aside_and_the_layer_before_counts(loss_case, upload, geneticist):
    before = CallLayer.objects.get(case_id=loss_case.id)
    upload(loss_case, "vik.structural.vcf.gz", vcf(["vik-barn"], "2 7000 a N <DEL> PASS END=9000"))
    failed = CallLayer.objects.order_by("-created_at").first()
    assert failed.problem["code"] == "bad_columns"
    assert failed.problem["source"] == "vik.structural.vcf.gz"
    current = VariantFile.objects.filter(case_id=loss_case.id, kind="structural", superseded=False)
    assert [str(one.id) for one in current] == before.files
    assert [line.text for line in structural_queries.structural(geneticist, loss_case.id).lines] == [LOSS]
    assert loss_case.row.state == CaseState.INTERPRETATION


def test_files_that_are_refused_store_nothing(loss_case, upload, open_demo_case, geneticist):
    foreign = vcf(["somebody"], "2 7000 a N <DEL> PASS END=9000 GT 0/1")
    with pytest.raises(InputError) as error:
        upload(loss_case, "x.vcf", foreign)
    assert error.value.code == "samples_not_of_case"
    waiting = open_demo_case("nilsen")
    with pytest.raises(InputError) as error:
        upload(waiting, "x.vcf", vcf(["nilsen-barn"], "2 7000 a N <DEL> PASS END=9000 GT 0/1"))
    assert error.value.code == "not_expected"
    small = gzip.decompress(loss_case.vcf.read_bytes())
    with pytest.raises(InputError) as error:
        upload(loss_case, "again.vcf", small)
    assert error.value.code == "not_expected"
    assert VariantFile.objects.count() == 2
    assert not Job.objects.filter(state=JobState.QUEUED).exists()


def test_another_laboratory_sees_nothing(loss_case, people, actor_as):
    stranger = actor_as(Role.LABORATORY_GENETICIST, name="b", organisation=people.other_laboratory)
    for act in (
        lambda: structural_queries.structural(stranger, loss_case.id),
        lambda: structural_queries.event(stranger, loss_case.id, LOSS),
        lambda: repeat_queries.repeats(stranger, loss_case.id),
        lambda: assess(stranger, loss_case),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert Assessment.objects.count() == 0


REPEATS = (
    '##fileformat=VCFv4.1\n##FORMAT=<ID=REPCN,Number=1,Type=String,Description="Units">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tvik-barn\tvik-mor\n"
    "chr1\t{place}\t.\tC\t<STR45>\t.\tPASS\tEND={end};RU=CAG;REPID={name}\tGT:REPCN:REPCI\t0/1:20/45:20-20/38-60\t"
    "0/0:20/20:20-20/20-20\n"
    "chr3\t500\t.\tC\t<STR9>\t.\tPASS\tEND=540;RU=AT;REPID=ELSE\tGT:REPCN:REPCI\t0/1:9/9:9-9/9-9\t0/0:8/8:8-8/8-8\n"
)


def test_repeats_are_held_against_the_table(loss_case, upload, geneticist, demo, people, actor_as):
    _, row = demo.files.repeat_loci.read_text().splitlines()
    name, _gene, _motif, _contig, start, end, *_ = row.split("\t")
    upload(loss_case, "repeats.vcf", REPEATS.format(place=int(start) - 1, end=end, name=name).encode())
    hidden = repeat_queries.repeats(geneticist, loss_case.id)
    assert (hidden.lines, hidden.hidden, hidden.has_table) == ((), 2, True)
    consent_of_parents(loss_case, people, actor_as)
    services.open_all_genes(geneticist, loss_case.id, REASON)
    view = repeat_queries.repeats(geneticist, loss_case.id)
    assert [(line.name, line.child.state, line.child.call.crosses) for line in view.lines] == [
        (name, "expanded", True),
        ("ELSE", "not_evaluated", False),
    ]
    assert [str(one) for one in view.not_applicable] == ["Father"]
    assert view.lines[0].family[0].state == "normal"
    says = signed.not_looked_at(loss_case.row, *signed_parts(loss_case))
    assert {"key": "repeats_other", "parameters": {"count": 1}} in says


def test_every_sentence_of_the_library_is_marked_for_translation():
    assert set(cnv_texts.TEXTS) == set(TEXTS.values()) | set(MISSING.values())
