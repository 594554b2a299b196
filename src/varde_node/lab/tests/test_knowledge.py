"""Knowledge sources of the node: brought, put to use, joined to a case, compared with a newer one."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.http import Http404
from django.test import Client

from varde.genome.errors import InputError
from varde.interpretation.known_sources import Said
from varde_node.lab import opened
from varde_node.lab.models import Analysis, Assessment, Case, KnowledgeComparison, KnowledgeSource
from varde_node.lab.queries.knowledge import effects_of_cases, knowledge_source, knowledge_sources, variant_knowledge
from varde_node.lab.services import knowledge as services
from varde_node.people.models import Account, AuditEntry
from varde_node.people.services import AccessDenied, Role

VARIANT = "2-245474-GC-G"  # of the demo family Solberg, in DEMO17
HEADER = (
    "##fileformat=VCFv4.1\n##reference=GRCh38\n##INFO=<ID=CLNSIG>\n##INFO=<ID=CLNREVSTAT>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)
SINGLE, EXPERT = "criteria_provided,_single_submitter", "reviewed_by_expert_panel"


def clinvar(significance: str, status: str = SINGLE, header: str = HEADER) -> io.BytesIO:
    info = f"CLNSIG={significance};CLNREVSTAT={status};GENEINFO=DEMO17:1;CLNDN=Demo_disease"
    return io.BytesIO(f"{header}2\t245474\t77\tGC\tG\t.\t.\t{info}\n".encode())


def told(version: str = "1", **changed: object) -> services.NewSource:
    given = {"kind": "clinvar", "name": "ClinVar", "version": version, "licence": "public domain"} | changed
    return services.NewSource(**given)


@pytest.fixture
def geneticist(actor_as):
    return actor_as(Role.LABORATORY_GENETICIST)


@pytest.fixture
def bring(geneticist, run_jobs):
    def make(source: services.NewSource, stream: io.BytesIO, *, use: bool = False, name: str = "clinvar.vcf"):
        with run_jobs():
            source_id = services.bring_source(geneticist, source, name, stream)
        if use:
            services.use_source(geneticist, source_id)
        return source_id

    return make


@pytest.fixture
def assess(geneticist):
    def make(case, chosen: int = 3):
        return Assessment.objects.create(
            case_id=case.id, number=1, variant=VARIANT, build="GRCh38", gene="DEMO17", points=2, suggested_class=3,
            chosen_class=chosen, ruleset="points", reasoning="because", in_answer=True,
            author_id=geneticist.account_id,
        )  # fmt: skip

    return make


def test_a_source_is_imported_by_a_job_and_used_when_somebody_says_so(demo, bring, geneticist) -> None:
    source_id = bring(told(), clinvar("Pathogenic", EXPERT))
    (view,) = knowledge_sources(geneticist)
    assert (view.state, view.kept, view.build, view.file_name) == ("ready", 1, "GRCh38", "clinvar.vcf")
    assert opened.knowledge_base() is None
    services.use_source(geneticist, source_id)
    assert opened.knowledge_base().versions["clinvar"].startswith("ClinVar 1 sha256:")
    assert not list((demo.references.parent / "knowledge" / "incoming").glob("*"))
    services.stop_using(geneticist, source_id)
    assert opened.knowledge_base() is None
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions.count("lab.knowledge.use") == 2
    assert "lab.knowledge.import" in actions


def test_one_version_of_a_place_is_in_use_at_a_time(demo, bring, geneticist) -> None:
    first = bring(told("1"), clinvar("Uncertain_significance"), use=True)
    second = bring(told("2"), clinvar("Pathogenic"), use=True)
    active = KnowledgeSource.objects.filter(active=True)
    assert [row.id for row in active] == [second]
    services.use_source(geneticist, first)
    assert [row.id for row in KnowledgeSource.objects.filter(active=True)] == [first]


def test_a_source_that_was_changed_on_disk_is_not_put_to_use(demo, bring, geneticist, settings) -> None:
    first = bring(told("1"), clinvar("Benign"), use=True)
    second = bring(told("2"), clinvar("Pathogenic"))
    records = settings.DATA / KnowledgeSource.objects.get(id=second).folder / "records.parquet"
    records.write_bytes(records.read_bytes()[:-1])
    with pytest.raises(InputError) as caught:
        services.use_source(geneticist, second)
    assert caught.value.code == "damaged_source"
    assert [row.id for row in KnowledgeSource.objects.filter(active=True)] == [first]


def test_a_file_of_the_other_build_is_refused_and_leaves_nothing(demo, bring, geneticist, settings) -> None:
    bring(told(), clinvar("Pathogenic", header=HEADER.replace("GRCh38", "GRCh37")))
    assert KnowledgeSource.objects.get().problem["code"] == "wrong_build"
    (view,) = knowledge_sources(geneticist)
    assert view.state == "refused"
    assert "GRCh38 is expected" in view.problem
    kept = [path for path in (settings.DATA / "knowledge").rglob("*") if path.is_file()]
    assert kept == []
    with pytest.raises(InputError, match="not imported"):
        services.use_source(geneticist, view.id)
    bring(told(), clinvar("Pathogenic"))  # the same version may be brought again
    assert [one.state for one in knowledge_sources(geneticist)] == ["ready", "refused"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "horoscope"}, "unknown_kind"),
        ({"name": ""}, "bad_name"),
        ({"version": "../../etc"}, "bad_name"),
        ({"name": "x" * 65}, "bad_name"),
        ({"kind": "described"}, "bad_description"),
        ({"kind": "described", "columns": {"kind": "mine"}}, "bad_description"),
    ],
)
def test_what_cannot_be_a_source_is_refused_at_once(demo, geneticist, changed, code) -> None:
    with pytest.raises(InputError) as caught:
        services.bring_source(geneticist, told(**changed), "a.tsv", clinvar("Benign"))
    assert caught.value.code == code
    assert not KnowledgeSource.objects.exists()


def test_a_version_is_brought_once_and_a_large_file_not_at_all(demo, bring, geneticist, settings) -> None:
    bring(told(), clinvar("Benign"))
    with pytest.raises(InputError) as caught:
        services.bring_source(geneticist, told(), "a.vcf", clinvar("Pathogenic"))
    assert caught.value.code == "out_exists"
    settings.UPLOAD_LIMIT_BYTES = 10
    with pytest.raises(InputError) as caught:
        services.bring_source(geneticist, told("2"), "a.vcf", clinvar("Pathogenic"))
    assert caught.value.code == "too_large"
    assert KnowledgeSource.objects.count() == 1
    assert not list((settings.DATA / "knowledge" / "incoming").glob("*"))


def test_a_clinician_neither_sees_nor_changes_sources(demo, bring, actor_as) -> None:
    source_id = bring(told(), clinvar("Benign"))
    clinician, reader = actor_as(Role.CLINICIAN), actor_as(Role.SECOND_READER)
    for call in (
        lambda: knowledge_sources(clinician),
        lambda: knowledge_source(clinician, source_id),
        lambda: services.use_source(clinician, source_id),
        lambda: services.use_source(reader, source_id),
        lambda: services.bring_source(reader, told("3"), "a.vcf", clinvar("Benign")),
        lambda: services.find_effects(actor_as(Role.ADMINISTRATOR), source_id),
    ):
        with pytest.raises(AccessDenied):
            call()
    assert not KnowledgeSource.objects.filter(active=True).exists()
    with pytest.raises(Http404):
        knowledge_source(reader, "00000000-0000-4000-8000-000000000000")


def test_a_case_joins_the_sources_in_use_and_a_newer_one_shows_what_it_would_change(
    bring, analysed_case, assess, geneticist, run_jobs, client_as, people
) -> None:
    bring(told("2026-10"), clinvar("Uncertain_significance"), use=True)
    case = analysed_case("solberg")
    Case.objects.filter(id=case.id).update(scope="all_genes")
    assess(case)
    analysis = Analysis.objects.get(case_id=case.id)
    assert analysis.versions["clinvar"].startswith("ClinVar 2026-10 sha256:")
    alleles = opened.prepared_case(analysis).alleles
    (row,) = alleles.filter(alleles["clinvar_id"] == 77).to_dicts()
    assert (row["clinvar_class"], row["clinvar_stars"], row["gene"]) == (3, 1, "DEMO17")

    newer = bring(told("2026-11"), clinvar("Pathogenic", EXPERT))
    with run_jobs():
        services.find_effects(geneticist, newer)

    view, comparison = knowledge_source(geneticist, newer)
    assert view.state == "ready"
    assert (comparison.against, comparison.cases_seen, comparison.cases_left_out) == ("ClinVar 2026-10", 1, 0)
    assert comparison.closed_cases == ()
    ((change,),) = [one.changes for one in comparison.open_cases]
    assert (change.variant, change.gene, change.change, change.old, change.new, change.given_class) == (
        VARIANT, "DEMO17", "class_changed", Said(3, stars=1), Said(5, stars=3), 3,
    )  # fmt: skip
    assert [one.number for one in effects_of_cases(people.laboratory)] == [case.row.number]
    assert Analysis.objects.get(case_id=case.id).versions == analysis.versions  # looking changes nothing

    services.use_source(geneticist, newer)
    outside = variant_knowledge(analysis, VARIANT, opened.prepared_case(analysis).build)
    assert (outside.clinvar.classification, outside.clinvar.stars) == (5, 3)
    assert outside.outdated == ("ClinVar 2026-11",)
    page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{case.id}/variants/{VARIANT}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Pathogenic" in text
    assert "ClinVar 2026-11" in text
    assert "analysed before" in text


def test_a_case_of_another_laboratory_is_not_looked_at(
    bring, analysed_case, assess, actor_as, run_jobs, people
) -> None:
    case = analysed_case("solberg")
    assess(case)
    newer = bring(told(), clinvar("Pathogenic"))
    elsewhere = actor_as(Role.LABORATORY_GENETICIST, organisation=people.other_clinic)
    with run_jobs():
        services.find_effects(elsewhere, newer)
    comparison = KnowledgeComparison.objects.get()
    assert (comparison.cases_seen, comparison.effects.count()) == (0, 0)


def test_outside_the_panel_nothing_is_told(bring, analysed_case, geneticist, run_jobs) -> None:
    case = analysed_case("solberg")
    row = case.row
    row.panel.genes = [{"symbol": "OTHER", "confidence": "green", "inheritance": ""}]
    row.panel.save()
    newer = bring(told(), clinvar("Pathogenic"))
    with run_jobs():
        services.find_effects(geneticist, newer)
    _, comparison = knowledge_source(geneticist, newer)
    assert (comparison.cases_seen, comparison.open_cases, comparison.against) == (1, (), "")


def test_the_pages_bring_a_source_and_say_what_is_wrong(demo, client_as, run_jobs) -> None:
    client: Client = client_as(Role.LABORATORY_GENETICIST)
    assert "No source is loaded" in client.get("/lab/knowledge/").content.decode()
    file = clinvar("Pathogenic")
    file.name = "<script>alert(1)</script>.vcf"
    given = {"kind": "clinvar", "name": "<b>ClinVar", "version": "1", "licence": "<script>"}
    with run_jobs():
        answer = client.post("/lab/knowledge/bring/", {**given, "file": file})
    assert answer.status_code == 302
    text = client.get(answer["Location"]).content.decode()
    assert "<b>ClinVar" not in text
    assert "<script>" not in text.replace("<script src", "")
    assert "&lt;b&gt;ClinVar" in text
    refused = client.post("/lab/knowledge/bring/", {**given, "version": "2"})
    assert refused.status_code == 422
    assert "No file was chosen" in refused.content.decode()
    used = client.post(answer["Location"] + "use/")
    assert used.status_code == 302
    assert "In use" in client.get("/lab/knowledge/").content.decode()


def test_the_command_imports_a_file_of_this_machine(demo, actor_as, tmp_path) -> None:
    actor = actor_as(Role.ADMINISTRATOR)
    username = Account.objects.get(id=actor.account_id).username
    path = tmp_path / "scores.tsv"
    path.write_text("c\tp\tr\ta\ts\n2\t245474\tGC\tG\t0.75\n")
    columns = tmp_path / "columns.json"
    columns.write_text('{"kind": "mine", "contig": "c", "position": "p", "ref": "r", "alt": "a", "score": "s"}')
    given = ["--kind", "described", "--name", "Mine", "--source-version", "1", "--licence", "ours", "--by", username]
    said = io.StringIO()
    call_command("import_knowledge", str(path), *given, "--columns", str(columns), "--use", stdout=said)
    assert said.getvalue() == "Mine 1: 1 rows read, 1 kept; in use.\n"
    assert opened.knowledge_base().predictor("mine").description.kept == 1
    assert path.exists()
    with pytest.raises(CommandError, match="there already"):
        call_command("import_knowledge", str(path), *given, "--columns", str(columns))
    with pytest.raises(CommandError, match="Columns are missing"):
        call_command("import_knowledge", str(path), *given[:1], "cadd", *given[2:5], "2", *given[6:])
    assert KnowledgeSource.objects.count() == 1
    genes, aliases = tmp_path / "genes.tsv", tmp_path / "aliases.tsv"
    genes.write_text("entrez\tsymbol\n1\tKMT2C\n")
    aliases.write_text("entrez\talias\n1\tMLL3\n")
    named = ["--kind", "gene_names", "--name", "NCBI", "--source-version", "1", "--licence", "public", "--by", username]
    with pytest.raises(CommandError, match="aliases is missing"):
        call_command("import_knowledge", str(genes), *named)
    call_command("import_knowledge", str(genes), *named, "--aliases", str(aliases), "--use", stdout=io.StringIO())
    assert opened.knowledge_base().gene_names.resolve("MLL3").symbol == "KMT2C"
    with pytest.raises(CommandError, match="no administrator"):
        call_command("import_knowledge", str(path), *given[:-1], "nobody", "--columns", str(columns))
