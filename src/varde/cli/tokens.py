"""``varde tokens``: who is counted in several regions, by keyed tokens of national identifiers, apart from variants."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from varde.cli import output
from varde.frequency.token_files import read_key, read_tokens, tokens_of, write_key, write_tokens
from varde.frequency.tokens import TokenKey, people_in_several
from varde.genome.errors import InputError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Find people counted in several regions: keyed tokens, in a channel apart from all variants.",
)


@app.command("key")
def key(
    out: Annotated[Path, typer.Argument(help="The file to write, readable by you alone.")],
    epoch: Annotated[str, typer.Option("--epoch", help="Open name of this comparison: 2026-11.")],
    as_json: output.JsonOption = False,
) -> None:
    """Draw the secret that the regions share for one comparison. Whoever compares tokens must never have it."""
    write_key(out, TokenKey.new(epoch))
    text = f"Key of {epoch}: {out}\nHand it to the regions alone, by another way than tokens; destroy it afterwards."
    output.print_result({"epoch": epoch, "path": str(out)}, as_json=as_json, text=text)


@app.command("make")
def make(
    out: Annotated[Path, typer.Option("-o", "--out", help="File of tokens to write; nothing is written over.")],
    secret: Annotated[Path, typer.Option("--key", help="The key that 'varde tokens key' wrote.")],
    people: Annotated[
        Path | None, typer.Option("--people", help="National identity numbers, one a line; else standard input.")
    ] = None,
    as_json: output.JsonOption = False,
) -> None:
    """Write the tokens of the people that a region counts, sorted. Identity numbers are written nowhere."""
    loaded = read_key(secret)
    tokens = tokens_of(_numbers(people), loaded, people.name if people else "standard input")
    write_tokens(out, tokens)
    result = {"epoch": loaded.epoch, "people": len(tokens), "path": str(out)}
    output.print_result(result, as_json=as_json, text=f"{len(tokens):,} tokens of {loaded.epoch}.\n{out}")


@app.command("compare")
def compare(
    regions: Annotated[list[str], typer.Argument(metavar="REGION=FILE...", help="Token files of regions.")],
    as_json: output.JsonOption = False,
) -> None:
    """List tokens that several regions have, and which region keeps the person; the others withdraw their run."""
    tokens = {}
    for name, path in map(_named, regions):
        if name in tokens:
            raise InputError("region_twice", f"{name} is given twice.", "Give each region once.", field="regions")
        tokens[name] = read_tokens(path)
    several = people_in_several(tokens)
    result = {
        "people": {name: len(found) for name, found in tokens.items()},
        "several": [{"token": one.token, "regions": one.regions, "keeps": one.keeps} for one in several],
    }
    found = "1 person is" if len(several) == 1 else f"{len(several):,} people are"
    lines = [f"{found} counted in several of {len(tokens)} regions."]
    lines += [f"  {one.token}  {', '.join(one.regions)}: {one.keeps} keeps" for one in several]
    output.print_result(result, as_json=as_json, text="\n".join(lines))


def _named(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise InputError(
            "bad_pair", "A region and its file are needed.", "Write REGION=FILE.", source=text[:80], field="regions"
        )
    return name, Path(path)


def _numbers(people: Path | None) -> str:
    try:
        return sys.stdin.read() if people is None else people.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(
            "unreadable",
            "The identity numbers cannot be read.",
            "Give a UTF-8 text file with one a line.",
            source=people.name if people else "standard input",
            field="--people",
        ) from None
