"""The oracle: modes of inheritance one variant at a time, written from the definitions and from nothing else.

Plain Python over plain numbers. It shares no line with the columnar code; only names of modes and the limits of a gate.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from varde.genome.builds import Build
from varde.interpretation.inheritance import Mode

PAR_X = {
    Build.GRCH37: ((60001, 2699520), (154931044, 155260560)),
    Build.GRCH38: ((10001, 2781479), (155701383, 156030895)),
}
PAR_Y = {Build.GRCH37: ((10001, 2649520), (59034050, 59363566)), Build.GRCH38: ((10001, 2781479), (56887903, 57217415))}
RESOLVED_OR_SYMBOLIC = {1, 2, 3, 4, 5, 7, 8}


def place_of(build, contig, position):
    if contig == 23 and not any(a <= position <= b for a, b in PAR_X[build]):
        return "X"
    if contig == 24 and not any(a <= position <= b for a, b in PAR_Y[build]):
        return "Y"
    return "MT" if contig == 25 else "autosome"


class Call:
    """One person's call of one allele, as plain numbers; None is not given."""

    def __init__(self, codes, numbers, *, male, place, gate):
        ref, alt, dp, gq = numbers
        codes = [code for code in codes if code != -2]
        self.alts = codes.count(1)
        self.half = -1 in codes
        self.missing = self.half and self.alts == 0
        self.all_alt = self.alts == len(codes)
        self.alt_reads = alt
        self.fraction = None
        if ref is not None and alt is not None:
            total = dp if 2 in codes else ref + alt
            if total is not None and total > 0:
                self.fraction = Fraction(alt, total)
        self.depth = dp if dp is not None else (ref + alt if ref is not None and alt is not None else None)
        self.male_x = male and place == "X"
        self.shallow, self.state = self._gate(gate, gq, place)

    def _gate(self, gate, gq, place):
        least_depth = (gate.male_x_minimum_depth if self.male_x else gate.minimum_depth) or 0
        least_quality = (gate.male_x_minimum_quality if self.male_x else gate.minimum_quality) or 0
        if place == "MT":
            least_quality = 0
        shallow = self.depth is not None and self.depth < least_depth
        answers = []
        for value, least in ((self.depth, least_depth), (gq, least_quality)):
            if least:
                answers.append(None if value is None else value >= least)
        if place != "MT" and not self.half:
            answers += self._balance(gate)
        if self.missing:
            return shallow, "unknown"
        if False in answers:
            return shallow, "fail"
        return shallow, "unknown" if None in answers or self.half else "pass"

    def _balance(self, gate):
        fraction = None if self.fraction is None else float(self.fraction)
        if self.alts == 0:
            limit = gate.hom_ref_balance_below
            return [] if limit is None else [None if fraction is None else fraction < limit]
        if self.all_alt:
            limit = gate.hom_alt_balance_above
            return [] if limit is None else [None if fraction is None else fraction > limit]
        if self.male_x:
            limit = gate.male_x_het_balance_above
            return [] if limit is None else [None if fraction is None else fraction > limit]
        if gate.het_balance is None:
            return []
        low, high = gate.het_balance
        return [None if fraction is None else low <= fraction <= high]

    def as_parent(self):
        """'ref', 'het', 'hom', 'silent' (says nothing, shows no allele), 'murmur' (says nothing, shows it), 'bad'."""
        if self.missing or self.shallow:
            return "murmur" if self.alts else "silent"
        if self.state == "fail":
            return "bad"
        if self.alts == 0:
            return "ref"
        return "hom" if self.all_alt else "het"

    def mosaic(self):
        if self.missing or self.half or self.shallow or self.alts or self.fraction is None:
            return False
        return 0.02 <= float(self.fraction) <= 0.20 and self.alt_reads >= 2


class Nobody:
    """A parent who was not examined."""

    state, alt_reads = "unknown", None

    def as_parent(self):
        return "silent"

    def mosaic(self):
        return False


QUIET = ("silent", "murmur")
ONE_ALLELE_SUFFICES = (
    Mode.DE_NOVO,
    Mode.POSSIBLE_DE_NOVO,
    Mode.PARENTAL_MOSAICISM,
    Mode.X_LINKED_DE_NOVO,
    Mode.DOMINANT_INHERITED,
)


def slow_family_modes(site, people, relatives, *, gate, **trio):
    """{mode: (evaluated, barrier)} of one allele. ``relatives``: (call, sex, affection) of each, beside the parents."""
    build, contig, position, _ = site
    place = place_of(build, contig, position)
    ill = any(affection == "affected" for _, _, affection in relatives)
    found = slow_modes(site, people, gate=gate, ill_relative=ill, **trio)
    answer = {}
    for mode, by_parents in found.items():
        evaluated, barrier = by_parents, None
        for number, (call, sex, affection) in enumerate(relatives, start=1):
            if affection == "unknown" or mode is Mode.MITOCHONDRIAL or (place == "Y" and sex != "male"):
                continue
            word = call.as_parent()
            if word not in ("ref", "het", "hom"):
                evaluated = False
                continue
            only_one = place in ("X", "Y") and sex == "male"
            whole = word == "hom" or (only_one and word == "het")
            if mode in ONE_ALLELE_SUFFICES:
                against = word == "ref" if affection == "affected" else word != "ref"
            elif affection == "affected":
                against = word == "ref" or (word == "het" and not whole and not (place == "X" and sex == "unknown"))
            else:
                against = whole
            if against and barrier is None:
                barrier = f"relative_{number} {'none' if word == 'ref' else word}"
        answer[mode] = (evaluated, barrier)
    return answer


def slow_relatives_of_pair(calls_a, calls_b, place_a, place_b, relatives):
    """(barrier, somebody says nothing) of a pair; ``calls_*``: each relative's call of the halves."""
    whole, both, lacking, silent = [], [], [], False
    for number, (sex, affection) in enumerate(relatives, start=1):
        if affection == "unknown":
            continue
        words = [calls[number - 1].as_parent() for calls in (calls_a, calls_b)]
        silent |= any(word not in ("ref", "het", "hom") for word in words)
        if affection == "affected":
            lacking += [number] if "ref" in words else []
            continue
        carried = [word in ("het", "hom") for word in words]
        alone = [
            word == "hom" or (word == "het" and sex == "male" and place in ("X", "Y"))
            for word, place in zip(words, (place_a, place_b), strict=True)
        ]
        whole += [number] if any(alone) else []
        both += [number] if all(carried) else []
    for listed, word in ((whole, "hom"), (both, "both"), (lacking, "none")):
        if listed:
            return f"relative_{listed[0]} {word}", silent
    return None, silent


def slow_modes(site, people, *, child_sex, mother_status, father_status, gate, ill_relative=False):
    """{mode: evaluated} of one allele. ``site``: (build, contig, position, kind); ``people``: child, mother, father."""
    (build, contig, position, kind), (child, mother, father) = site, people
    found = {}
    if kind not in RESOLVED_OR_SYMBOLIC or child.missing or child.state == "fail" or child.alts == 0:
        return found
    place = place_of(build, contig, position)
    m, f = mother.as_parent(), father.as_parent()
    everybody = child.state == mother.state == father.state == "pass"
    if place == "MT":
        return {Mode.MITOCHONDRIAL: child.state == "pass"}
    diploid = place == "autosome" or (place == "X" and child_sex != "male")
    haploid_x = place == "X" and child_sex != "female"
    certain_sex = place == "autosome" or child_sex != "unknown"
    het, hom = not child.all_alt, child.all_alt
    fraction = None if child.fraction is None else float(child.fraction)

    def limit_reads(*parents):
        return (
            gate.parental_alt_reads_below is None
            or sum(p.alt_reads or 0 for p in parents) < gate.parental_alt_reads_below
        )

    def reads_known(*parents):
        return gate.parental_alt_reads_below is None or all(p.alt_reads is not None for p in parents)

    # new alleles
    as_new = (diploid and het) or (haploid_x and (fraction is None or fraction > 0.30))
    new_known = (diploid and het) or hom or fraction is not None
    if place == "Y":
        if child_sex != "female" and f in ("ref", "silent") and limit_reads(father):
            sure = f == "ref" and child.state == father.state == "pass" and reads_known(father) and child_sex == "male"
            found[Mode.DE_NOVO if sure else Mode.POSSIBLE_DE_NOVO] = sure
        return found
    if as_new and m in ("ref", "silent") and f in ("ref", "silent") and limit_reads(mother, father):
        sure = m == f == "ref" and everybody and reads_known(mother, father) and certain_sex and new_known
        if not sure:
            found[Mode.POSSIBLE_DE_NOVO] = False
        else:
            found[Mode.DE_NOVO if diploid and het else Mode.X_LINKED_DE_NOVO] = True
    if as_new and mother.mosaic() != father.mosaic():
        other, other_word = (father, f) if mother.mosaic() else (mother, m)
        gives = mother.mosaic() or (diploid and het)
        if other_word in ("ref", "silent") and gives:
            found[Mode.PARENTAL_MOSAICISM] = child.state == other.state == "pass" and certain_sex and new_known

    # both alleles, or the only one
    m_gives = m == "het" or m in QUIET or (m == "hom" and mother_status == "affected")
    f_gives = f == "het" or f in QUIET or (f == "hom" and father_status == "affected")
    f_gives_x = f in ("het", "hom") or f in QUIET
    if place == "autosome" and hom and m_gives and f_gives:
        found[Mode.HOMOZYGOUS_RECESSIVE] = everybody
    if diploid and hom and ((m_gives and f == "ref") or (m == "ref" and (f_gives_x if place == "X" else f_gives))):
        found[Mode.RECESSIVE_UNIPARENTAL_HINT] = everybody and certain_sex
    as_only = haploid_x and (fraction is None or fraction > 0.75)
    only_known = hom or fraction is not None
    f_free = f == "ref" or f in QUIET or (f != "bad" and father_status == "affected")
    if as_only and m_gives and f_free:
        found[Mode.X_LINKED_RECESSIVE] = everybody and certain_sex and only_known
    if place == "X" and child_sex != "male" and hom and m_gives and f_gives_x:
        found[Mode.X_LINKED_RECESSIVE_FEMALE] = everybody and certain_sex

    # one allele of an affected parent
    m_fits = {"affected": m in ("het", "hom", *QUIET), "unaffected": m in ("ref", *QUIET), "unknown": True}[
        mother_status
    ]
    f_fits = {"affected": f in ("het", "hom", *QUIET), "unaffected": f in ("ref", *QUIET), "unknown": True}[
        father_status
    ]
    sides = {"mother": (mother, m, mother_status), "father": (father, f, father_status)}

    def given_by(*names):
        """Whether an affected one of these is there, or one of unknown affection in a family with the disease, and
        whether a call shows the giver."""
        if any(sides[name][2] == "affected" for name in names):
            return True, True
        open_ones = [sides[name] for name in names if sides[name][2] == "unknown" and ill_relative]
        may = any(word in ("het", "hom", *QUIET) for _, word, _ in open_ones)
        return may, any(word in ("het", "hom") and call.state == "pass" for call, word, _ in open_ones)

    may_either, shown_either = given_by("mother", "father")
    may_mother, shown_mother = given_by("mother")
    by_either = diploid and het and m_fits and f_fits and may_either
    by_mother = as_only and may_mother and m_fits and (father_status != "unaffected" or f_fits)
    if by_either or by_mother:
        calls = [child]
        calls += [mother] if mother_status != "unknown" else []
        calls += [father] if father_status != "unknown" else []
        known = not as_only or only_known
        shown = shown_mother if as_only else shown_either
        found[Mode.DOMINANT_INHERITED] = all(c.state == "pass" for c in calls) and certain_sex and known and shown
    return found


def slow_half(site, people, *, child_sex, gate):
    """(side, both parents say so, all pass) of one half of a compound heterozygote, or None."""
    (build, contig, position, kind), (child, mother, father) = site, people
    place = place_of(build, contig, position)
    diploid = place == "autosome" or (place == "X" and child_sex != "male")
    if kind not in RESOLVED_OR_SYMBOLIC or not diploid:
        return None
    if child.missing or child.state == "fail" or child.alts == 0 or child.all_alt:
        return None
    m, f = mother.as_parent(), father.as_parent()
    passes = child.state == mother.state == father.state == "pass" and (place == "autosome" or child_sex != "unknown")
    if (m, f) == ("het", "ref"):
        return "mother", True, passes
    if (m, f) == ("ref", "het"):
        return "father", True, passes
    if (m, f) == ("ref", "ref"):
        limit = gate.parental_alt_reads_below
        reads = [mother.alt_reads, father.alt_reads]
        if limit is not None and sum(r or 0 for r in reads) >= limit:
            return None
        return "new", True, passes and (limit is None or None not in reads)
    if m in QUIET and f in QUIET:
        return "open", False, passes
    if (m in QUIET and f == "ref") or (f in QUIET and m == "het"):
        return "mother", False, passes
    if (f in QUIET and m == "ref") or (m in QUIET and f == "het"):
        return "father", False, passes
    return None


def slow_pairs(rows, genes):
    """Pairs within each gene. ``rows``: {row: (half, contig, record, span, codes, phased, phase set)}."""
    found = []
    members = {}
    for row, gene in sorted({place for place in genes if place[1] is not None}):
        if rows.get(row, (None,))[0] is not None:
            members.setdefault(gene, []).append(row)
    for gene, listed in sorted(members.items()):
        for a, b in combinations(sorted(listed), 2):
            judged = _slow_pair(rows[a], rows[b])
            if judged is not None:
                found.append((gene, a, b, *judged))
    return found


def _slow_pair(a, b):
    (side_a, sure_a, pass_a), contig_a, record_a, span_a, codes_a, phased_a, set_a = a
    (side_b, sure_b, pass_b), contig_b, record_b, span_b, codes_b, phased_b, set_b = b
    passes = pass_a and pass_b
    if side_a == side_b and side_a != "open":
        return None
    if sure_a and sure_b and {side_a, side_b} == {"mother", "father"}:
        return "trans_by_parents", "compound_heterozygous", passes
    same_record = contig_a == contig_b and record_a == record_b and span_a[0] <= span_b[1] and span_b[0] <= span_a[1]
    if same_record and 2 in codes_a and 2 in codes_b:
        reads = "trans"
    elif contig_a == contig_b and phased_a and phased_b and set_a == set_b:
        reads = "cis" if (codes_a[0] == 1) == (codes_b[0] == 1) else "trans"
    else:
        reads = None
    if reads == "cis":
        return None
    phase = "trans_by_reads" if reads else "unknown"
    if "new" in (side_a, side_b):
        known = reads is not None or (sure_a and sure_b)
        return phase, "compound_heterozygous_de_novo" if known else "compound_heterozygous_unphased", passes
    return phase, "compound_heterozygous" if reads else "compound_heterozygous_unphased", passes
