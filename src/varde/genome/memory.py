"""Text as raw memory for compiled functions: plain addresses, four bytes as a number, 64 bytes looked at in one step.

An address costs a compiled function nothing to pass on, where an array is counted and every index of it is checked for
its sign. What holds the array must outlive the address. Masks are int64: bit i stands for the byte at ``place + i``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

Memory = Any
"""An address in compiled code, indexed like an array."""

STRIDE = 64
"""Bytes that ``bits_between`` reads; the text must go on for as many."""

_BYTE, _WORD, _BYTES = ir.IntType(8), ir.IntType(64), ir.VectorType(ir.IntType(8), STRIDE)


def _instruction(function: Callable[..., object]) -> Any:
    """What compiled functions call with the arguments behind ``typing``."""
    return intrinsic(function)


@_instruction
def memory(typing: Any, array: Any) -> Any:
    """The address of a contiguous array's first element."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), code  # type: ignore[no-untyped-call]


def _load(builder: Any, text: Any, place: Any, kind: Any) -> Any:
    """What lies at ``text + place``, on any boundary."""
    loaded = builder.load(builder.bitcast(builder.gep(text, [place]), kind.as_pointer()))
    loaded.align = 1
    return loaded


@_instruction
def four_bytes_at(typing: Any, text: Any, place: Any) -> Any:
    """The four bytes at ``place`` as a uint32, the first one lowest."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        text_address, start = arguments
        return _load(builder, text_address, start, ir.IntType(32))

    return types.uint32(text, types.int64), code


@_instruction
def bits_between(typing: Any, text: Any, place: Any, lowest: Any, count: Any) -> Any:
    """Which of the 64 bytes at ``place`` are one of the ``count`` values from ``lowest``."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def everywhere(number: Any) -> Any:
            one = builder.insert_element(ir.Constant(_BYTES, ir.Undefined), builder.trunc(number, _BYTE), _ZERO)
            return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), STRIDE), [0] * STRIDE))

        address, start, first, number = arguments
        moved = builder.sub(_load(builder, address, start, _BYTES), everywhere(first))
        return builder.bitcast(builder.icmp_unsigned("<", moved, everywhere(number)), _WORD)

    return types.int64(text, types.int64, types.int64, types.int64), code


_ZERO = ir.Constant(ir.IntType(32), 0)


@_instruction
def lowest_bit(typing: Any, mask: Any) -> Any:
    """The number of the lowest bit that is set; 64 when none is."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), code


@_instruction
def bits_set(typing: Any, mask: Any) -> Any:
    """How many bits are set."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.int64), code
