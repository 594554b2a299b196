"""The one error for input that cannot be used: it names the place, the expectation and the remedy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InputError(Exception):
    """Input that Varde refuses. Nothing was stored and nothing was lost.

    ``code`` is a stable word for programs (for example ``ref_mismatch``); ``problem`` says what is wrong and what was
    expected; ``remedy`` says what to do. ``source`` is a file name without its folder, ``line`` is 1-based in the
    decompressed text, ``field`` is a column, tag, option or form field.
    """

    code: str
    problem: str
    remedy: str
    source: str | None = None
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.source or "",
                f"line {self.line}" if self.line is not None else "",
                self.field or "",
            )
            if part
        )
        return f"{place}: {self.problem} {self.remedy}" if place else f"{self.problem} {self.remedy}"
