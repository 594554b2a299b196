"""The demo country in small, made once per session: reference, genes, families and counts; and cases on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from varde.genome.builds import Build
from varde.genome.references import Reference, ReferenceStore
from varde.simulate.country import FAMILIES, SEED
from varde.simulate.files import CountryFiles, write_country
from varde_node.lab import services
from varde_node.lab.contracts import LabOrder, OrderedPerson
from varde_node.lab.models import Case
from varde_node.people import services as people_services
from varde_node.people.services import Actor, Role

CHOSEN = ("solberg", "nilsen", "berg", "vik")
SAMPLE_NAMES = {"child": "barn", "mother": "mor", "father": "far"}


@dataclass(frozen=True)
class DemoCountry:
    """The files, and the folder of the reference store that holds 'demo'."""

    files: CountryFiles
    references: Path

    @property
    def reference(self) -> Reference:
        return ReferenceStore(self.references).get("demo")

    def vcf(self, family: str) -> Path:
        return self.files.folder / "families" / f"{family}.vcf.gz"


@pytest.fixture(scope="session")
def demo_country(tmp_path_factory: pytest.TempPathFactory) -> DemoCountry:
    """Three families of the demo country, few people per region."""
    folder = tmp_path_factory.mktemp("country")
    chosen = [family for family in FAMILIES if family.plan.name in CHOSEN]
    files = write_country(folder / "country", SEED, families=chosen, people_per_region=4)
    references = folder / "references"
    ReferenceStore(references).add(files.fasta, files.gff3, Build.GRCH38, "demo")
    return DemoCountry(files, references)


@pytest.fixture
def demo(demo_country: DemoCountry, settings: object, tmp_path: Path) -> DemoCountry:
    """The node set up with the demo reference and gene table, and a data folder of the test's own."""
    settings.REFERENCES = demo_country.references
    settings.REFERENCE = "demo"
    settings.GENE_KNOWLEDGE = demo_country.files.knowledge
    settings.STRUCTURAL_TABLES = demo_country.files.dosage.parent
    settings.DATA = tmp_path
    return demo_country


@pytest.fixture
def panel_id(demo: DemoCountry, actor_as: Callable[..., Actor]) -> UUID:
    """The demo panel, stored."""
    return services.store_panel(actor_as(Role.LABORATORY_GENETICIST), demo.files.panel)


@dataclass(frozen=True)
class DemoCase:
    """A case opened for one of the demo families; the persons are the test family with that family's tubes."""

    id: UUID
    family: str
    order_id: UUID
    vcf: Path

    @property
    def row(self) -> Case:
        return Case.objects.get(id=self.id)


@pytest.fixture
def open_demo_case(
    demo: DemoCountry, panel_id: UUID, people: object, actor_as: Callable[..., Actor]
) -> Callable[..., DemoCase]:
    """``open_demo_case("solberg")``: the order of a family as an open case, waiting for its tubes."""

    def make(family: str = "solberg", **changes: object) -> DemoCase:
        plan = next(one for one in FAMILIES if one.plan.name == family)
        child = people_services.add_person(
            plan.child.national_identifier, plan.child.name, plan.child.born, "male" if plan.child.male else "female"
        )
        order = LabOrder(
            **{
                "order_id": uuid4(),
                "laboratory_id": people.laboratory,
                "requester_id": people.clinic,
                "patient_id": child,
                "family": (
                    OrderedPerson("child", child, affected=True),
                    OrderedPerson("mother", people.mother, affected=False),
                    OrderedPerson("father", people.father, affected=False),
                ),
                "indication": plan.indication,
                "hpo_terms": plan.hpo,
                "panel_name": "Utviklingsforstyrrelse og epilepsi (demo)",
                "panel_version": "1.0",
                "urgent": False,
                **changes,
            }
        )
        case_id = services.open_case(actor_as(Role.CLINICIAN), order)
        return DemoCase(case_id, family, order.order_id, demo.vcf(family))

    return make


@pytest.fixture
def receive_all(actor_as: Callable[..., Actor]) -> Callable[[DemoCase], None]:
    """``receive_all(case)``: registers the three tubes under the names of the family's VCF."""

    def receive(case: DemoCase) -> None:
        barcodes = {sample.id: f"{case.family}-{SAMPLE_NAMES[sample.role]}" for sample in case.row.samples.all()}
        services.receive_samples(actor_as(Role.LABORATORY_GENETICIST), case.id, barcodes)

    return receive


@pytest.fixture
def analysed_case(
    open_demo_case: Callable[..., DemoCase],
    receive_all: Callable[[DemoCase], None],
    actor_as: Callable[..., Actor],
    run_jobs: Callable[[], object],
) -> Callable[[str], DemoCase]:
    """``analysed_case("solberg")``: opened, received, uploaded and analysed."""

    def make(family: str = "solberg") -> DemoCase:
        case = open_demo_case(family)
        receive_all(case)
        with run_jobs(), case.vcf.open("rb") as stream:
            services.upload_file(actor_as(Role.LABORATORY_GENETICIST), case.id, case.vcf.name, stream)
        return case

    return make


@pytest.fixture
def upload(actor_as: Callable[..., Actor], run_jobs: Callable[[], object]) -> Callable[..., UUID]:
    """``upload(case, name, content)``: takes a file in, with its jobs."""

    def take(case: DemoCase, name: str, content: bytes) -> UUID:
        with run_jobs():
            return services.upload_file(actor_as(Role.LABORATORY_GENETICIST), case.id, name, BytesIO(content))

    return take


@pytest.fixture
def loss_case(analysed_case: Callable[[str], DemoCase], upload: Callable[..., UUID], demo: DemoCountry) -> DemoCase:
    """The family with a new deletion, both files in."""
    case = analysed_case("vik")
    upload(case, "vik.structural.vcf.gz", (demo.vcf("vik").parent / "vik.structural.vcf.gz").read_bytes())
    return case
