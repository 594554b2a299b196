"""What the documents name exists: commands with their options, modules, settings, files, sections and decisions."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import typer
from django.core.management import get_commands, load_command_class

from varde.cli import AT_ONCE, COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
NO_SETTINGS = {"VARDE_SHARED_DATA", "VARDE_RENEW", "VARDE_BEACON_SCHEMAS", "VARDE_SOURCES", "VARDE_KITS"}
"""Variables that tests read, and one that the command line alone reads."""

every_page = pytest.mark.parametrize("page", TEXTS)


def command_lines(text: str) -> Iterator[str]:
    """Lines of fenced shell or plain blocks, and what stands in backticks."""
    for language, block in FENCE.findall(text):
        if language in ("", "sh"):
            yield from (line.strip() for line in block.splitlines())
    yield from CODE.findall(FENCE.sub("", text))


def calls(text: str, program: str) -> list[list[str]]:
    """The arguments of every call of a program, also inside loops, without variables set before it; placeholders as
    they stand."""
    found = []
    for line in command_lines(text):
        if f"{program} " in line:
            words = [word for word in shlex.split(line, comments=True) if not re.fullmatch(r"VARDE_\w+=.*", word)]
            found += [call[1:] for call in parts(words) if call[0] == program and len(call) > 1]
    return found


def parts(words: list[str]) -> list[list[str]]:
    """The single commands of a line of shell."""
    found: list[list[str]] = [[]]
    for word in words:
        if word in ("do", "then", "|", "||", "&&", "&"):
            found.append([])
            continue
        found[-1].append(word.rstrip(";"))
        if word.endswith(";"):
            found.append([])
    return [part for part in found if part]


@cache
def typer_command(name: str) -> click.Command:
    module = importlib.import_module(f"varde.cli.{name}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer()
        app.command(name)(module.command)
    return typer.main.get_command(app)


def options(words: list[str]) -> set[str]:
    return {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}


@cache
def options_read_at_once(name: str) -> frozenset[str]:
    """Options of a command that reads its arguments by argparse."""
    return frozenset(importlib.import_module(f"varde.cli.{name}")._parser()._option_string_actions)


def wrong_in_varde_call(words: list[str]) -> str | None:
    """What of ``varde WORDS`` does not exist. A call that gives any option must give all that are required."""
    name = words[0]
    if name in ("COMMAND", "--help", "--version", "--traceback"):
        return None
    if name not in COMMANDS:
        return f"no command {name}"
    if name in AT_ONCE:
        unknown = sorted(options(words) - options_read_at_once(name))
        return f"{name} has no {', '.join(unknown)}" if unknown else None
    command, given = typer_command(name), options(words)
    if isinstance(command, click.Group) or hasattr(command, "commands"):
        if len(words) == 1:
            return None
        if words[1] not in command.commands:
            return f"no command {name} {words[1]}"
        command = command.commands[words[1]]
    known = {option: one for one in command.params for option in (*one.opts, *one.secondary_opts)}
    unknown = sorted(given - set(known) - {"--help"})
    if unknown:
        return f"{name} has no {', '.join(unknown)}"
    needed = {one.opts[0] for one in command.params if one.required and one.opts[0].startswith("-")}
    missing = [option for option in sorted(needed) if not given & set(known[option].opts)] if given - {"--json"} else []
    return f"{name} needs {', '.join(missing)}" if missing and "--help" not in given else None


@every_page
def test_every_varde_call_is_one_that_the_program_takes(page: str) -> None:
    found = [(words, wrong_in_varde_call(words)) for words in calls(TEXTS[page], "varde")]
    assert [wrong for wrong in found if wrong[1]] == []


@every_page
def test_every_varde_node_call_is_one_that_the_program_takes(page: str) -> None:
    known, wrong = get_commands(), []
    for words in calls(TEXTS[page], "varde-node"):
        name = words[0].replace("-", "_")
        if name == "help":
            continue
        if name not in known:
            wrong.append(words)
            continue
        application = known[name]
        command = application if not isinstance(application, str) else load_command_class(application, name)
        parser = command.create_parser("varde-node", name)
        if options(words[1:]) - set(parser._option_string_actions):
            wrong.append(words)
    assert wrong == []


@every_page
def test_every_make_target_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for words in calls(TEXTS[page], "make") for word in words if "=" not in word}
    assert named - targets == set()


def resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, or something inside one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@every_page
def test_every_module_and_name_exists(page: str) -> None:
    text = TEXTS[page]
    dotted = {word for word in CODE.findall(text) if re.fullmatch(r"varde(_node)?(\.\w+)+", word)} - {"varde.sqlite3"}
    for module, names in re.findall(r"^\| `(varde_node[\w.]+)` \| (`.*`) \|$", text, re.MULTILINE):
        dotted |= {f"{module}.{name}" for name in CODE.findall(names)}
    assert sorted(name for name in dotted if not resolves(name)) == []


@every_page
def test_every_setting_exists(page: str) -> None:
    settings = set(re.findall(r"^\| `(VARDE_\w+)`", TEXTS["docs/guide/settings.md"], re.MULTILINE))
    assert set(re.findall(r"\bVARDE_[A-Z_]*[A-Z]\b", TEXTS[page])) - settings - NO_SETTINGS == set()


@every_page
def test_every_file_of_the_repository_that_is_named_exists(page: str) -> None:
    places = {
        word
        for word in CODE.findall(TEXTS[page])
        if re.fullmatch(r"(src|tests|docs|requirements|varde_node)/[\w./-]*", word)
    }
    assert sorted(one for one in places if not (ROOT / one).exists() and not (ROOT / "src" / one).exists()) == []


@every_page
def test_every_link_to_a_section_finds_its_heading(page: str) -> None:
    wrong = []
    for target, section in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", TEXTS[page]):
        other = (ROOT / page).parent / target if target else ROOT / page
        headings = re.findall(r"^#+ (.*)$", other.read_text(encoding="utf-8"), re.MULTILINE)
        if section not in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}:
            wrong.append(f"{target}#{section}")
    assert wrong == []


def test_every_decision_is_in_the_index_by_its_title() -> None:
    index = TEXTS["docs/decisions/README.md"]
    pages = [name for name in TEXTS if re.fullmatch(r"docs/decisions/\d{4}-.*", name)]
    numbers = [int(Path(name).name[:4]) for name in pages]
    assert numbers == list(range(1, len(pages) + 1))
    assert [name for name in pages if f"[{int(Path(name).name[:4])}]({Path(name).name})" not in index] == []
    assert [name for name in pages if not TEXTS[name].startswith(f"# {int(Path(name).name[:4])}. ")] == []
