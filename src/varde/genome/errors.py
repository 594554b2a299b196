"""The one error for input that cannot be used: it names the place, the expectation and the remedy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(unsafe_hash=True)
class InputError(Exception):
    """Input that Varde refuses. Nothing was stored and nothing was lost.

    ``code`` is a stable word for programs (for example ``ref_mismatch``); ``problem`` says what is wrong and what was
    expected; ``remedy`` says what to do. ``source`` is a file name without its folder, ``line`` is 1-based in the
    decompressed text, ``field`` is a column, tag, option or form field.

    Not frozen: the interpreter's context managers set ``__traceback__`` on what passes through them.
    """

    code: str
    problem: str
    remedy: str
    source: str | None = None
    line: int | None = None
    field: str | None = None

    def __reduce__(self) -> tuple[type[InputError], tuple[str | int | None, ...]]:
        return type(self), (self.code, self.problem, self.remedy, self.source, self.line, self.field)

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
