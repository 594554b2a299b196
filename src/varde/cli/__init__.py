"""The command line ``varde``: one module per command, loaded when the command is called.

Exit codes: 0 done; 1 unexpected error (a defect of Varde); 2 input or arguments cannot be used, nothing was written;
3 a release waits for the answers of regions; 130 interrupted.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from varde import __version__
from varde.cli import output
from varde.genome.errors import InputError

COMMANDS: Final = {
    "case": "Find the variants that may explain a patient's disease, from the data of one person or a family.",
    "quality": "Hold a pipeline's quality reports against gates; list what a depth file leaves uncovered.",
    "count": "Count alleles over many people into a register of frequencies.",
    "merge": "Merge registers of different people into one.",
    "withdraw": "Take one person out of a register.",
    "recount": "Count the runs of a register again, and compare with its sums.",
    "sites": "Write a register's counts as a VCF of sites without people.",
    "lookup": "Look one variant up in a register or in a public release.",
    "annotate": "Write what a register knows of each allele into a VCF.",
    "lift": "Write a VCF of one build in the other, with a list of what did not lift.",
    "keys": "Make and show keys that sign shards and releases.",
    "shard": "Make, read and accept what regions send to the nation.",
    "measure": "Take part in measuring a release, as a region elsewhere.",
    "kin": "Find duplicates and kin in a region's counts folder, and set kin aside.",
    "tokens": "Find people counted in several regions, by keyed tokens.",
    "release": "Measure what a release would tell of people; build and sign it.",
    "gdi": "Write a release in the layout of the European mini node.",
    "verify": "Verify the signature, the sums and the content of a release.",
    "source": "Import other registers' sites as named sources, and list them.",
    "reference": "Add and list reference genomes with their genes.",
    "pipeline": "From reads to variants: run the workflow, run it again, hold calls against a truth.",
    "audit": "Verify a transparency log.",
}
"""Command, help line. The module of the same name offers ``app`` (a Typer) or ``command`` (a function)."""

AT_ONCE: Final = {"annotate"}
"""Commands that must start in half a second: their module offers ``main``, which reads the arguments by argparse, for
Typer loads Pydantic to read typed ones."""


class _LazyCommand(TyperCommand):
    """Stands for a command in the help; becomes the real one when it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        module = importlib.import_module(f"varde.cli.{self.name}")
        app = getattr(module, "app", None)
        if app is None:
            app = typer.Typer(rich_markup_mode=None, add_completion=False)
            app.command(self.name, help=module.command.__doc__)(module.command)
        real = typer.main.get_command(app)
        return real.make_context(info_name, args, parent=parent, **extra)


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name in COMMANDS if importlib.util.find_spec(f"varde.cli.{name}") is not None]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        return _LazyCommand(cmd_name, callback=lambda: None, help=COMMANDS[cmd_name], rich_markup_mode=None)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Varde: from exomes to an answer, and from many people to a register of frequencies.",
    epilog="Exit codes: 0 done; 1 unexpected error; 2 input or arguments cannot be used and nothing was written; "
    "3 a release waits for the answers of regions; 130 interrupted.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"varde {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    show_traceback: Annotated[
        bool, typer.Option("--traceback", help="On an unexpected error print where in Varde it arose.")
    ] = False,
) -> None:
    """Options before the command."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. Output goes to ``sys.stdout``, messages to ``sys.stderr``."""
    as_json = "--json" in arguments
    words = [word for word in arguments if word != "--traceback"]
    try:
        if words and words[0] in AT_ONCE:
            importlib.import_module(f"varde.cli.{words[0]}").main(words[1:])
            return 0
        app(args=list(arguments), prog_name="varde")
    except InputError as error:
        output.print_problem(error, as_json=as_json)
        return 2
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone; nothing is left to flush to
        return 0
    except Exception as error:
        if "--traceback" in arguments:
            traceback.print_exc()
        output.print_unexpected(error, as_json=as_json)
        return 1
    return 0


def main() -> None:
    """Entry point of the program ``varde``."""
    sys.exit(run(sys.argv[1:]))
