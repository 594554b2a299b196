"""Variant keys: exact where they can be, sorted by place, and never two alleles behind one key."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.genome import keys
from varde.genome.errors import InputError

PLACES = st.tuples(st.integers(1, 25), st.integers(1, keys.LAST_POSITION))
BASES = st.text("ACGT", min_size=1, max_size=11)
LETTERS = st.text("ACGTNRYacgtn", min_size=1, max_size=40)


def one_key(contig: int, position: int, ref: str, alt: str) -> int:
    return int(keys.encode_keys([contig], [position], [ref], [alt])[0])


def packed_slowly(contig: int, position: int, ref: str, alt: str) -> int:
    """The exact layout of the module's docstring, as text of ones and zeros."""
    bases = "1" + "".join(f"{'ACGT'.index(base):02b}" for base in ref + alt)
    return int(f"{contig:05b}{position:028b}0{len(ref):05b}{bases:0>25}", 2)


def hashed_slowly(ref: str, alt: str) -> int:
    """FNV-1a and MurmurHash3's fmix64, in Python's unbounded integers."""
    value = 14695981039346656037
    for letter in f"{ref}>{alt}".upper().encode():
        value = (value ^ letter) * 1099511628211 % 2**64
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor % 2**64
    return (value ^ value >> 33) >> 34


@settings(deadline=None)
@given(PLACES, BASES, BASES)
def test_short_alleles_come_back_exactly(place: tuple[int, int], ref: str, alt: str) -> None:
    key = one_key(*place, ref, alt)
    if len(ref) + len(alt) <= 12:
        assert key == packed_slowly(*place, ref, alt)
        assert keys.decode_key(key) == (*place, ref, alt)
    else:
        assert keys.decode_key(key) is None
        assert key % 2**30 == hashed_slowly(ref, alt)


@settings(deadline=None)
@given(st.lists(st.tuples(BASES, st.text("ACGT", min_size=1, max_size=14)), max_size=9))
def test_the_letters_of_many_keys_are_those_of_each(alleles: list[tuple[str, str]]) -> None:
    count = len(alleles)
    coded = keys.encode_keys([20] * count, range(1, count + 1), [a for a, _ in alleles], [b for _, b in alleles])
    ref, alt = keys.decode_alleles(coded)
    expected = [keys.decode_key(int(key)) for key in coded]
    assert list(zip(ref, alt, strict=True)) == [("", "") if one is None else one[2:] for one in expected]
    assert ref.dtype == alt.dtype == pl.String


def test_substitutions_are_told_by_the_key() -> None:
    alleles = [("A", "C"), ("T", "G"), ("A", "AC"), ("AC", "A"), ("AC", "GT"), ("N", "A"), ("A" * 9, "ACGTT")]
    coded = keys.encode_keys([7] * 7, [9] * 7, [ref for ref, _ in alleles], [alt for _, alt in alleles])
    assert keys.is_substitution(coded).tolist() == [True, True, False, False, False, False, False]


@settings(deadline=None)
@given(PLACES, LETTERS, LETTERS)
def test_long_and_ambiguous_alleles_are_hashed_by_the_published_constants(
    place: tuple[int, int], ref: str, alt: str
) -> None:
    key = one_key(*place, ref, alt)
    if len(ref) + len(alt) > 12 or set((ref + alt).upper()) - set("ACGT"):
        assert key == place[0] << 59 | place[1] << 31 | 1 << 30 | hashed_slowly(ref, alt)
        assert keys.is_hashed(np.array([key], dtype=np.uint64)).tolist() == [True]
    else:
        assert keys.decode_key(key) == (*place, ref.upper(), alt.upper())


def test_known_keys_never_change() -> None:
    """The format on disk: a change here is a new KEY_FORMAT."""
    assert keys.KEY_FORMAT == 1
    assert one_key(20, 1000, "A", "T") == 20 << 59 | 1000 << 31 | 1 << 25 | 0b10011
    assert one_key(1, 1, "ACGTACGTACGT", "A") == 576460756585108605
    assert one_key(25, 2**28 - 1, "N", "A") == 14987979558875295144


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(PLACES, LETTERS, LETTERS), min_size=2, max_size=30))
def test_keys_sort_by_place(rows: list[tuple[tuple[int, int], str, str]]) -> None:
    contig, position = np.array([place for place, _, _ in rows]).T
    found = keys.encode_keys(contig, position, [ref for _, ref, _ in rows], [alt for _, _, alt in rows])
    order = np.argsort(found, kind="stable")
    places = [rows[i][0] for i in order]
    assert places == sorted(places)
    assert keys.key_contigs(found).tolist() == contig.tolist()
    assert keys.key_positions(found).tolist() == position.tolist()
    for (place, _, _), key in zip(rows, found.tolist(), strict=True):
        assert keys.place_key(*place) < key < keys.place_key(place[0], place[1] + 1)


def test_every_allele_of_up_to_five_bases_has_its_own_key() -> None:
    words = [""]
    alleles: list[str] = []
    for _ in range(4):
        words = [word + base for word in words for base in "ACGT"]
        alleles += words
    pairs = [(ref, alt) for ref in alleles for alt in alleles if len(ref) + len(alt) <= 5]
    found = keys.encode_keys(
        np.full(len(pairs), 1), np.full(len(pairs), 1), [ref for ref, _ in pairs], [alt for _, alt in pairs]
    )
    assert len(np.unique(found)) == len(pairs) == 4**2 + 2 * 4**3 + 3 * 4**4 + 4 * 4**5


def test_signed_engines_sort_the_later_contigs_first() -> None:
    found = keys.encode_keys([15, 16], [1, 1], ["A", "A"], ["C", "C"])
    assert found[0] < found[1]
    assert found.view(np.int64)[1] < found.view(np.int64)[0]


@pytest.mark.parametrize(
    ("contig", "position", "ref", "alt"),
    [(0, 1, "A", "C"), (26, 1, "A", "C"), (1, 0, "A", "C"), (1, 2**28, "A", "C"), (1, 1, "", "C"), (1, 1, "A", "*"),
     (1, 1, "A", "<DEL>"), (1, 1, "AAAAAAAAAAAAA", "A-")],
)  # fmt: skip
def test_what_has_no_key_is_named(contig: int, position: int, ref: str, alt: str) -> None:
    with pytest.raises(ValueError, match="row 1 has no key"):
        keys.encode_keys([1, contig], [1, position], ["A", ref], ["C", alt])


@pytest.mark.parametrize(
    "number", [0, -1, 2**64, 1 << 59, 1 << 59 | 1 << 31, 26 << 59 | 1 << 31, 1 << 59 | 1 << 31 | 1 << 25 | 0b1]
)
def test_numbers_that_are_no_key_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="is not a variant key"):
        keys.decode_key(number)


def test_slices_of_columns_are_read_from_their_own_start() -> None:
    ref = pl.Series(["GGG", "A", "C", "ACGTACGTACGTACGT"])
    alt = pl.Series(["G", "T", "CA", "A"])
    whole = keys.encode_keys([1, 1, 1, 1], [5, 6, 7, 8], ref, alt)
    assert keys.encode_keys([1, 1], [7, 8], ref[2:], alt.slice(2)).tolist() == whole[2:].tolist()
    assert keys.encode_keys([], [], ref[:0], alt[:0]).tolist() == []


def colliding_pair() -> tuple[tuple[str, str], tuple[str, str]]:
    """Two long insertions with one hash, found by trying 200,000 (30 bits: about 18 pairs are expected)."""
    rng = np.random.default_rng(7)
    alts = ["A" + "".join(row) for row in rng.choice(list("ACGT"), size=(200_000, 16)).tolist()]
    found = keys.encode_keys(np.ones(len(alts)), np.ones(len(alts)), ["A"] * len(alts), alts)
    order = np.argsort(found, kind="stable")
    twins = np.flatnonzero(np.diff(found[order]) == 0)
    first, second = next((alts[order[i]], alts[order[i + 1]]) for i in twins if alts[order[i]] != alts[order[i + 1]])
    return ("A", first), ("A", second)


def test_a_true_collision_of_the_hash_stops_the_work() -> None:
    (ref, alt), (other_ref, other_alt) = colliding_pair()
    frame = pl.DataFrame({"ref": [ref, other_ref, "A"], "alt": [alt, other_alt, "T"]}).with_columns(
        key=keys.encode_keys([3, 3, 3], [77, 77, 77], [ref, other_ref, "A"], [alt, other_alt, "T"])
    )
    assert frame["key"].n_unique() == 2
    assert keys.collisions(frame).height == 2
    for check in (keys.check_collisions, keys.side_table):
        with pytest.raises(InputError, match="contig 3, position 77") as caught:
            check(frame)
        assert caught.value.code == "key_collision"


def test_the_side_table_holds_each_hashed_allele_once() -> None:
    ref = ["A", "ACGTACGTACGTA", "acgtacgtacgta", "N"]
    alt = ["T", "A", "a", "C"]
    frame = pl.DataFrame({"ref": ref, "alt": alt}).with_columns(key=keys.encode_keys([1] * 4, [9] * 4, ref, alt))
    frame = pl.concat([frame, pl.DataFrame({"ref": ["N"], "alt": ["<DEL>"], "key": [None]}, schema=frame.schema)])
    keys.check_collisions(frame)
    assert set(keys.side_table(frame).select("ref", "alt").rows()) == {("ACGTACGTACGTA", "A"), ("N", "C")}
    assert keys.collisions(frame).is_empty()
