# mypy: disable-error-code="no-any-return, no-untyped-call, call-overload, call-arg"
"""Scanning and copying text: compiled code over raw memory, the ground of ``annotate_lines``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from varde.frequency.annotate_layout import LINE_FEED

TAB, CARRIAGE_RETURN, _CONTROL = 9, 13, 14
COMMA, DOT, SEMICOLON, EQUALS = 44, 46, 59, 61

Memory = Any
"""An address in compiled code."""

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    return cast(Function, numba.njit(_nrt=False, error_model="numpy", boundscheck=False)(function))


@compiled
def field_end(text: Memory, place: int) -> int:
    while text[place] >= _CONTROL:
        place += 1
    return place


@compiled
def far_field_end(text: Memory, place: int) -> int:
    """As ``field_end``, 32 bytes at a stride."""
    while True:
        found = False
        for i in range(32):
            found |= text[place + i] < _CONTROL
        if found:
            return field_end(text, place)
        place += 32


@compiled
def line_end(text: Memory, place: int) -> int:
    """The place of the next line feed, 32 bytes at a stride."""
    while True:
        found = False
        for i in range(32):
            found |= text[place + i] == LINE_FEED
        if found:
            while text[place] != LINE_FEED:
                place += 1
            return place
        place += 32


@compiled
def copy_text(out: Memory, o: int, text: Memory, start: int, stop: int) -> int:
    """Copies ``text[start:stop]``, up to 31 bytes more (they are written over next); the place behind."""
    length = stop - start
    i = 0
    while i < length:
        for j in range(32):
            out[o + i + j] = text[start + i + j]
        i += 32
    return o + length
