"""Code systems, profiles and codes that a genomic report uses.

Source of every code, unless a line says otherwise: package hl7.fhir.uv.genomics-reporting 3.0.0 (STU3, CC0), its
snapshots and its 204 examples. LOINC answer codes that the package names only by answer list were checked against
published implementations: LL2938-0 (chromosomes), LL5489-1 (inheritance), LL4034-6 (clinical significance),
LL381-5 (allelic state), LL378-1 (source class). An answer whose code could not be confirmed is sent as text.
This material contains content from LOINC (http://loinc.org), copyright Regenstrief Institute, Inc. and the LOINC
Committee, available at no cost under the licence at http://loinc.org/license.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Any, Final

GUIDE: Final = "http://hl7.org/fhir/uv/genomics-reporting"
PROFILE: Final = f"{GUIDE}/StructureDefinition/"
TBD: Final = f"{GUIDE}/CodeSystem/tbd-codes-cs"
NOTE_TYPES: Final = f"{GUIDE}/CodeSystem/coded-annotation-types-cs"
PHASE_RELATIONS: Final = "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs"
LOINC: Final = "http://loinc.org"
HGNC: Final = "http://www.genenames.org"
HGVS: Final = "http://varnomen.hgvs.org"
HPO: Final = "http://human-phenotype-ontology.org"
REFSEQ: Final = "http://www.ncbi.nlm.nih.gov/refseq"
SEQUENCE_ONTOLOGY: Final = "http://www.sequenceontology.org"
SNOMED_CT: Final = "http://snomed.info/sct"
UCUM: Final = "http://unitsofmeasure.org"
SERVICE_SECTION: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"
OBSERVATION_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
ROLE_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
ACT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"


def concept(
    system: str | None, code: str | None, display: str | None = None, text: str | None = None
) -> dict[str, Any]:
    """A CodeableConcept. With no system and code it is text only, which says openly that no code is known."""
    built: dict[str, Any] = {}
    if system is not None and code is not None:
        coding = {"system": system, "code": code}
        if display is not None:
            coding["display"] = display
        built["coding"] = [coding]
    if text is not None:
        built["text"] = text
    if not built:
        raise ValueError("a CodeableConcept needs a code or a text")
    return built


class LoincCode(Enum):
    """LOINC terms: (code, display as the guide's examples write it)."""

    REPORT = ("51969-4", "Genetic analysis report")
    VARIANT = ("69548-6", "Genetic variant assessment")
    PHASE = ("82120-7", "Allelic phase")
    GENE = ("48018-6", "Gene studied [ID]")
    GENOMIC_HGVS = ("81290-9", "Genomic DNA change (gHGVS)")
    CODING_HGVS = ("48004-6", "DNA change (c.HGVS)")
    PROTEIN_HGVS = ("48005-3", "Amino acid change (pHGVS)")
    ASSEMBLY = ("62374-4", "Human reference sequence assembly version")
    CHROMOSOME = ("48000-4", None)
    EXACT_START_END = ("81254-5", "Genomic allele start-end")
    REF_ALLELE = ("69547-8", "Genomic ref allele [ID]")
    ALT_ALLELE = ("69551-0", "Genomic alt allele [ID]")
    ALLELIC_STATE = ("53034-5", "Allelic state")
    SOURCE_CLASS = ("48002-0", "Genomic source class [Type]")
    INHERITANCE = ("94186-4", None)
    INHERITANCE_BASIS = ("82309-6", None)
    TRANSCRIPT = ("51958-7", "Transcript reference sequence [ID]")
    GENOMIC_REFERENCE = ("48013-7", "Genomic reference sequence [ID]")
    COORDINATE_SYSTEM = ("92822-6", "Genomic coord system")
    ALLELIC_READ_DEPTH = ("82121-5", "Allelic read depth")
    ALLELE_FRACTION = ("81258-6", "Sample VAF")
    CHANGE_TYPE = ("48019-4", "DNA change type")
    PHENOTYPE = ("81259-4", "Associated phenotype")
    SIGNIFICANCE = ("53037-8", "Genetic variation clinical significance [Imp]")

    @property
    def code(self) -> str:
        return str(self.value[0])

    def concept(self) -> dict[str, Any]:
        return concept(LOINC, self.value[0], self.value[1])


PRESENT: Final = ("LA9633-4", "Present")
SEQUENCING: Final = ("LA26398-0", "Sequencing")
ONE_BASED: Final = ("LA30102-0", "1-based character counting")
MOLECULAR_GENETIC_TEST: Final = ("405825005", "Molecular genetic test")

ASSEMBLIES: Final = {"GRCh37": "LA14029-5", "GRCh38": "LA26806-2"}

CHROMOSOMES: Final = {
    "1": "LA21254-0",
    "2": "LA21255-7",
    "3": "LA21256-5",
    "4": "LA21257-3",
    "5": "LA21258-1",
    "6": "LA21259-9",
    "7": "LA21260-7",
    "8": "LA21261-5",
    "9": "LA21262-3",
    "10": "LA21263-1",
    "11": "LA21264-9",
    "12": "LA21265-6",
    "13": "LA21266-4",
    "14": "LA21267-2",
    "15": "LA21268-0",
    "16": "LA21269-8",
    "17": "LA21270-6",
    "18": "LA21271-4",
    "19": "LA21272-2",
    "20": "LA21273-0",
    "21": "LA21274-8",
    "22": "LA21275-5",
    "X": "LA21276-3",
    "Y": "LA21277-1",
}
"""LOINC answers of LL2938-0. The list is a required binding and has no mitochondrion: that one is named by its
reference sequence alone."""

CONSEQUENCES: Final = {
    "transcript_ablation": "SO:0001893",
    "splice_acceptor_variant": "SO:0001574",
    "splice_donor_variant": "SO:0001575",
    "stop_gained": "SO:0001587",
    "frameshift_variant": "SO:0001589",
    "stop_lost": "SO:0001578",
    "start_lost": "SO:0002012",
    "inframe_insertion": "SO:0001821",
    "inframe_deletion": "SO:0001822",
    "missense_variant": "SO:0001583",
    "splice_region_variant": "SO:0001630",
    "synonymous_variant": "SO:0001819",
    "stop_retained_variant": "SO:0001567",
    "5_prime_UTR_variant": "SO:0001623",
    "3_prime_UTR_variant": "SO:0001624",
    "non_coding_transcript_exon_variant": "SO:0001792",
    "intron_variant": "SO:0001627",
    "upstream_gene_variant": "SO:0001631",
    "downstream_gene_variant": "SO:0001632",
    "intergenic_variant": "SO:0001628",
}
"""Sequence Ontology terms by name. A term not here is sent as text."""


class AllelicState(StrEnum):
    HETEROZYGOUS = "heterozygous"
    HOMOZYGOUS = "homozygous"
    HEMIZYGOUS = "hemizygous"
    HETEROPLASMIC = "heteroplasmic"
    HOMOPLASMIC = "homoplasmic"


ALLELIC_STATES: Final = {
    AllelicState.HETEROZYGOUS: ("LA6706-1", "Heterozygous"),
    AllelicState.HOMOZYGOUS: ("LA6705-3", "Homozygous"),
    AllelicState.HEMIZYGOUS: ("LA6707-9", "Hemizygous"),
    AllelicState.HETEROPLASMIC: ("LA6703-8", "Heteroplasmic"),
    AllelicState.HOMOPLASMIC: ("LA6704-6", "Homoplasmic"),
}


class Origin(StrEnum):
    """From whom the child has the allele, as far as the parents' genotypes tell."""

    MATERNAL = "maternal"
    PATERNAL = "paternal"
    BOTH = "both"
    DE_NOVO = "de_novo"
    UNKNOWN = "unknown"


INHERITANCE: Final = {Origin.MATERNAL: ("LA26320-4", "Maternal"), Origin.PATERNAL: ("LA26321-2", "Paternal")}
"""Answers of LL5489-1. ``BOTH`` has no confirmed answer and is sent as text; ``DE_NOVO`` is a source class."""

GERMLINE: Final = ("LA6683-2", "Germline")
DE_NOVO: Final = ("LA26807-0", "De novo")


class Significance(StrEnum):
    PATHOGENIC = "pathogenic"
    LIKELY_PATHOGENIC = "likely_pathogenic"
    UNCERTAIN = "uncertain_significance"
    LIKELY_BENIGN = "likely_benign"
    BENIGN = "benign"

    @classmethod
    def of_class(cls, acmg_class: int) -> Significance:
        """The significance of ACMG class 1 (benign) to 5 (pathogenic). Raises ValueError for another number."""
        if acmg_class not in range(1, 6):
            raise ValueError(f"ACMG class {acmg_class!r}, expected 1 to 5")
        return (cls.BENIGN, cls.LIKELY_BENIGN, cls.UNCERTAIN, cls.LIKELY_PATHOGENIC, cls.PATHOGENIC)[acmg_class - 1]


SIGNIFICANCES: Final = {
    Significance.PATHOGENIC: ("LA6668-3", "Pathogenic"),
    Significance.LIKELY_PATHOGENIC: ("LA26332-9", "Likely pathogenic"),
    Significance.UNCERTAIN: ("LA26333-7", "Uncertain significance"),
    Significance.LIKELY_BENIGN: ("LA26334-5", "Likely benign"),
    Significance.BENIGN: ("LA6675-8", "Benign"),
}


class ConditionInheritance(StrEnum):
    """Modes of the guide's condition-inheritance-mode value set (HPO) that a trio report uses."""

    AUTOSOMAL_DOMINANT = "HP:0000006"
    AUTOSOMAL_RECESSIVE = "HP:0000007"
    X_LINKED = "HP:0001417"
    X_LINKED_RECESSIVE = "HP:0001419"
    X_LINKED_DOMINANT = "HP:0001423"
    MITOCHONDRIAL = "HP:0001427"
    TYPICALLY_DE_NOVO = "HP:0025352"

    @property
    def display(self) -> str:
        return _INHERITANCE_NAMES[self.value]


_INHERITANCE_NAMES: Final = {
    "HP:0000006": "Autosomal dominant inheritance",
    "HP:0000007": "Autosomal recessive inheritance",
    "HP:0001417": "X-linked inheritance",
    "HP:0001419": "X-linked recessive inheritance",
    "HP:0001423": "X-linked dominant inheritance",
    "HP:0001427": "Mitochondrial inheritance",
    "HP:0025352": "Typically de novo",
}


class PhaseRelation(StrEnum):
    CIS = "Cis"
    TRANS = "Trans"
    INDETERMINATE = "Indeterminate"
    UNKNOWN = "Unknown"


class StructuralChange(StrEnum):
    """What a change is whose alleles are not spelled out; values are names of the Sequence Ontology."""

    LOSS = "copy_number_loss"
    GAIN = "copy_number_gain"
    INSERTION = "insertion"
    INVERSION = "inversion"
    TRANSLOCATION = "translocation"


STRUCTURAL_CHANGES: Final = {
    StructuralChange.LOSS: "SO:0001743",
    StructuralChange.GAIN: "SO:0001742",
    StructuralChange.INSERTION: "SO:0000667",
    StructuralChange.INVERSION: "SO:1000036",
    StructuralChange.TRANSLOCATION: "SO:0000199",
}
"""Sequence Ontology codes."""


def change_type(ref: str, alt: str) -> tuple[str, str]:
    """Sequence Ontology (code, name) of a sequence-resolved change, alleles as in a VCF record."""
    if len(ref) == len(alt):
        return ("SO:0001483", "SNV") if len(ref) == 1 else ("SO:0002007", "MNV")
    if alt.startswith(ref):
        return "SO:0000667", "insertion"
    if ref.startswith(alt):
        return "SO:0000159", "deletion"
    return "SO:1000032", "delins"
