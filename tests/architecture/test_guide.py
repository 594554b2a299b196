"""The guide is true: every command, option and make target is in it, and every link leads somewhere."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import typer

from varde.cli import AT_ONCE, COMMANDS

ROOT = Path(__file__).resolve().parents[2]
COMMAND_LINE = (ROOT / "docs" / "guide" / "command-line.md").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def options_of(name: str) -> list[str]:
    module = importlib.import_module(f"varde.cli.{name}")
    if name in AT_ONCE:
        return sorted(option for option in module._parser()._option_string_actions if option != "-h")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer()
        app.command(name)(module.command)
    command = typer.main.get_command(app)
    commands = list(getattr(command, "commands", {"": command}).values())
    return sorted({word for one in commands for option in one.params for word in option.opts if word.startswith("-")})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_in_the_guide(name: str) -> None:
    assert f"`varde {name}`" in COMMAND_LINE
    common = {"--help", "--install-completion", "--show-completion"}
    assert [option for option in options_of(name) if option not in common and option not in COMMAND_LINE] == []


def test_every_make_target_is_in_the_guide() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    guide = (ROOT / "docs" / "guide" / "README.md").read_text(encoding="utf-8")
    assert [target for target in targets if target not in ("help", "setup") and f"`make {target}`" not in guide] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
