"""The family's answer: large, plain sentences for parents and patient."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.interpretation.inheritance import Mode
from varde_node.clinic import words
from varde_node.clinic.document import Block, Bullets, Document, Paragraph, Section
from varde_node.clinic.facts import NEW, RECESSIVE, AnswerFacts
from varde_node.clinic.pictures import Chance, Figure, chance_picture
from varde_node.formats import day


def family_document(facts: AnswerFacts) -> Document:
    """The whole answer for the family, in the active language."""
    sections = [*_why_new(facts), _found(facts), _means(facts)]
    if facts.recurrence is not None:
        sections.append(_next_child(facts))
    sections += [_not_looked_at(facts), _contact(facts), _data(facts)]
    lead = (
        (_("Answer about"), facts.child.name),
        (_("From"), f"{facts.clinic}, {day(facts.released_at)}"),
    )
    footer = _("This answer was made by {laboratory} and signed by two people.").format(laboratory=facts.laboratory)
    title = _("The answer about {name}").format(name=facts.first_name)
    return Document(title, get_language() or "nb", lead, tuple(sections), footer)


def _why_new(facts: AnswerFacts) -> list[Section]:
    """Why the family gets a new answer."""
    if facts.replaces is None:
        return []
    if facts.case.kind == "reanalysis":
        main = _("We have looked at the test again. This answer replaces the one you had before.")
    else:
        main = _("The answer you had before was not right. This one replaces it.")
    more = [Paragraph(facts.case.reason, own_words=True)] if facts.case.reason else []
    return [Section("version", _("This is a new answer"), (Paragraph(main, strong=True), *more))]


def _found(facts: AnswerFacts) -> Section:
    name, gene = facts.first_name, facts.case.gene
    match facts.case.conclusion:
        case "explains":
            main = _("We have found the cause of {name}'s disease.").format(name=name)
            more = _cause(facts)
        case "possible":
            main = _("We have found something that may be the cause of {name}'s disease, but we are not certain.")
            main = main.format(name=name)
            more = [_("It is a change in the gene {gene}.").format(gene=gene)] if gene else []
            more.append(_("We do not know enough about this change yet. It may turn out to mean nothing."))
        case _:
            main = _("We have not found a certain cause of {name}'s disease.").format(name=name)
            more = [_("This does not mean that there is no cause. There is much that we cannot see or understand yet.")]
    return Section(
        "found", _("What we found"), (Paragraph(main, strong=True), *(Paragraph(sentence) for sentence in more))
    )


def _cause(facts: AnswerFacts) -> list[str]:
    name, gene, mode = facts.first_name, facts.case.gene, facts.mode
    sentences = [_("A gene is a recipe that the body works by. The cause lies in the gene {gene}.").format(gene=gene)]
    if mode in RECESSIVE and not facts.parents_seen:
        sentences.append(_("{name} has two changes in this gene.").format(name=name))
    elif mode is Mode.COMPOUND_HETEROZYGOUS:
        sentences.append(
            _("{name} has two changes in this gene: one from the mother and one from the father.").format(name=name)
        )
        sentences += _healthy_carriers(facts)
    elif mode is Mode.HOMOZYGOUS_RECESSIVE:
        sentences.append(
            _("{name} has the same change in both copies of this gene, one from each of you.").format(name=name)
        )
        sentences += _healthy_carriers(facts)
    elif mode in RECESSIVE:
        sentences.append(_("{name} has two changes in this gene.").format(name=name))
    elif mode in NEW:
        sentences.append(
            _("The change is new in {name}. We did not find it in the mother or the father.").format(name=name)
        )
    elif mode is Mode.X_LINKED_RECESSIVE and facts.parents_seen and not facts.affected.get("mother"):
        sentences.append(
            _(
                "The gene lies on the X chromosome. {name} has the change from the mother. She has another copy that "
                "works, and is therefore healthy."
            ).format(name=name)
        )
    elif mode is Mode.X_LINKED_RECESSIVE_FEMALE and facts.parents_seen:
        sentences.append(_("{name} has one change from the mother and one from the father.").format(name=name))
    elif mode is Mode.DOMINANT_INHERITED and facts.parents_seen:
        sentences.append(_("One of the parents has the same change. It can show differently from person to person."))
    elif mode is Mode.MITOCHONDRIAL:
        sentences.append(_("The gene lies in the cell's power stations, the mitochondria."))
    sentences.append(_("Nobody could have prevented this. It is nothing that you have done or not done."))
    return sentences


def _healthy_carriers(facts: AnswerFacts) -> list[str]:
    if facts.affected.get("mother") or facts.affected.get("father"):
        return []
    return [_("Each of you has one change, and one copy of the gene that works. Therefore you are healthy.")]


def _means(facts: AnswerFacts) -> Section:
    name = facts.first_name
    if facts.explains:
        sentences = [
            _("You now know why {name} is ill. Many find it good to have a name for the cause.").format(name=name),
            _("The doctor talks with you about what it means for {name}, and about the follow-up.").format(name=name),
        ]
    elif facts.case.conclusion == "possible":
        sentences = [
            _("The answer does not change {name}'s follow-up by itself. The doctor talks with you about it.").format(
                name=name
            ),
            _("When more is known, the answer may become clearer. Ask the clinic when it should be looked at again."),
        ]
    else:
        sentences = [
            _("{name}'s follow-up goes on as before. The doctor talks with you about the way ahead.").format(name=name),
            _("What we know about genes grows every year. Ask the clinic when it should be looked at again."),
        ]
    heading = _("What it means for {name}").format(name=name)
    return Section("means", heading, tuple(Paragraph(sentence) for sentence in sentences))


def _next_child(facts: AnswerFacts) -> Section:
    recurrence = facts.recurrence or {}
    key = recurrence["key"]
    sentence = words.sentence(words.FAMILY_RECURRENCE, key, recurrence.get("parameters", {}), name=facts.first_name)
    blocks: list[Block] = [Paragraph(sentence, strong=True)]
    chance = _chance(key)
    if chance is not None:
        blocks.append(chance_picture(chance, " ".join(f"{text}." for _figure, text in chance.legend)))
    blocks.append(Paragraph(_("You can have genetic counselling before a new pregnancy. Ask the clinic.")))
    if recurrence.get("prenatal_options"):
        blocks.append(
            Paragraph(
                _(
                    "It is possible to examine a pregnancy, or fertilised eggs before a pregnancy. Nobody has to. The "
                    "counsellor can tell you what it involves, and you decide."
                )
            )
        )
    return Section("next-child", _("If you want more children"), tuple(blocks))


def _chance(key: str) -> Chance | None:
    ill, carrier, neither = Figure.ILL, Figure.CARRIER, Figure.NEITHER
    match key:
        case "recurrence.recessive":
            return Chance(
                (ill, carrier, carrier, neither),
                (
                    (ill, _("1 of 4 gets the disease")),
                    (carrier, _("2 of 4 are healthy and carry one change")),
                    (neither, _("1 of 4 has none of the changes")),
                ),
            )
        case "recurrence.dominant" | "recurrence.x_recessive_female":
            return Chance((ill, neither), ((ill, _("1 of 2 gets the change")), (neither, _("1 of 2 does not"))))
        case "recurrence.x_recessive":
            return Chance(
                (ill, neither, carrier, neither),
                (
                    (ill, _("Of two sons: 1 gets the disease, 1 does not")),
                    (carrier, _("Of two daughters: 1 is a healthy carrier, 1 is not")),
                ),
            )
        case "recurrence.de_novo":
            return Chance((ill, *(neither,) * 99), ((ill, _("About 1 of 100 gets the disease")),))
    return None


def _not_looked_at(facts: AnswerFacts) -> Section:
    items = tuple(
        words.sentence(words.FAMILY_LIMITS, one["key"], one.get("parameters", {}), name=facts.first_name)
        for one in facts.case.not_looked_at
    )
    lead = Paragraph(_("No examination sees everything. This was not looked at:"))
    return Section("not-looked-at", _("What we did not look at"), (lead, Bullets(items)) if items else ())


def _contact(facts: AnswerFacts) -> Section:
    sentences = (
        _("Call {clinic} and ask for {clinician}.").format(clinic=facts.clinic, clinician=facts.clinician),
        _("Write down your questions when you think of them, and take them with you."),
    )
    return Section("contact", _("Whom you can ask"), tuple(Paragraph(sentence) for sentence in sentences))


def _data(facts: AnswerFacts) -> Section:
    sentences = [_("The answer is kept in {name}'s record.").format(name=facts.first_name)]
    if facts.counted is True:
        sentences.append(
            _(
                "You have agreed that your variants are counted in the anonymous register. Only numbers are kept "
                "there: no names, and nothing that points to you. You can change your mind."
            )
        )
    elif facts.counted is False:
        sentences.append(_("Your variants are not counted in the register, because you have not agreed to it."))
    sentences.append(_("You can always see who has looked at the data."))
    return Section("data", _("What happens with the data"), tuple(Paragraph(sentence) for sentence in sentences))
