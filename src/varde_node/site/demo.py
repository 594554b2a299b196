"""The demo country in the node: organisations, staff, families, and each order brought as far as the plan says.

Everything is done through the services, as a person would do it, and everything is synthetic. A finished seed leaves a
mark; seeding again finds it and changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from varde.consent import Purpose
from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.genome.builds import Build
from varde.genome.pedigree import read_ped
from varde.genome.references import ReferenceStore
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.simulate.country import (
    COHORTS,
    FAMILIES,
    FIRST_KINDS,
    LATER_KINDS,
    REGIONS,
    SEED,
    DemoFamily,
    DemoPerson,
    Station,
    kind_of,
)
from varde.simulate.files import PANEL_NAME, PANEL_VERSION, CountryFiles, write_country
from varde_node.clinic import services as clinic
from varde_node.clinic.services import CounsellingContent, FamilyConsent, OrderContent
from varde_node.consent import services as consent
from varde_node.jobs import services as jobs
from varde_node.lab import queries as lab_queries
from varde_node.lab import services as lab
from varde_node.lab.queries import structural as lab_structural
from varde_node.people import services as people
from varde_node.people.services import Actor, Role
from varde_node.registers.frequency import services as register

PASSWORD = "varde-demo-2026"  # noqa: S105 - printed at every start, demo only
REFERENCE = "demo"
CARE_AND_REGISTER = (Purpose.CARE_PANEL, Purpose.CARE_ALL_GENES, Purpose.REGISTER_COUNT)

LABORATORY = "HSO"
"""The region whose laboratory examines for all four."""

REGION_CODES = tuple(region.code for region in REGIONS)

STORY_KIND = ((DiseaseGroup.DEVELOPMENT, Assay.UNSPECIFIED),)
"""As the laboratory counts the parents of the story: a shard holds at least five of a kind."""

STAFF = (
    ("ingrid", "Ingrid Aas", Role.CLINICIAN, "clinic HSO"),
    ("sara", "Sara Hætta", Role.COUNSELLOR, "clinic HSO"),
    ("kari", "Kari Lunde", Role.LABORATORY_GENETICIST, "laboratory"),
    ("nils", "Nils Moe", Role.SECOND_READER, "laboratory"),
    ("rolf", "Rolf Eide", Role.REGISTER_MANAGER, "national"),
    ("dagny", "Dagny Foss", Role.DATA_PROTECTION_OFFICER, "national"),
    ("arne", "Arne Vik", Role.ADMINISTRATOR, "national"),
    ("turid", "Turid Natland", Role.CLINICIAN, "clinic HV"),
    ("oddvar", "Oddvar Grønli", Role.CLINICIAN, "clinic HMN"),
    ("elle", "Elle Somby", Role.CLINICIAN, "clinic HN"),
)
CLINICIANS = {"HSO": "ingrid", "HV": "turid", "HMN": "oddvar", "HN": "elle"}
GUARDIANS = (
    ("marte", "solberg", "mother"),
    ("jonas", "solberg", "father"),
    ("inger", "johansen", "mother"),
)
"""Parents with an account: the story's two, and one whose answer is there already."""


def seed(report: Callable[[str], None]) -> None:
    """Bring the node to the demo's state; ``report`` is told each step. A seed that was cut short is refused."""
    mark = settings.DATA / "demo" / "seeded"
    if mark.exists():
        report("the demo country is here already")
        return
    with jobs.immediately():
        _Country(report).seed()
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def logins() -> list[tuple[str, str, str]]:
    """User name, name and role of every demo account, for printing."""
    rows = [(username, name, role.value) for username, name, role, _ in STAFF]
    families = {family.plan.name: family for family in FAMILIES}
    guardians = [(username, getattr(families[name], who).name, Role.PATIENT.value) for username, name, who in GUARDIANS]
    return rows + guardians


class _Country:
    """The steps of seeding, in their order."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self.actors: dict[str, Actor] = {}

    def seed(self) -> None:
        self.report("synthetic genome and people")
        self._reference()
        self.report("organisations and staff")
        self._staff()
        consent.load_forms()
        lab.store_panel(self.actors["kari"], self.files.panel)
        self._first_release()
        self._later_people()
        for family in FAMILIES:
            self.report(f"family {family.plan.name}: {family.station.value.replace('_', ' ')}")
            _Road(self, family).travel()

    def _first_release(self) -> None:
        """Four regions count, send, and the register publishes what passes its gate."""
        self.report("the frequency register counts four regions")
        self._import(
            self.files.population_ped,
            self.files.population_vcf,
            REGION_CODES,
            FIRST_KINDS,
            structural=self.files.population_structural_vcf,
        )
        self.report("held-out people, to measure the risk of releases with")
        held_out = partial(self.files.cohort_vcf, "held-out")
        self._import(self.files.cohort_ped("held-out"), held_out, REGION_CODES, LATER_KINDS, held_out=True)
        register.make_keys()
        self._send()
        self.report("the first release is measured, signed by two and published")
        manager, officer = self.actors["rolf"], self.actors["dagny"]
        release = register.prepare_release(manager)
        register.measure_release(manager, release)
        measured = register.read_release(manager, release)
        if measured.line.gate != "passed":  # what is measured decides, in the demo too
            self.report("the first release does not pass its gate: it stays unpublished")
            return
        register.sign_release(manager, release, measured.digest)
        register.sign_release(officer, release, measured.digest)
        register.publish_release(manager, release)

    def _later_people(self) -> None:
        """Enough for a second release, and some who wait in the story's region."""
        self.report("more people are counted since")
        self._import(self.files.cohort_ped("later"), partial(self.files.cohort_vcf, "later"), REGION_CODES, LATER_KINDS)
        self._send()
        self._import(self.files.cohort_ped("new"), partial(self.files.cohort_vcf, "new"), (LABORATORY,), STORY_KIND)

    def _import(
        self,
        ped: Path,
        vcf: Callable[[str], Path],
        regions: Sequence[str],
        kinds: Sequence[tuple[DiseaseGroup, Assay]],
        *,
        held_out: bool = False,
        structural: Callable[[str], Path] | None = None,
    ) -> None:
        register.import_population(
            self.actors["rolf"],
            vcfs={region: vcf(region) for region in regions},
            structural={region: structural(region) for region in regions} if structural else {},
            sexes={},
            cells={
                person.identifier: Cell(person.sex, *kind_of(number, kinds))
                for number, person in enumerate(read_ped(ped).persons)
            },
            build=self.reference.build,
            reference=self.reference,
            callable_bed=self.files.population_bed,
            held_out=held_out,
        )

    def _send(self) -> None:
        for region in REGION_CODES:
            register.send(self.actors["rolf"], region)

    @cached_property
    def files(self) -> CountryFiles:
        folder = settings.DATA / "demo" / "country"
        if folder.exists():
            shutil.rmtree(folder)  # of a seed that was cut short; the same seed gives the same bytes
        return write_country(folder, SEED, cohorts=COHORTS)

    def _reference(self) -> None:
        store = ReferenceStore(settings.REFERENCES)
        if REFERENCE not in store.names():
            store.add(self.files.fasta, self.files.gff3, Build.GRCH38, REFERENCE)
        self.reference = store.get(REFERENCE)
        knowledge = Path(settings.GENE_KNOWLEDGE)
        knowledge.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.files.knowledge, knowledge)
        shutil.copytree(self.files.dosage.parent, settings.STRUCTURAL_TABLES, dirs_exist_ok=True)

    def _staff(self) -> None:
        self.places = {
            "laboratory": people.add_organisation(
                f"{REGIONS[0].hospital}, Avdeling for medisinsk genetikk", "Furulia genetikk", "laboratory", LABORATORY
            ),
            "national": people.add_organisation("Nasjonalt genomregister (demo)", "Genomregisteret", "national"),
        }
        for region in REGIONS:
            short = f"{region.hospital.split()[0]} barn"
            name = f"{region.hospital}, Barneavdelingen"
            self.places[f"clinic {region.code}"] = people.add_organisation(name, short, "clinic", region.code)
        for username, name, role, place in STAFF:
            account = people.add_account(username, name, password=PASSWORD, demo=True)
            membership = people.add_membership(account, role, self.places[place])
            self.actors[username] = people.actor_for(account, membership)


class _Road:
    """One family's order, from the draft as far as its station."""

    def __init__(self, country: _Country, family: DemoFamily) -> None:
        self.country = country
        self.family = family
        self.clinician = country.actors[CLINICIANS[family.region]]
        self.geneticist, self.reader = country.actors["kari"], country.actors["nils"]

    def travel(self) -> None:
        station = self.family.station
        order = self._draft()
        if station is Station.DRAFT:
            return
        self._sign(order)
        if station is Station.ORDERED:
            return
        case = self._receive(order)
        if station is Station.SAMPLES_RECEIVED:
            return
        with self.country.files.family_vcf(self.family.plan).open("rb") as stream:
            lab.upload_file(self.geneticist, case, f"{self.family.plan.name}.vcf.gz", stream)
        if self.family.plan.losses:
            with self.country.files.family_structural_vcf(self.family.plan).open("rb") as stream:
                lab.upload_file(self.geneticist, case, f"{self.family.plan.name}.structural.vcf.gz", stream)
        if station in (Station.STOPPED_BY_QUALITY, Station.WAITING_FOR_INTERPRETATION):
            return
        (self._interpret_loss if self.family.plan.losses else self._interpret)(case)
        if station is Station.WAITING_FOR_APPROVAL:
            return
        lab.approve_interpretation(self.reader, case)
        clinic.share_with_family(self.clinician, order)

    def _draft(self) -> UUID:
        family = self.family
        self.child, self.mother, self.father = (
            self._person(person) for person in (family.child, family.mother, family.father)
        )
        of_age = family.child.born.replace(year=family.child.born.year + 16)
        for parent in (self.mother, self.father):
            people.add_representation(parent, self.child, "parent", family.child.born, of_age)
        for username, name, who in GUARDIANS:
            if name == family.plan.name:
                person = getattr(self, who)
                account = people.add_account(
                    username, getattr(family, who).name, password=PASSWORD, person=person, demo=True
                )
                people.add_membership(account, Role.PATIENT)
        return clinic.draft_order(
            self.clinician,
            OrderContent(
                patient_id=self.child,
                mother_id=self.mother,
                father_id=self.father,
                laboratory_id=self.country.places["laboratory"],
                indication=family.indication,
                hpo_terms=family.hpo,
                panel_name=PANEL_NAME,
                panel_version=PANEL_VERSION,
            ),
        )

    def _person(self, person: DemoPerson) -> UUID:
        sex = "male" if person.male else "female"
        return people.add_person(person.national_identifier, person.name, person.born, sex)

    def _sign(self, order: UUID) -> None:
        clinic.record_family_consent(
            self.clinician, order, FamilyConsent(self.mother, tuple(CARE_AND_REGISTER), means="desk", language="nb")
        )
        clinic.record_counselling(
            self.clinician,
            order,
            CounsellingContent(
                by_name="Sara Hætta",
                competence="Genetisk veileder",
                held_on=timezone.localdate() - timedelta(days=2),
                language="norsk",
            ),
        )
        clinic.sign_order(self.clinician, order)

    def _receive(self, order: UUID) -> UUID:
        progress = lab_queries.progress(order)
        if progress is None:
            raise LookupError("the laboratory has no case of the signed order")
        plan = self.family.plan
        names = {"child": plan.child, "mother": plan.mother, "father": plan.father}
        samples = lab_queries.case(self.geneticist, progress.case_id).samples
        lab.receive_samples(self.geneticist, progress.case_id, {sample.id: names[sample.role] for sample in samples})
        return progress.case_id

    def _interpret_loss(self, case: UUID) -> None:
        """The first structural variant, with the phenotype judged: the demo's copy-number answer."""
        found = lab_structural.structural(self.geneticist, case)
        if not found.lines:
            raise LookupError(f"family {self.family.plan.name}: the planted loss was not found")
        event = found.lines[0].text
        judged = lab_structural.event(self.geneticist, case, event, decisions=(), phenotype=PhenotypeFit.CONSISTENT)
        lab.assess_structural(
            self.geneticist,
            case,
            event,
            chosen_class=judged.tally.acmg_class if judged.tally else 3,
            reasoning="Ny delesjon av genets første eksoner; tap av én kopi gir sykdom (demo).",
            in_answer=True,
            phenotype=PhenotypeFit.CONSISTENT,
        )
        proposal = lab_queries.interpretation(self.geneticist, case).proposal
        lab.sign_interpretation(
            self.geneticist,
            case,
            conclusion=proposal.conclusion,
            summary=f"En ny delesjon i {proposal.gene} forklarer barnets tilstand (demo).",
            gene=proposal.gene,
            mode=proposal.mode,
        )

    def _interpret(self, case: UUID) -> None:
        """The first candidate's gene, as the machine suggests it: the demo's first signature."""
        found = lab_queries.candidates(self.geneticist, case)
        chosen = found.chosen
        if chosen is None or chosen.gene is None:
            raise LookupError(f"family {self.family.plan.name}: the planted answer was not found")
        answering = {one.allele.variant: one for one in chosen.alleles}
        of_gene = {one.allele.variant: one for line in found.lines if line.gene == chosen.gene for one in line.alleles}
        for variant, one in (of_gene | answering).items():  # an allele's class is that of the candidate that was chosen
            answers = variant in answering
            lab.assess_variant(
                self.geneticist,
                case,
                variant,
                chosen_class=one.suggested_class or (4 if answers else 3),
                reasoning=f"Tapsvariant i {chosen.gene} hos barnet; genet passer med barnets tegn (demo)."
                if answers
                else f"Sett i samme gen som funnet i {chosen.gene}; usikker betydning (demo).",
                in_answer=answers,
            )
        lab.sign_interpretation(
            self.geneticist,
            case,
            conclusion="explains",
            summary=f"Funnet i {chosen.gene} forklarer barnets tilstand (demo).",
            gene=chosen.gene,
            mode=chosen.mode,
        )
