"""A small simulated family and its reference, made once; and whether the real programs are there."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from varde.genome.builds import Build
from varde.genome.references import Reference, ReferenceStore
from varde.pipeline.inputs import match_reads
from varde.pipeline.plan import Plan
from varde.pipeline.running import Who
from varde.pipeline.tools import ASKED
from varde.simulate.sequencing import SequencedFamily, write_sequenced_family

SEXES = {"child": "male", "mother": "female", "father": "male"}
ME = Who("Kari Nordmann", lambda: datetime.now(UTC))

needs_tools = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ASKED), reason="fastp, bwa, samtools, bcftools or mosdepth not installed"
)


@dataclass(frozen=True)
class Sequenced:
    files: SequencedFamily
    reference: Reference

    def plan(self, *names: str, **changes: object) -> Plan:
        sexes = {name: SEXES[name] for name in names or SEXES}
        samples = match_reads(self.files.inbox.iterdir(), sexes)
        return Plan(**{"family": "F1", "samples": samples, "reference": self.reference, "threads": 2, **changes})


@pytest.fixture(scope="session")
def sequenced(tmp_path_factory: pytest.TempPathFactory) -> Sequenced:
    """The family of ``varde pipeline example --seed 7``."""
    folder: Path = tmp_path_factory.mktemp("sequenced")
    files = write_sequenced_family(folder / "example", 7)
    store = ReferenceStore(folder / "references")
    store.add(files.fasta, None, Build.GRCH38, "example")
    return Sequenced(files, store.get("example"))
