"""References that several test files use; made once."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from shared_data import shared_data
from varde.annotation.tests.toy import make_reference
from varde.genome.builds import Build
from varde.genome.references import Reference, ReferenceStore


@pytest.fixture(scope="session")
def toy_reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """The made-up genome."""
    return make_reference(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def chromosome_20_gff3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chromosome 20 part of MANE on GRCh37."""
    with gzip.open(shared_data("reference", "mane_on_grch37_chr20_chrX.gff3.gz")) as file:
        lines = [line for line in file if not line.startswith((b"X\t", b"##sequence-region X"))]
    path = tmp_path_factory.mktemp("genes") / "chromosome_20.gff3"
    path.write_bytes(b"".join(lines))
    return path


@pytest.fixture(scope="session")
def chromosome_20(chromosome_20_gff3: Path, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """GRCh37 chromosome 20 with its MANE transcripts."""
    fasta = shared_data("reference", "GRCh37_chr20.fa.gz")
    store = ReferenceStore(tmp_path_factory.mktemp("references"))
    return store.add(fasta, chromosome_20_gff3, Build.GRCH37, "chromosome_20")
