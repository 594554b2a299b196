"""Words of the frequency register, for its pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varde.frequency.browse import Kind
from varde.frequency.cells import Assay, DiseaseGroup
from varde.frequency.interpretations import Disagreement
from varde.frequency.lookup import State
from varde.frequency.search import Reading
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.genome.regions import Region
from varde_node.formats import number, percent
from varde_node.registers.frequency.indexes import NATION
from varde_node.registers.frequency.models import ContributionState

PLACES: dict[str, str | Promise] = {
    NATION: _("All of Norway"),
    "HSO": _("South-East"),
    "HV": _("West"),
    "HMN": _("Central Norway"),
    "HN": _("North"),
}
STATES: dict[State, tuple[str, str | Promise, str | Promise]] = {
    State.OBSERVED: ("info", _("Observed"), _("At least one of those counted carries it.")),
    State.ABSENT_COVERED: (
        "ok",
        _("Covered and absent"),
        _("The place was read in the number of alleles given, and none of them carries it."),
    ),
    State.NOT_COVERED: (
        "warn",
        _("Not covered"),
        _("Nobody was read well enough at this place. Nothing can be said: this is not a frequency of zero."),
    ),
}
SEXES: dict[Sex, str | Promise] = {Sex.FEMALE: _("Women (XX)"), Sex.MALE: _("Men (XY)")}
GROUPS: dict[DiseaseGroup, str | Promise] = {
    DiseaseGroup.UNSPECIFIED: _("Not stated"),
    DiseaseGroup.HEALTHY: _("Healthy"),
    DiseaseGroup.DEVELOPMENT: _("Development"),
    DiseaseGroup.NEUROLOGY: _("Nervous system"),
    DiseaseGroup.HEART: _("Heart"),
    DiseaseGroup.CANCER: _("Cancer"),
    DiseaseGroup.METABOLISM: _("Metabolism"),
    DiseaseGroup.KIDNEY: _("Kidney"),
    DiseaseGroup.EYE_EAR: _("Eye and ear"),
    DiseaseGroup.IMMUNE_BLOOD: _("Immune system and blood"),
    DiseaseGroup.OTHER: _("Other"),
}
ASSAYS: dict[Assay, str | Promise] = {
    Assay.UNSPECIFIED: _("Not stated"),
    Assay.GENOME: _("Genome"),
    Assay.EXOME: _("Exome"),
    Assay.PANEL: _("Panel"),
}
CLASSES: dict[int, tuple[str, str | Promise]] = {
    1: ("ok", _("Class 1: benign")),
    2: ("ok", _("Class 2: likely benign")),
    3: ("warn", _("Class 3: uncertain significance")),
    4: ("stop", _("Class 4: likely pathogenic")),
    5: ("stop", _("Class 5: pathogenic")),
}
DISAGREEMENTS: dict[Disagreement, tuple[str, str | Promise]] = {
    Disagreement.NONE: ("ok", _("The laboratories agree")),
    Disagreement.ONE_STEP: ("warn", _("The laboratories differ by one class")),
    Disagreement.SEVERAL_STEPS: ("stop", _("The laboratories differ by several classes")),
    Disagreement.ACROSS: ("stop", _("Benign to some laboratories, pathogenic to others")),
}
READINGS: dict[Reading, str | Promise] = {
    Reading.VCF: _("position with REF and ALT, as in VCF"),
    Reading.SPDI: _("SPDI, which counts from 0"),
    Reading.HGVS_GENOMIC: _("HGVS name on the chromosome"),
    Reading.HGVS_TRANSCRIPT: _("HGVS name on a transcript"),
    Reading.HGVS_PROTEIN: _("HGVS name of a protein change"),
    Reading.RSID: _("rsID"),
    Reading.STRUCTURAL: _("structural variant"),
    Reading.REGION: _("region"),
    Reading.GENE: _("gene"),
}
KINDS: dict[Kind, str | Promise] = {
    Kind.ALL: _("All kinds"),
    Kind.SUBSTITUTION: _("One base for another"),
    Kind.OTHER: _("Insertions, deletions and others"),
}
COLUMNS: dict[str, str | Promise] = {
    "position": _("Position"),
    "af": _("Frequency"),
    "nhomalt": _("Homozygotes"),
    "nhemi": _("Hemizygotes"),
    "an": _("Copies read, about"),
    "faf95_at_most": _("faf95 at most"),
}
CONTRIBUTION_STATES: dict[ContributionState, tuple[str, str | Promise]] = {
    ContributionState.COUNTED: ("ok", _("Counted")),
    ContributionState.WITHDRAWING: ("info", _("Being withdrawn")),
    ContributionState.WITHDRAWN: ("plain", _("Withdrawn")),
    ContributionState.REJECTED: ("stop", _("Rejected")),
}
REASONS: dict[str, str | Promise] = {
    "unknown_sample": _("The file does not hold the named person"),
    "sample_not_found": _("The file does not hold the named person"),
    "ref_mismatch": _("The file's reference bases are not the reference's: wrong build or damaged file"),
    "wrong_build": _("The file is of another build"),
    "build_mismatch": _("The file is of another build"),
    "mixed_build": _("The file mixes two builds"),
    "other_settings": _("Counted with other settings than the register"),
    "gate_values_missing": _("Genotype quality or depth is missing, so the gate cannot judge"),
    "truncated": _("The file ends in the middle"),
    "no_samples": _("No person was named"),
    "duplicate_person": _("The person is counted already"),
    "sex_contradicts_data": _("The sex given contradicts the data"),
}
"""Plain words for codes of InputError; another code is shown as it is."""

EXAMPLES: dict[str, str | Promise] = {
    "common": _("common"),
    "rare": _("seen once"),
    "x": _("on the X chromosome"),
}


PROBLEMS: dict[str, str | Promise] = {
    "bad_region": _("Write a region as contig:first-last, for example 20:1001-2000, within the chromosome."),
    "bad_hgvs": _("The HGVS name cannot be read. Write it for example NC_000020.11:g.1234A>T or GENE:c.8del."),
    "hgvs_uncertain": _("The name gives an uncertain place or change. Give certain positions, or look at the region."),
    "not_one_codon": _("Many changes of the DNA give this protein change. Name it on the chromosome or transcript."),
    "outside_transcript": _("The position lies outside the transcript. Name the variant on the chromosome (g.)."),
    "unknown_gene": _(
        "No gene has this name here. Check the spelling, or write a variant as your laboratory's answer writes it."
    ),
    "gene_missing": _("Write the gene or the transcript in front of the name, for example GENE:c.8del."),
    "unknown_transcript": _("The transcript, or this version of it, is not among those here."),
    "unknown_rsid": _("The rsID is in no source that is loaded here. Give the position and the alleles."),
    "no_rsids": _("No source with rsIDs is loaded here. Give the position and the alleles."),
    "no_annotation": _("The node has no reference with genes. Write the variant as contig-position-REF-ALT."),
    "no_reference": _("The name leaves out bases that only a reference has, and the node has none."),
    "too_long": _("The text or the change is too long. Ask for one small variant, or for a region."),
    "build_mismatch": _("This is of another build than the register's."),
    "bad_variant": _(
        "This could not be understood. Write a gene, or a variant with its gene or chromosome, for example GENE:c.8del "
        "or 20-1234-A-T."
    ),
    "no_variant": _("This names a region or a gene and no variant. Search for it, or write one variant."),
    "ambiguous": _("This may mean several variants. Choose one of them."),
    "spdi_mismatch": _(
        "An accession with colons is SPDI, which counts from 0, and the reference has another base there. A variant "
        "written 20-1234-A-T counts from 1."
    ),
    "needs_reference": _("The name leaves out bases that only a reference has, and the node has none."),
    "names_disagree": _("The name of the DNA change does not give the protein change beside it. Check both."),
    "bad_contig": _("The contig is not known: write 1 to 22, X, Y or MT."),
    "bad_position": _("The position lies outside the chromosome. Check the position and the build."),
    "bad_allele": _("REF and ALT are written with A, C, G, T or N, and are not the same."),
    "wrong_build": _("The accession belongs to another build than the register's."),
    "ref_mismatch": _(
        "The letters before the change (REF) are not those of the genome at this position. Check the position, and "
        "that it is of the build that the register uses."
    ),
    "beyond_reference": _("The position lies outside the reference. Check the position and the build."),
    "contig_not_in_reference": _("The node's reference does not hold this contig."),
    "bad_event": _("Write a structural variant as X:1000-2000:DEL, 7:1000:INS:300 or 2:1000-5:2000:BND."),
    "unknown_kind": _("The kind is not known: write DEL, DUP, INS, INV, BND or CNV."),
    "bad_interval": _("The end lies before the start, or a place outside of the chromosome. Check them and the build."),
    "mitochondrial": _("Structural variants of MT are not counted. Ask for its small variants."),
    "y_pseudoautosomal": _("This part of Y is counted on X. Give the position on X."),
}
"""What to do, by code of InputError, when a variant cannot be looked up."""


def problem_words(error: InputError) -> str | Promise:
    """What is wrong with the variant, in the reader's language; the error's own words where there are none."""
    return PROBLEMS.get(error.code, f"{error.problem} {error.remedy}")


def reason_words(code: str) -> str | Promise:
    """A rejection's reason in words, or its code."""
    return REASONS.get(code, code)


COMMON = 0.1
"""From this frequency on percents are easier to read than "1 in 7"."""


def place_name(code: str) -> str | Promise:
    """A health region by its code; a code that is none of ours as it is."""
    return PLACES.get(code, code)


def region_text(region: Region) -> str:
    """A region as people read it: chr2:1 200–3 400."""
    name = CONTIGS[region.contig_code - 1]
    return f"chr{name}:{number(region.start0 + 1)}–{number(region.end0)}"


def shares() -> list[tuple[str, str]]:
    """The frequencies that a table can be narrowed to: value of the address, and words."""
    return [
        (value, percent(float(value), max(0, len(value) - 4))) for value in ("0.0001", "0.001", "0.01", "0.05", "0.1")
    ]


def one_in(frequency: float) -> str:
    """A frequency as people say it: 1 in 230; from a tenth on as percent."""
    if frequency >= COMMON:
        return percent(frequency, 0)
    many = round(1 / frequency)
    digits = max(len(str(many)) - 2, 0)
    return gettext("1 in %(many)s") % {"many": number(round(many, -digits))}


def between(low: float, high: float) -> tuple[str, str]:
    """Both ends of a range in the same manner of speaking."""
    if high >= COMMON:
        return percent(low, 0 if low >= 0.01 else 1), percent(high, 0)
    return one_in(low), one_in(high)
