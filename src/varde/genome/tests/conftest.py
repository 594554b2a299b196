"""The real reference, stored once for all tests of this package."""

from __future__ import annotations

import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.references import Reference, ReferenceStore


@pytest.fixture(scope="session")
def shared_reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = shared_data("reference")
    fasta = [folder / "GRCh37_chr20.fa.gz", folder / "GRCh37_chrX_1-70Mb.fa.gz"]
    store = ReferenceStore(tmp_path_factory.mktemp("references"))
    return store.add(fasta, folder / "mane_on_grch37_chr20_chrX.gff3.gz", Build.GRCH37, "grch37")
