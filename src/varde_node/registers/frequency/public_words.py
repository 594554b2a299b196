"""What a public release says, in words for everybody: plain sentences first, and for all that is hidden the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from varde.frequency.release import layout
from varde.frequency.release.answers import AtLeast, PublicAnswer, PublicState
from varde.frequency.release.read import Release
from varde.frequency.release.sums import SIGNATURE, SUMS
from varde.genome.alleles import Variant
from varde.genome.builds import X, Y
from varde_node.formats import number, percent
from varde_node.registers.frequency.drawing import as_picture, bin_svg
from varde_node.registers.frequency.words import COMMON, between, one_in

_DECIMAL = re.compile(r"-?\d+\.\d+")

PARAMETERS: dict[str, str | Promise] = {
    "scheme": gettext_lazy("Edges of the bins"),
    "lowest_edge": gettext_lazy("Copies from which a bin may begin"),
    "people_per_site": gettext_lazy("Fewest people who carry a change that is told of"),
    "regions_per_site": gettext_lazy("Fewest health regions it was seen in"),
    "an_rounding": gettext_lazy("Copies read are rounded to"),
    "hysteresis": gettext_lazy("A bin changes only when the count has left it clearly"),
    "least_people": gettext_lazy("Fewest people in a release"),
    "least_group": gettext_lazy("Fewest people in a group whose size is told"),
    "least_batch": gettext_lazy("Fewest people who came or went since the release before"),
    "least_batch_share": gettext_lazy("the same, as a share of the release before"),
    "passes_up_to": gettext_lazy("Greatest risk that may be called anonymous"),
    "accepted_up_to": gettext_lazy("Greatest risk that anybody may accept"),
    "coverage_block": gettext_lazy("Bases that share one number of copies read"),
    "least_laboratories": gettext_lazy("Fewest laboratories behind an interpretation"),
    "seed": gettext_lazy("Seed of the measurement, to repeat it"),
}


GATE_SENTENCES: dict[str, str | Promise] = {
    "gate_passed": gettext_lazy(
        "This release is anonymous by the measure that the register has set itself: somebody who already"
        " holds a person's whole genome, and raises a false alarm for 5 of 100 people who are not in the"
        " register, recognises at most {upper} of 100 who are, by the strongest attack that we tried and with"
        " a certainty of 95 %."
    ),
    "gate_accepted": gettext_lazy(
        "This release may not carry the label that releases below {limit} % carry: somebody who already "
        "holds a person's whole genome would recognise up to {upper} of 100 people in it at 5 false "
        "alarms of 100. It is public because the {role} accepted this, with the reason: {reason}"
    ),
    "gate_needs_acceptance": gettext_lazy(
        "Nothing is published. Somebody who already holds a person's whole genome would recognise up to "
        "{upper} of 100 people at 5 false alarms of 100. Up to {passes} is let through; up to {accepted}"
        " needs that somebody answerable accepts it in writing, and nobody has."
    ),
    "gate_too_high": gettext_lazy(
        "Nothing is published. Somebody who already holds a person's whole genome would recognise up to "
        "{upper} of 100 people at 5 false alarms of 100; above {limit} nobody may accept the risk."
    ),
    "gate_not_estimable": gettext_lazy(
        "Nothing is published. The risk could not be measured: too few people were held out of the "
        "counts to compare with."
    ),
    "gate_too_few_people": gettext_lazy(
        "Nothing is published. There are {people} people in the register, and a release needs {least}."
    ),
    "gate_batch_too_small": gettext_lazy(
        "Nothing is published. {changed} people came or went since release {previous}, and at least "
        "{least} must: whoever compares two releases would otherwise find them out."
    ),
    "gate_nothing_fits": gettext_lazy(
        "Nothing is published. Not even the first gene in the order of priority passes the measure."
    ),
}
"""What the gate decided, by the key of ``varde.frequency.release.words``; a test holds the two together."""


FILES: dict[str, str | Promise] = {
    layout.MANIFEST: gettext_lazy("what the release is made of and by, with every figure that was measured"),
    layout.REPORT: gettext_lazy("the anonymity report, in English"),
    SUMS: gettext_lazy("checksums of these files"),
    SIGNATURE: gettext_lazy("the register's signature over the checksums"),
    layout.VCF: gettext_lazy("all variants that are told of, as VCF"),
    layout.INDEX: gettext_lazy("the same, for “varde annotate”"),
    layout.SITE_SETS: gettext_lazy("the genes that are told of"),
    layout.COVERAGE: gettext_lazy("how many copies were read, by place"),
    layout.INTERPRETATIONS: gettext_lazy("classes that laboratories have set"),
}


@dataclass(frozen=True)
class Said:
    """An answer in words: the shape of its tag, the short answer, and what it means."""

    shape: str
    word: str
    headline: str
    sentence: str


@dataclass(frozen=True)
class Risk:
    """The measured risk of a release in words. ``powers``: false alarms, found, from and to, or no figure."""

    sentence: str
    passed: bool
    powers: tuple[tuple[str, str, str], ...]
    people: str
    batch: str


def answer_words(answer: PublicAnswer) -> Said:
    """The plain sentences of an answer."""
    if answer.state is PublicState.IN_BIN:
        low, high = between(answer.af_low or 0.0, answer.af_high or 1.0)
        sentence = _(
            "Of about %(an)s copies of this place that were read, %(low)s to %(high)s carry the change. Everybody has "
            "two copies of most places."
        ) % {
            "an": number(answer.an),
            "low": number(answer.ac_low),
            # The bin's upper edge does not know how many copies were read.
            "high": number(min(answer.ac_high or 0, answer.an or 0)),
        }
        ends = {"low": low, "high": high}
        in_percent = (answer.af_high or 1.0) >= COMMON
        headline = (
            _("Between about %(low)s and %(high)s of the copies")
            if in_percent
            else _("Between about %(low)s and %(high)s copies")
        )
        return Said("info", _("Seen"), headline % ends, sentence)
    if answer.state is PublicState.BELOW:
        fewer = (answer.ac_high or 0) + 1
        share = one_in(min(fewer / (answer.an or 1), 1.0))
        sentence = _(
            "Of about %(an)s copies of this place that were read, fewer than %(fewer)s carry the change. Whether "
            "nobody carries it or a few people do is not told: the answer is the same, so that nobody can be found out."
        ) % {"an": number(answer.an), "fewer": number(fewer)}
        return Said("ok", _("Rare or not seen"), _("Fewer than %(share)s, or nobody") % {"share": share}, sentence)
    if answer.state is PublicState.NOT_COVERED:
        return Said(
            "warn",
            _("Not read"),
            _("Nothing can be said"),
            _("This place was read well enough in too few people. That is not the same as nobody having the change."),
        )
    return Said(
        "plain",
        _("Not in this release"),
        _("Nothing is told of this place"),
        _(
            "The release tells of chosen genes only, because telling of more would make people recognisable. Whatever "
            "is here, the answer outside of those genes is this one."
        ),
    )


def bin_words(row: Mapping[str, Any]) -> str:
    """A row's bin as people say it."""
    low, high = between(row["af_low"], row["af_high"])
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def bin_picture(answer: PublicAnswer) -> SafeString:
    """The bin on a log axis."""
    low, high = answer.af_low or 0.0, answer.af_high or 0.0
    said = answer_words(answer)
    return as_picture(bin_svg(low, high, title=_("How common, on a log axis"), description=said.headline))


def least_people(release: Release) -> int:
    """Fewest people of whom a release tells that they are there."""
    return int(release.manifest["parameters"]["people_per_site"]["value"])


def row_words(row: Mapping[str, Any], release: Release) -> dict[str, str]:
    """A row's people and filtering frequency in words: ``homozygous``, ``hemizygous`` and ``faf``."""
    least = least_people(release)
    words = [_("at least %(least)s") % {"least": least}, _("fewer than %(least)s, or nobody") % {"least": least}]
    return {
        "homozygous": words[0] if row["homozygotes"] else words[1],
        "hemizygous": words[0] if row["hemizygotes"] else words[1],
        "faf": share(row["faf95_at_most"]),
    }


def share(value: float) -> str:
    """A share as percent with three digits that count."""
    decimals = 0 if value <= 0 else max(0, min(2 - math.floor(math.log10(value * 100)), 8))
    return percent(value, decimals)


def hidden(answer: PublicAnswer, release: Release, variant: Variant) -> tuple[tuple[str, str, str], ...]:
    """What a reader might look for, what is told of it, and why no more."""
    if answer.state in (PublicState.NOT_IN_RELEASE, PublicState.NOT_COVERED):
        return ()
    least = least_people(release)
    people = {
        AtLeast.FEWER_THAN_K: _("fewer than %(least)s people, or nobody") % {"least": least},
        AtLeast.AT_LEAST_K: _("at least %(least)s people") % {"least": least},
    }
    few = _("A small number could point to a family.")
    rows = [
        (
            _("The exact count"),
            _("hidden: a range is told instead"),
            _("Exact counts of many places, added up, recognise a person whose genome somebody has."),
        ),
        (
            _("Copies read"),
            _("about %(an)s") % {"an": number(answer.an)},
            _("Rounded to hundreds, so that a change of one person does not show."),
        ),
        (
            _("Filtering frequency (faf95)"),
            _("at most %(share)s") % {"share": share(answer.faf95_at_most or 0.0)},
            _(
                "The true frequency is not lower than faf95, with a certainty of 95 %; laboratories compare it with "
                "what a disease allows. The exact one would give the count away, so this is the highest that it can be."
            ),
        ),
        (_("People with the change in both copies"), people[answer.homozygotes or AtLeast.FEWER_THAN_K], few),
    ]
    if variant.contig in (X, Y):
        told = people[answer.hemizygotes or AtLeast.FEWER_THAN_K]
        rows.append((_("People with one copy, and the change in it"), told, few))
    rows.append(
        (
            _("By sex, disease group and health region"),
            _("hidden"),
            _("Parts and the whole together would give small numbers away by subtraction."),
        )
    )
    return tuple(rows)


def risk(release: Release) -> Risk:
    """The measured risk of a release."""
    manifest = release.manifest
    gate, measured = manifest["gate"], manifest["measured"]
    batch = manifest["batch"]
    return Risk(
        sentence=gate_sentence(gate),
        passed=gate["verdict"] == "passed",
        powers=tuple(_power(one) for one in _strongest(measured)),
        people=number(manifest["people"]["all"]),
        batch=_batch(batch["added"] + batch["withdrawn"]) if manifest["previous"] else _("This is the first release."),
    )


def _batch(people: int) -> str:
    said = ngettext(
        "%(people)s person came or went since the release before.",
        "%(people)s people came or went since the release before.",
        people,
    )
    return said % {"people": number(people)}


def gate_sentence(gate: Mapping[str, Any]) -> str:
    """What the gate decided, in the reader's language where the sentence is known."""
    known = GATE_SENTENCES.get(gate["sentence_key"])
    told = {name: written(value) for name, value in gate["sentence_parameters"].items()}
    return str(known).format(**told) if known else str(gate["sentence"])


def written(value: object) -> str:
    """A value of the library's sentences with numbers as the reader's language writes them; other text as it is."""
    if isinstance(value, int):
        return number(value)
    text = str(value)
    if _DECIMAL.fullmatch(text):
        return number(float(text), len(text.partition(".")[2]))
    return text


def parameters(release: Release) -> tuple[tuple[str | Promise, str, str], ...]:
    """The figures that the release was built by: name, value and unit."""
    rows = release.manifest["parameters"].items()
    return tuple((PARAMETERS.get(name, name), _value(entry["value"]), name) for name, entry in rows)


def file_words(path: str) -> str | Promise:
    """What a file of a release holds; empty where its name says it."""
    return FILES.get(path, "")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return percent(value, 0)
    return number(value) if isinstance(value, int) else str(value)


def _strongest(measured: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """At each rate of false alarms the attack that finds most."""
    best: dict[float, Mapping[str, Any]] = {}
    for attack in measured["attacks"]:
        for power in attack["risk"]["members"]:
            rate, found = power["fpr"], power["estimate"]
            held = best.get(rate)
            if held is None or (found is not None and (held["estimate"] is None or found > held["estimate"])):
                best[rate] = power
    return [best[rate] for rate in sorted(best, reverse=True)]


def _power(power: Mapping[str, Any]) -> tuple[str, str, str]:
    alarms = percent(power["fpr"], 1 if power["fpr"] < 0.01 else 0)
    if power["estimate"] is None:
        return alarms, _("cannot be estimated"), _("too few people were held out to compare with")
    interval = _("%(low)s to %(high)s") % {"low": percent(power["low"], 1), "high": percent(power["high"], 1)}
    return alarms, percent(power["estimate"], 1), interval
