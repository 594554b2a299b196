"""A sentence for a person, ready for translation: a stable key, an English template and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

Parameter = str | int | float


def placeholders(template: str) -> frozenset[str]:
    """Names that a ``str.format`` template asks for.

    >>> sorted(placeholders("{count} of {total:,} alleles"))
    ['count', 'total']
    """
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


@dataclass(frozen=True)
class Message:
    """``template`` is English in ``str.format`` style. Raises ValueError where its names are not the parameters'."""

    key: str
    template: str
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def __post_init__(self) -> None:
        wanted, given = placeholders(self.template), frozenset(name for name, _ in self.parameters)
        if wanted != given:
            raise ValueError(f"message {self.key}: the text asks for {sorted(wanted)}, given were {sorted(given)}")

    def __str__(self) -> str:
        return self.template.format(**dict(self.parameters))


def message_of(texts: Mapping[str, str], key: str, **parameters: Parameter) -> Message:
    """The message of a table of English templates. Raises KeyError for an unknown key."""
    return Message(key, texts[key], tuple(sorted(parameters.items())))
