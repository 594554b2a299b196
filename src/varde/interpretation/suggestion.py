"""Criteria and class that the programme suggests for the alleles of a candidate. A person decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from varde.interpretation.acmg import Assessment, Criterion, Evidence, RuleSet, Ruleset, State, assess, evaluate
from varde.interpretation.acmg.answers import Answers
from varde.interpretation.acmg.criterion import Code
from varde.interpretation.acmg.evidence import PartnerAllele
from varde.interpretation.acmg.evidence import Phase as PartnerPhase
from varde.interpretation.acmg.rulesets import DEFAULT
from varde.interpretation.allele_evidence import AlleleInCase, Sources, Surroundings
from varde.interpretation.inheritance import Phase
from varde.interpretation.prepared import PreparedCase
from varde.interpretation.ranking import Candidate


@dataclass(frozen=True)
class Suggestion:
    """What the programme says of one allele of a candidate. ``row`` is its row in the prepared case.

    ``consequence``, ``transcript`` and ``mane`` are those on the candidate's gene; None where not evaluated. ``rules``
    are the limits used: the general ones, or the gene's own.
    """

    row: int
    gene: str | None
    transcript: str | None
    mane: bool | None
    consequence: str | None
    evidence: Evidence
    rules: RuleSet
    criteria: tuple[Criterion, ...]
    assessment: Assessment


def suggest(
    case: PreparedCase,
    candidate: Candidate,
    *,
    sources: Sources | None = None,
    answers: Answers | None = None,
    around: Surroundings | None = None,
    ruleset: Ruleset = DEFAULT,
) -> tuple[Suggestion, ...]:
    """One suggestion per allele of the candidate, in its order.

    In a pair, each allele is the other's partner with the class a person gave it (``around``), else with the class it
    has by itself.
    """
    held, told, rest = sources or Sources(), answers or Answers(), around or Surroundings()
    alleles = [AlleleInCase(case, candidate, row, held) for row in candidate.rows]
    alone = [one.evidence(told, rest) for one in alleles]
    partners = [_as_partner(candidate, one, evidence, rest) for one, evidence in zip(alleles, alone, strict=True)]
    found = []
    for place, (allele, evidence) in enumerate(zip(alleles, alone, strict=True)):
        others = tuple(one for number, one in enumerate(partners) if number != place)
        judged = replace(evidence, partners=others) if others and case.has_consequences else evidence
        criteria = evaluate(judged, allele.rules)
        shown = allele.consequence
        found.append(
            Suggestion(
                row=allele.row,
                gene=candidate.gene,
                transcript=shown.get("transcript"),
                mane=shown.get("mane"),
                consequence=shown.get("consequence"),
                evidence=judged,
                rules=allele.rules,
                criteria=criteria,
                assessment=assess(criteria, ruleset),
            )
        )
    return tuple(found)


def _as_partner(candidate: Candidate, allele: AlleleInCase, evidence: Evidence, around: Surroundings) -> PartnerAllele:
    """An allele as its partner sees it: its class without the pair, and whether it is rare."""
    criteria = evaluate(replace(evidence, partners=None), allele.rules)
    pm2 = next(one.state for one in criteria if one.code is Code.PM2)
    in_trans = candidate.phase in (Phase.TRANS_BY_PARENTS, Phase.TRANS_BY_READS)
    return PartnerAllele(
        around.decided.get(allele.row, assess(criteria).acmg_class),
        PartnerPhase.IN_TRANS if in_trans else PartnerPhase.UNPHASED,
        rare=None if pm2 is State.NOT_EVALUATED else pm2 is State.MET,
    )
