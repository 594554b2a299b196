"""``varde shard``: what regions send to the nation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from varde.cli import output
from varde.frequency.nation import accept_shard, found_nation
from varde.frequency.outbox import ship
from varde.frequency.shards import LEAST_PEOPLE, Shard, read_shard
from varde.frequency.signing import PrivateKey, trusted_keys
from varde.frequency.store import read_manifest
from varde.genome.errors import InputError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Make, read and accept shards: signed net counts of several people, from a region to the nation.",
)

TrustOption = Annotated[
    list[Path], typer.Option("--trust", help="Public key of a region, or a folder of such keys (*.pem). Repeatable.")
]
LeastOption = Annotated[int, typer.Option("--least-people", min=2, help="Fewest people changed in one shard.")]


@app.command("make")
def make(
    counts: Annotated[Path, typer.Argument(help="The region's counts folder.")],
    outbox: Annotated[Path, typer.Option("--out", help="Folder of the region's shards; made when it is not there.")],
    key: Annotated[Path, typer.Option("--key", help="The region's private key.")],
    month: Annotated[str, typer.Option("--month", metavar="YYYY-MM")],
    replaced: Annotated[
        list[str] | None,
        typer.Option("--replaced", metavar="OLD=NEW", help="Runs of one person: the wrong and the right. Repeatable."),
    ] = None,
    small_cells: Annotated[
        bool,
        typer.Option(
            "--small-cells", help="Send also groups in which fewer people changed; their rows tell of so few."
        ),
    ] = False,
    least_people: LeastOption = LEAST_PEOPLE,
    as_json: output.JsonOption = False,
) -> None:
    """Make the next shard from what has changed since the last one. It is personal data: send it encrypted."""
    pairs = dict(_pair(text) for text in replaced or ())
    signer = PrivateKey.load(key)
    made = ship(counts, outbox, signer, month, replaced=pairs, least_people=least_people, small_cells=small_cells)
    lines = [_text(made.shard)]
    if made.waiting:
        lines.append(f"{made.waiting} changes wait: fewer than {least_people} in their group.")
    result = {**_summary(made.shard), "path": str(made.path), "waiting": made.waiting}
    output.print_result(result, as_json=as_json, text="\n".join([*lines, str(made.path)]))


@app.command("read")
def read(
    shard: Annotated[Path, typer.Argument(help="A shard.")], trust: TrustOption, as_json: output.JsonOption = False
) -> None:
    """Check a shard's signature and numbers, and say what it holds. Nothing is stored."""
    found = read_shard(shard, trusted_keys(trust))
    output.print_result(_summary(found), as_json=as_json, text=_text(found))


@app.command("accept")
def accept(
    nation: Annotated[Path, typer.Argument(help="The national store.")],
    shard: Annotated[Path, typer.Argument(help="A shard.")],
    trust: TrustOption,
    new: Annotated[bool, typer.Option("--new", help="Make the store first, with the settings of this shard.")] = False,
    least_people: LeastOption = LEAST_PEOPLE,
    as_json: output.JsonOption = False,
) -> None:
    """Add a shard to the national store, once."""
    trusted = trusted_keys(trust)
    if new:
        found_nation(nation, read_shard(shard, trusted).header.settings)
    accepted = accept_shard(nation, shard, trusted, least_people=least_people)
    people = read_manifest(nation).people
    text = f"{_text(accepted)}\nTaken in: the store now counts {people:,} people. Delete the shard."
    output.print_result({**_summary(accepted), "people_in_all": people}, as_json=as_json, text=text)


def _pair(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise InputError(
            "bad_pair",
            f"{text!r} does not name two runs.",
            "Write the wrong run, an equals sign and the right run.",
            field="--replaced",
        )
    return old, new


def _summary(shard: Shard) -> dict[str, Any]:
    return {
        **shard.header.as_json(),
        "digest": shard.digest,
        "alleles": shard.increment.observations["key"].n_unique(),
        "structural_calls": shard.increment.structural.height,
    }


def _text(shard: Shard) -> str:
    header, people = shard.header, shard.header.people
    return (
        f"Shard {header.sequence} of {header.region}, {header.month}, {header.settings.build}: "
        f"{people.added} people added, {people.withdrawn} withdrawn, {people.corrected} corrected; "
        f"{shard.increment.observations['key'].n_unique():,} alleles.\nDigest {shard.digest}."
    )
