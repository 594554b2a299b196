"""The report of what was measured: sentences for a data protection officer first, then figures and pictures.

``opening`` and ``sections`` give keyed messages, which a node translates; ``write_report`` writes them in English as
one HTML file that needs nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency.disclosure.power import Power
from varde.frequency.release.drawing import roc_figure, scores_figure, trade_off_figure, written
from varde.frequency.release.measured import Measured, came_power, gone_power
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.sums import write_json
from varde.frequency.release.words import TEXTS
from varde.genome.message import Message, Parameter, message_of
from varde.genome.new_folder import new_folder

Words = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One attack: who attacks whom, and the power at each share of false alarms."""

    attacker: Message
    people: Message
    powers: tuple[tuple[Message, Message], ...]


@dataclass(frozen=True)
class Section:
    """What stands under one heading."""

    heading: Message
    paragraphs: tuple[Message, ...]


def opening(manifest: Mapping[str, Any]) -> Message:
    """The decision, in one sentence."""
    gate = manifest["gate"]
    names = dict(gate["sentence_parameters"])
    return message_of(TEXTS, gate["sentence_key"], **names)


def sections(manifest: Mapping[str, Any]) -> tuple[Section, ...]:
    """What follows the opening, in order; none of what was not measured."""
    measured = manifest["measured"]
    found = {
        "told": _told(manifest),
        "how": [_say("how", members=measured["members"], held_out=measured["held_out"])],
        "worst": _worst(measured["attacks"]),
        "difference": _changed(manifest),
        "limits": [_say("no_groups"), _say("limits")],
    }
    return tuple(Section(_say(f"heading_{key}"), tuple(said)) for key, said in found.items() if said)


def _told(manifest: Mapping[str, Any]) -> list[Message]:
    """What is told of the people, and what stands between it and them."""
    sites, parameters, people = manifest["sites"], manifest["parameters"], manifest["people"]["all"]
    if not manifest["gate"]["public"]:
        return [_say("content_none", people=people)]
    numbers = {"released": sites["released"], "below": sites["below_threshold"], "offered": sites["sets_offered"]}
    return [
        _say("content", people=people, sets=len(sites["sets_released"]), **numbers),
        _say(
            "protects",
            scheme=parameters["scheme"]["value"],
            k=parameters["people_per_site"]["value"],
            regions=parameters["regions_per_site"]["value"],
            rounding=parameters["an_rounding"]["value"],
        ),
    ]


def _changed(manifest: Mapping[str, Any]) -> list[Message]:
    gone = gone_power(manifest["measured"]["difference"])
    return [difference(manifest), *([] if gone is None else [_say("gone", **_bounds(gone))])]


def _worst(attacks: Sequence[Mapping[str, Any]]) -> list[Message]:
    found = [attack["risk"]["worst"] for attack in attacks if attack["risk"]["worst"]]
    if not found:
        return []
    worst = max(found, key=lambda one: one["z"])
    told = {name: f"{worst[name]:.1f}" for name in ("z", "z_held_out")}
    return [_say("worst", beyond=_percent(worst["beyond"]), **told)]


def difference(manifest: Mapping[str, Any]) -> Message:
    """What somebody can tell who has the release before as well."""
    previous, found = manifest["previous"], manifest["measured"]["difference"]
    if previous is None:
        return _say("first")
    batch = manifest["batch"]
    told = {"previous": previous["release"], "added": batch["added"], "withdrawn": batch["withdrawn"]}
    changed = found["changed"] if found else 0
    power = came_power(found)
    if power is None or power.estimate is None:
        return _say("difference_none", changed=changed, **told)
    if power.estimate == power.high:
        return _say("difference", changed=changed, power=_percent(power.estimate), **told)
    return _say("difference_measured", changed=changed, **_bounds(power), **told)


def _bounds(power: Power) -> dict[str, str]:
    """The power with its interval."""
    told = {"power": power.estimate, "low": power.low, "high": power.high}
    return {name: _percent(share or 0.0) for name, share in told.items()}


def rows(manifest: Mapping[str, Any]) -> tuple[Row, ...]:
    """The table of attacks."""
    measured = manifest["measured"]
    return tuple(
        Row(
            _attacker(attack["risk"]["attacker"]),
            _say(f"people_{people}"),
            tuple(
                (_say("at_fpr", fpr=f"{100 * power['fpr']:g}"), _power(power, attack["risk"]["held_out"]))
                for power in attack["risk"][people]
            ),
        )
        for attack in measured["attacks"]
        for people in ("members", "relatives")
        if people == "members" or attack["risk"]["relatives_scored"]
    )


def _attacker(name: str) -> Message:
    _, _, stretch = name.partition("_")
    return _say("attacker_linkage", bases=int(stretch)) if stretch else _say(f"attacker_{name}")


def _power(power: Mapping[str, Any], held_out: int) -> Message:
    if power["estimate"] is None:
        return _say("not_estimable", held_out=held_out)
    return _say("estimate", **{name: _percent(power[name]) for name in ("estimate", "low", "high")})


def figures(
    manifest: Mapping[str, Any], words: Words = TEXTS, written: Callable[[float], str] = written
) -> tuple[str, ...]:
    """SVG pictures with the words of ``words`` (keys of ``TEXTS``) and numbers as ``written`` writes them; none of what
    was not measured."""
    measured = manifest["measured"]
    drawn = []
    drawable = [one for one in measured["attacks"] if one["edges"]]
    if drawable:
        shown = max(drawable, key=lambda one: one["risk"]["members"][0]["high"] or 0.0)
        named = {"score": words["axis_score"], "share": words["axis_share"]}
        named |= {name: words[name] for name in ("members", "held_out")}
        scores = _titles("scores", words) | named
        drawn.append(scores_figure(shown["edges"], shown["members"], shown["held_out"], scores, written))
        roc = _titles("roc", words) | {name: words[f"axis_{name}"] for name in ("false_alarms", "recognised")}
        drawn.append(roc_figure([tuple(point) for point in shown["roc"]], roc, written))
    points = [
        (point["sites"], point["power"], point["low"], point["high"])
        for point in measured["curve"]
        if point["power"] is not None
    ]
    if points:
        named = _titles("trade_off", words) | {"sites": words["axis_sites"], "power": words["axis_recognised"]}
        drawn.append(trade_off_figure(points, manifest["parameters"]["passes_up_to"]["value"], named, written))
    return tuple(drawn)


def write_trial(out: str | Path, measured: Measured, parameters: Parameters) -> None:
    """A new folder with what was measured: trade-off.csv, measured.json and the pictures. Raises as ``new_folder``."""
    content = {"measured": measured.as_json(), "parameters": parameters.table()}
    with new_folder(Path(out)) as folder:
        write_json(content, folder / "measured.json")
        pl.DataFrame([vars(choice) for choice in measured.curve]).write_csv(folder / "trade-off.csv")
        for drawn in figures(content):
            name = drawn.partition('class="figure ')[2].partition('"')[0]
            (folder / f"{name}.svg").write_text(drawn, encoding="utf-8")


def _titles(name: str, words: Words) -> dict[str, str]:
    told = {"title": words[f"figure_{name}"], "description": words[f"figure_{name}_about"]}
    return {"identifier": f"release-{name.replace('_', '-')}", **told}


def command_of(manifest: Mapping[str, Any]) -> str:
    """The command that measures again."""
    parameters = manifest["parameters"]
    previous = f" --previous {manifest['previous']['release']}" if manifest["previous"] else ""
    if previous and (manifest["measured"]["difference"] or {}).get("measured"):
        previous += " --came RUNS"
    hysteresis = "" if parameters["hysteresis"]["value"] else " --no-hysteresis"
    return (
        "varde release --nation NATION --region REGION... [--held-out PEOPLE...] --genes GENES.bed "
        f"--name {manifest['release']}{previous} --scheme {parameters['scheme']['value']}{hysteresis} "
        f"--least-people {parameters['least_people']['value']} --seed {manifest['seed']} --dry-run --out TRIAL"
    )


def write_report(path: Path, manifest: Mapping[str, Any]) -> None:
    """The report as one HTML file."""
    title = _html(_say("title", release=manifest["release"]))
    parts = [f"<h1>{title}</h1>", f'<p class="first">{_html(opening(manifest))}</p>']
    for section in sections(manifest):
        parts += [_heading(section.heading), *(f"<p>{_html(message)}</p>" for message in section.paragraphs)]
    if found := rows(manifest):
        parts += [_heading(_say("heading_recognised")), _table(found), *(_figure(drawn) for drawn in figures(manifest))]
    parts += [_heading(_say("heading_check"))]
    parts += [f"<p>{_html(_say('reproduce', seed=str(manifest['seed'])))}</p>", _commands([command_of(manifest)])]
    parts += [f"<p>{_html(_say('verify'))}</p>", _commands(manifest["verify"])]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>{_STYLE}'
    path.write_text(
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body><main>{"".join(parts)}</main></body></html>\n',
        encoding="utf-8",
    )


def _html(message: Message) -> str:
    """The sentence in English, with thousands set apart."""
    values = {name: f"{value:,}" if isinstance(value, int) else value for name, value in message.parameters}
    return escape(message.template.format(**values))


def _heading(message: Message) -> str:
    return f"<h2>{_html(message)}</h2>"


def _table(found: Sequence[Row]) -> str:
    head = "".join(f'<th scope="col">{_html(fpr)}</th>' for fpr, _ in found[0].powers)
    body = "".join(
        f'<tr><th scope="row">{_html(row.attacker)}: {_html(row.people)}</th>'
        + "".join(f"<td>{_html(power)}</td>" for _, power in row.powers)
        + "</tr>"
        for row in found
    )
    return f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"


def _figure(drawn: str) -> str:
    """The picture below its own title and description, for those who see it."""
    title, about = (drawn.partition(f"<{tag} ")[2].partition(">")[2].partition("<")[0] for tag in ("title", "desc"))
    return f"<figure><figcaption><strong>{title}</strong> {about}</figcaption>{drawn}</figure>"


def _commands(commands: Sequence[str]) -> str:
    return f"<pre><code>{escape(chr(10).join(commands))}</code></pre>"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _say(key: str, **parameters: Parameter) -> Message:
    return message_of(TEXTS, key, **parameters)


_STYLE = (
    "<style>body{font:17px/1.55 system-ui,sans-serif;color:#1c2733;background:#fff;margin:0}"
    "main{max-width:42rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.5rem;line-height:1.25}"
    "h2{font-size:1.15rem;margin:2rem 0 .5rem}.first{font-size:1.2rem}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{border-top:1px solid #cdd5dd;padding:.4rem .5rem;"
    "text-align:left;vertical-align:top;font-weight:400}thead th{font-weight:600}figure{margin:1.5rem 0}"
    "svg{width:100%;height:auto}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f2f5f8;padding:.75rem;font-size:.85rem}"
    "@media(max-width:32rem){figure{overflow-x:auto}svg{min-width:30rem}figcaption{position:sticky;left:0}}</style>"
)
