"""The two genetic codes of human genes: the standard one and that of the mitochondrion."""

from __future__ import annotations

from itertools import product

STANDARD_CODE = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
"""NCBI translation table 1, codons in the order TCAG; ``*`` is a stop."""

MITOCHONDRIAL_CODE = "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG"
"""NCBI translation table 2, vertebrate mitochondrial."""

_CODONS = tuple("".join(bases) for bases in product("TCAG", repeat=3))
_TABLES = {
    False: dict(zip(_CODONS, STANDARD_CODE, strict=True)),
    True: dict(zip(_CODONS, MITOCHONDRIAL_CODE, strict=True)),
}

_COMPLEMENT = str.maketrans("ACGTNacgtn", "TGCANtgcan")


def translate(sequence: str, *, mitochondrial: bool = False) -> str:
    """One letter per whole codon; ``X`` for a codon with another letter than A, C, G, T; a last part codon is left out.

    >>> translate("ATGGCNTGA"), translate("ATATGA", mitochondrial=True)
    ('MX*', 'MW')
    """
    table = _TABLES[mitochondrial]
    upper = sequence.upper()
    return "".join(table.get(upper[i : i + 3], "X") for i in range(0, len(upper) - len(upper) % 3, 3))


def reverse_complement(sequence: str) -> str:
    """The other strand, read 5' to 3'.

    >>> reverse_complement("AACG")
    'CGTT'
    """
    return sequence.translate(_COMPLEMENT)[::-1]
