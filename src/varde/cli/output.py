"""What every command says and how: results on standard output, progress and messages on standard error."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from varde.genome.errors import InputError

_STEERING: Final = {"Cc", "Cf", "Zl", "Zp", "Cs"}
"""Unicode categories: control and format characters, line and paragraph separators, bytes that were no UTF-8."""

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output; problems as JSON on standard error.")
]


def print_result(result: Mapping[str, Any], *, as_json: bool, text: str) -> None:
    """Print a command's result: one JSON object, or the text for people."""
    sys.stdout.write(
        json.dumps(result, ensure_ascii=False, indent=2) + "\n" if as_json else _shown(text.rstrip("\n")) + "\n"
    )


def print_problem(error: InputError, *, as_json: bool) -> None:
    """Print an input error on standard error; as JSON it has the members of the error and the exit code."""
    if as_json:
        problem = {"title": "Input cannot be used", **asdict(error), "exit_code": 2}
        sys.stderr.write(json.dumps(problem, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stderr.write(f"varde: {_shown(str(error), keep='')}\n")


def print_unexpected(error: BaseException, *, as_json: bool) -> None:
    """Print an error that Varde did not foresee."""
    what = f"{type(error).__name__}: {error}"
    remedy = "This is a defect of Varde. Run again with `varde --traceback ...` and report what it prints."
    if as_json:
        problem = {"title": "Unexpected error", "code": "unexpected", "problem": what, "remedy": remedy, "exit_code": 1}
        sys.stderr.write(json.dumps(problem, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stderr.write(f"varde: unexpected error: {what}\n{remedy}\n")


def _shown(text: str, keep: str = "\n") -> str:
    """Names of files and people come from others: what would steer a terminal or turn its text round is spelt out."""
    return "".join(
        letter if letter in keep or unicodedata.category(letter) not in _STEERING else ascii(letter)[1:-1]
        for letter in text
    )


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show how far a step has come, on standard error and only when that is a terminal.

    Yields a function to call with the absolute number of things done. ``total`` is unknown while reading a stream.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(description, total=total)
        yield lambda done: bars.update(task, completed=done)
