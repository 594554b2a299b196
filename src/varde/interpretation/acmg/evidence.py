"""What is known about one variant in one case, as plain values. None always means: not known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

OVERALL = "all"
"""Group name of a source's total."""


class Inheritance(StrEnum):
    """Mode of inheritance under which the variant is judged. X is X-linked without nearer knowledge."""

    AUTOSOMAL_DOMINANT = "AD"
    AUTOSOMAL_RECESSIVE = "AR"
    X_LINKED = "XL"
    X_LINKED_DOMINANT = "XLD"
    X_LINKED_RECESSIVE = "XLR"
    MITOCHONDRIAL = "MT"

    @property
    def is_x_linked(self) -> bool:
        return self in (Inheritance.X_LINKED, Inheritance.X_LINKED_DOMINANT, Inheritance.X_LINKED_RECESSIVE)

    def covers(self, other: Inheritance) -> bool:
        """True when knowledge for this mode holds for the other: the same, or X-linked in general."""
        return self is other or (self is Inheritance.X_LINKED and other.is_x_linked)


class LofConfidence(StrEnum):
    """How sure it is that loss of function causes the disease. PROBABLE takes PVS1 one level down."""

    ESTABLISHED = "established"
    PROBABLE = "probable"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class LofMechanism:
    """Loss of function as a mechanism, per gene AND inheritance: one gene may have both answers."""

    inheritance: Inheritance
    confidence: LofConfidence
    source: str


class Branch(StrEnum):
    """Which part of the PVS1 tree a variant belongs to. NOT_NULL: none, known for certain."""

    NONSENSE_FRAMESHIFT = "nonsense_frameshift"
    SPLICE = "splice"
    START = "start"
    DELETION = "deletion"
    DUPLICATION = "duplication"
    NOT_NULL = "not_null"


class Tandem(StrEnum):
    """Where a duplicated exon lies."""

    PROVEN = "proven"
    PRESUMED = "presumed"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class TranscriptFacts:
    """Geometry of a variant in one transcript.

    ``protein_position`` is the first residue lost or changed, from 1; ``removed_residues`` those that a truncation or
    an in-frame skip takes away. ``ptc_to_last_junction`` counts bases from the first base of the premature stop to the
    first base of the last exon of the altered transcript: negative or zero inside the last exon, None with one exon or
    without a stop. ``intron_offset`` is +n after an exon, -n before one. ``next_met`` is the codon of the next in-frame
    methionine. ``branch`` None: cannot be told, and ``problem`` (a key of ``texts.MISSING``) says why.
    """

    branch: Branch | None
    transcript: str = ""
    problem: str | None = None
    mane: bool | None = None
    exon: int | None = None
    exon_count: int | None = None
    protein_position: int | None = None
    protein_length: int | None = None
    removed_residues: int | None = None
    frame_kept: bool | None = None
    full_gene: bool | None = None
    ptc_to_last_junction: int | None = None
    next_met: int | None = None
    near_splice_site: bool | None = None
    intron_offset: int | None = None

    def __post_init__(self) -> None:
        if (self.branch is None) != (self.problem is not None):
            raise ValueError("a problem belongs to facts without a branch and to no others")
        if self.protein_length is not None and self.protein_length < 1:
            raise ValueError(f"protein of {self.protein_length} residues, expected 1 or more")
        if self.removed_residues is not None and self.removed_residues < 0:
            raise ValueError(f"{self.removed_residues} residues removed, expected 0 or more")

    @property
    def removed_fraction(self) -> float | None:
        """Share of the protein that is lost, 0 to 1: (L - p + 1) / L for a truncation at residue p of L."""
        if self.removed_residues is None or self.protein_length is None:
            return None
        return self.removed_residues / self.protein_length


@dataclass(frozen=True)
class GroupCount:
    """Alleles counted in one group of a population source."""

    group: str
    allele_count: int
    allele_number: int
    homozygotes: int | None = None
    hemizygotes: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.allele_count <= self.allele_number:
            raise ValueError(f"group {self.group}: {self.allele_count} of {self.allele_number} alleles")
        if min(self.homozygotes or 0, self.hemizygotes or 0) < 0:
            raise ValueError(f"group {self.group}: a negative count of people")

    @property
    def frequency(self) -> float | None:
        return self.allele_count / self.allele_number if self.allele_number else None


@dataclass(frozen=True)
class Population:
    """Counts of one source (the own register, gnomAD ...), the total under the group name ``all``."""

    source: str
    version: str
    groups: tuple[GroupCount, ...]

    def __post_init__(self) -> None:
        names = [count.group for count in self.groups]
        if names.count(OVERALL) != 1 or len(set(names)) != len(names):
            raise ValueError(f"{self.source}: every group once, and the total under {OVERALL!r}; found {names}")

    @property
    def overall(self) -> GroupCount:
        return next(count for count in self.groups if count.group == OVERALL)

    @property
    def name(self) -> str:
        return f"{self.source} {self.version}".strip()


class PhenotypeFit(StrEnum):
    """How specific the proband's phenotype is for the gene (ClinGen SVI, PS2 and PM6)."""

    SPECIFIC = "specific"
    CONSISTENT = "consistent"
    HETEROGENEOUS = "heterogeneous"
    NOT_CONSISTENT = "not_consistent"


@dataclass(frozen=True)
class DeNovoObservation:
    """One proband with the variant and without it in both parents.

    ``parents_covered`` False is a possible de novo: it never counts. ``parentage_verified`` True when the kinship of
    both parents was seen in the genotypes, False when it was refuted, None when it is assumed.
    """

    parents_covered: bool
    parentage_verified: bool | None = None
    phenotype: PhenotypeFit | None = None


class Phase(StrEnum):
    IN_TRANS = "in_trans"
    IN_CIS = "in_cis"
    UNPHASED = "unphased"


@dataclass(frozen=True)
class PartnerAllele:
    """Another variant of the same gene in one proband; ``acmg_class`` 1 to 5, None when not classified.

    ``rare`` says whether it passes PM2 itself: an uncertain variant counts for PM3 only when it does.
    """

    acmg_class: int | None
    phase: Phase
    rare: bool | None = None

    def __post_init__(self) -> None:
        if self.acmg_class is not None and self.acmg_class not in range(1, 6):
            raise ValueError(f"class {self.acmg_class}, expected 1 to 5")


@dataclass(frozen=True)
class ProteinChange:
    """One residue for another: ``position`` from 1, one-letter amino acids.

    >>> str(ProteinChange(97, "R", "C"))
    'R97C'
    """

    position: int
    reference: str
    alternate: str

    def __post_init__(self) -> None:
        if self.position < 1 or len(self.reference) != 1 or len(self.alternate) != 1:
            raise ValueError(f"{self.reference}{self.position}{self.alternate} is not a change of one residue")

    def __str__(self) -> str:
        return f"{self.reference}{self.position}{self.alternate}"


@dataclass(frozen=True)
class KnownMissense:
    """Another missense variant of the gene as an outside source classified it.

    ``acmg_class`` is None where submitters disagree or the source gives no class; ``stars`` 0 to 4 as in ClinVar.
    """

    name: str
    change: ProteinChange
    acmg_class: int | None
    stars: int

    @property
    def pathogenic(self) -> bool:
        return self.acmg_class is not None and self.acmg_class >= 4

    @property
    def benign(self) -> bool:
        return self.acmg_class is not None and self.acmg_class <= 2


@dataclass(frozen=True)
class KnownVariants:
    """What a source of classified variants (ClinVar) says around a variant; the variant itself is never among them.

    ``missense`` are those near it, at least as far as PM1 looks. The counts are of the whole gene: missense variants
    classified pathogenic or likely pathogenic, and benign or likely benign; and truncating ones classified pathogenic.
    """

    source: str
    missense: tuple[KnownMissense, ...]
    gene_missense_pathogenic: int
    gene_missense_benign: int
    gene_truncating_pathogenic: int


@dataclass(frozen=True)
class CaseControl:
    """People with the variant among the affected and among controls."""

    cases_with: int
    cases: int
    controls_with: int
    controls: int
    source: str

    def __post_init__(self) -> None:
        if not (0 <= self.cases_with <= self.cases and 0 <= self.controls_with <= self.controls):
            raise ValueError("more people with the variant than people, or a negative number")
        if not (self.cases and self.controls):
            raise ValueError("no cases or no controls")


class FunctionalResult(StrEnum):
    """What an assay says of the variant."""

    ABNORMAL = "abnormal"
    NORMAL = "normal"
    INTERMEDIATE = "intermediate"


@dataclass(frozen=True)
class FunctionalEvidence:
    """One variant in a table of functional results (MAVE). ``odds_path`` is the assay's odds of pathogenicity for that
    result (Brnich 2019), None where it was not calibrated."""

    result: FunctionalResult
    score: float | None
    odds_path: float | None
    source: str

    def __post_init__(self) -> None:
        if self.odds_path is not None and not (isfinite(self.odds_path) and self.odds_path > 0):
            raise ValueError(f"odds of pathogenicity {self.odds_path}, expected a number above 0")


@dataclass(frozen=True)
class Segregation:
    """How the variant runs with the disease in the family besides the proband.

    ``meioses`` as ``segregation.informative_meioses`` counts them; ``affected_without`` are affected relatives, well
    read, without the variant; ``unaffected_with`` are unaffected relatives with it (both copies, when recessive).
    """

    meioses: float
    affected_without: int
    unaffected_with: int
    source: str

    def __post_init__(self) -> None:
        if min(self.meioses, self.affected_without, self.unaffected_with) < 0:
            raise ValueError("a negative count in a family")


@dataclass(frozen=True)
class PhenotypeMatch:
    """How well the patient's phenotype fits the gene: 0 to 1, and how many other candidate genes fit as well."""

    score: float
    rivals: int
    source: str


@dataclass(frozen=True)
class Evidence:
    """All that the computed criteria look at.

    ``consequence`` holds Sequence Ontology terms. ``populations`` and ``register`` are outside sources and the own
    register. ``de_novo`` empty: both parents were read and one carries the variant. ``partners`` empty: looked for
    and none found. ``homozygous_occurrences`` counts affected homozygotes known to the laboratory,
    ``consanguineous_homozygotes`` those of them with related parents. ``repeat_region``: an in-frame change in a
    tandem repeat. ``other_cause``: the patient's disease has another explanation already.
    """

    gene: str | None = None
    coding_change: str | None = None
    consequence: frozenset[str] | None = None
    inheritance: Inheritance | None = None
    transcript: TranscriptFacts | None = None
    relevant_transcript: bool | None = None
    critical_region: bool | None = None
    lof_frequent_in_exon: bool | None = None
    alternative_start: bool | None = None
    pathogenic_upstream_of_next_met: bool | None = None
    tandem: Tandem | None = None
    lof_mechanisms: tuple[LofMechanism, ...] | None = None
    populations: tuple[Population, ...] = ()
    register: Population | None = None
    full_penetrance_early_onset: bool | None = None
    de_novo: tuple[DeNovoObservation, ...] | None = None
    partners: tuple[PartnerAllele, ...] | None = None
    homozygous_occurrences: int = 0
    consanguineous_homozygotes: int = 0
    repeat_region: bool | None = None
    protein_change: ProteinChange | None = None
    known_variants: KnownVariants | None = None
    missense_z: float | None = None
    constraint_source: str | None = None
    missense_score: float | None = None
    missense_predictor: str | None = None
    splice_score: float | None = None
    splice_predictor: str | None = None
    conservation: float | None = None
    case_control: CaseControl | None = None
    functional: FunctionalEvidence | None = None
    segregation: Segregation | None = None
    phenotype_match: PhenotypeMatch | None = None
    phenotype_fit: PhenotypeFit | None = None
    other_cause: bool | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.consanguineous_homozygotes <= self.homozygous_occurrences:
            raise ValueError(f"{self.homozygous_occurrences} homozygous occurrences, expected 0 or more")
        for name, score in (("splice", self.splice_score), ("missense", self.missense_score)):
            if score is not None and not 0 <= score <= 1:
                raise ValueError(f"{name} score {score}, expected 0 to 1")
        if self.conservation is not None and not isfinite(self.conservation):
            raise ValueError(f"conservation {self.conservation}, expected a finite number")

    @property
    def all_populations(self) -> tuple[Population, ...]:
        """Outside sources, then the own register."""
        return (*self.populations, *((self.register,) if self.register is not None else ()))
