"""Words of the interpretation pages: the library's stable keys in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varde.genome.message import Message
from varde.interpretation.acmg import State, Strength, Tier
from varde.interpretation.acmg.evidence import Inheritance
from varde.interpretation.filters import Step
from varde.interpretation.inheritance import Mode, Phase
from varde.interpretation.reuse import Age
from varde_node.lab.models import (
    CaseKind,
    ConfirmationMethod,
    ConfirmationNeed,
    ConfirmationResult,
    DismissalReason,
    RoundKind,
)

Text = str | Promise

MODE_NAMES: dict[Mode, Text] = {
    Mode.DE_NOVO: _("De novo"),
    Mode.POSSIBLE_DE_NOVO: _("Possible de novo: a parent has no data at the place"),
    Mode.PARENTAL_MOSAICISM: _("Inherited from a parent who may be mosaic"),
    Mode.HOMOZYGOUS_RECESSIVE: _("Homozygous recessive"),
    Mode.RECESSIVE_UNIPARENTAL_HINT: _("Homozygous, but only one parent carries it (uniparental disomy or deletion?)"),
    Mode.COMPOUND_HETEROZYGOUS: _("Compound heterozygous"),
    Mode.COMPOUND_HETEROZYGOUS_DE_NOVO: _("Compound heterozygous, one of the two de novo"),
    Mode.COMPOUND_HETEROZYGOUS_UNPHASED: _("Two variants in one gene, not known to be on different copies"),
    Mode.X_LINKED_RECESSIVE: _("X-linked recessive"),
    Mode.X_LINKED_DE_NOVO: _("De novo on X"),
    Mode.X_LINKED_RECESSIVE_FEMALE: _("X-linked recessive in a female"),
    Mode.DOMINANT_INHERITED: _("Dominant, inherited from an affected parent"),
    Mode.MITOCHONDRIAL: _("Mitochondrial"),
}
PHASE_NAMES: dict[Phase, Text] = {
    Phase.TRANS_BY_PARENTS: _("on different copies of the gene, shown by the parents"),
    Phase.TRANS_BY_READS: _("on different copies of the gene, shown by the reads"),
    Phase.UNKNOWN: _("phase unknown"),
}
STEP_NAMES: dict[Step, Text] = {
    Step.ALLELE: _("Allele with a sequence"),
    Step.CHILD: _("Carried by the child"),
    Step.QUALITY: _("Caller's filter"),
    Step.GATE: _("Genotype gate"),
    Step.FREQUENCY: _("Frequency"),
    Step.REGION: _("Distance from the exon"),
    Step.CONSEQUENCE: _("Consequence"),
    Step.TRACT: _("Polypyrimidine tract"),
    Step.PANEL: _("Gene panel"),
    Step.INCIDENTAL: _("Incidental findings not asked for"),
    Step.INHERITANCE: _("Inheritance"),
}
CASE_KIND_NAMES: dict[CaseKind, Text] = {
    CaseKind.SINGLE: _("the patient alone"),
    CaseKind.TRIO: _("child and both parents"),
    CaseKind.OTHER: _("other families"),
}
EXCEPTION_NAMES: dict[str, Text] = {
    "earlier": _("class 3 to 5 here before"),
    "clinvar": _("pathogenic in ClinVar"),
    "named_gene": _("gene that the clinician named"),
    "second_allele": _("second allele of a pair"),
}
CLASS_NAMES: dict[int, Text] = {
    1: _("benign"),
    2: _("likely benign"),
    3: _("uncertain significance"),
    4: _("likely pathogenic"),
    5: _("pathogenic"),
}
STATE_NAMES: dict[State, Text] = {
    State.MET: _("met"),
    State.NOT_MET: _("not met"),
    State.NOT_EVALUATED: _("not evaluated"),
}
STRENGTH_NAMES: dict[Strength, Text] = {
    Strength.SUPPORTING: _("supporting"),
    Strength.MODERATE: _("moderate"),
    Strength.STRONG: _("strong"),
    Strength.VERY_STRONG: _("very strong"),
    Strength.STAND_ALONE: _("stand-alone"),
}
PART_NAMES: dict[str, Text] = {
    "consequence": _("Consequence"),
    "mode": _("Inheritance"),
    "gene_inheritance": _("Fits the gene's inheritance"),
    "frequency": _("Rarity"),
    "phenotype": _("Phenotype"),
    "calls": _("Quality of the calls"),
}
_SOURCE_NAMES: dict[str, Text] = {
    "consequence": _("Consequence"),
    "frequencies": _("Frequency register"),
    "gate": _("Genotype gate"),
    "gene_knowledge": _("Table of genes"),
    "reference": _("Reference"),
    "transcripts": _("Transcripts"),
    "panel": _("Gene panel"),
    "phenotype": _("Phenotype"),
    "ruleset": _("Rule set"),
    "dosage": _("Dosage-sensitive genes and regions"),
    "regions": _("Regions of known effect"),
    "other_frequencies": _("Frequencies of others"),
    "repeat_loci": _("Loci of repeats"),
}
PHENOTYPE_FITS: tuple[tuple[str, Text], ...] = (
    ("", _("not judged")),
    ("specific", _("specific for the gene")),
    ("consistent", _("consistent, not specific")),
    ("heterogeneous", _("consistent, many genes give it")),
    ("not_consistent", _("not consistent")),
)
YES_NO: tuple[tuple[str, Text], ...] = (("", _("not judged")), ("yes", _("yes")), ("no", _("no")))
CRITERIA_TABLE_NAMES: dict[str, Text] = {
    "gene_specifications": _("Gene specifications"),
    "functional": _("Functional results"),
}
INHERITANCE_NAMES: dict[Inheritance, Text] = {
    Inheritance.AUTOSOMAL_DOMINANT: _("autosomal dominant"),
    Inheritance.AUTOSOMAL_RECESSIVE: _("autosomal recessive"),
    Inheritance.X_LINKED: _("X-linked"),
    Inheritance.X_LINKED_DOMINANT: _("X-linked dominant"),
    Inheritance.X_LINKED_RECESSIVE: _("X-linked recessive inheritance"),
    Inheritance.MITOCHONDRIAL: _("mitochondrial inheritance"),
}
TIER_NAMES: dict[Tier, Text] = {
    Tier.HOT: _("hot: near likely pathogenic"),
    Tier.TEPID: _("tepid"),
    Tier.COLD: _("cold"),
}
MEMBERS = ("child", "mother", "father")
"""Places that every allele has a call for, without data as well."""
CONCLUSION_NAMES: dict[str, Text] = {
    "explains": _("Explains the child's disease"),
    "possible": _("Possible explanation"),
    "no_certain_finding": _("No certain finding"),
}
DISMISSAL_REASONS: dict[DismissalReason, Text] = {
    DismissalReason.TECHNICAL: _("Technical: not a true call"),
    DismissalReason.INHERITANCE: _("The inheritance does not fit"),
    DismissalReason.PHENOTYPE: _("The child's signs do not fit the gene"),
    DismissalReason.GENE: _("The gene is not known to cause disease"),
    DismissalReason.FREQUENCY: _("Too frequent for the disease"),
    DismissalReason.EFFECT: _("The change is not thought to have an effect"),
    DismissalReason.OTHER: _("Another reason"),
}
CONFIRMATION_METHODS: dict[ConfirmationMethod, Text] = {
    ConfirmationMethod.SANGER: _("Sanger sequencing"),
    ConfirmationMethod.MLPA: _("MLPA"),
    ConfirmationMethod.QPCR: _("Quantitative PCR"),
    ConfirmationMethod.ARRAY: _("Array"),
    ConfirmationMethod.LONG_READ: _("Long-read sequencing"),
    ConfirmationMethod.OTHER: _("Another method"),
}
CONFIRMATION_RESULTS: dict[str, tuple[str, Text]] = {
    "": ("plain", _("Ordered, no result yet")),
    ConfirmationResult.CONFIRMED: ("ok", _("Confirmed")),
    ConfirmationResult.REFUTED: ("stop", _("Refuted")),
    ConfirmationResult.INCONCLUSIVE: ("warn", _("Inconclusive")),
    ConfirmationResult.CANCELLED: ("plain", _("Cancelled")),
}
"""Shape and word of a result."""
CONFIRMATION_NEEDS: dict[ConfirmationNeed, Text] = {
    ConfirmationNeed.NEVER: _("Not required"),
    ConfirmationNeed.CLASS_4_AND_5: _("Variants of class 4 and 5 in the answer"),
    ConfirmationNeed.EVERY: _("Every variant in the answer"),
}
ROUND_KINDS: dict[RoundKind, Text] = {
    RoundKind.FIRST: _("First answer"),
    RoundKind.CORRECTION: _("Correction"),
    RoundKind.REANALYSIS: _("Re-analysis"),
}
AGE_WORDS: dict[Age, tuple[str, Text]] = {
    Age.CURRENT: ("ok", _("Holds")),
    Age.SOON: ("warn", _("Soon outdated")),
    Age.OUTDATED: ("stop", _("Outdated")),
}
"""Shape and word of a class's age."""
SCOPE_NAMES: dict[str, Text] = {"panel": _("The panel's genes"), "all_genes": _("All genes")}

_CONSEQUENCES: dict[str, Text] = {
    "stop_gained": _("stop gained"),
    "frameshift_variant": _("frameshift"),
    "splice_donor_variant": _("splice donor"),
    "splice_acceptor_variant": _("splice acceptor"),
    "start_lost": _("start lost"),
    "stop_lost": _("stop lost"),
    "missense_variant": _("missense"),
    "inframe_insertion": _("in-frame insertion"),
    "inframe_deletion": _("in-frame deletion"),
    "synonymous_variant": _("synonymous"),
    "splice_region_variant": _("splice region"),
    "intron_variant": _("intron"),
    "5_prime_utr_variant": _("5' untranslated"),
    "3_prime_utr_variant": _("3' untranslated"),
    "intergenic_variant": _("between genes"),
    "copy_number_loss": _("loss of copies"),
    "copy_number_gain": _("gain of copies"),
    "insertion": _("insertion"),
    "inversion": _("inversion"),
    "translocation": _("translocation"),
    "copy_number_variation": _("change of copy number"),
    "short_tandem_repeat_variation": _("change of a repeat's length"),
}
_SHOWN_BASES = 12


def consequence_words(terms: str | None) -> str:
    """Sequence Ontology terms as words; a dash where no consequence was evaluated."""
    if not terms:
        return "–"
    return ", ".join(str(_CONSEQUENCES.get(term.lower(), term.replace("_", " "))) for term in terms.split("&"))


def sources(versions: Mapping[str, str]) -> tuple[tuple[Text, str], ...]:
    """Programmes, tables and data of a case with their versions, named in words."""
    return tuple((_SOURCE_NAMES.get(name, name.replace("_", " ")), value) for name, value in versions.items())


def sentence(message: Message) -> str:
    """A message of the library in the reader's language."""
    return gettext(message.template).format(**dict(message.parameters))


def class_words(acmg_class: int) -> str:
    """For example ``5 – pathogenic``."""
    return f"{acmg_class} – {CLASS_NAMES[acmg_class]}"


def short_variant(variant: str) -> str:
    """``2-1234-GCCAGTCC…(57)-G``: long alleles cut, with their length."""
    contig, position, *alleles = variant.split("-")
    shown = (bases if len(bases) <= _SHOWN_BASES else f"{bases[:8]}…({len(bases)})" for bases in alleles)
    return "-".join((contig, position, *shown))
