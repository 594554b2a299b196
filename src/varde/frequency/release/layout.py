"""Where things lie in the folder of a release.

::

    manifest.json           what the release is, what was measured, what the gate decided
    anonymity.html          the same for people, with pictures
    SHA256SUMS, .sig        sums of these and of all below public/, and the register's signature over them
    public/                 only when the gate lets it be: free for everybody
      sites/20.3.parquet    sites above the lowest bin, by chromosome and bucket of 2^24 bases
      sites.vcf.gz, .tbi    the same as VCF
      register.index        the same, memory-mapped, with coverage
      coverage.parquet      rounded allele numbers of every place told of
      site_sets.parquet     the genes told of, in the order of priority
      interpretations.parquet
    professional/           exact counts by cell: personal data, with a manifest and sums of its own;
                            nothing public names a file of it
"""

from __future__ import annotations

from typing import Final

import polars as pl

KIND: Final = "varde-release"
PROFESSIONAL_KIND: Final = "varde-release-professional"
FORMAT: Final = 1

MANIFEST: Final = "manifest.json"
REPORT: Final = "anonymity.html"
PUBLIC: Final = "public"
PROFESSIONAL: Final = "professional"
SITES: Final = f"{PUBLIC}/sites"
VCF: Final = f"{PUBLIC}/sites.vcf.gz"
INDEX: Final = f"{PUBLIC}/register.index"
COVERAGE: Final = f"{PUBLIC}/coverage.parquet"
SITE_SETS: Final = f"{PUBLIC}/site_sets.parquet"
INTERPRETATIONS: Final = f"{PUBLIC}/interpretations.parquet"

INTERPRETED = pl.Schema(
    {
        "key": pl.UInt64(),
        "class": pl.String(),
        "laboratories": pl.UInt16(),
        "year": pl.UInt16(),
        "guideline": pl.String(),
    }
)
"""Earlier interpretations beside the counts, by allele: no free text and no date finer than a year."""
