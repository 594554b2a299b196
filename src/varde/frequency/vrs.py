"""GA4GH VRS 2 computed identifiers of alleles.

Source: GA4GH Variation Representation Specification 2.0, sections on computed identifiers and on allele normalisation
(fully justified; https://vrs.ga4gh.org/en/2.0/). The digest is sha512t24u over canonical JSON. An insertion or deletion
is widened over all places where it could as well stand, so the reference sequence is needed; for substitutions none is.

The refget accessions of the chromosomes are those that Genome Aggregation Database and the reference implementation's
sequence repository use; that of GRCh37 chromosome 20 was computed here from its sequence and is the same.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS, Build
from varde.genome.errors import InputError
from varde.genome.references import Reference

# Chromosomes 1-22, X, Y, MT in this order.
_REFGET = {
    Build.GRCH37: (
        "S_KjnFVz-FE7M0W6yoaUDgYxLPc1jyWU",
        "9KdcA9ZpY1Cpvxvg8bMSLYDUpsX6GDLO",
        "VNBualIltAyi2AI_uXcKU7M9XUOuA7MS",
        "iy7Zfceb5_VGtTQzJ-v5JpPbpeifHD_V",
        "vbjOdMfHJvTjK_nqvFvpaSKhZillW0SX",
        "KqaUhJMW3CDjhoVtBetdEKT1n6hM-7Ek",
        "IW78mgV5Cqf6M24hy52hPjyyo5tCCd86",
        "tTm7wmhz0G4lpt8wPspcNkAD_qiminj6",
        "HBckYGQ4wYG9APHLpjoQ9UUe9v7NxExt",
        "-BOZ8Esn8J88qDwNiSEwUr5425UXdiGX",
        "XXi2_O1ly-CCOi3HP5TypAw7LtC6niFG",
        "105bBysLoDFQHhajooTAUyUkNiZ8LJEH",
        "Ewb9qlgTqN6e_XQiRVYpoUfZJHXeiUfH",
        "5Ji6FGEKfejK1U6BMScqrdKJK8GqmIGf",
        "zIMZb3Ft7RdWa5XYq0PxIlezLY2ccCgt",
        "W6wLoIFOn4G7cjopxPxYNk2lcEqhLQFb",
        "AjWXsI7AkTK35XW9pgd3UbjpC3MAevlz",
        "BTj4BDaaHYoPhD3oY2GdwC_l0uqZ92UD",
        "ItRDD47aMoioDCNW_occY5fWKZBKlxCX",
        "iy_UbUrvECxFRX5LPTH_KPojdlT7BKsf",
        "LpTaNW-hwuY_yARP0rtarCnpCQLkgVCg",
        "XOgHwwR3Upfp5sZYk6ZKzvV25a4RBVu8",
        "v7noePfnNpK8ghYXEqZ9NukMXW7YeNsm",
        "BT7QyW5iXaX_1PSX-msSGYsqRdMKqkj-",
        "k3grVkjY-hoWcCUojHw6VU6GE3MZ8Sct",
    ),
    Build.GRCH38: (
        "Ya6Rs7DHhDeg7YaOSg1EoNi3U_nQ9SvO",
        "pnAqCRBrTsUoBghSD1yp_jXWSmlbdh4g",
        "Zu7h9AggXxhTaGVsy7h_EZSChSZGcmgX",
        "HxuclGHh0XCDuF8x6yQrpHUBL7ZntAHc",
        "aUiQCzCPZ2d0csHbMSbh2NzInhonSXwI",
        "0iKlIQk2oZLoeOG9P1riRU6hvL5Ux8TV",
        "F-LrLMe1SRpfUZHkQmvkVKFEGaoDeHul",
        "209Z7zJ-mFypBEWLk4rNC6S_OxY5p7bs",
        "KEO-4XBcm1cxeo_DIQ8_ofqGUkp4iZhI",
        "ss8r_wB0-b9r44TQTMmVTI92884QvBiB",
        "2NkFm8HK88MqeNkCgj78KidCAXgnsfV1",
        "6wlJpONE3oNb4D69ULmEXhqyDZ4vwNfl",
        "_0wi-qoDrvram155UmcSC-zA5ZK4fpLT",
        "eK4D2MosgK_ivBkgi6FVPg5UXs1bYESm",
        "AsXvWL1-2i5U_buw6_niVIxD6zTbAuS6",
        "yC_0RBj3fgBlvgyAuycbzdubtLxq-rE0",
        "dLZ15tNO1Ur0IcGjwc3Sdi_0A6Yf4zm7",
        "vWwFhJ5lQDMhh-czg06YtlWqu0lvFAZV",
        "IIB53T8CNeJJdUqzn9V_JnRtQadwWCbl",
        "-A1QmD_MatoqxvgVxBLZTONHz9-c7nQo",
        "5ZUqxCmDDgN4xTRbaSjN8LwgZironmB8",
        "7B7SHsmchAR0dFcDCuSFjJAo7tX87krQ",
        "w0WZEvgJF0zf_P4yyTzjjv9oW1z61HHP",
        "8_liLu1aycC0tPQPFmUaGXJLDs5SbPZ5",
        "k3grVkjY-hoWcCUojHw6VU6GE3MZ8Sct",
    ),
}


def refget_accession(build: Build, contig: int) -> str:
    """``SQ.`` and the digest of a chromosome's sequence. Raises KeyError for a contig code outside 1-25."""
    if not 1 <= contig <= len(CONTIGS):
        raise KeyError(contig)
    return f"SQ.{_REFGET[build][contig - 1]}"


def sha512t24u(content: bytes) -> str:
    """GA4GH's truncated digest: base64url of the first 24 bytes of SHA-512."""
    return base64.urlsafe_b64encode(hashlib.sha512(content).digest()[:24]).decode("ascii")


@dataclass(frozen=True)
class VrsAllele:
    """A normalised allele: interbase ``start`` and ``end``, and its state.

    ``sequence`` is the literal state; None when the state is a length of repeated reference, ``length`` bases by a
    unit of ``subunit``.
    """

    accession: str
    start: int
    end: int
    sequence: str | None
    length: int = 0
    subunit: int = 0

    @property
    def location_digest(self) -> str:
        return sha512t24u(
            f'{{"end":{self.end},"sequenceReference":{{"refgetAccession":"{self.accession}",'
            f'"type":"SequenceReference"}},"start":{self.start},"type":"SequenceLocation"}}'.encode()
        )

    @property
    def identifier(self) -> str:
        """``ga4gh:VA.`` and the digest."""
        if self.sequence is None:
            state = (
                f'{{"length":{self.length},"repeatSubunitLength":{self.subunit},"type":"ReferenceLengthExpression"}}'
            )
        else:
            state = f'{{"sequence":"{self.sequence}","type":"LiteralSequenceExpression"}}'
        content = f'{{"location":"{self.location_digest}","state":{state},"type":"Allele"}}'
        return f"ga4gh:VA.{sha512t24u(content.encode())}"

    def as_json(self) -> dict[str, Any]:
        """The allele as VRS 2 JSON, with the identifiers of itself and of its location."""
        state: dict[str, Any] = {"type": "LiteralSequenceExpression", "sequence": self.sequence}
        if self.sequence is None:
            state = {
                "type": "ReferenceLengthExpression",
                "length": self.length,
                "repeatSubunitLength": self.subunit,
            }
        return {
            "id": self.identifier,
            "type": "Allele",
            "location": {
                "id": f"ga4gh:SL.{self.location_digest}",
                "type": "SequenceLocation",
                "sequenceReference": {"type": "SequenceReference", "refgetAccession": self.accession},
                "start": self.start,
                "end": self.end,
            },
            "state": state,
        }


def vrs_allele(
    build: Build, contig: int, position: int, ref: str, alt: str, bases: NDArray[np.uint8] | None = None
) -> VrsAllele:
    """The VRS form of an allele as VCF writes it: 1-based ``position``, REF and ALT of capital letters.

    ``bases`` are those of the contig (``Reference.bases``), needed for insertions and deletions alone; REF is taken to
    agree with them. Raises InputError ``sequence_needed`` without, KeyError for a contig code outside 1-25.
    """
    accession = refget_accession(build, contig)
    if ref == alt:
        return VrsAllele(accession, position - 1, position - 1 + len(ref), None, len(ref), len(ref))
    start, end, ref, alt = _trimmed(position - 1, ref, alt)
    if ref and alt:
        return VrsAllele(accession, start, end, alt)
    if bases is None:
        raise InputError(
            "sequence_needed",
            "The VRS identifier of an insertion or deletion depends on the bases around it.",
            "Give the reference sequence.",
        )
    return _justified(accession, start, end, ref or alt, bases, inserts=not ref)


def vrs_identifiers(reference: Reference, alleles: Iterable[tuple[int, int, str, str]]) -> Iterator[str | None]:
    """Identifiers of alleles (contig code, 1-based position, REF, ALT); None where the reference lacks the contig."""
    held = set(reference.codes)
    contig, bases = 0, np.empty(0, dtype=np.uint8)
    for code, position, ref, alt in alleles:
        if code not in held:
            yield None
            continue
        if code != contig:
            contig, bases = code, reference.bases(code)
        yield vrs_allele(reference.build, code, position, ref, alt, bases).identifier


def _trimmed(start: int, ref: str, alt: str) -> tuple[int, int, str, str]:
    """Without the letters that both share at their start and then at their end; interbase start and end."""
    shorter = min(len(ref), len(alt))
    head = 0
    while head < shorter and ref[head] == alt[head]:
        head += 1
    tail = 0
    while tail < shorter - head and ref[-1 - tail] == alt[-1 - tail]:
        tail += 1
    ref, alt = ref[head : len(ref) - tail], alt[head : len(alt) - tail]
    return start + head, start + head + len(ref), ref, alt


def _justified(
    accession: str, start: int, end: int, piece: str, bases: NDArray[np.uint8], *, inserts: bool
) -> VrsAllele:
    """An inserted or deleted piece, widened over every place where it could as well stand."""
    letters, size = piece.encode(), len(piece)
    left, right = 0, 0
    while start - 1 - left >= 0 and bases[start - 1 - left] == letters[(size - 1 - left) % size]:
        left += 1
    while end + right < len(bases) and bases[end + right] == letters[right % size]:
        right += 1
    before, behind = (bases[a:b].tobytes().decode() for a, b in ((start - left, start), (end, end + right)))
    first, last = start - left, end + right
    if not inserts:
        return VrsAllele(accession, first, last, None, left + right, size)
    if not left + right:
        return VrsAllele(accession, first, last, piece)
    unit = _repeated_unit(before + behind, before + piece + behind, size)
    if unit:
        return VrsAllele(accession, first, last, None, left + size + right, unit)
    return VrsAllele(accession, first, last, before + piece + behind)


def _repeated_unit(ref: str, alt: str, size: int) -> int:
    """The greatest divisor of ``size`` that is a cycle by which ``alt`` goes on from the end of ``ref``; 0 for none."""
    for unit in range(min(size, len(ref)), 0, -1):
        if size % unit == 0:
            cycle = ref[len(ref) - unit :]
            added = alt[len(ref) :]
            if (cycle * (len(added) // unit + 1))[: len(added)] == added:
                return unit
    return 0
