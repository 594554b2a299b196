"""One value that a tool measured, with the file it was read from."""

from __future__ import annotations

from dataclasses import dataclass

from varde.quality.report import Origin

Value = float | str | None


@dataclass(frozen=True)
class Measurement:
    """``metric`` is one of ``varde.quality.formats.names.KNOWN`` where Varde knows the column, else
    ``<tool>.<column>``. ``sample`` is a person, two joined by ' / ', or None for all of the file together. A value that
    the tool could not give is None; one that is no number stays text.
    """

    sample: str | None
    metric: str
    value: Value
    unit: str
    origin: Origin

    @property
    def number(self) -> float | None:
        """The value where it is a number."""
        return self.value if isinstance(self.value, float) else None
