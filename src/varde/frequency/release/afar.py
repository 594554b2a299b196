"""Measuring a release whose people are on other machines: questions out, answers in, by files in one folder.

::

    <folder>/question-01.zip        to every region; question-01-came.zip as well when there is a release before
    <folder>/*.held-out.zip         from every region, before the first question
    <folder>/*.answer.zip           from every region, to every question

The measure runs from the beginning each time, and the answers that are there take the place of the people. Where one is
missing it stops, with the question written: so nothing has to be kept between the rounds, and the figures are those
of one process, to the byte. A round tells 32 prefixes of the list of genes apart: one round does for 32 genes or a
given number of them, two for 1,088, three for 35,936.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from varde.frequency.disclosure.scores import Meter, RegionScores
from varde.frequency.increment import Increment
from varde.frequency.lookup import Counts
from varde.frequency.release.measure import RELATIVES, measure_with
from varde.frequency.release.measured import Measured
from varde.frequency.release.passages import (
    QUESTION,
    Answer,
    Asked,
    HeldOut,
    Question,
    read_answer,
    read_held_out,
    read_question,
)
from varde.frequency.release.prepare import Prepared
from varde.frequency.release.regional import score_strangers
from varde.frequency.sealed import header_digest
from varde.frequency.signing import PrivateKey, PublicKey
from varde.genome.errors import InputError


class Waiting(Exception):  # noqa: N818  (nothing is wrong)
    """The measure waits for regions. ``missing``: what to send, and the regions that have not."""

    def __init__(self, missing: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{what}: {', '.join(regions)}" for what, regions in missing.items()))
        self.missing = {what: tuple(regions) for what, regions in missing.items()}


def measure_afar(
    prepared: Prepared,
    folder: str | Path,
    key: PrivateKey,
    trusted: Mapping[str, PublicKey],
    *,
    outside: pl.DataFrame | None = None,
    strangers: Sequence[str | Path] = (),
) -> Measured:
    """Measure with what the regions sent to ``folder``, which is made when it is not there.

    ``key`` is the register's, ``trusted`` are the regions' keys by name; the rest is as in ``measure``. Raises
    ``Waiting`` when somebody has not answered yet, InputError ``unknown_region``, ``answered_twice``,
    ``question_changed``, ``other_settings`` and as ``read_held_out`` and ``read_answer``.
    """
    room = Path(folder)
    room.mkdir(parents=True, exist_ok=True)
    regions = tuple(sorted(prepared.sources.regions))
    settings, others = prepared.sources.settings, [Counts(path) for path in strangers]
    held = _held_out(room, trusted, regions)
    for other in (*(other.settings for other in others), *(region.settings for region in held.values())):
        settings.refuse_other(other)
    lacking = [region for region in regions if region not in held]
    if lacking:
        raise Waiting({"people held out": lacking})
    parts = [*(held[region].increment for region in regions), *(other.increment for other in others)]
    previous = prepared.order.previous
    came_follows = previous is not None and previous.is_public
    post = _Post(prepared, room, key, regions, _answers(room, key, trusted, regions), others, came_follows)
    score_came = post.score_came if came_follows else None
    return measure_with(prepared, Increment.merged(settings.build, parts), post.score, outside, score_came)


@dataclass
class _Post:
    """Asks for scores in place of having the people. ``answers`` by digest of the question and region."""

    prepared: Prepared
    folder: Path
    key: PrivateKey
    regions: tuple[str, ...]
    answers: Mapping[tuple[str, str], Answer]
    strangers: Sequence[Counts]
    came_follows: bool
    number: int = 0
    missing: dict[str, Sequence[str]] = field(default_factory=dict)

    def score(self, meters: Mapping[str, Meter]) -> RegionScores:
        """Everybody's scores. When a question about those who came follows, it is asked in the same round."""
        self.number += 1
        relatives = -(-RELATIVES // max(len(self.regions), 1))
        scores = self._asked(Asked.EVERYBODY, meters, relatives)
        if not self.came_follows:
            self._wait()
        return scores

    def score_came(self, meters: Mapping[str, Meter]) -> RegionScores:
        """The scores of those who came, of the same round."""
        scores = self._asked(Asked.CAME, meters, 0)
        self._wait()
        return scores

    def _wait(self) -> None:
        if self.missing:
            raise Waiting(self.missing)

    def _asked(self, asked: Asked, meters: Mapping[str, Meter], relatives: int) -> RegionScores:
        order = self.prepared.order
        told = order.name, self.number, asked, self.prepared.sources.settings, relatives, order.parameters.seed
        draft = Question(self.key.name, self.key.public.identifier, *told, meters).draft()
        path = self.folder / f"question-{self.number:02d}{'-came' if asked is Asked.CAME else ''}.zip"
        if not path.exists():
            draft.write(path, self.key)
        elif header_digest(path, QUESTION) != draft.digest:
            raise InputError(
                "question_changed",
                f"{path.name} was asked of other counts, or for another release, than are given now.",
                "Give the counts and options of then, or ask anew in another folder.",
                source=path.name,
                field="--exchange",
            )
        lacking = [region for region in self.regions if (draft.digest, region) not in self.answers]
        if lacking:
            self.missing[path.name] = lacking
        found = [self.answers[draft.digest, region].scores for region in self.regions if region not in lacking]
        return RegionScores.merged([*found, *(score_strangers(other.folder, meters) for other in self.strangers)])


def _held_out(folder: Path, trusted: Mapping[str, PublicKey], regions: Collection[str]) -> dict[str, HeldOut]:
    found: dict[str, HeldOut] = {}
    for path in sorted(folder.glob("*.held-out.zip")):
        held = read_held_out(path, trusted)
        _refuse(held.region, regions, held.region in found, path)
        found[held.region] = held
    return found


def _answers(
    folder: Path, key: PrivateKey, trusted: Mapping[str, PublicKey], regions: Collection[str]
) -> dict[tuple[str, str], Answer]:
    paths = sorted(folder.glob("*.answer.zip"))
    register = {key.name: key.public}
    asked = [read_question(path, register) for path in sorted(folder.glob("question-*.zip")) if path not in paths]
    questions = {digest: question for question, digest in asked}
    found: dict[tuple[str, str], Answer] = {}
    for path in paths:
        answer = read_answer(path, trusted, questions)
        place = answer.question, answer.region
        _refuse(answer.region, regions, place in found, path)
        found[place] = answer
    return found


def _refuse(region: str, regions: Collection[str], twice: bool, path: Path) -> None:
    """Whose people are in the release answers, and once."""
    if region not in regions:
        raise InputError(
            "unknown_region",
            f"{region} has sent nothing that is counted in this release.",
            "Take its file away, or take in its shards first.",
            source=path.name,
            field="region",
        )
    if twice:
        raise InputError(
            "answered_twice",
            f"{region} has sent two files of the same kind.",
            "Keep the one that the region says is right.",
            source=path.name,
            field="region",
        )
