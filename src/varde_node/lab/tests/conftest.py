"""The demo country in small, made once per session: reference, genes, families and counts; and cases on it."""

from __future__ import annotations

import shutil
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
from varde.simulate.sequencing import SequencedFamily, write_sequenced_family
from varde_node.lab import services
from varde_node.lab.contracts import LabOrder, OrderedPerson
from varde_node.lab.models import Case, PipelineVersion, TruthRun
from varde_node.lab.pipeline_plans import plan_of_truth, truth_sets
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

    def make(name: str = "solberg", **changes: object) -> DemoCase:
        plan = next(one for one in FAMILIES if one.plan.name == name)
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
        return DemoCase(case_id, name, order.order_id, demo.vcf(name))

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


COUNTS = {"truth_found": 95, "false_negative": 5, "calls_right": 96, "false_positive": 1, "genotype_error": 1}
"""Alleles of a stratum in the measurement of ``measured``."""


@pytest.fixture(scope="session")
def sequenced_family(tmp_path_factory: pytest.TempPathFactory) -> SequencedFamily:
    folder = tmp_path_factory.mktemp("sequenced")
    files = write_sequenced_family(folder / "example", 7, depth=24)
    ReferenceStore(folder / "references").add(files.fasta, None, Build.GRCH38, "example")
    return files


@pytest.fixture
def laboratory(
    sequenced_family: SequencedFamily, settings: object, tmp_path: Path, people: object, panel_id: UUID
) -> SequencedFamily:
    """The node with the small reference, a truth sample and the family's reads in the laboratory's inbox."""
    settings.REFERENCES = sequenced_family.folder.parent / "references"
    settings.REFERENCE = "example"
    settings.PIPELINE_INBOX, settings.PIPELINE_TRUTH = tmp_path / "inbox", tmp_path / "truth"
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / str(people.laboratory)).symlink_to(sequenced_family.inbox)
    sample = tmp_path / "truth" / "Simulated child"
    shutil.copytree(sequenced_family.truth.parent, sample)
    for path in sequenced_family.inbox.glob("child_*"):
        (sample / path.name).symlink_to(path)
    (sample / "sex.txt").write_text("male\n")
    return sequenced_family


@pytest.fixture
def received(
    laboratory: SequencedFamily, open_demo_case: Callable[..., DemoCase], actor_as: Callable[..., Actor]
) -> DemoCase:
    """A case whose tubes bear the names of the reads."""
    case = open_demo_case("solberg")
    barcodes = {sample.id: sample.role for sample in case.row.samples.all()}
    services.receive_samples(actor_as(Role.LABORATORY_GENETICIST), case.id, barcodes)
    return case


@pytest.fixture
def geneticist(actor_as: Callable[..., Actor]) -> Actor:
    return actor_as(Role.LABORATORY_GENETICIST)


@pytest.fixture
def reader(actor_as: Callable[..., Actor]) -> Actor:
    return actor_as(Role.SECOND_READER)


@pytest.fixture
def measured(laboratory: SequencedFamily, geneticist: Actor, people: object) -> TruthRun:
    """A finished measurement of the version that would run today, without the minutes that it takes."""
    version = plan_of_truth(truth_sets()[0]).version()
    row = PipelineVersion.objects.create(digest=version.digest, told=version.as_dict())
    return TruthRun.objects.create(
        laboratory_id=people.laboratory,
        version=row,
        truth_set="Simulated child",
        folder="truth-runs/x",
        result={"sample": "child", "strata": {"all": COUNTS, "snv": COUNTS}, "truth_not_assessed": 7, "replayed": 2},
        started_by_id=geneticist.account_id,
    )
