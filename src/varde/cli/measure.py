"""``varde measure``: a region's part in measuring a release, when the register is on another machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.outbox import sent_runs
from varde.frequency.release.passages import answer as write_answer
from varde.frequency.release.passages import read_question, tell_held_out
from varde.frequency.shards import LEAST_PEOPLE
from varde.frequency.signing import PrivateKey, trusted_keys
from varde.frequency.store import read_manifest
from varde.genome.errors import InputError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="A region's part in measuring a release: counts of people held out, and scores. 'varde release' asks.",
)

KeyOption = Annotated[Path, typer.Option("--key", help="The region's private key.")]
LeastOption = Annotated[int, typer.Option("--least-people", min=2, help="Fewest people whose figures are sent.")]


@app.command("held-out")
def held_out(
    counts: Annotated[Path, typer.Argument(help="The region's counts folder.")],
    key: KeyOption,
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write, NAME.held-out.zip.")],
    least_people: LeastOption = LEAST_PEOPLE,
    as_json: output.JsonOption = False,
) -> None:
    """Count the people held out, and sign it for the register. It is personal data: send it encrypted."""
    _refuse_name(out, ".held-out.zip")
    told = tell_held_out(out, counts, PrivateKey.load(key), least_people=least_people)
    alleles = told.increment.observations["key"].n_unique()
    result = {"region": told.region, "people": told.people, "alleles": alleles, "path": str(out)}
    text = f"{told.people:,} people held out in {told.region}, {alleles:,} alleles.\n{out}"
    output.print_result(result, as_json=as_json, text=text)


@app.command("answer")
def answer(
    question: Annotated[Path, typer.Argument(help="A question of the register.")],
    counts: Annotated[Path, typer.Argument(help="The region's counts folder.")],
    key: KeyOption,
    trust: Annotated[Path, typer.Option("--trust", help="The register's public key.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write, NAME.answer.zip.")],
    outbox: Annotated[
        Path | None,
        typer.Option("--sent", help="Folder of the region's shards: score who is in them; else everybody counted."),
    ] = None,
    came: Annotated[
        Path | None,
        typer.Option("--came", help="Runs counted since the release before, one a line, for a question about them."),
    ] = None,
    least_people: LeastOption = LEAST_PEOPLE,
    as_json: output.JsonOption = False,
) -> None:
    """Score the region's people as the register asks; sign how many have which score. Send it encrypted."""
    _refuse_name(out, ".answer.zip")
    asked = read_question(question, trusted_keys([trust]))
    build = read_manifest(counts).settings.build
    made = write_answer(
        out,
        asked,
        counts,
        PrivateKey.load(key),
        members=None if outbox is None else sent_runs(outbox, build),
        came=None if came is None else _lines(came),
        least_people=least_people,
    )
    of = asked[0]
    result = {
        "region": made.region,
        "release": of.release,
        "round": of.number,
        "asked": str(of.asked),
        "people": dict(made.people),
        "path": str(out),
    }
    kinds = ", ".join(f"{number:,} {kind.replace('_', ' ')}" for kind, number in made.people.items())
    text = f"Round {of.number} of release {of.release}, {of.asked}: scored {kinds}.\n{out}"
    output.print_result(result, as_json=as_json, text=text)


def _refuse_name(out: Path, ending: str) -> None:
    if not out.name.endswith(ending):
        raise InputError(
            "bad_file_name",
            f"The register would not know {out.name} again.",
            f"End the name with {ending}",
            source=out.name,
            field="--out",
        )


def _lines(path: Path) -> set[str]:
    try:
        return set(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError):
        raise InputError(
            "unreadable", "The list of runs cannot be read.", "Give a text file with a run a line.", source=path.name
        ) from None
