"""The search box of both tiers: what was understood, in words, and the address that it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import polars as pl
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise

from varde.annotation.names import HgvsNamer, HgvsNames
from varde.annotation.transcripts import Transcript
from varde.frequency import rsids
from varde.frequency.search import Choice, Gene, Reading, Searcher, Understood
from varde.frequency.sources import Source
from varde.frequency.store import Settings
from varde.frequency.structural_clusters import StructuralCall
from varde.frequency.table_text import Names
from varde.frequency.vrs import vrs_allele
from varde.genome.alleles import Variant
from varde.genome.builds import Build, contig_length
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.references import Reference, ReferenceStore
from varde.genome.regions import Region
from varde_node.registers.frequency import store, words
from varde_node.registers.frequency.indexes import contents_of, loaded_sources, public_release

AROUND_BASES = 500
MOST_NAMED = 4
"""Transcripts that a variant is named on."""


@dataclass(frozen=True)
class Meaning:
    """One meaning of a question, to choose: its text, how it was read, and where it leads."""

    text: str
    reading: str | Promise
    notation: str
    through: str
    address: str


@dataclass(frozen=True)
class Tier:
    """Addresses of one tier, by their names in ``urls``."""

    variant: str
    region: str
    gene: str
    structural: str

    def address(self, target: Variant | StructuralCall | Region | Gene) -> str:
        """The page of what was found."""
        if isinstance(target, Gene):
            return reverse(self.gene, args=[target.symbol])
        if isinstance(target, StructuralCall):
            return reverse(self.structural, args=[str(target)])
        if isinstance(target, Region):
            return reverse(self.region, args=[str(target)])
        return reverse(self.variant, args=[addressed(target)])


PROFESSIONAL = Tier("registers:variant", "registers:region", "registers:gene", "registers:structural")
PUBLIC = Tier(
    "registers:public_variant", "registers:public_region", "registers:public_gene", "registers:public_structural"
)


def searcher() -> Searcher:
    """Understands questions in the build that is counted here, with the reference it was counted with."""
    nation, release = contents_of(store.nation_folder()), None
    if nation is None:
        release = public_release()
    build = nation.settings.build if nation else release.build if release else Build.GRCH38
    name, checksum = (nation.settings.reference, nation.settings.reference_sha256) if nation else (None, None)
    reference = _reference(build, name, checksum)
    return _searcher(build, reference.folder if reference else None, loaded_sources(build))


def one(text: str) -> tuple[Variant, Variant]:
    """The one variant that a text means: as it was written, and as the counts write it.

    Raises InputError (field ``variant``) as ``Searcher.one``, with the candidates where there are several.
    """
    choice = searcher().one(text)
    if choice.asked is None or not isinstance(choice.target, Variant):
        raise AssertionError("the search gives one variant or raises")
    return choice.asked, choice.target


def meanings(understood: Understood, tier: Tier) -> tuple[Meaning, ...]:
    """The choices of a question, as a list to choose from."""
    return tuple(_meaning(choice, tier) for choice in understood.choices)


def named(variant: Variant) -> tuple[tuple[Transcript, HgvsNames], ...]:
    """HGVS names of a variant on the transcripts it lies in, MANE Select first; none without a reference."""
    reference = searcher().reference
    if reference is None or reference.gff3 is None:
        return ()
    namer = _namer(reference.folder)
    return tuple((one, namer.names(variant, one.identifier)) for one in transcripts_at(variant)[:MOST_NAMED])


def names_of_keys() -> Names | None:
    """Gives the rsIDs of alleles by their keys; nothing where no source with rsIDs is loaded."""
    loaded = tuple(one for one in loaded_sources(searcher().build) if one.description.rsids)
    return partial(rsids.of_keys, loaded) if loaded else None


def rsids_of(variant: Variant) -> tuple[str, ...]:
    """The rsIDs of a variant, by number."""
    named = names_of_keys()
    if named is None:
        return ()
    told = named(encode_keys([variant.contig], [variant.position], [variant.ref], [variant.alt]))[0]
    return tuple(told.split(";")) if told else ()


def with_rsids(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table with the column ``rsids``: text, empty where there is none."""
    named = names_of_keys()
    if named is None:
        return rows.with_columns(pl.lit("").alias("rsids"))
    keys = encode_keys(rows["contig"], rows["position"], rows["ref"], rows["alt"])
    return rows.with_columns(named(keys).fill_null("").str.replace_all(";", ", ", literal=True).alias("rsids"))


def vrs_identifier(variant: Variant) -> str:
    """The GA4GH VRS 2 identifier of a variant; empty when only a sequence that is not here could tell it."""
    reference, contig = searcher().reference, variant.contig
    bases = reference.bases(contig) if reference and contig in reference.codes else None
    try:
        return vrs_allele(variant.build, contig, variant.position, variant.ref, variant.alt, bases).identifier
    except InputError:
        return ""


def transcripts_at(variant: Variant) -> tuple[Transcript, ...]:
    """Transcripts that hold a base of the variant, one per gene first, MANE Select before others."""
    return searcher().transcripts_in(Region(variant.build, variant.contig, variant.start0, variant.end0))


def understood_from(query: QueryDict) -> tuple[str, str | Promise] | None:
    """What a search that led here had asked, and how it was read; nothing where the address says none."""
    asked, notation = query.get("asked", "").strip(), query.get("as", "")
    if not asked or notation not in list(Reading):
        return None
    return asked[:200], words.READINGS[Reading(notation)]


def near(text: str) -> tuple[str, ...]:
    """Genes that a text which was not understood may mean."""
    return searcher().genes_like(text) or searcher().genes_like(text[:2])


def genes_in(region: Region) -> tuple[Transcript, ...]:
    """The best transcript of each gene that shares a base with the region, by place."""
    best: dict[str, Transcript] = {}
    for one in searcher().transcripts_in(region):
        best.setdefault(one.gene, one)
    return tuple(sorted(best.values(), key=lambda one: (one.start0, one.gene)))


def around(variant: Variant) -> Region:
    """The neighbourhood of a variant."""
    length = contig_length(variant.build, variant.contig)
    start, end = max(variant.start0 - AROUND_BASES, 0), min(variant.end0 + AROUND_BASES, length)
    return Region(variant.build, variant.contig, start, end)


def widened(region: Region, tier: Tier) -> dict[str, str]:
    """Addresses of the stretch before, the one after, and the one three times as wide."""
    length, wide = contig_length(region.build, region.contig_code), len(region)
    ends = {
        "before": (region.start0 - wide, region.start0),
        "wider": (region.start0 - wide, region.end0 + wide),
        "after": (region.end0, region.end0 + wide),
    }
    clipped = {name: (max(start, 0), min(end, length)) for name, (start, end) in ends.items()}
    return {
        name: tier.address(Region(region.build, region.contig_code, start, end))
        for name, (start, end) in clipped.items()
        if start < end and (start, end) != (region.start0, region.end0)
    }


def written(row: Mapping[str, object]) -> str:
    """A row of a table as the address of its variant; empty for a variant that is too long for an address."""
    found = searcher()
    one = Variant(
        found.build, *(int(str(row[name])) for name in ("contig", "position")), str(row["ref"]), str(row["alt"])
    )
    return found.written(one) or ""


def addressed(variant: Variant) -> str:
    """A variant as its address names it. Raises InputError ``too_long`` (field ``variant``)."""
    text = searcher().written(variant)
    if text is None:
        raise InputError(
            "too_long",
            f"{str(variant)[:60]}… is too long for an address.",
            "Ask for the region, or send it in a batch.",
            field="variant",
        )
    return text


def warm_up() -> None:
    """Read genes and load what names variants."""
    found = searcher()
    if found.reference is not None and found.reference.gff3 is not None:
        found.genes_like("A")
        _namer(found.reference.folder)


def _meaning(choice: Choice, tier: Tier) -> Meaning:
    target = choice.target
    text = target.symbol if isinstance(target, Gene) else str(target)
    return Meaning(text, words.READINGS[choice.reading], choice.reading, choice.through, tier.address(target))


def _reference(build: Build, name: str | None, checksum: str | None) -> Reference | None:
    """The reference of that name if it is that very sequence; the node's own where the counts name none."""
    wanted = name or settings.REFERENCE
    if not wanted:
        return None
    try:
        reference = ReferenceStore(settings.REFERENCES).get(wanted)
    except InputError:
        return None
    same = checksum is None or Settings.checksum_of(reference) == checksum
    return reference if same and reference.build is build else None


@lru_cache(maxsize=4)
def _searcher(build: Build, folder: Path | None, loaded: tuple[Source, ...]) -> Searcher:
    reference = None if folder is None else ReferenceStore(folder.parent).get(folder.name)
    named = any(one.description.rsids for one in loaded)
    return Searcher(build, reference, (lambda rsid: rsids.find(loaded, rsid)) if named else None)


@lru_cache(maxsize=2)
def _namer(folder: Path) -> HgvsNamer:
    return HgvsNamer(ReferenceStore(folder.parent).get(folder.name))
