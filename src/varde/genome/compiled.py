"""Compilation of functions over arrays to machine code, kept on disk between runs where a folder can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """``numba.njit`` with its cache on disk.

    Numba keeps the machine code beside the module, else in ``NUMBA_CACHE_DIR``, else in the user's cache folder. Where
    none of them can be written (a hardened service), the function is compiled anew in each process instead of failing.
    """
    try:
        return cast(Function, numba.njit(cache=True)(function))
    except RuntimeError:
        return cast(Function, numba.njit(function))


def bare(function: Function) -> Function:
    """As ``compiled``, for functions that only others call, and often: arrays are not counted in them, so that they can
    make none, and their code is kept with that of their callers."""
    return cast(Function, numba.njit(_nrt=False)(function))  # type: ignore[call-overload]


def inlined(function: Function) -> Function:
    """As ``bare``, for small functions over numbers and addresses: the code goes into each function that calls them."""
    return cast(Function, numba.njit(forceinline=True, _nrt=False)(function))  # type: ignore[call-overload]
