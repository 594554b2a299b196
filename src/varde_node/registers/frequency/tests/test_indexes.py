"""Other registers' sources: where the node looks for them, and that what is loaded by command is told of at once."""

from __future__ import annotations

from varde.cli import run
from varde.cli.tests.test_source import VCF
from varde.genome.builds import Build
from varde_node.registers.frequency import indexes


def test_a_source_loaded_by_command_is_there_without_a_restart(data, tmp_path, monkeypatch):
    folder = data / "registers" / "frequency" / "sources"  # as docs/guide/operations.md tells operators
    assert indexes.sources_folder() == folder
    assert indexes.loaded_sources(Build.GRCH38) == ()
    monkeypatch.setenv("VARDE_SOURCES", str(folder))
    (tmp_path / "sites.vcf").write_text(VCF)
    for version in ("4.1", "4.2"):
        named = ["--name", "gnomAD", "--version", version, "--licence", "CC0", "--build", "GRCh38"]
        assert run(["source", "add", str(tmp_path / "sites.vcf"), *named]) == 0
        assert [one.description.version for one in indexes.loaded_sources(Build.GRCH38)][-1] == version
    assert indexes.loaded_sources(Build.GRCH37) == ()
