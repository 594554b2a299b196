"""What the programme says of one loss or gain, criterion by criterion, from the prepared layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from varde.annotation.genes import reference_transcripts
from varde.annotation.knowledge import KnowledgeTable
from varde.genome.message import Message
from varde.genome.references import Reference
from varde.interpretation.acmg.criterion import State
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.interpretation.inheritance import Mode
from varde.interpretation.structural.criteria import (
    CHANGE_OF_KIND,
    COMMON_FREQUENCY,
    DE_NOVO_POINTS,
    GENE_STEPS,
    HI_PERCENT,
    LOEUF,
    METRIC,
    PLI,
    PVS1_POINTS,
    Change,
    interval,
)
from varde.interpretation.structural.genes import Extent, Side
from varde.interpretation.structural.intragenic import deletion_leaf
from varde.interpretation.structural.prepared import PreparedStructural
from varde.interpretation.structural.scoring import Score, Scored, score
from varde.interpretation.structural.tables import ESTABLISHED
from varde.interpretation.structural.texts import text

Row = Mapping[str, Any]
_NEW = (Mode.DE_NOVO.value, Mode.X_LINKED_DE_NOVO.value)
_CUTS = (Extent.EXONS.value, Extent.INTRON.value)
_MANUAL = ("4A", "4B", "4C", "4D", "4E", "4F", "4G", "4H", "4I", "4J", "4K", "4L", "4M", "4N", "5D", "5E", "5G", "5H")


@dataclass(frozen=True)
class CnvEvidence:
    """One event with all that the criteria ask. None: the source is not there, and what asks for it is not evaluated.

    ``genes`` are rows of ``GENES``, ``dosage``, ``benign`` and ``frequencies`` rows of the layer's frames.
    ``constraint`` holds (pLI, LOEUF) by gene, ``hi_index`` DECIPHER's percentiles. ``parentage_verified`` is what the
    kinship of the small variants says (None: not known).
    """

    event: Row
    change: Change
    genes: tuple[Row, ...] | None
    dosage: tuple[Row, ...] | None
    benign: tuple[Row, ...] | None
    frequencies: tuple[Row, ...]
    constraint: Mapping[str, tuple[float | None, float | None]] | None
    hi_index: Mapping[str, float] | None
    unaffected_parents: tuple[str, ...]
    reference: Reference | None = None
    parentage_verified: bool | None = None
    phenotype: PhenotypeFit | None = None


@dataclass(frozen=True)
class CnvSuggestion:
    """The programme's criteria in the metric's order, and what they sum to."""

    criteria: tuple[Scored, ...]
    score: Score


def evidence_of(
    layer: PreparedStructural,
    event: int,
    *,
    knowledge: KnowledgeTable | None = None,
    reference: Reference | None = None,
    parentage_verified: bool | None = None,
    phenotype: PhenotypeFit | None = None,
) -> CnvEvidence | None:
    """The evidence of one event; None for a kind that the metric does not score."""
    row = layer.events.row(event, named=True)
    change = CHANGE_OF_KIND.get(str(row["kind"]))
    if change is None:
        return None
    genes = _rows(layer.genes, event)
    constrained = {
        one["gene"]: (found.pli, found.loeuf)
        for one in genes
        if knowledge is not None and (found := knowledge.constraint(one["gene"])) is not None
    }
    benign = tuple(one for one in _rows(layer.regions, event) if one["effect"] == "benign")
    return CnvEvidence(
        event=row,
        change=change,
        genes=genes if layer.has_transcripts else None,
        dosage=_rows(layer.dosage, event) if layer.has_dosage else None,
        benign=benign if layer.has_regions else None,
        frequencies=_rows(layer.frequencies, event),
        constraint=constrained or None,
        hi_index=layer.hi_index or None,
        unaffected_parents=layer.unaffected_parents,
        reference=reference,
        parentage_verified=parentage_verified,
        phenotype=phenotype,
    )


def suggest(evidence: CnvEvidence) -> CnvSuggestion:
    """Every criterion of the metric, judged as far as the data go."""
    found = _content(evidence) | _gene_number(evidence) | _common(evidence) | _inheritance(evidence)
    found |= _loss(evidence) if evidence.change is Change.LOSS else _gain(evidence)
    found |= {code: _open(code, "judgement", message=text("cnv.manual")) for code in _MANUAL}
    criteria = tuple(found[code] for code in METRIC[evidence.change])
    return CnvSuggestion(criteria, score(criteria))


def _rows(frame: pl.DataFrame, event: int) -> tuple[Row, ...]:
    return tuple(frame.filter(pl.col("event") == event).iter_rows(named=True))


def _open(code: str, *missing: str, message: Message | None = None, **said: Any) -> Scored:
    return Scored(code, State.NOT_EVALUATED, message or text("cnv.not_evaluated"), missing=missing, **said)


def _not(code: str, message: Message, **said: Any) -> Scored:
    return Scored(code, State.NOT_MET, message, **said)


def _met(change: Change, code: str, message: Message, points: int | None = None, **said: Any) -> Scored:
    return Scored(code, State.MET, message, METRIC[change][code].suggested if points is None else points, **said)


def _content(evidence: CnvEvidence) -> dict[str, Scored]:
    if evidence.genes is None:
        return {code: _open(code, "transcripts") for code in ("1A", "1B")}
    change = evidence.change
    exons = next((one for one in evidence.genes if one["first_exon"] is not None), None)
    region = next(
        (
            one
            for one in evidence.dosage or ()
            if not one["is_gene"] and ESTABLISHED in (one["haploinsufficiency"], one["triplosensitivity"])
        ),
        None,
    )
    if exons is not None or region is not None:
        told = (
            text("cnv.content", gene=exons["gene"])
            if exons
            else text("cnv.content.region", region=(region or {})["name"])
        )
        return {"1A": _met(change, "1A", told), "1B": _not("1B", text("cnv.content.some"))}
    if evidence.genes:
        message = text("cnv.content.intron")
        return {code: _open(code, "importance", message=message) for code in ("1A", "1B")}
    told = text("cnv.content.none")
    return {"1A": _not("1A", told), "1B": _met(change, "1B", told)}


def _gene_number(evidence: CnvEvidence) -> dict[str, Scored]:
    codes = ("3A", "3B", "3C")
    if evidence.genes is None:
        return {code: _open(code, "transcripts") for code in codes}
    touched = sum(1 for one in evidence.genes if one["protein_coding"] and one["extent"] != Extent.PROMOTER.value)
    second, third = GENE_STEPS[evidence.change]
    chosen = codes[(touched >= second) + (touched >= third)]
    message, value = text("cnv.genes", genes=touched), str(touched)
    limits = dict(zip(codes, (f"< {second}", f"{second} to {third - 1}", f">= {third}"), strict=True))
    return {
        code: _met(evidence.change, code, message, value=value, threshold=limits[code])
        if code == chosen
        else _not(code, message, value=value, threshold=limits[code])
        for code in codes
    }


def _common(evidence: CnvEvidence) -> dict[str, Scored]:
    limit = f"> {COMMON_FREQUENCY:.0%} (95 % interval)"
    if not evidence.frequencies:
        return {"4O": _open("4O", "frequencies", threshold=limit)}
    known = [one for one in evidence.frequencies if one["an"] and one["af"] is not None]
    ends = [(one, interval(one["ac"], one["an"])) for one in known]
    common = max((one for one, (low, _) in ends if low > COMMON_FREQUENCY), key=lambda one: one["af"], default=None)
    if common is not None:
        told = {"count": common["ac"], "total": common["an"], "source": common["source"], "share": common["af"]}
        value = f"{common['af']:.4g}"
        return {"4O": _met(evidence.change, "4O", text("cnv.common", **told), value=value, threshold=limit)}
    if not ends or any(high > COMMON_FREQUENCY for _, (_, high) in ends):
        return {"4O": _open("4O", "enough_alleles", threshold=limit)}
    worst = max(known, key=lambda one: one["af"])
    message = text("cnv.common.not", share=worst["af"], source=worst["source"])
    return {"4O": _not("4O", message, value=f"{worst['af']:.4g}", threshold=limit)}


def _inheritance(evidence: CnvEvidence) -> dict[str, Scored]:
    change, event = evidence.change, evidence.event
    known = text("cnv.inheritance.known")
    if event["mode"] in _NEW and evidence.parentage_verified is not False:
        from_parent = {code: _not(code, text("cnv.not_inherited")) for code in ("5B", "5C")}
        if evidence.phenotype is None:
            return {"5A": _open("5A", "phenotype_fit"), **from_parent, "5F": _not("5F", known)}
        points = DE_NOVO_POINTS[bool(evidence.parentage_verified), evidence.phenotype.value]
        message = text("cnv.de_novo", fit=evidence.phenotype.value)
        return {"5A": _met(change, "5A", message, points), **from_parent, "5F": _not("5F", known)}
    if event["origin"] in ("mother", "father", "both"):
        carriers = ("mother", "father") if event["origin"] == "both" else (event["origin"],)
        new = {"5A": _not("5A", text("cnv.inherited")), "5F": _not("5F", known)}
        if any(one in evidence.unaffected_parents for one in carriers):
            message = text("cnv.from_parent")
            missing = ("family_history", "phenotype_fit")
            return new | {code: _open(code, *missing, message=message) for code in ("5B", "5C")}
        return new | {code: _not(code, text("cnv.not_inherited")) for code in ("5B", "5C")}
    unknown = text("cnv.inheritance.unknown")
    return {
        **{code: _open(code, "parental_calls", message=unknown) for code in ("5A", "5B", "5C")},
        "5F": _met(change, "5F", unknown),
    }


def _established(evidence: CnvEvidence, score_name: str) -> tuple[list[Row], list[Row]]:
    """Curated genes, as rows of ``GENES`` by our transcript, and curated regions, with the score 3."""
    rated = [one for one in evidence.dosage or () if one[score_name] == ESTABLISHED]
    by_gene = {one["gene"]: one for one in evidence.genes or ()}
    genes = [by_gene.get(one["name"]) or _unplaced(one) for one in rated if one["is_gene"]]
    return genes, [one for one in rated if not one["is_gene"]]


def _unplaced(hit: Row) -> Row:
    """A curated gene that our transcripts lack: whole or in part, by the curation's own place."""
    extent = Extent.WHOLE.value if hit["whole"] else "part"
    return {"gene": hit["name"], "extent": extent, "side": None, "first_exon": None, "coding_bases": 0}


def _whole(evidence: CnvEvidence, genes: Sequence[Row], regions: Sequence[Row]) -> dict[str, Scored]:
    """2A and 2B of both metrics."""
    change = evidence.change
    name = next((one["gene"] for one in genes if one["extent"] == Extent.WHOLE.value), None)
    name = name or next((one["name"] for one in regions if one["whole"]), None)
    part = next((one["name"] for one in regions if not one["whole"]), None)
    none = text("cnv.dosage.none")
    return {
        "2A": _met(change, "2A", text("cnv.dosage.whole", name=name)) if name else _not("2A", none),
        "2B": _met(change, "2B", text("cnv.dosage.partial", name=part)) if part else _not("2B", none),
    }


def _loss(evidence: CnvEvidence) -> dict[str, Scored]:
    partial = ("2C-1", "2C-2", "2D-1", "2D-2", "2D-3", "2D-4", "2E")
    found = _benign_loss(evidence)
    if evidence.dosage is None or evidence.genes is None:
        lacking = tuple(
            name for name, given in (("dosage", evidence.dosage), ("transcripts", evidence.genes)) if given is None
        )
        return found | {code: _open(code, *lacking) for code in ("2A", "2B", *partial)} | _predictors(evidence, ())
    genes, regions = _established(evidence, "haploinsufficiency")
    none = text("cnv.dosage.none")
    found |= _whole(evidence, genes, regions) | {code: _not(code, none) for code in partial}
    best: dict[str, Scored] = {}
    for gene in genes:
        for code, one in _partial_gene(evidence, gene).items():
            if code not in best or one.points > best[code].points:
                best[code] = one
    scored = [gene["gene"] for gene in genes if gene["extent"] == Extent.WHOLE.value or gene["first_exon"] is not None]
    return found | _largest({"2A": found["2A"]} | best) | _predictors(evidence, scored)


def _largest(found: dict[str, Scored]) -> dict[str, Scored]:
    """Of several established genes the one with the most points counts; the others stay, put aside."""
    met = {code: one for code, one in found.items() if one.state is State.MET}
    if len(met) < 2:
        return found
    first = max(met, key=lambda code: met[code].points)
    aside = text("cnv.put_aside", other=first)
    return found | {
        code: replace(one, state=State.NOT_MET, points=0, text=aside) for code, one in met.items() if code != first
    }


def _partial_gene(evidence: CnvEvidence, gene: Row) -> dict[str, Scored]:
    """2C to 2E for one haploinsufficient gene that is lost in part."""
    change, name = evidence.change, gene["gene"]
    if gene["first_exon"] is None or gene["extent"] == Extent.WHOLE.value:
        return {}
    exons = text("cnv.exons", gene=name, first=gene["first_exon"], last=gene["last_exon"], exons=gene["exons"])
    if gene["side"] == Side.FIVE_PRIME.value:
        if gene["coding_bases"]:
            return {"2C-1": _met(change, "2C-1", exons)}
        return {"2C-2": _met(change, "2C-2", text("cnv.utr", gene=name))}
    if gene["side"] == Side.THREE_PRIME.value:
        if not gene["coding_bases"]:
            return {"2D-1": _met(change, "2D-1", text("cnv.utr", gene=name))}
        if gene["first_exon"] == gene["exons"]:
            message = text("cnv.last_exon", gene=name)
            return {code: _open(code, "last_exon_variants", message=message) for code in ("2D-2", "2D-3")}
        return {"2D-4": _met(change, "2D-4", exons)}
    return {"2E": _intragenic(evidence, gene)}


def _intragenic(evidence: CnvEvidence, gene: Row) -> Scored:
    place = {name: gene[f"{name}_exon"] for name in ("first", "last")}
    unsaid = text("cnv.intragenic.open", gene=gene["gene"], exons=gene["exons"], **place)
    if evidence.reference is None or evidence.reference.gff3 is None:
        return _open("2E", "pvs1", message=unsaid)
    transcript = reference_transcripts(evidence.reference).get(gene["transcript"])
    if transcript is None:
        return _open("2E", "pvs1", message=unsaid)
    start0, end0 = int(evidence.event["start"]) - 1, int(evidence.event["end"])
    leaf = deletion_leaf(transcript, start0, end0, evidence.reference)
    if not leaf.known:
        return _open("2E", "pvs1", message=unsaid, value=leaf.leaf)
    if leaf.strength is None:
        return _not("2E", text("cnv.intragenic.none", gene=gene["gene"], leaf=leaf.leaf), value=leaf.leaf)
    message = text(
        "cnv.intragenic",
        gene=gene["gene"],
        exons=gene["exons"],
        strength=leaf.strength.value.replace("_", " "),
        leaf=leaf.leaf,
        **place,
    )
    return _met(evidence.change, "2E", message, PVS1_POINTS[leaf.strength.value], value=leaf.leaf)


def _benign_loss(evidence: CnvEvidence) -> dict[str, Scored]:
    if evidence.benign is None:
        return {code: _open(code, "benign_regions") for code in ("2F", "2G")}
    within = next((one["name"] for one in evidence.benign if one["within"]), None)
    more = next((one["name"] for one in evidence.benign if not one["within"]), None)
    none, change = text("cnv.benign.none"), evidence.change
    return {
        "2F": _met(change, "2F", text("cnv.benign.within", region=within)) if within else _not("2F", none),
        "2G": _met(change, "2G", text("cnv.benign.more", region=more)) if more and not within else _not("2G", none),
    }


def _predictors(evidence: CnvEvidence, established: Sequence[str]) -> dict[str, Scored]:
    """2H: two predictors of one gene, where no established gene is scored already."""
    limit = f"pLI >= {PLI} with LOEUF < {LOEUF}, and DECIPHER <= {HI_PERCENT:g} %"
    if established:
        return {"2H": _not("2H", text("cnv.predictors.established"), threshold=limit)}
    if evidence.genes is None:
        return {"2H": _open("2H", "transcripts", threshold=limit)}
    coding = [one["gene"] for one in evidence.genes if one["protein_coding"] and one["first_exon"] is not None]
    if not coding:
        return {"2H": _not("2H", text("cnv.predictors.none"), threshold=limit)}
    lacking = [name for name in ("constraint", "hi_index") if getattr(evidence, name) is None]
    if lacking:
        return {"2H": _open("2H", *lacking, threshold=limit)}
    for gene in coding:
        pli, loeuf = (evidence.constraint or {}).get(gene, (None, None))
        percent = (evidence.hi_index or {}).get(gene)
        if pli is None or loeuf is None or percent is None:
            continue
        if pli >= PLI and loeuf < LOEUF and percent <= HI_PERCENT:
            value = f"pLI {pli:.2f}, LOEUF {loeuf:.2f}, DECIPHER {percent:g} %"
            message = text("cnv.predictors.met", gene=gene, value=value)
            return {"2H": _met(evidence.change, "2H", message, value=value, threshold=limit)}
    return {"2H": _not("2H", text("cnv.predictors.none"), threshold=limit)}


def _gain(evidence: CnvEvidence) -> dict[str, Scored]:
    found = _benign_gain(evidence)
    breakpoints = ("2H", "2I", "2J", "2K", "2L")
    if evidence.dosage is None or evidence.genes is None:
        lacking = tuple(
            name for name, given in (("dosage", evidence.dosage), ("transcripts", evidence.genes)) if given is None
        )
        return found | {code: _open(code, *lacking) for code in ("2A", "2B", *breakpoints)}
    sensitive, regions = _established(evidence, "triplosensitivity")
    insufficient, _ = _established(evidence, "haploinsufficiency")
    found |= _whole(evidence, sensitive, regions)
    return found | _breakpoints(evidence, insufficient)


def _breakpoints(evidence: CnvEvidence, insufficient: Sequence[Row]) -> dict[str, Scored]:
    change, none = evidence.change, text("cnv.breakpoint.none")
    found = {code: _not(code, none) for code in ("2H", "2I", "2J", "2K", "2L")}
    for gene in insufficient:
        name = gene["gene"]
        if gene["extent"] == Extent.WHOLE.value:
            found["2H"] = _met(change, "2H", text("cnv.dosage.whole", name=name))
        elif gene["side"] == Side.INSIDE.value and gene["first_exon"] is not None:
            place = {key: gene[f"{key}_exon"] for key in ("first", "last")}
            message = text("cnv.intragenic.open", gene=name, exons=gene["exons"], **place)
            found["2I"] = _open("2I", "tandem", "pvs1", message=message)
        elif gene["side"] in (Side.FIVE_PRIME.value, Side.THREE_PRIME.value):
            if evidence.phenotype is PhenotypeFit.SPECIFIC:
                found["2K"] = _met(change, "2K", text("cnv.breakpoint.fits", gene=name))
            else:
                found["2J"] = _met(change, "2J", text("cnv.breakpoint", gene=name))
    others = [
        one["gene"]
        for one in evidence.genes or ()
        if one["extent"] in _CUTS and one["gene"] not in {gene["gene"] for gene in insufficient}
    ]
    if others:
        found["2L"] = _met(change, "2L", text("cnv.breakpoint.other", genes=", ".join(others[:4])))
    return found


def _benign_gain(evidence: CnvEvidence) -> dict[str, Scored]:
    """2C to 2G by the benign gain that fits best: within it, larger without more genes, or overlapping."""
    codes = ("2C", "2D", "2E", "2F", "2G")
    if evidence.benign is None:
        return {code: _open(code, "benign_regions") for code in codes}
    if evidence.genes is None:
        return {code: _open(code, "transcripts") for code in codes}
    found = {code: _not(code, text("cnv.benign.none")) for code in codes}
    chosen = min(evidence.benign, key=_closeness, default=None)
    if chosen is None:
        return found
    code = _benign_code(evidence, chosen)
    key = "cnv.benign.within" if chosen["within"] else "cnv.benign.more"
    return found | {code: _met(evidence.change, code, text(key, region=chosen["name"]))}


def _closeness(region: Row) -> tuple[bool, bool, int]:
    return not region["within"], not region["covers"], region["end"] - region["start"]


def _benign_code(evidence: CnvEvidence, region: Row) -> str:
    genes = [one for one in evidence.genes or () if one["protein_coding"] and one["extent"] != Extent.PROMOTER.value]
    if region["within"]:
        same = evidence.event["start"] == region["start"] and evidence.event["end"] == region["end"]
        if same:
            return "2C"
        return "2E" if any(one["extent"] in _CUTS for one in genes) else "2D"
    if region["covers"] and not _genes_beyond(evidence, region, genes):
        return "2F"
    return "2G"


def _genes_beyond(evidence: CnvEvidence, region: Row, genes: Sequence[Row]) -> bool:
    """Whether a gene of the event lies outside the benign region; unknown places count as outside."""
    if evidence.reference is None or evidence.reference.gff3 is None:
        return bool(genes)
    find: Callable[[str], Any] = reference_transcripts(evidence.reference).get
    for one in genes:
        transcript = find(one["transcript"])
        if transcript is None or transcript.start0 + 1 < region["start"] or transcript.end0 > region["end"]:
            return True
    return False
