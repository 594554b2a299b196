"""Every sentence of the copy-number criteria in English, by key; a translation keeps the names in braces."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from varde.genome.message import Message, Parameter, message_of

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "1A": "Contains protein-coding or other important elements",
        "1B": "Contains no gene and no important element",
        "loss.2A": "An established haploinsufficient gene or region is lost whole",
        "loss.2B": "Part of an established haploinsufficient region, without its known cause",
        "loss.2C-1": "The 5' end of a haploinsufficient gene is lost, with coding sequence",
        "loss.2C-2": "The 5' end of a haploinsufficient gene is lost, untranslated region alone",
        "loss.2D-1": "The 3' end of a haploinsufficient gene is lost, untranslated region alone",
        "loss.2D-2": "The last exon alone, in which pathogenic variants are known",
        "loss.2D-3": "The last exon alone, in which no pathogenic variant is known",
        "loss.2D-4": "The 3' end with more exons than the last",
        "loss.2E": "Both breakpoints in one haploinsufficient gene (by PVS1)",
        "loss.2F": "Wholly within an established benign region",
        "loss.2G": "Overlaps a benign region, but takes more",
        "loss.2H": "Two or more predictors say that a gene is haploinsufficient",
        "gain.2A": "An established triplosensitive gene or region is gained whole",
        "gain.2B": "Part of an established triplosensitive region",
        "gain.2C": "The same genes as an established benign gain",
        "gain.2D": "Smaller than a benign gain, no gene cut",
        "gain.2E": "Smaller than a benign gain, a gene may be cut",
        "gain.2F": "Larger than a benign gain, without more genes",
        "gain.2G": "Overlaps a benign gain, with more genes",
        "gain.2H": "A haploinsufficient gene lies wholly within",
        "gain.2I": "Both breakpoints in one haploinsufficient gene (by PVS1)",
        "gain.2J": "One breakpoint in a haploinsufficient gene, phenotype does not fit or is not known",
        "gain.2K": "One breakpoint in a haploinsufficient gene, phenotype highly specific for it",
        "gain.2L": "Breakpoints in genes of no established importance",
        "3A": "Few protein-coding genes",
        "3B": "Many protein-coding genes",
        "3C": "Very many protein-coding genes",
        "4A": "Reported cases, phenotype highly specific, de novo",
        "4B": "Reported cases, phenotype consistent and specific, de novo",
        "4C": "Reported cases, phenotype consistent, not specific, de novo",
        "4D": "Reported cases, phenotype not consistent",
        "4E": "Reported cases, phenotype highly specific, inheritance unknown",
        "4F": "Three or four segregations",
        "4G": "Five or six segregations",
        "4H": "Seven segregations or more",
        "4I": "Absent from an affected relative",
        "4J": "Present in a relative without the specific phenotype",
        "4K": "Present in a relative without the unspecific phenotype",
        "4L": "More frequent in cases with a specific phenotype than in controls",
        "4M": "More frequent in cases with an unspecific or unknown phenotype",
        "4N": "As frequent in cases as in controls",
        "4O": "Overlaps common variation of the population",
        "5A": "De novo in this child",
        "5B": "Inherited from an unaffected parent, phenotype specific",
        "5C": "Inherited from an unaffected parent, phenotype unspecific",
        "5D": "Segregates with the phenotype in this family",
        "5E": "Does not segregate in this family",
        "5F": "Inheritance not known or not informative",
        "5G": "Inheritance not known, phenotype unspecific but consistent",
        "5H": "Inheritance not known, phenotype highly specific and consistent",
    }
)

TEXTS: Mapping[str, str] = MappingProxyType(
    {f"cnv.title.{code}": words for code, words in TITLES.items()}
    | {
        "cnv.person": "Set by a person: {reason}",
        "cnv.put_aside": "Put aside: a person chose {other}, and only one of the two can hold.",
        "cnv.not_evaluated": "Not evaluated: data are missing.",
        "cnv.manual": "A person judges this from the literature and the family.",
        "cnv.genes": "{genes} protein-coding genes are touched.",
        "cnv.content": "Exons of {gene} are touched.",
        "cnv.content.region": "The curated region {region} is touched.",
        "cnv.content.none": "No gene of the transcripts and no curated region is touched.",
        "cnv.content.some": "A gene or a curated region is touched.",
        "cnv.content.intron": "Only introns or the side of a promoter are touched: "
        "whether these matter is a person's judgement.",
        "cnv.dosage.whole": "{name} (score 3) lies wholly within.",
        "cnv.dosage.partial": "Part of {name} (score 3) lies within.",
        "cnv.dosage.none": "No gene and no region with score 3 fits.",
        "cnv.exons": "{gene}: exons {first} to {last} of {exons}.",
        "cnv.utr": "{gene}: untranslated region alone.",
        "cnv.last_exon": "{gene}: the last exon alone. Whether pathogenic variants are known in it decides.",
        "cnv.intragenic": "{gene}: exons {first} to {last} of {exons}; PVS1 {strength} (leaf {leaf}).",
        "cnv.intragenic.none": "{gene}: PVS1 does not apply (leaf {leaf}).",
        "cnv.intragenic.open": "{gene}: exons {first} to {last} of {exons}; a person judges by PVS1.",
        "cnv.benign.within": "Wholly within {region}, which is benign.",
        "cnv.benign.more": "Overlaps {region}, which is benign, and takes more.",
        "cnv.benign.none": "No benign region of the table fits.",
        "cnv.predictors.met": "{gene}: {value}.",
        "cnv.predictors.none": "No gene with two predictors.",
        "cnv.predictors.established": "Already scored by an established gene.",
        "cnv.breakpoint": "One breakpoint lies in {gene} (score 3).",
        "cnv.breakpoint.fits": "One breakpoint lies in {gene} (score 3), and the phenotype is specific for it.",
        "cnv.breakpoint.other": "Breakpoints lie in {genes}.",
        "cnv.breakpoint.none": "No breakpoint in such a gene.",
        "cnv.common": "{count} of {total} alleles in {source} ({share:.2%}).",
        "cnv.common.not": "At most {share:.3%} ({source}).",
        "cnv.de_novo": "In neither parent; phenotype judged as {fit}.",
        "cnv.inherited": "Inherited: not de novo.",
        "cnv.from_parent": "From an unaffected parent. The family's history and the phenotype decide "
        "between 5B and 5C.",
        "cnv.not_inherited": "Not inherited from an unaffected parent.",
        "cnv.inheritance.known": "Inheritance is known.",
        "cnv.inheritance.unknown": "A parent's calls are missing or too weak.",
    }
)

MISSING: Mapping[str, str] = MappingProxyType(
    {
        "transcripts": "genes (a reference with transcripts)",
        "dosage": "table of dosage-sensitive genes and regions",
        "benign_regions": "table of benign regions",
        "hi_index": "DECIPHER's haploinsufficiency index",
        "constraint": "gnomAD's constraint of the genes",
        "last_exon_variants": "whether pathogenic variants are known in the last exon",
        "pvs1": "reading frame, decay and importance of the exons (PVS1)",
        "tandem": "whether the duplication is in tandem",
        "frequencies": "frequency of structural variants",
        "enough_alleles": "enough alleles in a frequency table",
        "phenotype_fit": "how specific the phenotype is for the gene",
        "parental_calls": "calls of both parents",
        "family_history": "the family's history",
        "judgement": "a person's judgement",
        "importance": "whether the introns or the promoter matter",
    }
)
"""What can lack, in words."""


def text(key: str, **parameters: Parameter) -> Message:
    """The message with its parameters. Raises KeyError for an unknown key, ValueError for other parameter names."""
    return message_of(TEXTS, key, **parameters)


def title(change: str, code: str) -> Message:
    """What a criterion of a loss or a gain asks."""
    return text(f"cnv.title.{code if code in TITLES else f'{change}.{code}'}")
