"""Words and sentences of answers, by key: for the clinician and, plainly, for the family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from varde.genome.kin import role_of
from varde.interpretation.inheritance import Mode

Texts = Mapping[str, str | Promise]

ROLES: Texts = {
    "child": _("Child"),
    "mother": _("Mother"),
    "father": _("Father"),
    "sibling": _("Sibling"),
    "maternal_half_sibling": _("Half sibling by the mother"),
    "paternal_half_sibling": _("Half sibling by the father"),
    "maternal_grandmother": _("Mother's mother"),
    "maternal_grandfather": _("Mother's father"),
    "paternal_grandmother": _("Father's mother"),
    "paternal_grandfather": _("Father's father"),
    "offspring": _("Child of the patient"),
    "other": _("Other relative"),
}


def role_words(place: str) -> str:
    """A place in the family in the reader's language: Sibling, Sibling 2."""
    kin, number = role_of(place)
    return str(ROLES[kin.value]) + (f" {number}" if number > 1 else "")


CLASSES: Mapping[int, str | Promise] = {
    1: _("Class 1, benign"),
    2: _("Class 2, likely benign"),
    3: _("Class 3, uncertain significance"),
    4: _("Class 4, likely pathogenic"),
    5: _("Class 5, pathogenic"),
}

CONCLUSIONS: Texts = {
    "explains": _("The finding explains the child's disease."),
    "possible": _("The finding may explain the child's disease, but it is not certain."),
    "no_certain_finding": _("No certain genetic cause was found."),
}

ROUND_KINDS: Texts = {
    "first": _("First answer"),
    "correction": _("Corrected answer"),
    "reanalysis": _("Answer after a new analysis"),
}

DISMISSALS: Texts = {
    "technical": _("not a true call"),
    "inheritance": _("the inheritance does not fit"),
    "phenotype": _("the child's signs do not fit the gene"),
    "gene": _("the gene is not known to cause disease"),
    "frequency": _("too frequent for the disease"),
    "effect": _("not thought to have an effect"),
    "other": _("another reason"),
}

CONFIRMATIONS: Texts = {
    "": _("ordered, no result yet"),
    "confirmed": _("confirmed"),
    "refuted": _("refuted"),
    "inconclusive": _("inconclusive"),
}

METHODS: Texts = {
    "sanger": _("Sanger sequencing"),
    "mlpa": _("MLPA"),
    "qpcr": _("quantitative PCR"),
    "array": _("array"),
    "long_read": _("long-read sequencing"),
    "other": _("another method"),
}

MODES: Texts = {
    Mode.DE_NOVO: _("New in the child (de novo)"),
    Mode.POSSIBLE_DE_NOVO: _("Possibly new in the child"),
    Mode.PARENTAL_MOSAICISM: _("From a parent who has it in part of the cells (mosaicism)"),
    Mode.HOMOZYGOUS_RECESSIVE: _("Recessive: the same variant from both parents (homozygous)"),
    Mode.RECESSIVE_UNIPARENTAL_HINT: _("Two copies, but only one parent carries the variant"),
    Mode.COMPOUND_HETEROZYGOUS: _("Recessive: one variant from each parent (compound heterozygous)"),
    Mode.COMPOUND_HETEROZYGOUS_DE_NOVO: _("Recessive: one inherited variant and one new"),
    Mode.COMPOUND_HETEROZYGOUS_UNPHASED: _("Two variants in one gene; from which parent is not known"),
    Mode.X_LINKED_RECESSIVE: _("X-linked recessive, from the mother"),
    Mode.X_LINKED_DE_NOVO: _("X-linked, new in the child"),
    Mode.X_LINKED_RECESSIVE_FEMALE: _("X-linked recessive in a girl, from both parents"),
    Mode.DOMINANT_INHERITED: _("Dominant, inherited from a parent"),
    Mode.MITOCHONDRIAL: _("Mitochondrial"),
}

RECURRENCE: Texts = {
    "recurrence.recessive": _(
        "Both parents are carriers. For each further child of the same parents the risk of the disease is {percent} %; "
        "the probability of being a healthy carrier is {carrier_percent} %."
    ),
    "recurrence.dominant": _("One parent has the variant. Each further child inherits it with a risk of {percent} %."),
    "recurrence.dominant_x_father": _(
        "The father has the variant on his X chromosome: all his daughters inherit it, none of his sons."
    ),
    "recurrence.de_novo": _(
        "The variant is new in the child. The risk for a further child is low, about {percent} %, because a parent can "
        "carry it in some germ cells only."
    ),
    "recurrence.compound_de_novo": _(
        "One variant is inherited and one is new in the child. The risk for a further child is low, about {percent} %; "
        "{carrier_percent} % are healthy carriers of the inherited one."
    ),
    "recurrence.x_recessive": _(
        "The mother is a carrier of a variant on the X chromosome. The risk is 50 % for a son; a daughter is not "
        "expected to be affected, and 50 % of daughters are carriers."
    ),
    "recurrence.x_recessive_female": _(
        "The mother is a carrier and the father is affected. Each further child has a risk of {percent} %, whatever "
        "its sex."
    ),
    "recurrence.unknown.possible_de_novo": _(
        "No number can be given for a further child: a parent's data do not cover the place."
    ),
    "recurrence.unknown.parental_mosaicism": _(
        "No number can be given for a further child: a parent has the variant in part of the cells. The risk can be up "
        "to 50 % and depends on the share of germ cells."
    ),
    "recurrence.unknown.uniparental": _(
        "No number can be given for a further child: only one parent carries the variant. Uniparental disomy, a "
        "deletion or a sample mix-up must be told apart first."
    ),
    "recurrence.unknown.unphased": _(
        "No number can be given for a further child: it is not known which parent each variant comes from."
    ),
    "recurrence.unknown.mitochondrial": _(
        "No number can be given for a further child: the share of altered mitochondria varies. A mother can pass the "
        "variant to all her children, a father to none."
    ),
    "recurrence.unknown.x_parent": _(
        "No number can be given for a further child: it must be known which parent has the variant on the X chromosome."
    ),
}

FAMILY_RECURRENCE: Texts = {
    "recurrence.recessive": _(
        "If the two of you have another child, the chance is 1 in 4 (25 %) that the child gets the same disease. It is "
        "the same for every child, girl or boy, and it does not matter that {name} is ill."
    ),
    "recurrence.dominant": _(
        "If you have another child, the chance is 1 in 2 (50 %) that the child inherits the same change. How ill a "
        "child becomes can vary."
    ),
    "recurrence.dominant_x_father": _(
        "If you have another child, a girl will inherit the same change from the father. A boy will not."
    ),
    "recurrence.de_novo": _(
        "If you have another child, the chance that it gets the same disease is small, about 1 in 100 (1 %). It is not "
        "zero, because a change can be hidden in some egg cells or sperm cells."
    ),
    "recurrence.compound_de_novo": _(
        "If you have another child, the chance that it gets the same disease is small, less than 1 in 100. One of the "
        "two changes is new in {name}."
    ),
    "recurrence.x_recessive": _(
        "If the mother has another son, the chance is 1 in 2 (50 %) that he gets the same disease. A daughter is not "
        "expected to become ill, but she has a chance of 1 in 2 of being a healthy carrier."
    ),
    "recurrence.x_recessive_female": _(
        "If the two of you have another child, the chance is 1 in 2 (50 %) that the child gets the same disease."
    ),
    "recurrence.unknown.possible_de_novo": _(
        "We cannot give you a number for another child yet, because we could not see the place clearly in both of you."
    ),
    "recurrence.unknown.parental_mosaicism": _(
        "We cannot give you a certain number for another child. One of you has the change in some of the cells of the "
        "body, and the chance can be up to 1 in 2."
    ),
    "recurrence.unknown.uniparental": _(
        "We cannot give you a number for another child yet. We must first find out how {name} got two copies of the "
        "change."
    ),
    "recurrence.unknown.unphased": _(
        "We cannot give you a number for another child yet. We must first find out from whom {name} has each change."
    ),
    "recurrence.unknown.mitochondrial": _(
        "We cannot give you a number for another child. The change lies in a part of the cell that children get from "
        "their mother only, and how much each child gets varies."
    ),
    "recurrence.unknown.x_parent": _(
        "We cannot give you a number for another child yet. We must first find out which of you has the change."
    ),
}

LIMITS: Texts = {
    "genes_outside_panel": _("Genes outside the panel {panel}, version {version} ({genes} genes)."),
    "panel_genes_unknown": _("Genes of the panel that the transcript set lacks: {genes}."),
    "incidental_findings": _("Findings that have nothing to do with the indication: not searched for."),
    "uncovered_places": _("Places that were not read: the variant file does not say which they are."),
    "coverage_gaps": _(
        "{person}: {gaps} gaps in {genes} genes, {bases} bases in all, read fewer than {minimum} times. "
        "Gene, exon and place: {listed}."
    ),
    "coverage_incomplete": _("{person}: the depth file does not tell of every base of {genes}."),
    "deep_intronic": _("Changes outside the coding parts and splice sites, deep in introns and between genes."),
    "copy_number": _("Deletions and duplications of whole exons or genes (copy number variants)."),
    "structural_of": _("Deletions, duplications and other structural variants in: {roles}."),
    "structural_short": _("Structural variants that the method cannot resolve, for example in repeated sequence."),
    "structural": _("Structural variants; the files hold {count} symbolic alleles that were read but not judged."),
    "repeat_expansions": _("Expansions of repeated sequences, for example in FMR1."),
    "repeats_other": _("Expansions of repeated sequences at other places than the {count} that were looked at."),
    "methylation": _("Methylation and imprinting."),
    "low_mosaicism": _("Mosaicism: variants that only a small part of the cells have."),
    "failed_filter": _("{count} alleles that the variant caller marked as doubtful."),
    "frequency": _("How common the variants are: no frequency register was asked."),
    "consequence": _("Consequences, panel and pairs of variants: there was no reference with genes."),
    "parent": _("Inheritance: a parent has no data."),
    "identity": _("Inheritance: the genotypes refute who a relative is said to be; that person was not asked."),
}

FAMILY_LIMITS: Texts = {
    "genes_outside_panel": _("We looked at {genes} selected genes, not at all genes."),
    "panel_genes_unknown": _("Some genes of the list could not be examined: {genes}."),
    "incidental_findings": _("We did not look for other diseases than the one {name} was examined for."),
    "uncovered_places": _("Some places in the genes may not have been read clearly."),
    "coverage_gaps": _("Parts of {genes} genes were read too few times in one of you to be judged."),
    "coverage_incomplete": _("For some genes we do not know how well they were read in one of you."),
    "deep_intronic": _("Parts of the genes that we do not yet understand well were not looked at."),
    "copy_number": _("Pieces of a chromosome that are missing or doubled were not looked for."),
    "structural_of": _("Missing or doubled pieces of a chromosome were not looked for in everybody."),
    "structural_short": _("Some missing, doubled or moved pieces of a chromosome cannot be seen with this method."),
    "structural": _("Pieces of a chromosome that have moved or turned were not looked for."),
    "repeat_expansions": _("Genes in which a piece is repeated too many times were not looked for."),
    "repeats_other": _("Only {count} places where a piece may be repeated too many times were looked at."),
    "methylation": _("Whether genes are switched on or off was not looked at."),
    "low_mosaicism": _("Changes that are in only some of the cells of the body can be missed."),
    "failed_filter": _("Some changes in the data were too unclear to be judged."),
    "frequency": _("We could not compare with how common the changes are in the population."),
    "consequence": _("We could not tell what the changes do to the genes."),
    "parent": _("We lacked data from one of the parents."),
    "identity": _("One sample of the family does not fit the family as it was written down."),
}

LIGHTS: Texts = {
    "green": _("Good"),
    "yellow": _("Look closer"),
    "red": _("Stop"),
    "not_evaluated": _("Not evaluated"),
}


def sentence(texts: Texts, key: str, parameters: Mapping[str, Any], **more: Any) -> str:
    """The sentence of a key in the reader's language, filled in. A key that no text is known for is shown as it is,
    so that nothing said in the answer disappears."""
    text = texts.get(key)
    if text is None:
        return gettext("Not described further: {key}").format(key=key)
    given = dict(parameters) | more
    if "roles" in given:
        given["roles"] = [role_words(place).lower() for place in given["roles"]]
    values = {name: role_words(value) if name == "person" else _shown(value) for name, value in given.items()}
    return str(text).format_map(_Whole(values))


class _Whole(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def _shown(value: Any) -> str:
    if isinstance(value, float):
        text = f"{value:g}"
        return text if (get_language() or "").startswith("en") else text.replace(".", ",")
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)
