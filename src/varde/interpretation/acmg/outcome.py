"""Shorthand with which a criterion states its outcome under one rule set."""

from __future__ import annotations

from dataclasses import dataclass

from varde.genome.message import Message
from varde.interpretation.acmg.criterion import CONFIRMATION, Code, Criterion, State, Strength
from varde.interpretation.acmg.rules import RuleSet
from varde.interpretation.acmg.texts import MISSING, text


@dataclass(frozen=True)
class Outcome:
    """Builds criteria of one code with its source and threshold filled in."""

    code: Code
    rules: RuleSet
    source: str
    threshold: str | None = None
    data: str | None = None

    def met(self, strength: Strength, message: Message, value: str | None = None) -> Criterion:
        return self._build(State.MET, message, strength, value, ())

    def not_met(self, message: Message, value: str | None = None) -> Criterion:
        return self._build(State.NOT_MET, message, None, value, ())

    def suggested(self, strength: Strength, message: Message, value: str | None = None) -> Criterion:
        """Not evaluated until a person confirms it: what an assisted code has to say."""
        return self._build(State.NOT_EVALUATED, message, None, value, (CONFIRMATION,), strength)

    def not_evaluated(self, *missing: str, message: Message | None = None, value: str | None = None) -> Criterion:
        """Raises KeyError for a name that ``texts.MISSING`` does not explain."""
        names = tuple(name for name in dict.fromkeys(missing) if MISSING[name])
        return self._build(State.NOT_EVALUATED, message or text("acmg.not_evaluated"), None, value, names)

    def _build(
        self,
        state: State,
        message: Message,
        strength: Strength | None,
        value: str | None,
        missing: tuple[str, ...],
        suggested: Strength | None = None,
    ) -> Criterion:
        return Criterion(
            self.code,
            state,
            message,
            strength=strength,
            value=value,
            threshold=self.threshold,
            data=self.data,
            source=self.source,
            version=self.rules.name,
            missing=missing,
            suggested=suggested,
        )
