"""Chains and what they lift, against a walk through the chain file line by line and against the sequences."""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.chains import Chains, Reason, read_chains
from varde.genome.errors import InputError
from varde.genome.liftover import lift_alleles
from varde.genome.references import Reference
from varde.genome.tests.tables import reference_of
from varde.genome.vcf import read_whole_vcf

SIZE37, SIZE38 = 63_025_520, 64_444_167
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def opposite(bases: str) -> str:
    return bases.translate(COMPLEMENT)[::-1]


@dataclass
class Pair:
    """The first bases of chromosome 20 in both builds, and the chain between them."""

    source: str
    target: str
    text: str
    blocks: list[tuple[int, int, int, bool]]
    """Start in the source, size, start in the target (forward), turned."""


def made_pair(seed: int) -> Pair:
    """Three chains of random blocks and gaps, the second one turned; repeats are common (two letters only)."""
    rng = random.Random(seed)

    def letters(count: int) -> str:
        return "".join(rng.choices("ACGT" if seed % 2 else "AC", k=count))

    source, target, text, blocks = letters(7), letters(3), "##a comment\n", []
    for turned in (False, True, False):
        sizes = [rng.randint(4, 30) for _ in range(rng.randint(1, 5))]
        gaps = [(rng.randint(0, 3), rng.randint(0, 3)) for _ in sizes[1:]] + [(0, 0)]
        start, begun, piece, lines, rows = len(source), 0, "", [], []
        for size, (left_out, put_in) in zip(sizes, gaps, strict=True):
            rows.append((len(source), size, len(piece)))
            block = letters(size)
            source += block + letters(left_out)
            piece += block + letters(put_in)
            lines.append(f"{size}\t{left_out}\t{put_in}" if len(rows) < len(sizes) else str(size))
        begun = SIZE38 - len(target) - len(piece) if turned else len(target)
        text += f"chain 100 chr20 {SIZE37} + {start} {len(source)} chr20 {SIZE38} {'-' if turned else '+'} "
        text += f"{begun} {begun + len(piece)} {len(blocks)}\n" + "\n".join(lines) + "\n\n"
        blocks += [
            (at, size, len(target) + (len(piece) - place - size if turned else place), turned)
            for at, size, place in rows
        ]
        target += opposite(piece) if turned else piece
        source, target = source + letters(5), target + letters(4)
    return Pair(source, target, text, blocks)


def inverse(text: str) -> str:
    """The chain file the other way round; a turned chain's blocks are read from its end."""
    found = []
    for chain in text.split("chain ")[1:]:
        head, *rows = [line.split() for line in chain.strip().splitlines()]
        score, name, size, _, start, end, to_name, to_size, strand, to_start, to_end, number = head
        triples = [[*(int(one) for one in row), 0, 0][:3] for row in rows]
        if strand == "-":
            start, end = int(size) - int(end), int(size) - int(start)
            to_start, to_end = int(to_size) - int(to_end), int(to_size) - int(to_start)
            sizes, gaps = [row[0] for row in triples][::-1], [*[row[1:] for row in triples[:-1]][::-1], [0, 0]]
            triples = [[size_, *gap] for size_, gap in zip(sizes, gaps, strict=True)]
        head = [score, to_name, to_size, "+", to_start, to_end, name, size, strand, start, end, number]
        lines = [f"{a} {c} {b}" for a, b, c in triples[:-1]] + [str(triples[-1][0])]
        found.append("chain " + " ".join(map(str, head)) + "\n" + "\n".join(lines) + "\n")
    return "\n".join(found)


def walked(text: str, position: int) -> tuple[int, bool] | Reason:
    """One 1-based position of chromosome 20, by walking every chain line by line."""
    hits, reached = [], False
    for chain in text.split("chain ")[1:]:
        head, *rows = chain.strip().splitlines()
        _, _, _, _, start, end, _, to_size, strand, to_start, _, _ = head.split()
        here, there = int(start), int(to_start)
        reached = reached or here <= position - 1 < int(end)
        for row in rows:
            size, *gap = (int(one) for one in row.split())
            if here <= position - 1 < here + size:
                on_strand = there + position - 1 - here
                hits.append((int(to_size) - on_strand, True) if strand == "-" else (on_strand + 1, False))
            here, there = here + size + (gap[0] if gap else 0), there + size + (gap[1] if gap else 0)
    if len(hits) > 1:
        return Reason.SEVERAL
    return hits[0] if hits else Reason.GAP if reached else Reason.NO_CHAIN


def chains_of(folder: Path, text: str) -> Chains:
    path = folder / "made.over.chain"
    path.write_text(text)
    return read_chains(path)


def lift(chains: Chains, *rows: tuple[int, str, str], reference: Reference | None = None) -> list[tuple[object, ...]]:
    position, ref, alt = (list(column) for column in zip(*rows, strict=True))
    found = lift_alleles(
        chains, np.full(len(rows), 20, np.uint8), np.array(position), pl.Series(ref), pl.Series(alt), reference
    )
    return found.select("position", "ref", "alt", "turned", "reason").rows()


@pytest.mark.parametrize("seed", range(12))
def test_points_are_those_of_the_walk_and_come_back(tmp_path, seed):
    pair = made_pair(seed)
    chains = chains_of(tmp_path, pair.text)
    back = chains_of(tmp_path, inverse(pair.text))
    assert (chains.source, chains.target, back.target) == (Build.GRCH37, Build.GRCH38, Build.GRCH37)
    position = np.arange(1, len(pair.source) + 8)
    found = chains.lift_points(np.full(len(position), 20, np.uint8), position)
    for i, expected in enumerate(walked(pair.text, int(one)) for one in position):
        if isinstance(expected, Reason):
            assert (found.reason[i], found.position[i]) == (expected, 0)
        else:
            assert (found.position[i], bool(found.turned[i])) == expected
            base = pair.target[found.position[i] - 1]
            assert pair.source[position[i] - 1] == (base.translate(COMPLEMENT) if found.turned[i] else base)
    good = found.reason == Reason.LIFTED
    returned = back.lift_points(found.contig[good], found.position[good])
    assert returned.position.tolist() == position[good].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_intervals_are_their_lifted_points(tmp_path, seed):
    pair, rng = made_pair(seed), random.Random(seed)
    chains = chains_of(tmp_path, pair.text)
    for _ in range(20):
        low, high = sorted(rng.sample(range(len(pair.source) + 10), 2))
        pieces, lost = chains.lift_intervals(np.array([20], np.uint8), np.array([low]), np.array([high]))
        lifted = {one[0] for one in (walked(pair.text, at + 1) for at in range(low, high)) if isinstance(one, tuple)}
        held = [base + 1 for start, end in pieces.select("start0", "end0").rows() for base in range(start, end)]
        assert (sorted(held), lost) == (sorted(lifted), high - low - len(lifted))


def random_allele(rng: random.Random, bases: str) -> tuple[int, str, str]:
    at = rng.randrange(len(bases) - 6)
    ref = bases[at : at + rng.randint(1, 4)]
    alt = rng.choice(
        [ref[0], ref[0] + "".join(rng.choices("ACGT", k=rng.randint(1, 3))), "".join(rng.choices("ACGT", k=len(ref)))]
    )
    return at + 1, ref, alt if alt != ref else ref + "G"


@pytest.mark.parametrize("seed", range(12))
def test_a_lifted_allele_makes_the_same_sequence(tmp_path, seed):
    """The block with the allele in it, laid into the target, is the target with the lifted allele in it."""
    pair, rng = made_pair(seed), random.Random(seed)
    chains = chains_of(tmp_path, pair.text)
    reference = reference_of(tmp_path, {"20": pair.target}, Build.GRCH38)
    alleles = [random_allele(rng, pair.source) for _ in range(300)]
    lifted = 0
    for (position, ref, alt), found in zip(alleles, lift(chains, *alleles, reference=reference), strict=True):
        new_position, new_ref, new_alt, turned, reason = found
        needed = len(ref) + (len(ref) != len(alt))
        inside = [one for one in pair.blocks if one[0] < position and position - 1 + needed <= one[0] + one[1]]
        assert (reason == "lifted") == bool(inside)
        if not inside:
            continue
        start, size, to_start, strand = inside[0]
        assert turned == strand
        changed = pair.source[start : position - 1] + alt + pair.source[position - 1 + len(ref) : start + size]
        laid = opposite(changed) if turned else changed
        assert pair.target[new_position - 1 :].startswith(new_ref)
        assert (
            pair.target[:to_start] + laid + pair.target[to_start + size :]
            == pair.target[: new_position - 1] + new_alt + pair.target[new_position - 1 + len(new_ref) :]
        )
        lifted += 1
    assert lifted > 20


PLAIN = f"chain 1 chr20 {SIZE37} + 10 30 chr20 {SIZE38} + 110 132 1\n8 2 4\n10\n"
TURNED = f"chain 1 chr20 {SIZE37} + 10 30 chr20 {SIZE38} - {SIZE38 - 130} {SIZE38 - 110} 1\n20\n"


def test_every_failure_has_its_reason(tmp_path):
    bases = "C" * 110 + "ACGTACGT" + "GGGG" + "TTTTTTTTTT" + "A" * 20
    reference = reference_of(tmp_path, {"20": bases}, Build.GRCH38)
    chains = chains_of(tmp_path, PLAIN)
    found = lift(
        chains,
        (11, "A", "G"),  # as it is
        (5, "A", "G"),  # before every chain
        (19, "A", "G"),  # in the gap
        (17, "GTC", "G"),  # into the gap
        (18, "T", "TA"),  # an insertion just before the gap
        (11, "T", "G"),  # another base there
        (11, "G", "A"),  # the other base is the ALT
        (11, "A", "<DEL>"),
        (11, "A", "*"),
        reference=reference,
    )
    assert [(row[0], row[-1]) for row in found] == [
        (111, "lifted"),
        (0, "no_chain"),
        (0, "gap"),
        (0, "split"),
        (0, "split"),
        (0, "ref_differs"),
        (0, "swapped"),
        (0, "not_sequence"),
        (111, "lifted"),
    ]
    assert lift(chains, (11, "T", "G")) == [(111, "T", "G", False, "lifted")]  # nothing to compare with


def test_reference_that_does_not_reach(tmp_path):
    reference = reference_of(tmp_path, {"20": "C" * 100}, Build.GRCH38)
    assert lift(chains_of(tmp_path, PLAIN), (11, "A", "G"), reference=reference)[0][-1] == "uncheckable"
    with pytest.raises(InputError) as refused:
        lift(chains_of(tmp_path, inverse(PLAIN)), (111, "A", "G"), reference=reference)
    assert refused.value.code == "wrong_build"


def test_turned_alleles(tmp_path):
    """Source 11-30 is AACCGGTTACACACAGTGTG; the target holds it turned at 111-130."""
    piece = "AACCGGTTACACACAGTGTG"
    chains = chains_of(tmp_path, TURNED)
    rows = [(11, "A", "G"), (13, "CC", "TG"), (19, "AC", "A"), (19, "A", "AC")]
    assert lift(chains, *rows) == [
        (130, "T", "C", True, "lifted"),
        (127, "GG", "CA", True, "lifted"),
        (0, "", "", False, "strand_unresolved"),
        (0, "", "", False, "strand_unresolved"),
    ]
    reference = reference_of(tmp_path, {"20": "C" * 110 + opposite(piece) + "C" * 9}, Build.GRCH38)
    assert lift(chains, *rows, reference=reference)[2:] == [
        (120, "TG", "T", True, "lifted"),
        (120, "T", "TG", True, "lifted"),  # a C behind 19 lies beside the C at 20: the G before 121 is leftmost
    ]


def test_mitochondrion_lifts_to_itself_and_other_sequences_not(tmp_path):
    text = PLAIN + f"\nchain 1 chr20 {SIZE37} + 50 60 chr6_random 4000 + 0 10 2\n10\n"
    text += "\nchain 1 chrM 16571 + 0 10 chrM 16569 + 0 10 3\n10\n"
    text += f"\nchain 1 chr20 {SIZE37} + 25 27 chr20 {SIZE38} + 0 2 4\n2\n"
    found = chains_of(tmp_path, text).lift_points(np.array([25, 20, 20, 0], np.uint8), np.array([3243, 51, 26, 5]))
    assert found.position.tolist() == [3243, 0, 0, 0]
    expected = [Reason.LIFTED, Reason.OTHER_SEQUENCE, Reason.SEVERAL, Reason.UNKNOWN_CONTIG]
    assert found.reason.tolist() == expected


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("hello\n", "bad_chain", 1),
        (PLAIN.replace("8 2 4", "8 2"), "bad_chain", 1),
        (PLAIN.replace("8 2 4\n", ""), "bad_chain", 1),
        ("\n" + PLAIN.replace("10\n", "9\n"), "bad_chain", 2),
        (PLAIN.replace("+ 10", "- 10"), "bad_chain", 1),
        (PLAIN.replace("132", "99999999"), "bad_chain", 1),
        (PLAIN.replace(str(SIZE37), "63741868"), "wrong_chain", None),
        (PLAIN.replace(str(SIZE37), str(SIZE38)), "wrong_chain", None),
        ("", "empty", None),
    ],
)
def test_refused_chain_files(tmp_path, text, code, line):
    with pytest.raises(InputError) as refused:
        chains_of(tmp_path, text)
    assert (refused.value.code, refused.value.line) == (code, line)


def test_real_chains_there_and_back():
    """200,000 places: what does not lift is mostly unknown sequence; nearly all that lifts comes back."""
    folder = shared_data("reference")
    there, back = (read_chains(folder / f"{name}.over.chain.gz") for name in ("hg19ToHg38", "hg38ToHg19"))
    rng = np.random.default_rng(11)
    contig = rng.integers(1, 24, 200_000).astype(np.uint8)
    position = rng.integers(1, 46_000_000, 200_000)
    found = there.lift_points(contig, position)
    good = found.reason == Reason.LIFTED
    returned = back.lift_points(found.contig[good], found.position[good])
    same = (returned.contig == contig[good]) & (returned.position == position[good])
    assert good.mean() > 0.88
    assert same.mean() > 0.995


def test_real_exons_of_mane():
    """Each MANE exon of chromosome 20 that was lifted exon by exon to GRCh37 lies where its ends lift to."""
    folder = shared_data("reference")
    back = read_chains(folder / "hg38ToHg19.over.chain.gz")
    with gzip.open(folder / "mane_on_grch37_chr20_chrX.gff3.gz", "rt") as lines:
        rows = [line.split("\t") for line in lines if line.startswith("20\t")]
    expected = {(int(row[3]), int(row[4])) for row in rows if row[2] == "exon"}
    with gzip.open(folder / "mane_grch38_genepred.tsv.gz", "rt") as lines:
        transcripts = [line.split("\t") for line in lines if line.startswith("chr20\t")]
    lifted: set[tuple[int, int]] = set()
    for row in transcripts:
        starts = [int(row[1]) + int(one) for one in row[11].strip(",").split(",")]
        sizes = [int(one) for one in row[10].strip(",").split(",")]
        bounds = np.array([[start + 1, start + size] for start, size in zip(starts, sizes, strict=True)])
        found = back.lift_points(np.full(bounds.size, 20, np.uint8), bounds.ravel()).position.reshape(-1, 2)
        lifted |= {(min(pair), max(pair)) for pair in found.tolist()}
    assert len(expected) > 4_000
    assert expected <= lifted


def test_real_alleles_of_clinvar_in_both_builds():
    """Every ClinVar allele of the GRCh38 file is lifted to where the GRCh37 file has it, and back."""
    folder = shared_data("knowledge", "clinvar")
    old, new = (
        read_whole_vcf(folder / f"clinvar_alleles_750.{short}.vcf.gz", build=build).sites
        for short, build in (("b37", Build.GRCH37), ("b38", Build.GRCH38))
    )
    place = ["contig", "position", "ref", "alt"]
    for name, given, expected in (("hg38ToHg19", new, old), ("hg19ToHg38", old, new)):
        chains = read_chains(shared_data("reference", f"{name}.over.chain.gz"))
        columns = given["contig"].to_numpy(), given["position"].to_numpy(), given["ref"], given["alt"]
        lifted = lift_alleles(chains, *columns)
        assert set(lifted["reason"]) == {"lifted"}
        assert lifted.join(expected.select(place), on=place).height == 515 == new.height


def test_real_alleles_on_a_turned_strand():
    """NA12878, chromosome 21: alleles whose strand turns have the letters of the set that was called on GRCh38."""
    old, new = (
        read_whole_vcf(shared_data("na12878", f"platinum_chr21_{short}.vcf.gz"), build=build).sites
        for short, build in (("b37", Build.GRCH37), ("hg38", Build.GRCH38))
    )
    chains = read_chains(shared_data("reference", "hg19ToHg38.over.chain.gz"))
    lifted = lift_alleles(chains, old["contig"].to_numpy(), old["position"].to_numpy(), old["ref"], old["alt"])
    turned = lifted.filter("turned")
    known = turned.filter(pl.col("position").is_in(new["position"].implode()))
    both = known.join(new, on=["position", "ref", "alt"], how="semi")
    assert (turned.height, known.height, both.height) == (819, 495, 491)
