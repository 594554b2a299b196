"""What nation and regions hand each other when a release is measured and the people are elsewhere.

=========  ===================  =======================================================================
file       from, to             what it holds
=========  ===================  =======================================================================
held out   region to nation     counts of the people held out, as a shard of at least k people has them
question   nation to regions    every attacker's meter: keys of sites, stages, what each genotype tells
answer     region to nation     people by score, by attacker, stage and kind; the greatest score of each
=========  ===================  =======================================================================

All are sealed files: a question is signed by the register, the others by their region, and an answer names the digest
of its question. None has a run or a person in it. They are personal data in transit all the same: a question follows
from exact counts, the scores of an answer are real people's, and two files of people held out tell of those between
them. Send them encrypted, and delete them when the release is made.

What this does not guard against: a register that asks in bad faith could weigh one site alone, and would read from
the scores who carries it. A region answers only who holds the register's key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.disclosure.scores import (
    CELLS,
    GREATEST,
    HELD_OUT,
    HISTOGRAM,
    MEMBER,
    RELATIVE,
    Meter,
    RegionScores,
    cells_of,
)
from varde.frequency.increment import Increment
from varde.frequency.plausibility import check_increment
from varde.frequency.ploidy import SEXES
from varde.frequency.release.regional import held_out_counts, score_folder
from varde.frequency.sealed import Draft, Kind, Sealed, read_sealed, typed
from varde.frequency.shards import FRAMES, LEAST_PEOPLE, increment_of
from varde.frequency.signing import PrivateKey, PublicKey
from varde.frequency.store import Settings, Status, read_manifest
from varde.genome.errors import InputError
from varde.genome.keys import KEY_FORMAT

HELD = Kind(
    "file of people held out",
    "held_out",
    ("varde-held-out", 1, KEY_FORMAT),
    "region",
    "varde measure held-out",
    FRAMES,
)
QUESTION = Kind(
    "question", "question", ("varde-question", 1, KEY_FORMAT), "register", "varde release", ("sites", "stages")
)
ANSWER = Kind(
    "answer", "answer", ("varde-answer", 1, KEY_FORMAT), "region", "varde measure answer", ("histogram", "greatest")
)

_SITES = pl.Schema({"key": pl.UInt64(), "stage": pl.UInt16()})
_STAGES = pl.Schema({"attacker": pl.String(), "stage": pl.UInt16(), "mean": pl.Float64(), "deviation": pl.Float64()})
_COPIES = 3


class Asked(StrEnum):
    """Whose scores a question wants, beside those held out."""

    EVERYBODY = "everybody"
    CAME = "came"  # only members counted since the release before


@dataclass(frozen=True)
class HeldOut:
    """The counts of ``people`` whom a region holds out."""

    region: str
    settings: Settings
    people: int
    increment: Increment


def tell_held_out(path: Path, counts: str | Path, key: PrivateKey, *, least_people: int = LEAST_PEOPLE) -> HeldOut:
    """Write and sign the counts of the people held out in a region's counts folder; of none is said so.

    Raises InputError ``too_few_people`` for fewer than ``least_people``, ``out_exists`` and as ``read_manifest``;
    nothing is then left.
    """
    contents = read_manifest(Path(counts))
    people = contents.statuses.get(Status.HELD_OUT, 0)
    if 0 < people < least_people:
        raise _too_few(f"{people} people are held out", least_people, "Hold more people out, or nobody.", None)
    increment = held_out_counts(counts)
    check_increment(increment, people, 0)
    header = {**_of_region(key), "settings": contents.settings.as_json(), "people": people}
    Draft.of(HELD, header, {name: getattr(increment, name) for name in FRAMES}).write(path, key)
    return HeldOut(key.name, contents.settings, people, increment)


def read_held_out(path: Path, trusted: Mapping[str, PublicKey], *, least_people: int = LEAST_PEOPLE) -> HeldOut:
    """The counts that ``tell_held_out`` wrote.

    Raises InputError ``no_held_out``, ``damaged_held_out``, ``unknown_region``, ``wrong_signature``,
    ``unknown_format``, ``too_few_people``, ``implausible_counts``.
    """
    sealed, source = read_sealed(path, HELD, trusted), path.name
    try:
        settings, people = Settings.from_json(sealed.header["settings"]), _number(sealed.header["people"])
    except (ValueError, KeyError, TypeError) as error:
        raise HELD.other_format(error, source) from None
    if 0 < people < least_people:
        raise _too_few(f"It is of {people} people", least_people, "Have the region hold more people out.", source)
    increment = increment_of(sealed, settings.build, HELD, source)
    check_increment(increment, people, 0, source)
    return HeldOut(sealed.header["region"], settings, people, increment)


@dataclass(frozen=True)
class Question:
    """A passage over the people that a register asks its regions for.

    ``number`` counts the rounds of a release from 1; ``asked`` says whose scores; ``relatives`` children are simulated
    in each region with ``seed``. ``meters`` by attacker, all of the same sites.
    """

    register: str
    key: str
    release: str
    number: int
    asked: Asked
    settings: Settings
    relatives: int
    seed: int
    meters: Mapping[str, Meter]

    def draft(self) -> Draft:
        """The file, not yet signed. The same question gives the same bytes."""
        header = {
            "register": self.register,
            "key": self.key,
            "release": self.release,
            "round": self.number,
            "asked": str(self.asked),
            "settings": self.settings.as_json(),
            "relatives": self.relatives,
            "seed": self.seed,
            "attackers": sorted(self.meters),
        }
        return Draft.of(QUESTION, header, {"sites": _sites_of(self.meters), "stages": _stages_of(self.meters)})


def read_question(path: Path, trusted: Mapping[str, PublicKey]) -> tuple[Question, str]:
    """A question and its digest.

    Raises InputError ``no_question``, ``damaged_question``, ``unknown_register``, ``wrong_signature``,
    ``unknown_format``.
    """
    sealed, source = read_sealed(path, QUESTION, trusted), path.name
    header = sealed.header
    try:
        settings, asked = Settings.from_json(header["settings"]), Asked(header["asked"])
        number, relatives, seed = (_number(header[name]) for name in ("round", "relatives", "seed"))
        attackers = [str(name) for name in header["attackers"]]
        release = str(header["release"])
    except (ValueError, KeyError, TypeError) as error:
        raise QUESTION.other_format(error, source) from None
    meters = _meters_of(sealed, attackers, settings, source)
    question = Question(header["register"], header["key"], release, number, asked, settings, relatives, seed, meters)
    return question, sealed.digest


@dataclass(frozen=True)
class Answer:
    """A region's scores. ``question`` is the digest of what was asked; ``people`` by kind."""

    region: str
    question: str
    people: Mapping[str, int]
    scores: RegionScores


def answer(
    path: Path,
    question: tuple[Question, str],
    counts: str | Path,
    key: PrivateKey,
    *,
    members: Collection[str] | None = None,
    came: Collection[str] | None = None,
    least_people: int = LEAST_PEOPLE,
) -> Answer:
    """Score the people of a region's counts folder, and write and sign what came out.

    ``members`` are the runs that the nation has been told of, None: everybody counted. ``came`` are those of them
    counted since the release before, for a question about these; fewer than ``least_people`` of them are not scored.
    Raises InputError ``other_settings``, ``came_not_given``, ``too_few_people``, ``out_exists`` and as
    ``read_manifest``; nothing is then left.
    """
    (asked, digest), contents = question, read_manifest(Path(counts))
    contents.settings.refuse_other(asked.settings)
    counted = {run.identifier for run in contents.runs if run.status is Status.COUNTED}
    scored = counted if members is None else counted & set(members)
    if asked.asked is Asked.CAME:
        if came is None:
            raise InputError(
                "came_not_given",
                "The question is about those who were counted since the release before.",
                "Give their runs with --came, one a line; an empty file when nobody came.",
                field="--came",
            )
        scored &= set(came)
        scored = scored if len(scored) >= least_people else set()
    scores = score_folder(counts, asked.meters, relatives=asked.relatives, seed=asked.seed, members=scored)
    people = _people(scores)
    _refuse_few(people, least_people, None)
    header = {**_of_region(key), "question": digest, "release": asked.release, "round": asked.number, "people": people}
    Draft.of(ANSWER, header, {"histogram": scores.histogram, "greatest": scores.greatest}).write(path, key)
    return Answer(key.name, digest, people, scores)


def read_answer(
    path: Path,
    trusted: Mapping[str, PublicKey],
    questions: Mapping[str, Question],
    *,
    least_people: int = LEAST_PEOPLE,
) -> Answer:
    """A region's answer to one of ``questions``, by digest.

    Raises InputError ``no_answer``, ``damaged_answer``, ``unknown_region``, ``wrong_signature``, ``unknown_format``,
    ``other_question``, ``too_few_people``, ``implausible_scores``.
    """
    sealed, source = read_sealed(path, ANSWER, trusted), path.name
    try:
        digest = str(sealed.header["question"])
        people = {kind: _number(sealed.header["people"][kind]) for kind in (MEMBER, HELD_OUT, RELATIVE)}
    except (ValueError, KeyError, TypeError) as error:
        raise ANSWER.other_format(error, source) from None
    if digest not in questions:
        raise InputError(
            "other_question",
            f"This answers another question ({digest[:12]}...) than those of this release.",
            "Take it away, or have the region answer the question that stands in this folder.",
            source=source,
            field="question",
        )
    tables = (typed(sealed, name, schema, ANSWER, source) for name, schema in _TABLES.items())
    scores = RegionScores(*tables)
    problem = _implausible(scores, people, questions[digest])
    if problem:
        raise InputError(
            "implausible_scores",
            f"These cannot be the scores of the people that the answer is of: {problem}.",
            "Have the region answer again; nothing was taken in.",
            source=source,
        )
    _refuse_few(people, least_people, source)
    return Answer(sealed.header["region"], digest, people, scores)


_TABLES = {"histogram": HISTOGRAM, "greatest": GREATEST}


def _of_region(key: PrivateKey) -> dict[str, str]:
    return {"region": key.name, "key": key.public.identifier}


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 31:
        raise ValueError("numbers must be whole and not negative")
    return value


def _too_few(problem: str, least: int, remedy: str, source: str | None) -> InputError:
    return InputError(
        "too_few_people",
        f"{problem}; at least {least} are needed, for fewer people's figures are nearly their own.",
        remedy,
        source=source,
        field="people",
    )


def _people(scores: RegionScores) -> dict[str, int]:
    """People scored, by kind: each once by the first attacker at the first stage."""
    first = scores.histogram.filter(pl.col("stage") == 0, pl.col("attacker") == pl.col("attacker").first())
    found = dict(first.group_by(pl.col("kind").cast(pl.String)).agg(pl.col("people").sum()).iter_rows())
    return {kind: found.get(kind, 0) for kind in (MEMBER, HELD_OUT, RELATIVE)}


def _refuse_few(people: Mapping[str, int], least: int, source: str | None) -> None:
    words = {MEMBER: "members", HELD_OUT: "people held out", RELATIVE: "simulated relatives"}
    for kind, number in people.items():
        if 0 < number < least:
            remedy = "A region with so few takes no part in the measure: count or hold out more people first."
            raise _too_few(f"The scores are of {number} {words[kind]}", least, remedy, source)


def _implausible(scores: RegionScores, people: Mapping[str, int], question: Question) -> str | None:
    """What is wrong with the scores; None when nothing is."""
    index = HISTOGRAM.names()[:-1]
    histogram, greatest = scores.histogram, scores.greatest
    for frame, columns in ((histogram, index), (greatest, index[:-1])):
        if not frame.select(columns).equals(frame.select(columns).unique().sort(columns)):
            return "a row stands twice, or out of order"
    if histogram.height and (histogram["people"].min() < 1 or histogram["cell"].max() >= CELLS):  # type: ignore[operator]
        return "a cell is none, or has nobody in it"
    sums = histogram.group_by(index[:-1]).agg(pl.col("people").sum(), top=pl.col("cell").max()).sort(index[:-1])
    expected = [
        (name, stage, kind, number)
        for name, meter in sorted(question.meters.items())
        for stage in range(meter.number_of_stages)
        for kind, number in people.items()
        if number
    ]
    if sorted(sums.select(*index[:-1], "people").rows()) != sorted(expected):
        return "not everybody is scored once by every attacker at every stage"
    if not sums.select(index[:-1]).equals(greatest.select(index[:-1])) or not greatest["z"].is_finite().all():
        return "the greatest scores are not those of the same attackers and stages"
    if not np.array_equal(cells_of(greatest["z"].to_numpy()), sums["top"].to_numpy().astype(np.int64)):
        return "a greatest score does not lie in the last cell with anybody in it"
    return None


def _sites_of(meters: Mapping[str, Meter]) -> pl.DataFrame:
    """Key, stage, and a column of weights by attacker, sex and copies: null where it is that of the first sex."""
    names = sorted(meters)
    first = meters[names[0]]
    columns = {"key": pl.Series(first.keys, dtype=pl.UInt64), "stage": pl.Series(first.stages, dtype=pl.UInt16)}
    for name in names:
        if not (np.array_equal(meters[name].keys, first.keys) and np.array_equal(meters[name].stages, first.stages)):
            raise ValueError("the meters of one question must have the same sites")
        table = meters[name].table
        for sex in range(len(SEXES)):
            for copies in range(_COPIES):
                weights, given = table[sex, :, copies], table[0, :, copies]
                column = pl.DataFrame({"own": weights, "told": (weights != given) | (sex == 0)})
                columns[_column(name, sex, copies)] = column.select(pl.when("told").then("own"))["own"]
    return pl.DataFrame(columns)


def _column(attacker: str, sex: int, copies: int) -> str:
    return f"{attacker}.{SEXES[sex]}.{copies}"


def _stages_of(meters: Mapping[str, Meter]) -> pl.DataFrame:
    frames = [
        pl.DataFrame({"stage": np.arange(meter.number_of_stages), "mean": meter.mean, "deviation": meter.deviation})
        .with_columns(attacker=pl.lit(name))
        .select(pl.col(column).cast(kind) for column, kind in _STAGES.items())
        for name, meter in sorted(meters.items())
    ]
    return pl.concat(frames)


def _meters_of(sealed: Sealed, attackers: list[str], settings: Settings, source: str) -> dict[str, Meter]:
    """The inverse of ``_sites_of`` and ``_stages_of``. Raises InputError ``damaged_question``."""
    sites, problem = sealed.tables["sites"], QUESTION.damaged("Its weights are not those of sites in stages.", source)
    stages = typed(sealed, "stages", _STAGES, QUESTION, source)
    parts = range(len(SEXES)), range(_COPIES)
    names = [_column(name, sex, copies) for name in attackers for sex in parts[0] for copies in parts[1]]
    weights = pl.Schema(dict.fromkeys(names, pl.Float64()))
    if not attackers or len(set(attackers)) < len(attackers) or sites.schema != pl.Schema({**_SITES, **weights}):
        raise problem
    keys, stage = sites["key"].to_numpy(), sites["stage"].to_numpy()
    last, meters = int(stage.max()) if len(stage) else 0, {}
    for name in attackers:
        own = stages.filter(attacker=name)
        table = np.stack([_weights(sites, name, sex) for sex in range(len(SEXES))])
        mean, deviation = own["mean"].to_numpy(), own["deviation"].to_numpy()
        whole = own["stage"].to_list() == list(range(last + 1)) and np.all(keys[1:] > keys[:-1])
        if not whole or not all(np.isfinite(values).all() for values in (table, mean, deviation)):
            raise problem
        meters[name] = Meter(settings.build, keys, stage, table, mean, deviation)
    return meters


def _weights(sites: pl.DataFrame, attacker: str, sex: int) -> NDArray[np.float64]:
    """Weights of one sex, [sites, dosage 0-3]; a heteroplasmic allele, dosage 3, is no copy."""
    columns = [
        sites[_column(attacker, sex, copies)].fill_null(sites[_column(attacker, 0, copies)])
        for copies in (*range(_COPIES), 0)
    ]
    return np.ascontiguousarray(np.stack([column.to_numpy() for column in columns], axis=1))
