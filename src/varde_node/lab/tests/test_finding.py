"""Finding in the node: chains, comparison, trace, panels and phenotype; a refusal changes nothing."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from varde.consent import Purpose
from varde.genome.errors import InputError
from varde.interpretation.chain import TEXTS, read_chain
from varde.interpretation.filters import FilterSettings
from varde.interpretation.phenopackets import parse_phenopacket
from varde_node.lab import opened, queries, services
from varde_node.lab.chain_texts import SENTENCES
from varde_node.lab.models import Case, ChainChoice, FilterChainVersion, PanelChange, PanelVersion
from varde_node.lab.queries.chains import chain, chains
from varde_node.lab.queries.comparison import comparison
from varde_node.lab.queries.phenotype import phenopacket, phenotype
from varde_node.lab.services.phenotype import TermChange
from varde_node.lab.tests.interpretation_steps import (
    ALL_YES,
    FROM_FATHER,
    FROM_MOTHER,
    REASON,
    assess_both,
    consent_of_parents,
)
from varde_node.people.services import AccessDenied, Role

pytestmark = pytest.mark.django_db
STRICT = FilterSettings(impacts=frozenset({"HIGH"}))
PANEL = b"gene\tconfidence\tinheritance\nDEMO17\tgreen\tAR\n"


@pytest.fixture
def reader(actor_as):
    return actor_as(Role.LABORATORY_GENETICIST)


@pytest.fixture
def opened_case(analysed_case, people, actor_as, reader):
    """The family solberg with all genes open."""
    case = analysed_case("solberg")
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(reader, case.id, REASON)
    return case


def refused(call, *arguments, **named):
    with pytest.raises(InputError) as raised:
        call(*arguments, **named)
    return raised.value.code


def named(body: bytes, name="Own", version="1") -> bytes:
    return f"# name: {name}\n# version: {version}\n".encode() + body


def test_every_sentence_of_the_library_is_named_for_translation():
    assert set(SENTENCES) == set(TEXTS.values())


class TestChains:
    def test_a_stored_version_never_changes_and_the_next_has_the_next_number(self, reader):
        first = services.store_chain(reader, " Epilepsy  team ", STRICT, "for them")
        assert refused(services.store_chain, reader, "Epilepsy team", STRICT) == "same_chain"
        second = services.store_chain(reader, "Epilepsy team", FilterSettings())
        rows = FilterChainVersion.objects.order_by("version").values_list("id", "name", "version")
        assert list(rows) == [(first, "Epilepsy team", 1), (second, "Epilepsy team", 2)]
        assert [(one.title, one.newest) for one in chains(reader)] == [
            ("Varde", True),
            ("Epilepsy team 2", True),
            ("Epilepsy team 1", False),
        ]
        view = chain(reader, first)
        assert read_chain(view.document).settings == STRICT
        assert services.import_chain(reader, view.document, "chain.json") not in (first, second)

    def test_a_chain_without_a_name_is_refused(self, reader):
        assert refused(services.store_chain, reader, "  ", STRICT) == "name_missing"
        assert refused(services.choose_default_chain, reader, "trio", uuid4()) == "unknown_chain"
        assert refused(services.choose_default_chain, reader, "quartet", None) == "unknown_kind"
        assert (FilterChainVersion.objects.count(), ChainChoice.objects.count()) == (0, 0)

    def test_the_kind_s_chain_holds_until_the_case_has_its_own(self, analysed_case, reader):
        case = analysed_case("solberg")
        analysis = opened.analysis_of(case.row)
        strict = services.store_chain(reader, "S", STRICT)
        plain = services.store_chain(reader, "P", FilterSettings(drop_tract=True))
        assert opened.chain_of(case.row) is None
        services.choose_default_chain(reader, "trio", strict)
        assert opened.chain_of(case.row).id == strict
        assert opened.default_settings(analysis).impacts == {"HIGH"}
        services.choose_chain(reader, case.id, plain)
        assert opened.default_settings(analysis).drop_tract
        services.choose_chain(reader, case.id, None)
        assert opened.chain_of(case.row) is None

    def test_another_laboratory_s_chain_is_not_there(self, reader, people, client_as):
        stored = services.store_chain(reader, "S", STRICT)
        FilterChainVersion.objects.update(laboratory_id=people.clinic)
        assert client_as(Role.LABORATORY_GENETICIST).get(f"/lab/filter-chains/{stored}/").status_code == 404
        assert refused(services.choose_default_chain, reader, "trio", stored) == "unknown_chain"

    def test_a_clinician_stores_none(self, actor_as):
        with pytest.raises(AccessDenied):
            services.store_chain(actor_as(Role.CLINICIAN), "S", STRICT)

    def test_the_pages(self, reader, client_as):
        client = client_as(Role.LABORATORY_GENETICIST)
        assert "introns up to 20 bases before an acceptor" in client.get("/lab/filter-chains/varde/").content.decode()
        form = {
            "name": "Mine", "dominant_frequency": "0.001", "recessive_frequency": "0.01", "dominant_homozygotes": 2,
            "recessive_homozygotes": 10, "minimum_alleles_counted": 2000, "impacts": ["HIGH", "LOW"],
            "acceptor": "", "donor": "", "keep_clinvar_stars": "3",
        }  # fmt: skip
        half = client.post("/lab/filter-chains/new/", form | {"acceptor": "5"})
        assert (half.status_code, FilterChainVersion.objects.count()) == (422, 0)
        stored = client.post("/lab/filter-chains/new/", form)
        row = FilterChainVersion.objects.get()
        assert stored["Location"] == f"/lab/filter-chains/{row.id}/"
        assert row.settings["impacts"] == ["HIGH", "LOW"]
        assert (row.settings["splice_window"], row.settings["keep_clinvar_stars"]) == (None, 3)
        assert not row.settings["require_pass"]
        document = client.get(f"/lab/filter-chains/{row.id}/chain.json")
        assert read_chain(document.content.decode()).name == "Mine"
        script = client.post("/lab/filter-chains/new/", form | {"name": "<script>alert(1)</script>"}, follow=True)
        assert "<script>alert(1)" not in script.content.decode()


class TestTheCasesChain:
    def test_a_comparison_says_what_another_chain_takes(self, opened_case, reader, client_as):
        case = opened_case
        none = services.store_chain(reader, "Nothing", FilterSettings(impacts=frozenset(), terms=frozenset()))
        same = comparison(reader, case.id)
        assert (same.came_count, same.went_count, same.moved_count) == (0, 0, 0)
        view = comparison(reader, case.id, after=("", str(none)))
        went = {row.variant: str(row.after) for row in view.went}
        assert {FROM_FATHER, FROM_MOTHER} <= set(went)
        assert set(went.values()) == {"Consequence"}
        assert view.came == ()
        page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{case.id}/comparison/?after_chain={none}")
        assert FROM_MOTHER in page.content.decode()

    def test_the_trace_finds_by_gene_place_and_protein(self, opened_case, reader):
        case = opened_case
        for text in ("2:247146", FROM_MOTHER, f"chr{FROM_MOTHER}", "247,146"):
            assert [row.variant for row in queries.trace(reader, case.id, text=text).rows] == [FROM_MOTHER]
        kept = queries.trace(reader, case.id, text="demo17", step="kept")
        assert {row.variant for row in kept.rows} > {FROM_FATHER, FROM_MOTHER}
        assert {(row.gene, row.kept) for row in kept.rows} == {("DEMO17", True)}
        assert queries.trace(reader, case.id, text="p.(").matching == 0

    def test_what_the_laboratory_classified_before_is_never_filtered(self, opened_case, reader):
        assess_both(reader, opened_case)
        row = opened_case.row
        again = Case.objects.get(id=row.id)
        again.id, again.number, again.order_id = uuid4(), "NO-2026-9999", uuid4()
        again.save(force_insert=True)
        analysis = opened.analysis_of(row)
        closed = FilterSettings(impacts=frozenset(), terms=frozenset())
        spared = opened.outcome(again, analysis, closed, "all_genes").trace.filter("kept")
        assert {f"2-{position}" for position in spared["position"]} == {"2-245474", "2-247146"}
        assert set(spared["rescued_by"]) == {"earlier"}
        own = opened.outcome(row, analysis, closed, "all_genes")
        assert not own.trace["kept"].any()

    def test_an_incidental_finding_is_shown_only_to_who_asked(self, opened_case, people, reader, actor_as, client_as):
        case = opened_case
        genes = opened.prepared_case(opened.analysis_of(case.row)).consequences["gene"].drop_nulls().unique().to_list()
        own = {gene["symbol"] for gene in case.row.panel.genes}
        listed = [gene for gene in genes if gene not in own]
        body = "gene\n" + "\n".join(listed) + "\n"
        services.store_panel_text(reader, named(body.encode(), "SF"), "sf.tsv", accept_unknown=True, incidental=True)
        view = queries.candidates(reader, case.id)
        assert {line.gene for line in view.lines} <= own
        fell = queries.trace(reader, case.id, text=FROM_MOTHER).rows[0]
        assert (fell.opens, str(fell.step_words), fell.parameter) == (
            False,
            "Incidental findings not asked for",
            "consent",
        )
        page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{case.id}/variants/{FROM_MOTHER}/")
        assert page.status_code in (403, 404, 422)
        assert [one.name for one in queries.panels()] == ["Utviklingsforstyrrelse og epilepsi (demo)"]
        consent_of_parents(case, people, actor_as, (*ALL_YES, Purpose.INCIDENTAL_FINDINGS))
        after = queries.candidates(reader, case.id)
        assert "DEMO17" in {line.gene for line in after.lines} & after.incidental


class TestPanels:
    def test_unknown_genes_are_named_and_stored_only_when_accepted(self, demo, reader):
        body = named(PANEL + b"NO-SUCH\tred\t\n")
        with pytest.raises(InputError) as raised:
            services.store_panel_text(reader, body, "own.tsv")
        assert (raised.value.code, raised.value.field) == ("unknown_genes", "accept_unknown")
        assert "NO-SUCH" in raised.value.problem
        assert PanelVersion.objects.count() == 0
        (stored,) = services.store_panel_text(reader, body, "own.tsv", accept_unknown=True)
        assert PanelVersion.objects.get().notes["unknown"] == ["NO-SUCH"]
        changed = named(b"gene\nDEMO17\n")
        assert refused(services.store_panel_text, reader, changed, "own.tsv") == "panel_changed"
        assert len(PanelVersion.objects.get(id=stored).genes) == 2

    @pytest.mark.parametrize("raw", [b"", b"\0", b"\xff\xfe\x00", b"{}", b"[1]", b"gen\nA\n", b"x" * 5_000_001])
    def test_what_is_no_panel_is_refused(self, demo, reader, raw):
        assert refused(services.store_panel_text, reader, raw, "x") in (
            "not_a_panel", "empty_panel", "not_utf8", "too_large",
        )  # fmt: skip
        assert PanelVersion.objects.count() == 0

    def test_a_case_is_given_another_version_with_a_reason(self, open_demo_case, reader, actor_as):
        case = open_demo_case("solberg")
        before = case.row.panel_id
        (after,) = services.store_panel_text(reader, named(PANEL), "own.tsv")
        for code, arguments in (
            ("reason_missing", (after, "short")),
            ("same_panel", (before, "a reason long enough")),
            ("unknown_panel", (uuid4(), "a reason long enough")),
        ):
            assert refused(services.change_panel, reader, case.id, *arguments) == code
        with pytest.raises(AccessDenied):
            services.change_panel(actor_as(Role.CLINICIAN), case.id, after, "a reason long enough")
        assert (case.row.panel_id, PanelChange.objects.count()) == (before, 0)
        services.change_panel(reader, case.id, after, " The new version has the gene. ")
        change = PanelChange.objects.get()
        assert (case.row.panel_id, change.before_id, change.reason) == (after, before, "The new version has the gene.")
        (told,) = queries.panel(reader, case.id).changes
        assert (told.after, told.reason) == ("Own 1", "The new version has the gene.")

    def test_the_pages(self, open_demo_case, reader, client_as):
        case = open_demo_case("solberg")
        client = client_as(Role.LABORATORY_GENETICIST)
        form = {"name": "Mine", "version": "1", "genes": PANEL.decode() + "NO-SUCH\tamber\tAD\n"}
        page = client.post("/lab/panels/new/", form)
        assert (page.status_code, "NO-SUCH" in page.content.decode()) == (422, True)
        first = client.post("/lab/panels/new/", form | {"accept_unknown": "yes"})["Location"]
        second = client.post(
            "/lab/panels/new/", form | {"version": "2", "genes": PANEL.decode().replace("green", "red")}
        )
        assert "NO-SUCH" in client.get(f"/lab/panels/new/?from={first.split('/')[3]}").content.decode()
        ids = [one.split("/")[3] for one in (first, second["Location"])]
        changes = client.get(f"/lab/panels/compare/?before={ids[0]}&after={ids[1]}").content.decode()
        assert "0 added, 1 removed, 1 changed, 0 alike" in changes
        listed = client.get("/lab/panels/").content.decode()
        assert listed.count(">Mine</a>") == 2
        refused_page = client.post(f"/lab/cases/{case.id}/panel/change/", {"panel": ids[0], "reason": "no"})
        assert refused_page.status_code == 422
        done = client.post(f"/lab/cases/{case.id}/panel/change/", {"panel": ids[0], "reason": "It has more genes."})
        assert done.status_code == 302
        assert "It has more genes." in client.get(f"/lab/cases/{case.id}/panel/").content.decode()
        assert client.get(f"/lab/panels/{uuid4()}/").status_code == 404
        assert client.get("/lab/panels/compare/?before=x").status_code == 404


class TestPhenotype:
    def test_terms_are_added_changed_and_removed(self, open_demo_case, reader):
        case = open_demo_case("solberg", hpo_terms=("HP:0001250",))
        services.set_term(reader, case.id, TermChange("HP:0001263", onset="P3M"))
        services.set_term(reader, case.id, TermChange("HP:0001252", excluded=True))
        row = case.row
        assert (row.hpo_terms, row.hpo_excluded) == (["HP:0001250", "HP:0001263"], ["HP:0001252"])
        assert row.hpo_onsets == {"HP:0001263": "P3M"}
        services.set_term(reader, case.id, TermChange("HP:0001263", excluded=True))
        services.remove_term(reader, case.id, "HP:0001252")
        row = case.row
        assert (row.hpo_terms, row.hpo_excluded, row.hpo_onsets) == (["HP:0001250"], ["HP:0001263"], {})
        for code, call in (
            ("last_term", lambda: services.remove_term(reader, case.id, "HP:0001250")),
            ("hpo", lambda: services.set_term(reader, case.id, TermChange("HP:0000057"))),
            ("hpo", lambda: services.set_term(reader, case.id, TermChange("HP:9999999"))),
            ("onset", lambda: services.set_term(reader, case.id, TermChange("HP:0001252", onset="early"))),
            ("gene", lambda: services.set_named_genes(reader, case.id, ["<b>"])),
        ):
            assert refused(call) == code
        assert case.row.hpo_terms == ["HP:0001250"]
        Case.objects.update(state="signed")
        assert refused(services.set_term, reader, case.id, TermChange("HP:0001252")) == "not_open_for_work"

    def test_a_phenopacket_goes_in_and_out(self, open_demo_case, reader):
        case = open_demo_case("solberg", hpo_terms=("HP:0001250",))
        sex = phenotype(reader, case.id).head.patient_sex
        number, text = phenopacket(reader, case.id)
        packet = parse_phenopacket(text.encode())
        assert (packet.identifier, packet.observed, packet.sex) == (number, ("HP:0001250",), sex)
        assert case.row.patient.name not in text
        document = json.loads(text)
        document["phenotypicFeatures"] = [
            {"type": {"id": "HP:0000057"}},
            {"type": {"id": "HP:0001263"}, "excluded": True},
            {"type": {"id": "HP:9999999"}},
        ]
        found = services.import_phenopacket(reader, case.id, json.dumps(document).encode(), "p.json")
        assert (found.added, found.replaced, found.passed_over) == (2, (("HP:0000057", "HP:0008665"),), ("HP:9999999",))
        assert (case.row.hpo_terms, case.row.hpo_excluded) == (["HP:0001250", "HP:0008665"], ["HP:0001263"])
        document["subject"]["sex"] = "FEMALE" if sex == "male" else "MALE"
        assert refused(services.import_phenopacket, reader, case.id, json.dumps(document).encode(), "p") == "other_sex"
        assert refused(services.import_phenopacket, reader, case.id, b"{}", "p") == "not_a_phenopacket"

    def test_the_page(self, open_demo_case, reader, client_as):
        case = open_demo_case("solberg", hpo_terms=("HP:0001250",))
        client, address = client_as(Role.LABORATORY_GENETICIST), f"/lab/cases/{case.id}/phenotype/"
        assert client.post(address, {"term": "Hypotonia (HP:0001252)", "excluded": "yes"}).status_code == 302
        obsolete = client.post(address, {"term": "HP:0000057"})
        assert (obsolete.status_code, "HP:0008665" in obsolete.content.decode()) == (422, True)
        assert client.post(address, {"act": "genes", "genes": "DEMO17, SCN1A"}).status_code == 302
        page = client.get(address).content.decode()
        assert "not present" in page
        assert "Not in the transcript set: SCN1A" in page
        assert case.row.named_genes == ["DEMO17", "SCN1A"]
        assert client.get(f"{address}phenopacket.json")["Content-Type"] == "application/json"

    def test_a_table_of_names_is_searched_in_the_reader_s_language(self, settings, tmp_path, client_as):
        settings.PHENOTYPE_NAMES = tmp_path / "names.tsv"
        rows = "term\tlanguage\tlabel\nHP:0012469\tnb\tSpedbarnskramper av fabel\nHP:9999999\tnb\tIngenting\n"
        settings.PHENOTYPE_NAMES.write_text(rows)
        client = client_as(Role.LABORATORY_GENETICIST)
        address = "/lab/phenotype-terms/?term=fabel"
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "nb"
        assert "Spedbarnskramper av fabel (HP:0012469)" in client.get(address).content.decode()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        assert "HP:0012469" not in client.get(address).content.decode()
