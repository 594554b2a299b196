"""Counting by hand: one dictionary per person and allele, straight from the text of VCFs, with the rules written out.

Nothing of the package is used. Alleles in the texts are trimmed and left-aligned already.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

Allele = tuple[str, int, str, str]
HETEROPLASMIC = 3

# X pseudo-autosomal regions of GRCh38, 1-based inclusive, and those of Y (Genome Reference Consortium).
X_PAR = ((10_001, 2_781_479), (155_701_383, 156_030_895))
Y_PAR = ((10_001, 2_781_479), (56_887_903, 57_217_415))


def chromosomes(contig: str, position: int, sex: str) -> int:
    """Chromosomes of a person that count at a place."""
    if contig == "MT":
        return 1
    if contig == "X":
        if sex == "unknown":
            return 0
        if sex == "female" or any(first <= position <= last for first, last in X_PAR):
            return 2
        return 1
    if contig == "Y":
        return int(sex == "male" and not any(first <= position <= last for first, last in Y_PAR))
    return 2


def called_alleles(text: str, fields: dict[str, str], copies: int, adj: bool, mitochondrial: bool) -> list[int] | None:
    """Allele numbers of one genotype that counts, with one for one chromosome; None when it is not called."""
    names = text.replace("|", "/").split("/")
    if "." in names or (len(names) == 1 and copies == 2):
        return None
    numbers = [int(name) for name in names]
    if copies == 1 and len(set(numbers)) > 1 and not mitochondrial:
        return None
    if adj:
        quality, depth, by_allele = fields["GQ"], fields["DP"], fields["AD"]
        if quality == "." or int(quality) < 20:
            return None
        if depth == "." or int(depth) < (10 if copies == 2 else 5):
            return None
        if len(set(numbers)) > 1 and not mitochondrial:
            if by_allele == ".":
                return None
            for number in set(numbers) - {0}:
                if int(by_allele.split(",")[number]) / int(depth) < 0.2:
                    return None
    return numbers[:1] if copies == 1 and not mitochondrial else numbers


def in_molecules(numbers: list[int], number: int, fields: dict[str, str]) -> int:
    """Of a mitochondrial genotype: 0 without the allele, 1 homoplasmic, "3" heteroplasmic."""
    if number not in numbers:
        return 0
    if fields["AD"] == "." or fields["DP"] == ".":
        return 1 if set(numbers) == {number} else HETEROPLASMIC
    share = int(fields["AD"].split(",")[number]) / int(fields["DP"])
    return 1 if share >= 0.95 else HETEROPLASMIC if share >= 0.10 else 0


@dataclass
class Person:
    """``joint_at``: places of records of files of several people; ``called_at``: of files of their own."""

    sex: str
    statuses: dict[Allele, list[int | None]] = field(default_factory=lambda: defaultdict(list))
    called_at: set[tuple[str, int]] = field(default_factory=set)
    joint_at: set[tuple[str, int]] = field(default_factory=set)
    cut_at: set[tuple[str, int]] = field(default_factory=set)
    covered: list[tuple[str, int, int]] = field(default_factory=list)  # 0-based, half-open

    def copies(self, allele: Allele) -> int | None:
        """Copies of an allele; None when the person is not called for it."""
        contig, position, *_ = allele
        found = [status for status in self.statuses.get(allele, []) if status is not None]
        if len(set(found)) > 1:
            return None
        if found:
            return found[0]
        if allele in self.statuses:
            return None
        return 0 if self.is_callable(contig, position) else None

    def is_callable(self, contig: str, position: int) -> bool:
        """In a block of ten bases that is covered whole, or at an exact place of a file of several people."""
        if (contig, position) in self.joint_at and not self._is_cut(contig, position):
            return True
        first = (position - 1) // 10 * 10 + 1
        return all(self._is_covered(contig, place) for place in range(first, first + 10))

    def _is_cut(self, contig: str, position: int) -> bool:
        contradicted = any(
            len({status for status in statuses if status is not None}) > 1
            for (c, p, *_), statuses in self.statuses.items()
            if (c, p) == (contig, position)
        )
        return contradicted or (contig, position) in self.cut_at

    def _is_covered(self, contig: str, position: int) -> bool:
        if self._is_cut(contig, position):
            return False
        # Intervals given are the laboratory's, the same for many: their own ends are trimmed first.
        inside = any(
            c == contig and -(-start // 10) * 10 < position <= end // 10 * 10 for c, start, end in self.covered
        )
        return inside or (contig, position) in self.called_at


def read(people: dict[str, Person], text: str, adj: bool) -> None:
    """Add what one VCF says to the people in it."""
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("##")]
    names = lines[0][9:]
    for contig, pos, _, ref, alts, _, _, info, form, *cells in lines[1:]:
        position = int(pos)
        listed = alts.split(",")
        end = int(info.removeprefix("END=")) if info.startswith("END=") else position
        for name, cell in zip(names, cells, strict=True):
            person = people[name]
            copies = chromosomes(contig, position, person.sex)
            if not copies:
                continue
            fields = dict(zip(form.split(":"), cell.split(":"), strict=True))
            numbers = called_alleles(fields["GT"], fields, copies, adj, contig == "MT")
            places = {(contig, place) for place in range(position, end + 1)}
            plain = [(i, alt) for i, alt in enumerate(listed, start=1) if alt.isalpha()]
            if plain or alts in (".", "<NON_REF>"):
                (person.cut_at if numbers is None else person.joint_at if len(names) > 1 else person.called_at).update(
                    places
                )
            for number, alt in plain:
                status = None if numbers is None else numbers.count(number)
                if contig == "MT" and numbers is not None:
                    status = in_molecules(numbers, number, fields)
                person.statuses[contig, position, ref, alt].append(status)


def counts(people: list[Person], allele: Allele) -> dict[str, int]:
    """AC, AN, nhomalt, nhemi and nobs, in all and by sex."""
    total: dict[str, int] = defaultdict(int)
    for person in people:
        copies = person.copies(allele)
        chromosome_count = chromosomes(allele[0], allele[1], person.sex)
        if copies is None or not chromosome_count:
            continue
        heteroplasmic = copies == HETEROPLASMIC
        suffixes = ["", {"female": "_xx", "male": "_xy", "unknown": "_unknown"}[person.sex]]
        for suffix in suffixes:
            total[f"ac{suffix}"] += 0 if heteroplasmic else copies
            total[f"an{suffix}"] += chromosome_count
            total[f"nhomalt{suffix}"] += copies == 2
            total[f"nhemi{suffix}"] += copies == 1 and chromosome_count == 1
            total[f"nobs{suffix}"] += copies > 0
            total[f"nhet_mt{suffix}"] += heteroplasmic
    return total
