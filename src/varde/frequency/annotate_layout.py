"""What ``annotate`` and its compiled code ``annotate_lines`` have agreed on: places, states, words. Constants alone."""

from __future__ import annotations

from typing import Final

LINE_FEED, HASH = 10, 35
COMPILED: Final = tuple(
    f"varde.frequency.annotate_{part}" for part in ("layout", "text", "alleles", "lookup", "fields", "lines")
)
"""The modules that the compiled code is made of; the last holds the function that is called."""
ARGUMENTS: Final = 23
"""Addresses that ``annotate_lines`` takes."""
FEW: Final = 10
"""Alleles that may differ from the reference without a word on the build."""

BLOCK_ROWS = 64
"""Rows of a block of ``varde.frequency.packed``."""

# Why a call came back; what is above FULL is a fault at ``PLACE``.
DONE, FULL, NEW_CONTIG, COLUMN_COUNT, BAD_POSITION, BAD_REF, BAD_ALT, BEYOND, ANNOTATED, HEADER = range(10)

# What is told of an alternate allele. The words go into the file.
STATES = (
    "observed",
    "absent_covered",
    "not_covered",
    "symbolic",
    "breakend",
    "spanning_deletion",
    "ref_mismatch",
    "unknown_contig",
    "y_pseudoautosomal",
    "same_as_ref",
    "in_bin",
    "below",
    "not_in_release",
)
(
    OBSERVED,
    ABSENT,
    NOT_COVERED,
    SYMBOLIC,
    BREAKEND,
    SPANNING,
    MISMATCH,
    UNKNOWN_CONTIG,
    Y_SHARED,
    SAME,
    IN_BIN,
    BELOW,
    NOT_IN_RELEASE,
) = range(len(STATES))

# Places in ``state``, the numbers that go in and out of a call.
START, STOP, OUT, OUT_ROOM, PLACE, LINE = 0, 1, 2, 3, 4, 5
CONTIG, CONTIG_LENGTH, NAME_LENGTH, BASES = 6, 7, 8, 9
SHARED = 10  # and 11, 12, 13: the two stretches of Y that are counted on X
SITE_ROWS, SITE_BLOCKS, SITE_COLUMNS, SITE_HINT = 14, 15, 16, 17
STEP_ROWS, STEP_BLOCKS, STEP_COLUMNS, STEP_HINT = 18, 19, 20, 21
LONG_ROWS, PREFIX_LENGTH, OVERWRITE, QUANTILES, IS_PUBLIC = 22, 23, 24, 25, 26
COLUMN = 27  # and the next three: columns of ac (public: bin), an, nhomalt and nhemi among the sites
STEP_AN, STEP_RELEASED = 31, 41  # columns of the coverage
RECORDS, WITHOUT_ALT, MOVED, UNALIGNED = 32, 33, 34, 35
LAST_POSITION, UNSORTED, REPLACED = 38, 39, 40
LEAST_PEOPLE = 44  # of a public index
WRITTEN, MARKS, MARK_ROOM, LAST_BIN, LAST_WINDOW = 45, 46, 47, 36, 37  # for the tabix index, see ``tabix``
TALLY = 48  # one per state
BIN_STEP, LOWEST_EDGE, HALF_STEP, SHARE_COUNT, SHARES = 61, 62, 63, 64, 65  # where the bins of a public index begin
STATE_SIZE = 80

MARK_SIZE = 4
"""Numbers of a mark: bin, first and last 16-kbase window that are new, place of the record in the text."""

# Places in ``words``: the fields, and behind them the states.
FIELDS = ("AC", "AN", "AF", "nhomalt", "nhemi", "faf95", "AC_low", "AC_high", "AF_low", "AF_high", "nhomalt_low",
          "nhemi_low", "state")  # fmt: skip
(F_AC, F_AN, F_AF, F_HOM, F_HEMI, F_FAF, F_AC_LOW, F_AC_HIGH, F_AF_LOW, F_AF_HIGH, F_HOM_LOW, F_HEMI_LOW,
 F_STATE) = range(len(FIELDS))  # fmt: skip

# Places in a row of ``found``, one row per alternate allele.
FOUND_STATE, FOUND_AC, FOUND_AN, FOUND_HOM, FOUND_HEMI, FOUND_HIGH, FOUND_SIZE = 0, 1, 2, 3, 4, 5, 6
MOST_ALTERNATES = 32_767
ROOM_PER_ALTERNATE, ROOM_PER_RECORD = 192, 512

FAULTS: Final = {
    COLUMN_COUNT: ("bad_columns", None, "The record has too few columns, or an empty one; columns are split by tabs."),
    BAD_POSITION: ("bad_position", "POS", "POS must be a whole number; found {0!r}."),
    BAD_REF: ("bad_allele", "REF", "REF must be one or more bases (A C G T N or an IUPAC code); found {0!r}."),
    BAD_ALT: ("bad_allele", "ALT", "ALT must be bases, '*', '<NAME>', a breakend or '.'; found {0!r}."),
    ANNOTATED: ("info_exists", "INFO", "The record has a field of this annotation already: {0!r}."),
    HEADER: ("second_header", None, "A header line stands among the records; the file was glued from several."),
}
"""Code, column and problem of a fault."""


def words(prefix: str) -> tuple[bytes, list[int]]:
    """The texts that are written, one behind the other, and where each begins, with the end: fields, then states."""
    texts = [f";{prefix}{name}=" for name in FIELDS] + list(STATES)
    places = [0]
    for text in texts:
        places.append(places[-1] + len(text))
    return "".join(texts).encode(), places
