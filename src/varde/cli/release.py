"""``varde release``: measure what a release would tell of people, build it, sign it, as far as the gate lets it be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from varde.cli import output
from varde.frequency.disclosure.bins import SCHEMES
from varde.frequency.release import layout
from varde.frequency.release.afar import Waiting, measure_afar
from varde.frequency.release.build import build_release
from varde.frequency.release.gate import Acceptance, Gate
from varde.frequency.release.measure import measure
from varde.frequency.release.measured import Measured
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.prepare import Order, Prepared, interpreted_first, prepare
from varde.frequency.release.read import Release
from varde.frequency.release.report import write_trial
from varde.frequency.release.site_sets import read_site_sets
from varde.frequency.release.sources import Sources
from varde.frequency.signing import PrivateKey, trusted_keys
from varde.genome.errors import InputError
from varde.genome.new_folder import check_free

_REFUSED, _WAITING = 2, 3
_OUTSIDE = pl.Schema({"key": pl.UInt64(), "af": pl.Float64()})


def command(
    genes: Annotated[Path, typer.Option("--genes", help="BED with names, in the order of priority.")],
    name: Annotated[str, typer.Option("--name", help="Month and number: 2026-11.1.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write; nothing is written over.")],
    region: Annotated[
        list[Path], typer.Option("--region", help="Counts folder of a region with its runs; repeatable.")
    ] = [],  # noqa: B006
    nation: Annotated[
        Path | None, typer.Option("--nation", help="The national store; else the regions added up.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="The register's private key; a dry run needs none but to ask.")
    ] = None,
    previous: Annotated[Path | None, typer.Option("--previous", help="Folder of the release before.")] = None,
    interpretations: Annotated[
        Path | None,
        typer.Option("--interpretations", help="Parquet with key, class, laboratories, year, guideline."),
    ] = None,
    outside: Annotated[
        Path | None, typer.Option("--outside", help="Another register's key and af, as Parquet: one more attacker.")
    ] = None,
    held_out: Annotated[
        list[Path], typer.Option("--held-out", help="Counts folder of people not in the register, to compare with.")
    ] = [],  # noqa: B006
    exchange: Annotated[
        Path | None,
        typer.Option("--exchange", help="Folder of questions to regions elsewhere and their answers, not --region."),
    ] = None,
    trust: Annotated[
        list[Path], typer.Option("--trust", help="Public key of a region, or a folder of such keys. Repeatable.")
    ] = [],  # noqa: B006
    came: Annotated[
        Path | None, typer.Option("--came", help="Runs counted since the release before, one a line: whom to look for.")
    ] = None,
    scheme: Annotated[str, typer.Option("--scheme", help=f"Edges of the bins: {', '.join(SCHEMES)}.")] = "sqrt-5",
    hysteresis: Annotated[bool, typer.Option(help="Keep sites in their bins until they clearly left them.")] = True,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the bootstrap and of simulated relatives.")] = 20_260_101,
    sets: Annotated[
        int | None, typer.Option("--sets", help="Tell of so many genes, whatever the measure; else as many as pass.")
    ] = None,
    least_people: Annotated[int, typer.Option("--least-people", help="Fewest people in a release.", min=1)] = 1_000,
    correction: Annotated[
        bool, typer.Option("--correction", help="A correction may come with few new people.")
    ] = False,
    accept_role: Annotated[str, typer.Option("--accept-role", help="Role of who accepts a risk above the gate.")] = "",
    accept_reason: Annotated[str, typer.Option("--accept-reason", help="Why.")] = "",
    accept_key: Annotated[Path | None, typer.Option("--accept-key", help="Their private key.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure alone: table, pictures and CSV.")] = False,
    as_json: output.JsonOption = False,
) -> None:
    """Measure what a release would tell of the people in it; build and sign it, public as far as the gate lets it be.

    Exit code 2 when the gate refuses: the folder then says why, and nothing of it is public. Exit code 3 with
    --exchange when regions have not answered yet: run it again when they have.
    """
    check_free(out)
    _check_where_people_are(region, nation, exchange, came)
    signer = None if dry_run else PrivateKey.load(_needed(key))
    known = _side_table(interpretations, layout.INTERPRETED, "--interpretations")
    sources = Sources.of_nation(nation) if nation else Sources.of_regions(region)
    parameters = Parameters(scheme=_scheme(scheme), hysteresis=hysteresis, seed=seed, least_people=least_people)
    offered = interpreted_first(read_site_sets(genes, sources.settings.build), known, parameters)
    before = Release(previous) if previous else None
    order = Order(name, offered, parameters, before, known, correction, sets)
    prepared = prepare(sources, order)
    others = _side_table(outside, _OUTSIDE, "--outside")
    if exchange is not None:
        asker, trusted = PrivateKey.load(_needed(key)), trusted_keys(trust)
        try:
            measured = measure_afar(prepared, exchange, asker, trusted, outside=others, strangers=held_out)
        except Waiting as waiting:
            _print_waiting(waiting, exchange, as_json=as_json)
            raise typer.Exit(_WAITING) from None
    else:
        with output.progress("Passages over the people") as done:
            newcomers = _runs(came)
            measured = measure(prepared, region, outside=others, came=newcomers, strangers=held_out, progress=done)
    if signer is None:
        write_trial(out, measured, parameters)
        _print_trial(measured, out, as_json=as_json)
        return
    accepted = _acceptance(accept_role, accept_reason, accept_key, measured)
    gate = build_release(out, prepared, measured, signer, accepted)
    _print_release(gate, prepared, measured, out, as_json=as_json)
    if not gate.public:
        raise typer.Exit(_REFUSED)


def _check_where_people_are(region: list[Path], nation: Path | None, exchange: Path | None, came: Path | None) -> None:
    if exchange is None and not region:
        remedy = "Give the regions' folders with --region, or --nation and --exchange."
        raise InputError("no_input", "No region was given.", remedy, field="--region")
    if exchange is not None and (region or came or nation is None):
        raise InputError(
            "two_ways",
            "With --exchange the regions are elsewhere: their sums are in the national store, their people with them.",
            "Give --nation, and neither --region nor --came.",
            field="--exchange",
        )


def _side_table(path: Path | None, schema: pl.Schema, option: str) -> pl.DataFrame | None:
    """These columns of a Parquet file, without nulls and every row once; None without a file."""
    if path is None:
        return None
    remedy = f"Give a Parquet file with the columns {', '.join(schema)}."
    try:
        frame = pl.read_parquet(path, columns=schema.names(), memory_map=False).cast(schema)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, (str(error) or type(error).__name__).splitlines()[0], remedy, option) from None
    if sum(frame.null_count().row(0)):
        raise _unreadable(path, "it has empty fields", remedy, option)
    if schema is _OUTSIDE and not (frame["key"].is_unique().all() and frame["af"].is_between(0, 1).all()):
        raise _unreadable(path, "a key stands twice, or an af is not from 0 to 1", remedy, option)
    return frame


def _runs(path: Path | None) -> set[str] | None:
    """Run identifiers, one a line; None without a file."""
    if path is None:
        return None
    try:
        return set(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Give a text file with one run a line."
        raise _unreadable(path, str(error), remedy, "--came") from None


def _unreadable(path: Path, problem: str, remedy: str, option: str) -> InputError:
    return InputError("unreadable", f"The file cannot be read: {problem}.", remedy, source=path.name, field=option)


def _print_waiting(waiting: Waiting, exchange: Path, *, as_json: bool) -> None:
    lines = [f"  {what}: {', '.join(regions)}" for what, regions in waiting.missing.items()]
    text = "\n".join(["Not measured yet; these regions have not answered:", *lines, str(exchange)])
    output.print_result({"waiting_for": waiting.missing, "exchange": str(exchange)}, as_json=as_json, text=text)


def _needed(key: Path | None) -> Path:
    if key is None:
        raise InputError(
            "no_key", "A release is signed, and no key was given.", "Give --key, or --dry-run.", field="--key"
        )
    return key


def _scheme(name: str) -> str:
    if name not in SCHEMES:
        raise InputError(
            "unknown_scheme", f"No scheme {name!r}.", f"Give one of {', '.join(SCHEMES)}.", field="--scheme"
        )
    return name


def _acceptance(role: str, reason: str, key: Path | None, measured: Measured) -> Acceptance | None:
    if not (role or reason or key):
        return None
    if key is None:
        raise InputError(
            "no_key", "An acceptance is signed by a key of its own.", "Give --accept-key.", field="--accept-key"
        )
    return Acceptance.signed(role, reason, measured.digest, PrivateKey.load(key))


def _percent(share: float | None) -> str:
    return "not estimable" if share is None else f"{100 * share:.1f} %"


def _print_trial(measured: Measured, out: Path, *, as_json: bool) -> None:
    lines = [
        f"{measured.members:,} people in the register, {measured.held_out:,} held out. "
        f"{measured.chosen} genes pass. Pictures and figures are in {out}.",
        "",
        *_table(measured),
    ]
    output.print_result({**measured.as_json(), "out": str(out)}, as_json=as_json, text="\n".join(lines))


def _table(measured: Measured) -> Sequence[str]:
    """Utility against power."""
    head = f"{'genes':>7} {'variants':>9} {'in a bin':>9} {'alleles':>8} {'power at 5 %':>13}  90 % interval"
    rows = [
        f"{c.sets:>7,} {c.sites:>9,} {c.released:>9,} {_percent(c.share):>8} {_percent(c.power):>13}"
        + ("" if c.low is None else f"  {_percent(c.low)} to {_percent(c.high)}")
        + ("  <- passes" if c.sets == measured.chosen else "")
        for c in measured.curve
    ]
    return [head, *rows]


def _print_release(gate: Gate, prepared: Prepared, measured: Measured, out: Path, *, as_json: bool) -> None:
    told: dict[str, Any] = {
        "release": prepared.order.name,
        "folder": str(out),
        "gate": gate.as_json(),
        "genes": measured.chosen if gate.public else 0,
        "attacks": [asdict(attack.risk) for attack in measured.attacks],
    }
    text = f"{gate.sentence}\n{out}: release {prepared.order.name}, {told['genes']} genes."
    output.print_result(told, as_json=as_json, text=text)
