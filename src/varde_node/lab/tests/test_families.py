"""Cases of other families than a trio, from the order to the workbench."""

from __future__ import annotations

import gzip
import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from varde.genome.errors import InputError
from varde.genome.kin import Kin, kin_of
from varde.interpretation.analysis import filter_case
from varde.simulate.country import FAMILIES
from varde_node.lab import opened, services
from varde_node.lab.case_access import current_analysis
from varde_node.lab.contracts import OrderedPerson
from varde_node.lab.family import pedigree_of, place_order, place_words
from varde_node.lab.models import Case
from varde_node.lab.tests.interpretation_steps import FROM_FATHER, REASON, consent_of_parents
from varde_node.people import services as people_services
from varde_node.people.services import Role

READS = {0: "0/0:30,0:30:99", 1: "0/1:15,15:30:99", 2: "1/1:0,30:30:99"}
PLANTED = (245474, 247146)


def written(vcf: Path, path: Path, names: list[str], *, sister_has_both: bool = True) -> Path:
    """The family's file with the named people only; a sister is drawn from her parents by Mendel's laws, except at the
    planted pair."""
    draw = random.Random(7)
    lines = []
    for line in gzip.decompress(vcf.read_bytes()).decode().splitlines():
        columns = line.split("\t")
        if line.startswith("##"):
            lines.append(line)
            continue
        if line.startswith("#CHROM"):
            header = columns[9:]
            lines.append("\t".join([*columns[:9], *names]))
            continue
        calls = dict(zip(header, columns[9:], strict=True))
        doses = {name: call.split(":")[0].replace("|", "/").count("1") for name, call in calls.items()}
        of_parents = [draw.random() < doses[parent] / 2 for parent in ("solberg-mor", "solberg-far")]
        dose = sum(of_parents)
        if int(columns[1]) in PLANTED:
            dose = int(sister_has_both or int(columns[1]) == PLANTED[0])
        calls["solberg-sister"] = READS[dose]
        lines.append("\t".join([*columns[:9], *(calls[name] for name in names)]))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def sister(people) -> object:
    return people_services.add_person("03919055555", "Siri Solberg", date(2021, 3, 3), "female")


@pytest.fixture
def child() -> object:
    """The patient of the solberg family, as the demo order names her."""
    plan = next(one for one in FAMILIES if one.plan.name == "solberg").child
    return people_services.add_person(plan.national_identifier, plan.name, plan.born, "male" if plan.male else "female")


@pytest.fixture
def case_of(open_demo_case, actor_as, run_jobs, tmp_path, child):
    """``case_of(others, names)``: the solberg case of these people, received, uploaded and analysed."""

    def make(others, names, **options):
        case = open_demo_case("solberg", family=(OrderedPerson("child", child, affected=True), *others))
        geneticist = actor_as(Role.LABORATORY_GENETICIST)
        samples = sorted(case.row.samples.all(), key=lambda one: place_order(one.place))
        services.receive_samples(geneticist, case.id, {s.id: n for s, n in zip(samples, names, strict=True)})
        path = written(case.vcf, tmp_path / "family.vcf", names, **options)
        with run_jobs(), path.open("rb") as stream:
            services.upload_file(geneticist, case.id, path.name, stream)
        return case

    return make


def parents(people):
    return OrderedPerson("mother", people.mother, affected=False), OrderedPerson(
        "father", people.father, affected=False
    )


def test_a_patient_alone_comes_to_candidates(case_of, actor_as, client_as) -> None:
    case = case_of((), ["solberg-barn"])
    assert case.row.state == "interpretation"
    page = client_as(Role.LABORATORY_GENETICIST).get(f"/lab/cases/{case.id}/").content.decode()
    assert "Mother" not in page
    prepared = opened.prepared_case(current_analysis(case.row))
    assert prepared.members == ("solberg-barn", None, None)
    assert [one.column for one in prepared.family] == ["child", None, None]


def test_a_child_with_one_parent_comes_to_candidates(case_of, people) -> None:
    case = case_of(parents(people)[:1], ["solberg-barn", "solberg-mor"])
    prepared = opened.prepared_case(current_analysis(case.row))
    assert prepared.members == ("solberg-barn", "solberg-mor", None)
    assert not prepared.quality.stops_sign_off


NAMES = ["solberg-barn", "solberg-mor", "solberg-far", "solberg-sister"]


def test_a_healthy_sister_with_both_halves_removes_the_pair_with_her_name(case_of, people, sister, client_as) -> None:
    case = case_of((*parents(people), OrderedPerson("sibling", sister, affected=False)), NAMES)
    prepared = opened.prepared_case(current_analysis(case.row))
    assert not prepared.quality.stops_sign_off
    outcome = filter_case(prepared)
    planted = prepared.alleles.filter(pl.col("position").is_in(PLANTED))["row"].to_list()
    assert tuple(planted) not in [one.rows for one in outcome.candidates]
    fell = outcome.trace.filter(pl.col("position") == PLANTED[0]).select("parameter", "value").rows()
    assert fell == [("relative", "solberg-sister (unaffected sibling) has both halves: 0/1")]


def test_an_affected_sister_is_drawn_and_shown_beside_the_patient(case_of, people, sister, client_as, actor_as) -> None:
    case = case_of((*parents(people), OrderedPerson("sibling", sister, affected=True)), NAMES)
    client = client_as(Role.LABORATORY_GENETICIST)
    candidates = filter_case(opened.prepared_case(current_analysis(case.row))).candidates
    assert ("DEMO17", "compound_heterozygous", True) in [
        (one.gene, one.mode.value, one.evaluated) for one in candidates
    ]
    consent_of_parents(case, people, actor_as)
    services.open_all_genes(actor_as(Role.LABORATORY_GENETICIST), case.id, REASON)
    page = client.get(f"/lab/cases/{case.id}/variants/{FROM_FATHER}/").content.decode()
    assert '<th scope="row">Sibling</th>' in page
    assert page.count('<g class="person ') == 4
    assert page.count('<g class="balance">') == 4
    quality = client.get(f"/lab/cases/{case.id}/quality/").content.decode()
    assert "Sibling" in quality
    case_page = client.get(f"/lab/cases/{case.id}/").content.decode()
    assert "Siri Solberg" in case_page


def test_every_role_has_its_place_in_the_pedigree(open_demo_case, people, child) -> None:
    listed = [kin for kin in Kin if kin is not Kin.CHILD]
    born = date(1950, 1, 1)
    persons = [people_services.add_person(f"0391905{n:04}", f"Person {n}", born, "unknown") for n in range(len(listed))]
    others = [OrderedPerson(kin.value, person, affected=None) for kin, person in zip(listed, persons, strict=True)]
    case = open_demo_case("solberg", family=(OrderedPerson("child", child, affected=True), *others))
    pedigree = pedigree_of(case.row)
    proband = pedigree.persons[0]
    names = {sample.role: sample.name for sample in case.row.samples.all()}
    for kin in listed:
        assert kin_of(pedigree, proband, pedigree.person(names[kin.value])) is kin
    assert {place_words(kin.value) for kin in listed} >= {"Mother's mother", "Child of the patient"}


@pytest.mark.parametrize("roles", [("mother", "mother"), ("maternal_grandmother",) * 2, ("neighbour",), ("child",)])
def test_a_family_that_cannot_be_is_refused_and_nothing_is_opened(open_demo_case, people, child, roles) -> None:
    others = [
        OrderedPerson(role, one, affected=None)
        for role, one in zip(roles, (people.mother, people.father), strict=False)
    ]
    with pytest.raises(InputError) as refused:
        open_demo_case("solberg", family=(OrderedPerson("child", child, affected=True), *others))
    assert (refused.value.code, Case.objects.count()) == ("family", 0)
