"""Runs ``bcftools csq`` once and ends: the program keeps state between two calls in one process.

Started as ``python -m varde.annotation.csq_child FASTA GFF3 GENETIC_CODE SITES_VCF ANNOTATED_VCF``. The options are
those of bcftools 1.24: ``-l`` judges each record alone, ``-G 1`` also names the genes whose intron is hit when another
gene's exon is, ``-v 0`` is quiet, ``-C`` chooses the genetic code (0 standard, 2 vertebrate mitochondrial).
"""

from __future__ import annotations

import sys

import pysam.bcftools
from pysam.utils import SamtoolsError


def options(fasta: str, gff3: str, genetic_code: str, sites: str, annotated: str) -> list[str]:
    """The arguments of ``bcftools csq``."""
    return [
        *("-f", fasta, "-g", gff3, "-l", "-G", "1", "-v", "0", "-C", genetic_code),
        *("--no-version", "-O", "v", "-o", annotated, sites),
    ]


def main(arguments: list[str]) -> int:
    """Exit code 0 when the engine reached its end, 1 with its message on standard error when it did not."""
    try:
        pysam.bcftools.csq(*options(*arguments), catch_stdout=False)
    except SamtoolsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
