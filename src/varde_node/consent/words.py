"""What the portal says, in plain words: the choices with what follows from them, and what each look was for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde.consent import Purpose
from varde_node.consent.models import EntryKind, Means


@dataclass(frozen=True)
class ChoiceWords:
    """A purpose as a switch: what it is, what holds now, and what follows from turning it the other way."""

    title: str | Promise
    now_on: str | Promise
    now_off: str | Promise
    turned_off: str | Promise
    turned_on: str | Promise


CHOICES: dict[Purpose, ChoiceWords] = {
    Purpose.CARE_PANEL: ChoiceWords(
        _("Examine the genes that fit"),
        _("The laboratory may look at the genes that can explain what the examination is for."),
        _("The laboratory may not look at any genes."),
        _("No new examination is begun. An answer that is given already stays in the health record."),
        _("The doctor can order the examination."),
    ),
    Purpose.CARE_ALL_GENES: ChoiceWords(
        _("Look at all genes if no answer is found"),
        _(
            "If the first genes give no answer, the laboratory may look at all of them. It writes down why, and you "
            "see it."
        ),
        _("The laboratory stays with the genes that fit, also when they give no answer."),
        _("All genes cannot be opened any more. What was found before stays in the health record."),
        _("The laboratory may open all genes, in the data that exist already. No new blood sample is needed."),
    ),
    Purpose.INCIDENTAL_FINDINGS: ChoiceWords(
        _("Tell us about other findings"),
        _(
            "You are told of findings that can be treated or prevented, even if they have nothing to do with the "
            "examination."
        ),
        _("Findings outside the examination are not searched for, and you are not told of any."),
        _("You are told of no more such findings. What you know already cannot be taken back."),
        _("You are told of such findings in answers that are not yet given."),
    ),
    Purpose.MATCHMAKING: ChoiceWords(
        _("Ask whether others have the same"),
        _(
            "The laboratory may ask hospitals in the EEA whether they know somebody with the same gene. It sends the "
            "gene and the signs, without name or number."
        ),
        _("Nobody outside is asked, and nothing of you is sent."),
        _(
            "Nobody more is asked, and nobody who asks is told of you. What a hospital has been told cannot be "
            "called back."
        ),
        _("The laboratory may ask about the gene that it suspects."),
    ),
    Purpose.REGISTER_COUNT: ChoiceWords(
        _("Count in the anonymous frequency register"),
        _("When an answer is signed, the variants are counted: only numbers, no name and nothing that leads back."),
        _("Nothing is counted."),
        _(
            "Nothing more is counted, and the laboratory takes out what was. Figures that somebody has read or printed "
            "before that cannot be called back."
        ),
        _("The variants are counted when the next answer is signed."),
    ),
}

KINDS: dict[str, str | Promise] = {
    EntryKind.GIVEN: _("Consent given"),
    EntryKind.CHANGED: _("Choices changed"),
    EntryKind.WITHDRAWN: _("Consent withdrawn"),
}
MEANS: dict[str, str | Promise] = {
    Means.PORTAL: _("here on My page"),
    Means.DESK: _("in a conversation at the clinic"),
    Means.PAPER: _("on paper"),
}

CONSENTS_WHAT = _("Choices about consent, every one with its time")
CONSENTS_WHERE = _("on this node, in the hospital's own database")
CONSENTS_WHY = _("to be able to show what you agreed to, and when")

STOPS: tuple[str | Promise, ...] = (
    _("No new examination is begun, and all genes cannot be opened."),
    _("No other findings are searched for or told."),
    _("Nothing more is counted in the frequency register, and the laboratory takes out what was."),
)
STAYS: tuple[str | Promise, ...] = (
    _("Answers that are given stay in the health record: the law requires it, and it does not rest on this consent."),
    _("The list of who has looked stays, so that you can still see it."),
    _("Figures from the register that somebody has read or printed cannot be called back. No one can see you in them."),
    _("What you and your family know already cannot be made unknown."),
)

ACTIONS: dict[str, str | Promise] = {
    "clinic.order.write": _("Wrote an order for an examination"),
    "clinic.order.read": _("Read the order"),
    "clinic.order.sign": _("Signed the order"),
    "clinic.order.cancel": _("Cancelled the order"),
    "clinic.patient.look_up": _("Looked up who you are, to write an order"),
    "clinic.consent.record": _("Wrote down what you agreed to"),
    "clinic.counselling.record": _("Wrote down the talk of genetic counselling"),
    "clinic.answer.read": _("Read the answer"),
    "clinic.answer.share": _("Made the answer ready for the family"),
    "clinic.answer.fhir": _("Fetched the answer for the health record"),
    "clinic.family_answer.read": _("Read the answer written for the family"),
    "consent.person.read": _("Looked at what you have agreed to"),
    "consent.entry.record": _("Wrote down a choice about consent"),
    "consent.entry.withdraw": _("Withdrew a consent"),
    "lab.work_list.read": _("Saw the case in the laboratory's work list"),
    "lab.case.open": _("Opened a case in the laboratory"),
    "lab.case.cancel": _("Stopped the case in the laboratory"),
    "lab.case.read": _("Looked at the case in the laboratory"),
    "lab.case.count": _("Counted variants in the anonymous register"),
    "lab.case.open_all_genes": _("Opened all genes"),
    "lab.sample.read": _("Looked at the samples"),
    "lab.sample.receive": _("Registered that a sample arrived"),
    "lab.file.read": _("Looked at which files of genetic data there are"),
    "lab.file.upload": _("Brought in the file with genetic data"),
    "lab.quality.read": _("Checked the quality of the data"),
    "lab.quality.override": _("Let the case go on in spite of weak quality"),
    "lab.panel.read": _("Looked at variants in the genes that fit"),
    "lab.candidates.read": _("Looked at the variants that may explain it"),
    "lab.trace.read": _("Looked at why variants were left out"),
    "lab.variant.read": _("Looked closely at a variant"),
    "lab.variant.assess": _("Judged a variant"),
    "lab.interpretation.read": _("Read the interpretation"),
    "lab.interpretation.sign": _("Signed the interpretation"),
    "lab.interpretation.approve": _("Approved the interpretation as the second reader"),
    "lab.interpretation.return": _("Sent the interpretation back to be mended"),
    "lab.assessment.reconfirm": _("Confirmed again how a variant was judged"),
    "lab.attachment.read": _("Opened an attachment of the case"),
    "lab.attachment.write": _("Added or withdrew an attachment of the case"),
    "lab.case.assign": _("Took over or handed over the work on the case"),
    "lab.case.reopen": _("Opened the case again, to correct it or to look anew"),
    "lab.chain.choose": _("Chose which filters the case is read with"),
    "lab.comment.write": _("Wrote a note about the case"),
    "lab.confirmation.order": _("Ordered that a finding is confirmed by another method"),
    "lab.confirmation.record": _("Wrote down whether another method confirmed the finding"),
    "lab.coverage.read": _("Looked at what the examination could not read"),
    "lab.discussion.read": _("Read what laboratory and clinic write to each other"),
    "lab.discussion.write": _("Wrote to the laboratory or the clinic about the case"),
    "lab.panel.change": _("Changed which genes are looked at first"),
    "lab.phenotype.change": _("Changed the signs that the examination goes by"),
    "lab.phenotype.read": _("Looked at the signs that the examination goes by"),
    "lab.pipeline.read": _("Followed how the samples' data are worked on"),
    "lab.pipeline.run": _("Started the work from raw data to variants"),
    "lab.quality.import": _("Brought in files about the quality of the data"),
    "lab.reference.write": _("Noted an article for the case"),
    "lab.repeats.read": _("Looked at repeated pieces of genes"),
    "lab.structural.assess": _("Judged a large change in the genes"),
    "lab.structural.read": _("Looked at large changes in the genes"),
    "lab.table.export": _("Took out a list from the laboratory"),
    "lab.variant.dismiss": _("Put a variant aside, with a reason"),
    "lab.matchmaking.read": _("Looked at what other hospitals answered"),
    "lab.matchmaking.share": _("Chose what other hospitals may be told, without your name"),
    "lab.matchmaking.ask": _("Asked other hospitals about somebody with the same gene"),
    "lab.matchmaking.answer": _("A hospital asked, and was told of the gene and the signs, without your name"),
    "people.trail.read_own": _("Read this list"),
    "people.trail.search": _("Searched the access log, as supervision"),
    "registers.contribution.withdraw": _("Took a contribution out of the anonymous register"),
}
"""What somebody did, for the person it was about; every action that can concern a person has its words."""


def action_words(action: str) -> str | Promise:
    """What somebody did, in plain words."""
    return ACTIONS.get(action, _("Looked at information about you"))
