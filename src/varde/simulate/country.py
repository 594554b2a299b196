"""The demo country as a plan: four regions, staff, families with their answers and how far each order has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from varde.frequency.cells import Assay, DiseaseGroup
from varde.simulate.family import Damage, FamilyPlan, Loss, Origin, Plant
from varde.simulate.identity import synthetic_national_identifier

SEED = 2026
PEOPLE_PER_REGION = 340
"""Four regions give 1,360 people: an allele number of 2,720, and 2,040 on X, where half of the people carry one copy.
Both are above the floor of 2,000 below which a frequency is not evidence."""

COHORTS: Mapping[str, Mapping[str, int]] = {
    "held-out": {"HSO": 340, "HV": 340, "HMN": 340, "HN": 340},
    "later": {"HSO": 60, "HV": 60, "HMN": 60, "HN": 60},
    "new": {"HSO": 12},
}
"""More unrelated people, by cohort and region: in no count, to measure the risk of a release with; counted after the
first release, as the batch of the second; and waiting in their region beside the story's family."""


FIRST_KINDS = (
    (DiseaseGroup.HEALTHY, Assay.GENOME),
    (DiseaseGroup.DEVELOPMENT, Assay.EXOME),
    (DiseaseGroup.HEALTHY, Assay.GENOME),
    (DiseaseGroup.HEART, Assay.EXOME),
    (DiseaseGroup.DEVELOPMENT, Assay.EXOME),
    (DiseaseGroup.CANCER, Assay.EXOME),
    (DiseaseGroup.NEUROLOGY, Assay.GENOME),
)
"""What the first people are counted as, in turns. Structural variants were looked for in genomes alone."""
LATER_KINDS = ((DiseaseGroup.HEALTHY, Assay.GENOME), (DiseaseGroup.DEVELOPMENT, Assay.EXOME))


def kind_of(number: int, kinds: Sequence[tuple[DiseaseGroup, Assay]]) -> tuple[DiseaseGroup, Assay]:
    """The kind of a person by the place in the pedigree. Neighbours are of both sexes: kinds take turns by pairs."""
    return kinds[number // 2 % len(kinds)]


class Station(StrEnum):
    """How far an order of the demo country has come."""

    DRAFT = "draft"
    ORDERED = "ordered"
    SAMPLES_RECEIVED = "samples_received"
    STOPPED_BY_QUALITY = "stopped_by_quality"
    WAITING_FOR_INTERPRETATION = "waiting_for_interpretation"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Region:
    """A regional health authority with its (invented) hospital."""

    code: str
    name: str
    hospital: str


REGIONS = (
    Region("HSO", "Sør-Øst", "Furulia universitetssykehus"),
    Region("HV", "Vest", "Vesthavn universitetssjukehus"),
    Region("HMN", "Midt", "Fjordmark sykehus"),
    Region("HN", "Nord", "Nordlys universitetssykehus"),
)


@dataclass(frozen=True)
class DemoPerson:
    """A synthetic person of a family."""

    name: str
    born: date
    male: bool
    serial: int = 0

    @property
    def national_identifier(self) -> str:
        return synthetic_national_identifier(self.born, self.male, self.serial)


@dataclass(frozen=True)
class DemoFamily:
    """A family of the demo country with its order: who, why, what the sequencing will show, and its station."""

    plan: FamilyPlan
    region: str
    child: DemoPerson
    mother: DemoPerson
    father: DemoPerson
    hpo: tuple[str, ...]
    indication: str
    station: Station


STORY_GENE = "DEMO17"
DEVELOPMENT_AND_SEIZURES = ("HP:0001263", "HP:0001250")

FAMILIES = (
    DemoFamily(
        FamilyPlan("solberg", child_male=False, number=1, plants=(
            Plant(STORY_GENE, Damage.STOP_GAINED, Origin.MOTHER, 0.25),
            Plant(STORY_GENE, Damage.FRAMESHIFT, Origin.FATHER, 0.45),
        )),
        "HSO",
        DemoPerson("Ida Solberg", date(2022, 3, 14), male=False),
        DemoPerson("Marte Solberg", date(1991, 6, 2), male=False),
        DemoPerson("Jonas Solberg", date(1989, 11, 23), male=True),
        DEVELOPMENT_AND_SEIZURES,
        "Fire år gammel jente med forsinket utvikling og epileptiske anfall.",
        Station.WAITING_FOR_INTERPRETATION,
    ),
    DemoFamily(
        FamilyPlan("nilsen", child_male=True, number=2, plants=(
            Plant("DEMO05", Damage.STOP_GAINED, Origin.DE_NOVO, 0.4),
        )),
        "HV",
        DemoPerson("Emil Nilsen", date(2020, 9, 5), male=True),
        DemoPerson("Silje Nilsen", date(1988, 1, 17), male=False),
        DemoPerson("Per Nilsen", date(1986, 4, 8), male=True),
        ("HP:0001249", "HP:0001250"),
        "Seks år gammel gutt med utviklingshemning og anfall.",
        Station.WAITING_FOR_APPROVAL,
    ),
    DemoFamily(
        FamilyPlan("hansen", child_male=True, number=3, plants=(
            Plant("DEMO63", Damage.STOP_GAINED, Origin.MOTHER, 0.3),
        )),
        "HMN",
        DemoPerson("Oskar Hansen", date(2019, 2, 20), male=True),
        DemoPerson("Anne Hansen", date(1987, 8, 30), male=False),
        DemoPerson("Erik Hansen", date(1985, 12, 1), male=True),
        ("HP:0001252", "HP:0001263"),
        "Sju år gammel gutt med lav muskeltonus og forsinket utvikling.",
        Station.WAITING_FOR_INTERPRETATION,
    ),
    DemoFamily(
        FamilyPlan("johansen", child_male=False, number=4, plants=(
            Plant("DEMO22", Damage.SPLICE_DONOR, Origin.BOTH, 0.3),
        )),
        "HN",
        DemoPerson("Nora Johansen", date(2021, 5, 11), male=False),
        DemoPerson("Inger Johansen", date(1993, 3, 3), male=False),
        DemoPerson("Aslak Johansen", date(1990, 7, 19), male=True),
        ("HP:0001251", "HP:0001263"),
        "Fem år gammel jente med ataksi og forsinket utvikling.",
        Station.ANSWERED,
    ),
    DemoFamily(
        FamilyPlan("berg", child_male=True, number=5, swapped_parents=True),
        "HSO",
        DemoPerson("Jakob Berg", date(2018, 10, 27), male=True),
        DemoPerson("Hanne Berg", date(1984, 9, 9), male=False),
        DemoPerson("Lars Berg", date(1983, 2, 14), male=True),
        ("HP:0001250",),
        "Åtte år gammel gutt med epilepsi.",
        Station.STOPPED_BY_QUALITY,
    ),
    DemoFamily(
        FamilyPlan("lie", child_male=False, number=6),
        "HV",
        DemoPerson("Sofie Lie", date(2023, 1, 31), male=False),
        DemoPerson("Kristin Lie", date(1995, 10, 10), male=False),
        DemoPerson("Magnus Lie", date(1994, 5, 25), male=True),
        ("HP:0001263",),
        "Tre år gammel jente med forsinket utvikling.",
        Station.SAMPLES_RECEIVED,
    ),
    DemoFamily(
        FamilyPlan("dahl", child_male=True, number=7),
        "HSO",
        DemoPerson("Filip Dahl", date(2017, 6, 16), male=True),
        DemoPerson("Tone Dahl", date(1982, 12, 12), male=False),
        DemoPerson("Geir Dahl", date(1980, 3, 28), male=True),
        ("HP:0000717",),
        "Ni år gammel gutt med autismespekterforstyrrelse.",
        Station.ORDERED,
    ),
    DemoFamily(
        FamilyPlan("moen", child_male=False, number=8),
        "HSO",
        DemoPerson("Ella Moen", date(2024, 8, 1), male=False),
        DemoPerson("Line Moen", date(1996, 11, 5), male=False),
        DemoPerson("Tor Moen", date(1992, 2, 2), male=True),
        ("HP:0001252",),
        "To år gammel jente med lav muskeltonus.",
        Station.DRAFT,
    ),
    DemoFamily(
        FamilyPlan("vik", child_male=True, number=9, losses=(Loss("DEMO11", 1, 3, Origin.DE_NOVO),)),
        "HMN",
        DemoPerson("Aksel Vik", date(2020, 4, 7), male=True),
        DemoPerson("Ragnhild Vik", date(1990, 5, 21), male=False),
        DemoPerson("Sindre Vik", date(1988, 9, 3), male=True),
        ("HP:0001249", "HP:0000717"),
        "Seks år gammel gutt med utviklingshemning og autistiske trekk.",
        Station.ANSWERED,
    ),
)  # fmt: skip
