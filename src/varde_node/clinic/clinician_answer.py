"""The clinician's answer: what it means, what can be done, the findings, and everything behind them."""

from __future__ import annotations

from math import floor, log10
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde_node.clinic import words
from varde_node.clinic.document import Block, Bullets, Caution, Document, Facts, Paragraph, Section, Table
from varde_node.clinic.facts import AnswerFacts
from varde_node.clinic.pictures import pedigree
from varde_node.formats import day, moment, number, percent
from varde_node.lab.contracts import SignedVariant
from varde_node.lab.queries import vocabulary


def clinician_document(facts: AnswerFacts) -> Document:
    """The whole answer for a health professional, in the active language."""
    sections = (
        *_why_new(facts),
        _meaning(facts),
        _options(facts),
        _findings(facts),
        *_variants(facts),
        *_evaluated(facts),
        _not_looked_at(facts),
        _quality(facts),
        _method(facts),
        _signatures(facts),
    )
    lead = (
        (_("Patient"), f"{facts.child.name}, {facts.child.national_identifier}"),
        (_("Order"), f"{facts.order_number}, {day(facts.ordered_at)}, {facts.clinician}, {facts.clinic}"),
        (_("Laboratory"), f"{facts.laboratory}, {facts.case.case_number}"),
        (_("Indication"), facts.indication),
        (_("Answer"), _("Version {version} of {day}").format(version=facts.version, day=day(facts.released_at))),
    )
    footer = _(
        "Varde is not a certified medical device (IVDR). It is decision support: the laboratory's two signatories are "
        "responsible for the answer, and the treating doctor for what is done with it."
    )
    return Document(_("Genetic answer"), get_language() or "nb", lead, sections, footer)


def _why_new(facts: AnswerFacts) -> tuple[Section, ...]:
    """That this version replaces an earlier one, or is itself replaced; nothing for the only one there is."""
    blocks: list[Block] = []
    later = facts.replaced_by
    if later is not None:
        sentence = _("This version is no longer valid. Version {version} of {day} replaced it.")
        blocks.append(Caution(sentence.format(version=later.version, day=day(later.released_at))))
    if facts.replaces is not None:
        sentence = _("It replaces version {version}, which can still be read.")
        blocks.append(Paragraph(str(words.ROUND_KINDS[facts.case.kind]), strong=True))
        blocks.append(Paragraph(sentence.format(version=facts.replaces)))
        if facts.case.reason:
            blocks.append(Paragraph(facts.case.reason, own_words=True))
    return (Section("version", _("Version of the answer"), tuple(blocks)),) if blocks else ()


def _evaluated(facts: AnswerFacts) -> tuple[Section, ...]:
    """Every variant that was evaluated and is not reported above, and what second methods showed."""
    blocks: list[Block] = []
    rest = [one for one in facts.case.evaluated if not one["in_answer"]]
    if rest:
        rows = tuple((one["gene"] or "–", _evaluated_name(one), _evaluated_as(one)) for one in rest)
        columns = (_("Gene"), _("Variant"), _("Evaluated as"))
        blocks.append(Table(_("Variants that were evaluated and are not reported"), columns, rows))
    asked = facts.case.confirmations
    if asked:
        known = {one["variant"]: _evaluated_name(one) for one in facts.case.evaluated}
        rows = tuple(
            (
                known.get(one["variant"], one["variant"]) or one["gap"],
                str(words.METHODS[one["method"]]),
                str(words.CONFIRMATIONS[one["result"]]),
            )
            for one in asked
        )
        blocks.append(Table(_("Second methods"), (_("What"), _("Method"), _("Result")), rows))
    return (Section("evaluated", _("Also evaluated"), tuple(blocks)),) if blocks else ()


def _evaluated_name(one: dict[str, Any]) -> str:
    return _without_accession(one["names"].get("coding")) or str(one["variant"])


def _evaluated_as(one: dict[str, Any]) -> str:
    if one["acmg_class"] is not None:
        return str(words.CLASSES[one["acmg_class"]])
    return _("Set aside: {reason}").format(reason=words.DISMISSALS[one["reason"]])


def _meaning(facts: AnswerFacts) -> Section:
    blocks: list[Block] = [Paragraph(words.sentence(words.CONCLUSIONS, facts.case.conclusion, {}), strong=True)]
    if facts.case.gene:
        mode = words.sentence(words.MODES, facts.case.inheritance_mode, {}) if facts.case.inheritance_mode else "–"
        blocks.append(Facts(((_("Gene"), facts.case.gene), (_("Inheritance"), mode))))
    if facts.case.summary.strip():
        blocks += [Paragraph(part.strip(), own_words=True) for part in facts.case.summary.split("\n\n") if part.strip()]
    if facts.case.quality_override is not None:
        blocks.append(Caution(_("A red quality light was overridden. The reason stands under Quality.")))
    return Section("meaning", _("What it means"), tuple(blocks))


def _options(facts: AnswerFacts) -> Section:
    items = []
    recurrence = facts.recurrence
    if recurrence is not None:
        items.append(recurrence_sentence(recurrence))
    if facts.explains:
        items.append(
            _("Genetic counselling can be offered to the family; the law asks for it before relatives are tested.")
        )
        if recurrence is not None and recurrence.get("prenatal_options"):
            items.append(
                _(
                    "Before a new pregnancy the family can be told about prenatal and preimplantation diagnosis, in "
                    "genetic counselling. It is their choice whether they want to know more."
                )
            )
        items.append(_("Relatives who may be carriers can be offered a test of the variants named below."))
    elif facts.case.conclusion == "possible":
        items.append(_("The finding should not alone decide prenatal diagnosis or tests of relatives."))
        items.append(
            _("New information about the family or the variants can change the class; ask the laboratory then.")
        )
    else:
        items.append(_("No finding does not exclude a genetic cause: see what was not looked at."))
        items.append(_("The data can be looked at again when the child's signs change or knowledge has grown."))
    note = Paragraph(_("These are options, not advice: Varde gives no advice on treatment."))
    return Section("options", _("What can be done"), (Bullets(tuple(items)), note))


def recurrence_sentence(recurrence: dict[str, Any]) -> str:
    """The risk for a further child as a sentence for a professional, in the active language."""
    return words.sentence(words.RECURRENCE, recurrence["key"], recurrence.get("parameters", {}))


def _findings(facts: AnswerFacts) -> Section:
    if not facts.case.variants:
        nothing = Paragraph(_("No variant is reported."))
        return Section("findings", _("Findings"), (nothing,))
    rows = tuple(
        (
            variant.gene,
            _title(variant),
            _without_accession(variant.names.get("protein")) or "–",
            str(words.CLASSES[variant.acmg_class]),
            *(variant.zygosity.get(role) or "–" for role in facts.family),
        )
        for variant in facts.case.variants
    )
    columns = (
        _("Gene"),
        _("Variant"),
        _("Protein"),
        _("Class"),
        *(words.role_words(role) for role in facts.family),
    )
    labels = {role: words.role_words(role) for role in facts.family}
    sexes = {role: person.sex for role, person in facts.family.items()}
    picture = pedigree(facts.case.variants, sexes, facts.affected, labels)
    return Section("findings", _("Findings"), (Table(_("Reported variants"), columns, rows), picture))


def _variants(facts: AnswerFacts) -> tuple[Section, ...]:
    family = tuple(facts.family)
    return tuple(_variant(place, variant, family) for place, variant in enumerate(facts.case.variants, start=1))


def _variant(place: int, variant: SignedVariant, family: tuple[str, ...]) -> Section:
    names = variant.names
    rows = [
        (_("Transcript"), names.get("transcript") or "–"),
        (_("Genomic name"), names.get("genomic") or "–"),
        (_("Coding name"), names.get("coding") or "–"),
        (_("Protein name"), names.get("protein") or "–"),
        (_("Place"), f"{variant.build} {variant.variant}"),
        (_("Consequence"), vocabulary.consequence_words(variant.consequence)),
        *_event(variant),
        (_("Reads with the variant"), _reads(variant, family)),
        (_("Frequency in the register"), frequency_sentence(variant.frequency)),
        (
            _("Class"),
            _("{name}; {points} points by {ruleset}").format(
                name=words.CLASSES[variant.acmg_class], points=number(variant.points), ruleset=variant.ruleset
            ),
        ),
        (_("Criteria that are met"), _met(variant)),
    ]
    blocks: list[Block] = [Facts(tuple(rows))]
    if variant.reasoning.strip():
        blocks.append(Paragraph(variant.reasoning.strip(), own_words=True))
    title = _title(variant)
    return Section(f"variant-{place}", f"{variant.gene} {title}", tuple(blocks))


def _title(variant: SignedVariant) -> str:
    """The coding name; of a structural variant what it is, its size and what it does to its gene."""
    if variant.event is not None:
        return vocabulary.event_words(variant.event, variant.gene)
    return _without_accession(variant.names.get("coding")) or variant.variant


def _event(variant: SignedVariant) -> list[tuple[str, str]]:
    if variant.event is None:
        return []
    return [(_("Genes touched"), vocabulary.genes_words(variant.event))]


def _without_accession(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


def _reads(variant: SignedVariant, family: tuple[str, ...]) -> str:
    """In the family's order: a database may give a stored answer's keys in another."""
    parts = []
    for role in family:
        reads = variant.depths.get(role)
        if reads is not None:
            parts.append(
                _("{role} {alternate} of {total}").format(
                    role=words.role_words(role), alternate=number(reads[1]), total=number(reads[0] + reads[1])
                )
            )
    return "; ".join(parts) or "–"


def frequency_sentence(frequency: dict[str, Any]) -> str:
    """What the register says of a variant: seen, covered and absent, or not covered; never zero for not covered."""
    state = frequency.get("state")
    if state == "observed":
        return _("{ac} of {an} alleles ({af})").format(
            ac=number(frequency["ac"]), an=number(frequency["an"]), af=_share(frequency.get("af"))
        )
    if state == "absent_covered":
        return _("Not seen among {an} alleles").format(an=number(frequency.get("an")))
    if state == "not_covered":
        return _("The place is not covered: nothing is known")
    return _("Not evaluated")


def _share(value: float | None) -> str:
    """Percent with two significant digits: rare variants differ in the third decimal and beyond."""
    if value is None or value <= 0 or value >= 0.1:
        return percent(value)
    return percent(value, max(1, 1 - floor(log10(100 * value))))


def _met(variant: SignedVariant) -> str:
    met = [
        f"{one['code']} ({vocabulary.strength_name(str(one['strength']))})" if one.get("strength") else str(one["code"])
        for one in variant.criteria
        if one.get("state") == "met"
    ]
    return ", ".join(met) or _("None")


def _not_looked_at(facts: AnswerFacts) -> Section:
    items = tuple(
        words.sentence(words.LIMITS, one["key"], one.get("parameters", {})) for one in facts.case.not_looked_at
    )
    blocks: tuple[Block, ...] = (Bullets(items),) if items else (Paragraph(_("Nothing is listed.")),)
    return Section("not-looked-at", _("What was not looked at"), blocks)


def _quality(facts: AnswerFacts) -> Section:
    noticed = [one for one in facts.case.quality if one.get("light") in ("yellow", "red")]
    unknown = sum(one.get("light") == "not_evaluated" for one in facts.case.quality)
    evaluated = len(facts.case.quality) - unknown
    told = _("{green} of {all} quality checks are good.").format(
        green=number(evaluated - len(noticed)), all=number(evaluated)
    )
    blocks: list[Block] = [Paragraph(told)]
    if unknown:
        sentence = _("{number} checks could not be evaluated: the files lack what they need.")
        blocks.append(Paragraph(sentence.format(number=number(unknown))))
    if noticed:
        rows = tuple(
            (
                f"{vocabulary.metric_name(str(one['name']))} {one.get('sample') or ''}".strip(),
                words.sentence(words.LIGHTS, str(one.get("light")), {}),
                _measured(one),
                vocabulary.said(one["threshold"]) if one.get("threshold") else "–",
            )
            for one in noticed
        )
        columns = (_("Check"), _("Light"), _("Value"), _("Limit"))
        blocks.append(Table(_("Checks that are not good"), columns, rows, frozenset({2})))
    override = facts.case.quality_override
    if override is not None:
        sentence = _("A red light was overridden by {name}: {reason}")
        blocks.append(Caution(sentence.format(name=override.get("by", "–"), reason=override.get("reason", "–"))))
    return Section("quality", _("Quality"), tuple(blocks))


def _measured(metric: dict[str, Any]) -> str:
    value = metric.get("value")
    return "–" if value is None else f"{number(round(float(value), 3))} {metric.get('unit', '')}".strip()


def _method(facts: AnswerFacts) -> Section:
    case = facts.case
    scope = _("All genes") if case.scope == "all_genes" else _("The panel's genes")
    panel = _("{name}, version {version}, {genes} genes").format(
        name=case.panel_name, version=case.panel_version, genes=number(case.panel_genes)
    )
    rows = [(_("Panel"), panel), (_("Genes looked at"), scope)]
    if case.opened_at is not None:
        rows.append((_("All genes opened"), f"{moment(case.opened_at)}: {case.opening_reason}"))
    counts = (f"{vocabulary.count_name(key)}: {number(found)}" for key, found in case.record_counts.items())
    rows.append((_("Alleles read and kept, and what fell at each step"), "; ".join(counts)))
    rows += [(str(name), str(version)) for name, version in vocabulary.sources(case.versions) if version]
    return Section("method", _("Method and versions"), (Facts(tuple(rows)),))


def _signatures(facts: AnswerFacts) -> Section:
    rows = (
        (_("Interpreted by"), f"{facts.case.author_name}, {moment(facts.case.signed_at)}"),
        (_("Approved by"), f"{facts.case.approver_name}, {moment(facts.case.approved_at)}"),
    )
    return Section("signatures", _("Two signatures"), (Facts(rows),))
