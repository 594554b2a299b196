"""The anonymity report of a release in the reader's language: the library's sentences and pictures, by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from varde.frequency.release import report
from varde.genome.message import Message
from varde_node.formats import number
from varde_node.registers.frequency.public_words import GATE_SENTENCES, written

TEXTS: dict[str, str | Promise] = {
    **GATE_SENTENCES,
    "title": _("What release {release} of the register tells of the people in it"),
    "heading_told": _("What it tells"),
    "heading_how": _("How the risk was measured"),
    "heading_worst": _("The person who stands out most"),
    "heading_difference": _("Compared with the release before"),
    "heading_limits": _("What is not told, and what this does not say"),
    "heading_recognised": _("How many would be recognised"),
    "heading_check": _("Check it yourself"),
    "content": _(
        "{people} people are counted. {sets} of {offered} genes on offer are told of, with {released} variants in a "
        "frequency bin; {below} more were seen so rarely that the answer for them is the answer for a variant that "
        "nobody carries."
    ),
    "content_none": _("{people} people are counted. No gene is told of."),
    "protects": _(
        "In place of counts there are bins (scheme {scheme}); the lowest bin also holds every variant that fewer than "
        "{k} people carry or that fewer than {regions} regions have seen. Allele numbers are rounded to {rounding}. "
        "Nothing tells which variants one person has together."
    ),
    "how": _(
        "How it was measured: with the whole genome of each of {members} people in the register and of {held_out} "
        "people who were kept out of it, we tried to tell the two apart by what is published, with the likelihood "
        "ratio of the bins and of what is told of homozygotes. Guessing would recognise 5 of 100 at 5 false alarms of "
        "100. Genes were added in their order until the first that did not pass."
    ),
    "attacker_population": _("Somebody who knows the frequencies of the population"),
    "attacker_linkage": _("The same who, of every {bases} bases, uses only the variant that tells most"),
    "attacker_outside": _("Somebody who knows the frequencies of another register"),
    "attacker_previous": _("Somebody who takes the release before for the frequencies of the population"),
    "attacker_file": _("Somebody who also holds the very file that was counted and knows where it was callable"),
    "attacker_both": _("Somebody who has this release and the one before"),
    "people_members": _("people in the register"),
    "people_relatives": _("children of theirs, simulated"),
    "estimate": _("{estimate} % (90 % interval {low} to {high})"),
    "not_estimable": _("not estimable with {held_out} people held out"),
    "at_fpr": _("{fpr} % false alarms"),
    "worst": _(
        "The person in the register who is easiest to recognise scores {z} standard deviations above a stranger; of "
        "those held out, the highest scores {z_held_out}. {beyond} % of the people in the register score above every "
        "one held out. Who they are is not known to this report."
    ),
    "difference": _(
        "Compared with release {previous}: {added} people came, {withdrawn} went, and {changed} variants are in "
        "another bin. By the formula for exact counts, which bins keep below, somebody who has both releases would "
        "recognise {power} % of those who came or went."
    ),
    "difference_measured": _(
        "Compared with release {previous}: {added} people came, {withdrawn} went, and {changed} variants are in "
        "another bin. Somebody who has both releases recognises {power} % of those who came (90 % interval {low} to "
        "{high}) at 5 false alarms of 100."
    ),
    "difference_none": _(
        "Compared with release {previous}: {added} people came, {withdrawn} went, and {changed} variants are in "
        "another bin."
    ),
    "first": _("There is no release before this one to compare with."),
    "gone": _(
        "Of those who went nothing is kept, so they could not be scored themselves. People held out stood for them, "
        "with genotypes turned into those of somebody who went: of these, somebody who has both releases recognises "
        "{power} % (90 % interval {low} to {high}) at 5 false alarms of 100."
    ),
    "no_groups": _(
        "No frequency of a disease group, of one sex or of one region is published, and no structural variant: every "
        "answer is about everybody together, so nothing follows of a group by subtraction."
    ),
    "limits": _(
        "What this measure does not tell: an attacker who models in full how variants go together, or who uses family "
        "trees, may do better; the earlier interpretations told beside the bins are no part of it; whether the law "
        "calls data of this kind free of personal data is decided by the controller, not by a number."
    ),
    "reproduce": _("The figures can be made again from the same counts by this command; chance has the seed {seed}."),
    "verify": _("Whoever has fetched the release verifies it by these commands, with the register's public key."),
    "figure_scores": _("Scores of people in the register and of people held out"),
    "figure_scores_about": _(
        "The more the two lie apart, the easier somebody is recognised. The outermost bars hold all beyond them."
    ),
    "figure_roc": _("Recognised people against false alarms"),
    "figure_roc_about": _("On the dashed line the attacker only guesses."),
    "figure_trade_off": _("What telling more would cost"),
    "figure_trade_off_about": _("Recognised people at 5 false alarms of 100, by the number of variants told of."),
    "axis_score": _("standard deviations"),
    "axis_share": _("share of people"),
    "axis_false_alarms": _("false alarms"),
    "axis_recognised": _("recognised"),
    "axis_sites": _("variants told of"),
    "members": _("in the register"),
    "held_out": _("held out"),
}
"""By the key of ``varde.frequency.release.words``; a test holds the two together."""


@dataclass(frozen=True)
class Attack:
    """One line of the table: who attacks whom, and what they achieve at each share of false alarms."""

    attacker: str
    people: str
    powers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picture:
    """A drawing with its heading and what it tells."""

    title: str
    about: str
    drawn: SafeString


@dataclass(frozen=True)
class Report:
    """Everything that the report says; ``opening`` is the decision in one sentence."""

    opening: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    """Headings, and the paragraphs below each."""
    attacks: tuple[Attack, ...]
    pictures: tuple[Picture, ...]
    seed: int
    command: str


@dataclass(frozen=True)
class Difference:
    """What changed since the release before: ``changed`` sites in another bin, of ``batch`` people.

    ``power`` is what somebody with both releases achieves at 5 % false alarms by the formula, None where nothing tells.
    """

    previous: str
    sentence: str
    changed: int
    batch: int
    power: float | None
    added: int
    withdrawn: int
    genes_new: tuple[str, ...]
    genes_gone: tuple[str, ...]


def report_of(manifest: Mapping[str, Any]) -> Report:
    """The report of a measured release."""
    words = {key: str(text) for key, text in TEXTS.items()}
    drawn = report.figures(manifest, words, _at_axis)
    names = [name for name in ("scores", "roc", "trade_off") if any(f"release-{_dashed(name)}" in one for one in drawn)]
    return Report(
        say(report.opening(manifest)),
        tuple((say(one.heading), tuple(map(say, one.paragraphs))) for one in report.sections(manifest)),
        tuple(
            Attack(say(row.attacker), say(row.people), tuple((say(fpr), say(power)) for fpr, power in row.powers))
            for row in report.rows(manifest)
        ),
        tuple(
            # Every word is escaped by the library's primitives.
            Picture(words[f"figure_{name}"], words[f"figure_{name}_about"], mark_safe(svg))  # noqa: S308
            for name, svg in zip(names, drawn, strict=True)
        ),
        manifest["seed"],
        report.command_of(manifest),
    )


def difference_of(manifest: Mapping[str, Any], before: Mapping[str, Any] | None) -> Difference | None:
    """The difference from the release before, whose manifest is ``before``; None for the first."""
    previous, found = manifest["previous"], manifest["measured"]["difference"] or {}
    if previous is None:
        return None
    now = set(manifest["sites"]["sets_released"])
    then = set(before["sites"]["sets_released"]) if before else set()
    return Difference(
        previous=previous["release"],
        sentence=say(report.difference(manifest)),
        changed=found.get("changed", 0),
        batch=found.get("batch", 0),
        power=found.get("power_by_formula"),
        added=manifest["batch"]["added"],
        withdrawn=manifest["batch"]["withdrawn"],
        genes_new=tuple(sorted(now - then)),
        genes_gone=tuple(sorted(then - now)),
    )


def say(message: Message) -> str:
    """A message of the library in the reader's language, with numbers as they are written there."""
    values = {name: written(value) for name, value in message.parameters}
    return str(TEXTS[message.key]).format(**values)


def _at_axis(value: float) -> str:
    return number(int(value)) if float(value).is_integer() else written(f"{value:.2g}")


def _dashed(name: str) -> str:
    return name.replace("_", "-")
