"""The library's drawings with the laboratory's words: pedigree, allele balance, frequency, gene model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from varde.annotation.transcripts import Transcript
from varde.genome.pedigree import Pedigree
from varde.interpretation.acmg import Ruleset
from varde.interpretation.acmg.points import LIKELY_BENIGN_FROM, LIKELY_PATHOGENIC_FROM, PATHOGENIC_FROM
from varde.interpretation.drawing import (
    Allele as DrawnAllele,
)
from varde.interpretation.drawing import (
    BalanceMember,
    Carriage,
    PedigreeMember,
    allele_balance_svg,
    pedigree_svg,
)
from varde.interpretation.evidence_drawing import Band, Mark, frequency_svg, gene_model_svg, points_svg
from varde.interpretation.structural.drawing import DRAWN_GENES, event_svg
from varde_node.formats import number, percent
from varde_node.lab.evidence import Allele, Call, RegisterFrequency
from varde_node.lab.family import Placed, place_words
from varde_node.lab.queries.variants import Tally
from varde_node.lab.structural_words import place_words as event_place

HET_BAND = (0.2, 0.8)
"""Expected allele balance of a heterozygous call (gate 'varde')."""


def pedigree(alleles: Sequence[Allele], family: Sequence[Placed], identifier: str) -> SafeString:
    """The family with each allele's genotype under each person who has data."""
    members = {one.member.person.identifier: _member(one, alleles) for one in family}
    said = "; ".join(
        f"{one.short}: " + ", ".join(f"{call.words} {call.genotype or '–'}" for call in one.calls_with_data)
        for one in alleles
    )
    tree = Pedigree(tuple(one.member.person for one in family))
    title = _("Pedigree with genotypes")
    proband = family[0].member.person.identifier
    return _drawn(pedigree_svg(tree, proband, members, identifier=identifier, title=title, description=said))


def _member(one: Placed, alleles: Sequence[Allele]) -> PedigreeMember:
    if one.member.column is None:
        return PedigreeMember(place_words(one.place), has_data=False)
    calls = [allele.call(one.place) for allele in alleles]
    drawn = tuple(DrawnAllele(_carriage(call), call.genotype or "–") for call in calls)
    return PedigreeMember(place_words(one.place), drawn)


def balance(allele: Allele, identifier: str) -> SafeString:
    """Reads of the allele in everybody who has data."""
    members = [
        BalanceMember(call.words, call.depth_ref, call.depth_alt, _reads(call)) for call in allele.calls_with_data
    ]
    said = "; ".join(f"{member.label}: {member.text}" for member in members)
    title = _("Allele balance of %(variant)s") % {"variant": allele.short}
    return _drawn(allele_balance_svg(members, identifier=identifier, title=title, description=said, expected=HET_BAND))


def frequency(register: RegisterFrequency, identifier: str, ceilings: Sequence[tuple[float, str]]) -> SafeString:
    """The register's frequency with its 95 % interval, and the filters' ceilings."""
    said = frequency_words(register)
    marks = tuple(Mark(value, words) for value, words in ceilings if value > 0)
    return _drawn(
        frequency_svg(
            register.allele_count,
            register.allele_number,
            marks=marks,
            identifier=identifier,
            title=_("Frequency in the register"),
            description=said,
        )
    )


def points_scale(tally: Tally, identifier: str) -> SafeString:
    """The sum on the scale of the point system, with the classes below."""
    benign = -2 if tally.ruleset == Ruleset.POINTS_TWO_BENIGN else -1
    bands = (
        Band(-12, LIKELY_BENIGN_FROM - 1, "1"),
        Band(LIKELY_BENIGN_FROM, benign, "2"),
        Band(benign + 1, LIKELY_PATHOGENIC_FROM - 1, "3"),
        Band(LIKELY_PATHOGENIC_FROM, PATHOGENIC_FROM - 1, "4"),
        Band(PATHOGENIC_FROM, 15, "5"),
    )
    title = _("Points and classes")
    said = _("%(points)s points; the class of each part of the scale stands below it.") % {"points": tally.points}
    return _drawn(points_svg(tally.points, bands, identifier=identifier, title=title, description=said))


def frequency_words(register: RegisterFrequency) -> str:
    """The register's answer as a sentence."""
    if register.state == "not_evaluated":
        return _("Not evaluated: the case was analysed without a frequency register.")
    if register.state == "not_covered":
        return _("Not covered: nobody in the register was read at this place. Absence says nothing.")
    counts = {"count": number(register.allele_count), "total": number(register.allele_number)}
    if register.state == "absent_covered":
        return _("Covered and absent: none of %(total)s alleles.") % counts
    return _("Observed: %(count)s of %(total)s alleles (%(share)s).") % {
        **counts,
        "share": percent(register.frequency, 3),
    }


def gene_model(transcript: Transcript, position: int, marker: str, identifier: str) -> SafeString:
    """The exons of a transcript and where the variant lies."""
    title = _("%(gene)s, %(transcript)s") % {"gene": transcript.gene, "transcript": transcript.name}
    said = _("%(exons)s exons; the variant lies at position %(position)s.") % {
        "exons": len(transcript.exons),
        "position": number(position),
    }
    return _drawn(
        gene_model_svg(
            transcript.exons,
            transcript.cds,
            transcript.strand,
            position - 1,
            marker=marker,
            identifier=identifier,
            title=title,
            description=said,
        )
    )


def event(row: Mapping[str, Any], models: Sequence[Transcript], marked: Sequence[str], identifier: str) -> SafeString:
    """A structural variant over the genes it touches; dosage-sensitive ones in bold."""
    here = [one for one in models if one.contig == row["contig"]]
    said = _("%(place)s over %(genes)s.") % {
        "place": event_place(row),
        "genes": ", ".join(one.gene for one in here[:DRAWN_GENES]) or "–",
    }
    return _drawn(
        event_svg(
            (row["start"], max(row["end"], row["start"])),
            str(row["kind"]),
            here,
            marked=marked,
            identifier=identifier,
            title=_("The variant over its genes"),
            description=said,
        )
    )


def _carriage(call: Call) -> Carriage:
    if call.carries is None:
        return Carriage.UNKNOWN
    copies = (call.genotype or "").replace("|", "/").split("/").count("1")
    return (Carriage.NONE, Carriage.ONE, Carriage.TWO)[min(copies, 2)]


def _reads(call: Call) -> str:
    if call.depth_ref is None or call.depth_alt is None:
        return _("reads not given")
    return _("%(alt)s of %(all)s reads") % {"alt": call.depth_alt, "all": call.depth_ref + call.depth_alt}


def _drawn(picture: str) -> SafeString:
    # The library escapes every word; see its tests.
    return mark_safe(picture.replace('class="figure ', 'class="picture figure '))  # noqa: S308
