"""What reports and manifests say, as English templates with stable keys; the node translates them by key."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "title": "What release {release} of the register tells of the people in it",
    "gate_passed": (
        "This release is anonymous by the measure that the register has set itself: somebody who already holds a "
        "person's whole genome, and raises a false alarm for 5 of 100 people who are not in the register, recognises "
        "at most {upper} of 100 who are, by the strongest attack that we tried and with a certainty of 95 %."
    ),
    "gate_accepted": (
        "This release may not carry the label that releases below {limit} % carry: somebody who already holds a "
        "person's whole genome would recognise up to {upper} of 100 people in it at 5 false alarms of 100. It is "
        "public because the {role} accepted this, with the reason: {reason}"
    ),
    "gate_needs_acceptance": (
        "Nothing is published. Somebody who already holds a person's whole genome would recognise up to {upper} of 100 "
        "people at 5 false alarms of 100. Up to {passes} is let through; up to {accepted} needs that somebody "
        "answerable accepts it in writing, and nobody has."
    ),
    "gate_too_high": (
        "Nothing is published. Somebody who already holds a person's whole genome would recognise up to {upper} of 100 "
        "people at 5 false alarms of 100; above {limit} nobody may accept the risk."
    ),
    "gate_not_estimable": (
        "Nothing is published. The risk could not be measured: too few people were held out of the counts to compare "
        "with."
    ),
    "gate_too_few_people": (
        "Nothing is published. There are {people} people in the register, and a release needs {least}."
    ),
    "gate_batch_too_small": (
        "Nothing is published. {changed} people came or went since release {previous}, and at least {least} must: "
        "whoever compares two releases would otherwise find them out."
    ),
    "gate_nothing_fits": ("Nothing is published. Not even the first gene in the order of priority passes the measure."),
    "heading_told": "What it tells",
    "heading_how": "How the risk was measured",
    "heading_worst": "The person who stands out most",
    "heading_difference": "Compared with the release before",
    "heading_limits": "What is not told, and what this does not say",
    "heading_recognised": "How many would be recognised",
    "heading_check": "Check it yourself",
    "content": (
        "{people} people are counted. {sets} of {offered} genes on offer are told of, with {released} variants "
        "in a frequency bin; {below} more were seen so rarely that the answer for them is the answer for a variant "
        "that nobody carries."
    ),
    "content_none": "{people} people are counted. No gene is told of.",
    "protects": (
        "In place of counts there are bins (scheme {scheme}); the lowest bin also holds every variant that fewer than "
        "{k} people carry or that fewer than {regions} regions have seen. Allele numbers are rounded to {rounding}. "
        "Nothing tells which variants one person has together."
    ),
    "how": (
        "How it was measured: with the whole genome of each of {members} people in the register and of "
        "{held_out} people who were kept out of it, we tried to tell the two apart by what is published, with "
        "the likelihood ratio of the bins and of what is told of homozygotes. Guessing would recognise 5 of 100 at 5 "
        "false alarms of 100. Genes were added in their order until the first that did not pass."
    ),
    "attacker_population": "Somebody who knows the frequencies of the population",
    "attacker_linkage": "The same who, of every {bases} bases, uses only the variant that tells most",
    "attacker_outside": "Somebody who knows the frequencies of another register",
    "attacker_previous": "Somebody who takes the release before for the frequencies of the population",
    "attacker_file": "Somebody who also holds the very file that was counted and knows where it was callable",
    "attacker_both": "Somebody who has this release and the one before",
    "people_members": "people in the register",
    "people_relatives": "children of theirs, simulated",
    "estimate": "{estimate} % (90 % interval {low} to {high})",
    "not_estimable": "not estimable with {held_out} people held out",
    "at_fpr": "{fpr} % false alarms",
    "worst": (
        "The person in the register who is easiest to recognise scores {z} standard deviations above a stranger; of "
        "those held out, the highest scores {z_held_out}. {beyond} % of the people in the register score above every "
        "one held out. Who they are is not known to this report."
    ),
    "difference": (
        "Compared with release {previous}: {added} people came, {withdrawn} went, and {changed} variants are in "
        "another bin. By the formula for exact counts, which bins keep below, somebody who has both releases "
        "would recognise {power} % of those who came or went."
    ),
    "difference_measured": (
        "Compared with release {previous}: {added} people came, {withdrawn} went, and {changed} variants are in "
        "another bin. Somebody who has both releases recognises {power} % of those who came (90 % interval {low} to "
        "{high}) at 5 false alarms of 100."
    ),
    "difference_none": (
        "Compared with release {previous}: {added} people came, {withdrawn} went, and {changed} variants are in "
        "another bin."
    ),
    "first": "There is no release before this one to compare with.",
    "gone": (
        "Of those who went nothing is kept, so they could not be scored themselves. People held out stood for them, "
        "with genotypes turned into those of somebody who went: of these, somebody who has both releases recognises "
        "{power} % (90 % interval {low} to {high}) at 5 false alarms of 100."
    ),
    "no_groups": (
        "No frequency of a disease group, of one sex or of one region is published, and no structural variant: every "
        "answer is about everybody together, so nothing follows of a group by subtraction."
    ),
    "limits": (
        "What this measure does not tell: an attacker who models in full how variants go together, or who uses family "
        "trees, may do better; the earlier interpretations told beside the bins are no part of it; whether the law "
        "calls data of this kind free of personal data is decided by the controller, not by a number."
    ),
    "reproduce": "The figures can be made again from the same counts by this command; chance has the seed {seed}.",
    "verify": "Whoever has fetched the release verifies it by these commands, with the register's public key.",
    "figure_scores": "Scores of people in the register and of people held out",
    "figure_scores_about": (
        "The more the two lie apart, the easier somebody is recognised. The outermost bars hold all beyond them."
    ),
    "figure_roc": "Recognised people against false alarms",
    "figure_roc_about": "On the dashed line the attacker only guesses.",
    "figure_trade_off": "What telling more would cost",
    "figure_trade_off_about": "Recognised people at 5 false alarms of 100, by the number of variants told of.",
    "axis_score": "standard deviations",
    "axis_share": "share of people",
    "axis_false_alarms": "false alarms",
    "axis_recognised": "recognised",
    "axis_sites": "variants told of",
    "members": "in the register",
    "held_out": "held out",
}
