"""PM2, BA1, BS1 and BS2: what population counts say, each with a floor on the number of alleles looked at.

Outside sources and the own register are judged alike. A source with fewer alleles than the floor cannot show that a
variant is rare; that it is common it can show only above the floor as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from varde.frequency.statistics import faf
from varde.genome.message import Message
from varde.interpretation.acmg.criterion import Code, Criterion, Strength
from varde.interpretation.acmg.evidence import Evidence, GroupCount, Inheritance, Population
from varde.interpretation.acmg.outcome import Outcome
from varde.interpretation.acmg.rules import BA1_EXCEPTIONS, BOTTLENECK_GROUPS, Limit, RuleSet
from varde.interpretation.acmg.texts import text


@dataclass(frozen=True)
class HighestFrequency:
    """The highest allele frequency of any group with enough alleles."""

    frequency: float
    group: GroupCount
    population: Population


def highest_frequency(populations: tuple[Population, ...], allele_number_floor: float) -> HighestFrequency | None:
    """Over all sources and groups but the bottleneck groups; None when no group reaches the floor."""
    found: HighestFrequency | None = None
    for population in populations:
        for group in population.groups:
            frequency = group.frequency
            if frequency is None or group.allele_number < allele_number_floor or group.group in BOTTLENECK_GROUPS:
                continue
            if found is None or frequency > found.frequency:
                found = HighestFrequency(frequency, group, population)
    return found


def evaluate_pm2(evidence: Evidence, rules: RuleSet) -> Criterion:
    """PM2, always supporting (ClinGen SVI 2020).

    Recessive: the total frequency is at most the limit. Otherwise: absent. One source above its limit is enough for
    not met; met needs at least one source with enough alleles and none above.
    """
    limit, counted = _pm2_limit(evidence.inheritance)
    floor = rules.value(Limit.ALLELE_NUMBER_FLOOR)
    threshold = f"{'allele count' if counted else 'frequency'} <= {rules.value(limit):g} with AN >= {floor:g}"
    outcome = Outcome(Code.PM2, rules, _source("ClinGen SVI 2020 (PM2)", rules, limit), threshold, _names(evidence))
    enough: list[str] = []
    for population in evidence.all_populations:
        total = population.overall
        is_enough = total.allele_number >= floor
        seen = total.allele_count if counted else total.frequency
        if seen is not None and seen > rules.value(limit) and (counted or is_enough):
            message = text(
                "acmg.pm2.not_met", source=population.name, count=total.allele_count, total=total.allele_number
            )
            return outcome.not_met(message, value=f"{total.allele_count}/{total.allele_number}")
        if is_enough:
            enough.append(f"{population.name} ({total.allele_count}/{total.allele_number})")
    if not enough:
        return outcome.not_evaluated("population_counts")
    sources = ", ".join(enough)
    return outcome.met(Strength.SUPPORTING, text("acmg.pm2.met", sources=sources), value=sources)


def _pm2_limit(inheritance: Inheritance | None) -> tuple[Limit, bool]:
    """The limit, and whether it counts alleles. Unknown inheritance is judged as dominant: the stricter way."""
    if inheritance is Inheritance.AUTOSOMAL_RECESSIVE:
        return Limit.PM2_FREQUENCY_RECESSIVE, False
    if inheritance is Inheritance.MITOCHONDRIAL:
        return Limit.PM2_FREQUENCY_MITOCHONDRIAL, False
    return Limit.PM2_ALLELE_COUNT_DOMINANT, True


def evaluate_ba1(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BA1: the highest group frequency is above the limit and the variant is not one of the nine exceptions."""
    limit = ba1_limit(evidence.inheritance)
    outcome = _frequency_outcome(Code.BA1, evidence, rules, limit)
    highest = highest_frequency(evidence.all_populations, rules.value(Limit.ALLELE_NUMBER_FLOOR))
    if highest is None:
        return outcome.not_evaluated("population_counts")
    if highest.frequency <= rules.value(limit):
        return _below(outcome, highest)
    excepted = _is_exception(evidence)
    if excepted is None:
        return outcome.not_evaluated("coding_change", value=f"{highest.frequency:.4g}")
    if excepted:
        return outcome.not_met(text("acmg.ba1.exception"), value=f"{highest.frequency:.4g}")
    return outcome.met(Strength.STAND_ALONE, _above("acmg.ba1.met", highest), value=f"{highest.frequency:.4g}")


def highest_filtering_frequency(
    populations: tuple[Population, ...], allele_number_floor: float
) -> HighestFrequency | None:
    """The highest lower bound (one-sided 95 %, Poisson) of a group's frequency: few alleles cannot reach a low limit.

    Source: Whiffin 2017, the filtering allele frequency.
    """
    found: HighestFrequency | None = None
    for population in populations:
        for group in population.groups:
            if group.allele_number < max(allele_number_floor, 1) or group.group in BOTTLENECK_GROUPS:
                continue
            bound = float(faf([group.allele_count], [group.allele_number])[0])
            if found is None or bound > found.frequency:
                found = HighestFrequency(bound, group, population)
    return found


def maximum_credible_frequency(
    prevalence: float,
    inheritance: Inheritance,
    *,
    allelic: float = 1.0,
    genetic: float = 1.0,
    penetrance: float = 1.0,
) -> float:
    """The highest allele frequency that a cause of a disease can have (Whiffin 2017).

    ``prevalence`` in people; ``allelic`` is the largest share of the gene's cases that one variant causes, ``genetic``
    the share of all cases that the gene causes. Raises ValueError for a share outside 0 to 1, or mitochondrial.

    >>> maximum_credible_frequency(1 / 500, Inheritance.AUTOSOMAL_DOMINANT, allelic=0.02, penetrance=0.5)
    4e-05
    """
    for name, share in (("prevalence", prevalence), ("allelic", allelic), ("genetic", genetic)):
        if not 0 < share <= 1:
            raise ValueError(f"{name} {share}, expected above 0 and at most 1")
    if not 0 < penetrance <= 1:
        raise ValueError(f"penetrance {penetrance}, expected above 0 and at most 1")
    if inheritance is Inheritance.MITOCHONDRIAL:
        raise ValueError("no maximum credible frequency is computed for mitochondrial inheritance")
    if inheritance is Inheritance.AUTOSOMAL_RECESSIVE:
        return math.sqrt(prevalence) * allelic * math.sqrt(genetic) / math.sqrt(penetrance)
    return prevalence * allelic * genetic / penetrance / 2


def evaluate_bs1(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BS1: above what the disease allows, and not so far that BA1 says it already.

    With a maximum credible frequency of the gene's own, the filtering allele frequency is held against it.
    """
    limit = bs1_limit(rules, evidence.inheritance)
    outcome = _frequency_outcome(Code.BS1, evidence, rules, limit)
    find = highest_filtering_frequency if limit is Limit.BS1_CREDIBLE_FREQUENCY else highest_frequency
    highest = find(evidence.all_populations, rules.value(Limit.ALLELE_NUMBER_FLOOR))
    if highest is None:
        return outcome.not_evaluated("population_counts")
    value = f"{highest.frequency:.4g}"
    if highest.frequency <= rules.value(limit):
        return _below(outcome, highest)
    excepted = _is_exception(evidence)
    if excepted is not False:
        return outcome.not_evaluated("coding_change" if excepted is None else "ba1_exception", value=value)
    seen = highest_frequency(evidence.all_populations, rules.value(Limit.ALLELE_NUMBER_FLOOR)) or highest
    if seen.frequency > rules.value(ba1_limit(evidence.inheritance)):
        return outcome.not_met(text("acmg.bs1.ba1"), value=value)
    return outcome.met(Strength.STRONG, _above("acmg.bs1.met", highest), value=value)


def evaluate_bs2(evidence: Evidence, rules: RuleSet) -> Criterion:
    """BS2: seen in more people than a fully penetrant disease of early onset allows.

    Recessive: homozygotes; X-linked: homozygotes and hemizygotes; dominant: alleles. Only where the disease is known
    to be fully penetrant with early onset; mitochondrial variants are not judged (heteroplasmy).
    """
    mode = evidence.inheritance
    dominant = mode is Inheritance.AUTOSOMAL_DOMINANT
    limit = Limit.BS2_ALLELE_COUNT_DOMINANT if dominant else Limit.BS2_HOMOZYGOTES
    what = "alleles" if dominant else "homozygotes and hemizygotes"
    threshold = f"> {rules.value(limit):g} {what}"
    outcome = Outcome(Code.BS2, rules, _source("Richards 2015", rules, limit), threshold, _names(evidence))
    if evidence.full_penetrance_early_onset is False:
        return outcome.not_met(text("acmg.bs2.penetrance"))
    missing = [
        *(["inheritance"] if mode is None or mode is Inheritance.MITOCHONDRIAL else []),
        *(["penetrance"] if evidence.full_penetrance_early_onset is None else []),
    ]
    if mode is None or missing:
        return outcome.not_evaluated(*missing)
    if _is_exception(evidence):
        return outcome.not_evaluated("ba1_exception")
    counts = [(_bs2_count(population.overall, mode), population) for population in evidence.all_populations]
    known = [(count, population) for count, population in counts if count is not None]
    most = max(known, key=lambda pair: pair[0], default=None)
    if most is not None and most[0] > rules.value(limit):
        message = text("acmg.bs2.met", count=most[0], source=most[1].name)
        return outcome.met(Strength.STRONG, message, value=str(most[0]))
    floor = rules.value(Limit.ALLELE_NUMBER_FLOOR)
    if most is None or all(population.overall.allele_number < floor for _, population in known):
        return outcome.not_evaluated("homozygote_counts" if not dominant else "population_counts")
    return outcome.not_met(text("acmg.bs2.not_met", count=most[0], source=most[1].name), value=str(most[0]))


def _bs2_count(total: GroupCount, mode: Inheritance) -> int | None:
    if mode is Inheritance.AUTOSOMAL_DOMINANT:
        return total.allele_count
    if total.homozygotes is None or not mode.is_x_linked:
        return total.homozygotes
    return None if total.hemizygotes is None else total.homozygotes + total.hemizygotes


def _is_exception(evidence: Evidence) -> bool | None:
    """Whether the variant is among the exceptions of BA1; None when its gene is and the coding change is not known."""
    if evidence.gene is None:
        return None
    if evidence.gene not in {gene for gene, _ in BA1_EXCEPTIONS}:
        return False
    if evidence.coding_change is None:
        return None
    return (evidence.gene, evidence.coding_change.rsplit(":", 1)[-1]) in BA1_EXCEPTIONS


def ba1_limit(inheritance: Inheritance | None) -> Limit:
    """The limit that BA1 holds a frequency against."""
    mitochondrial = inheritance is Inheritance.MITOCHONDRIAL
    return Limit.BA1_FREQUENCY_MITOCHONDRIAL if mitochondrial else Limit.BA1_FREQUENCY


def bs1_limit(rules: RuleSet, inheritance: Inheritance | None) -> Limit:
    """The limit that BS1 holds a frequency against: the gene's maximum credible frequency where its rules have one."""
    if rules.find(Limit.BS1_CREDIBLE_FREQUENCY) is not None:
        return Limit.BS1_CREDIBLE_FREQUENCY
    if inheritance is Inheritance.MITOCHONDRIAL:
        return Limit.BS1_FREQUENCY_MITOCHONDRIAL
    if inheritance in (Inheritance.AUTOSOMAL_RECESSIVE, Inheritance.X_LINKED_RECESSIVE):
        return Limit.BS1_FREQUENCY_RECESSIVE
    return Limit.BS1_FREQUENCY_DOMINANT


def _frequency_outcome(code: Code, evidence: Evidence, rules: RuleSet, limit: Limit) -> Outcome:
    floor = rules.value(Limit.ALLELE_NUMBER_FLOOR)
    threshold = f"frequency > {rules.value(limit):g} with AN >= {floor:g}"
    return Outcome(code, rules, _source("Richards 2015", rules, limit), threshold, _names(evidence))


def _source(guideline: str, rules: RuleSet, limit: Limit) -> str:
    return f"{guideline}; limit: {rules[limit].source}"


def _names(evidence: Evidence) -> str | None:
    return ", ".join(population.name for population in evidence.all_populations) or None


def _above(key: str, highest: HighestFrequency) -> Message:
    return text(key, frequency=highest.frequency, source=highest.population.name, group=highest.group.group)


def _below(outcome: Outcome, highest: HighestFrequency) -> Criterion:
    return outcome.not_met(_above("acmg.frequency.below", highest), value=f"{highest.frequency:.4g}")
