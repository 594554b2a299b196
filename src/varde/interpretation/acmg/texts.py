"""Every sentence of the ACMG criteria in English, by key; a translation keeps the names in braces."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from varde.genome.message import Message, Parameter, message_of

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "acmg.title.PVS1": "Null variant in a gene where loss of function causes disease",
        "acmg.title.PS1": "Same amino-acid change as an established pathogenic variant",
        "acmg.title.PS2": "De novo, parentage confirmed",
        "acmg.title.PS3": "Functional studies show a damaging effect",
        "acmg.title.PS4": "More frequent in affected people than in controls",
        "acmg.title.PM1": "In a mutational hot spot or critical domain without benign variation",
        "acmg.title.PM2": "Absent from, or extremely rare in, population data",
        "acmg.title.PM3": "In trans with a pathogenic variant in a recessive disease",
        "acmg.title.PM4": "Changes the length of the protein outside a repeat",
        "acmg.title.PM5": "Another missense change at this residue is pathogenic",
        "acmg.title.PM6": "Assumed de novo, parentage not confirmed",
        "acmg.title.PP1": "Segregates with disease in the family",
        "acmg.title.PP2": "Missense variant in a gene with few benign missense variants",
        "acmg.title.PP3": "Computed predictions point to a damaging effect",
        "acmg.title.PP4": "Phenotype or family history highly specific for the gene",
        "acmg.title.PP5": "Called pathogenic by a reputable source (not for use)",
        "acmg.title.BA1": "Too common to cause a rare disease, on its own",
        "acmg.title.BS1": "More frequent than expected for the disease",
        "acmg.title.BS2": "Seen in healthy people where full penetrance is expected",
        "acmg.title.BS3": "Functional studies show no damaging effect",
        "acmg.title.BS4": "Does not segregate with disease in the family",
        "acmg.title.BP1": "Missense variant in a gene where only truncating variants cause disease",
        "acmg.title.BP2": "In trans with a pathogenic dominant variant, or in cis with a pathogenic variant",
        "acmg.title.BP3": "In-frame insertion or deletion in a repeat without known function",
        "acmg.title.BP4": "Computed predictions point to no effect",
        "acmg.title.BP5": "Found in a case with another explanation",
        "acmg.title.BP6": "Called benign by a reputable source (not for use)",
        "acmg.title.BP7": "Silent or deep intronic, no effect on splicing predicted",
        "acmg.person": "Set by a person: {reason}",
        "acmg.not_evaluated": "Not evaluated: data are missing.",
        "acmg.pvs1.met": "Loss of function is predicted (decision tree leaf {leaf}).",
        "acmg.pvs1.lowered": "Loss of function is predicted (decision tree leaf {leaf}); one level down, "
        "because loss of function is only a probable mechanism of this gene.",
        "acmg.pvs1.leaf": "The decision tree ends without strength (leaf {leaf}).",
        "acmg.pvs1.lowered_away": "The decision tree ends in supporting strength (leaf {leaf}), and loss of function "
        "is only a probable mechanism of this gene: nothing remains.",
        "acmg.pvs1.not_null": "The variant is not a null variant in this transcript.",
        "acmg.pvs1.no_mechanism": "Loss of function does not cause this gene's disease with {inheritance} inheritance.",
        "acmg.pvs1.several": "Not evaluated: the decision tree can end in several leaves ({leaves}).",
        "acmg.de_novo.met": "De novo in {probands} proband(s): {points:g} points.",
        "acmg.de_novo.too_few_points": "De novo, but the points do not reach supporting: {points:g}.",
        "acmg.de_novo.inherited": "Not de novo: the variant is in a parent.",
        "acmg.de_novo.counted_elsewhere": "Counted under {other}: the two are never added.",
        "acmg.de_novo.parentage_refuted": "The genotypes speak against the stated parents.",
        "acmg.pm2.met": "Absent or rare enough in: {sources}.",
        "acmg.pm2.not_met": "Too frequent in {source}: {count} of {total} alleles.",
        "acmg.pm3.met": "Seen with a pathogenic allele on the other chromosome: {points:g} points.",
        "acmg.pm3.too_few_points": "The points do not reach supporting: {points:g}.",
        "acmg.pm3.not_recessive": "Only for recessive inheritance; this is {inheritance}.",
        "acmg.pm3.too_frequent": "Needs PM2, and the variant is too frequent for it.",
        "acmg.pm4.met": "The protein changes in length ({consequence}).",
        "acmg.pm4.repeat": "The change lies in a repeat.",
        "acmg.pm4.not_length": "The protein does not change in length by an in-frame change or a lost stop.",
        "acmg.pm4.pvs1": "Already counted under PVS1.",
        "acmg.ba1.met": "Allele frequency {frequency:.4g} in {source}, group {group}.",
        "acmg.ba1.exception": "Common, but on the list of exceptions that can cause disease all the same.",
        "acmg.frequency.below": "The highest allele frequency is {frequency:.4g} ({source}, group {group}).",
        "acmg.bs1.met": "Allele frequency {frequency:.4g} in {source}, group {group}: above what the disease allows.",
        "acmg.bs1.ba1": "Already counted under BA1.",
        "acmg.bs2.met": "{count} observed in {source}, though the disease is fully penetrant and starts early.",
        "acmg.bs2.not_met": "{count} observed at most ({source}).",
        "acmg.bs2.penetrance": "Only for fully penetrant diseases that start early.",
        "acmg.bp7.met": "No effect on splicing is predicted, away from the splice sites.",
        "acmg.bp7.not_silent": "Neither synonymous nor deep in an intron.",
        "acmg.bp7.near_splice_site": "At the edge of an exon.",
        "acmg.bp7.splicing": "An effect on splicing is not ruled out: score {score:g}.",
        "acmg.bp7.conserved": "The base is conserved: {score:g}.",
        "acmg.conflict.pair": "{first} and {second} may rest on the same evidence.",
        "acmg.conflict.stronger": "{first} and {second} rest on the same evidence: only the stronger counts.",
        "acmg.conflict.cap": "{first} and {second} together count at most {points} points.",
        "acmg.conflict.opposite": "Strong evidence in both directions: a person must decide.",
        "acmg.conflict.stand_alone": "BA1 decides alone, but there is evidence for pathogenicity: a person must look.",
    }
)

MISSING: Mapping[str, str] = MappingProxyType(
    {
        "consequence": "consequence of the variant",
        "inheritance": "mode of inheritance",
        "transcript_model": "transcript model",
        "coding_sequence": "complete coding sequence of the transcript",
        "splice_effect": "effect on splicing or reading frame",
        "nmd": "whether nonsense-mediated decay is expected",
        "relevant_transcript": "whether the transcript is biologically relevant",
        "critical_region": "whether the region is critical for the protein",
        "lof_frequent": "frequency of loss-of-function variants in this exon",
        "removed_fraction": "share of the protein that is lost",
        "frame_kept": "whether the reading frame is kept",
        "full_gene": "whether the whole gene is deleted",
        "alternative_start": "whether another functional transcript starts elsewhere",
        "pathogenic_upstream": "pathogenic variants before the next methionine",
        "tandem_proven": "whether the duplication is proven in tandem",
        "tandem_presumed": "whether the duplication is presumed in tandem",
        "lof_mechanism": "whether loss of function causes the disease of this gene with this inheritance",
        "population_counts": "population counts with enough alleles",
        "homozygote_counts": "counts of homozygotes and hemizygotes",
        "coding_change": "coding change (to look up the exceptions of BA1)",
        "ba1_exception": "a person's judgement: the variant is among the exceptions of BA1",
        "penetrance": "whether the disease is fully penetrant and starts early",
        "de_novo_status": "genotypes of both parents",
        "parental_coverage": "enough coverage in both parents",
        "phenotype_fit": "how specific the phenotype is for the gene",
        "partner_alleles": "other variants of the gene in the same person, with phase",
        "partner_class": "class of the other variant",
        "pm2": "PM2, which PM3 needs",
        "repeat_region": "whether the change lies in a repeat",
        "exon_position": "place relative to the exon's edges",
        "splice_score": "splice prediction",
        "conservation": "conservation of the base",
    }
)
"""What can lack, in words."""


def text(key: str, **parameters: Parameter) -> Message:
    """The message with its parameters. Raises KeyError for an unknown key, ValueError for other parameter names."""
    return message_of(TEXTS, key, **parameters)
