"""Compiled functions of machine addresses, kept on disk as machine code and started without the compiler.

Numba takes most of a second to load; a command that is to answer in half of that cannot wait for it. What it compiles
is LLVM's, and LLVM alone loads in a tenth: so the machine code is kept, named after everything it depends on (the
modules' text, the processor, the compiler), and made anew when any of it differs. A kept file is the SHA-256 of the
rest, so that one that was cut short is never run; a line of the outside functions that the code names; and the code.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from llvmlite import binding as llvm  # type: ignore[import-untyped]

_DIGEST = 32
_engines: list[Any] = []  # as long as the process lives, for the code lives in them


def native(name: str, arguments: int, modules: Sequence[str], tell: Callable[[str], None]) -> Any:
    """The ``numba.cfunc`` of that name as a function of so many addresses that returns an int64.

    ``modules`` are all that it is made of; the last holds it. ``tell`` is given a sentence for people before code is
    compiled, which takes 10 to 20 seconds, and when it could not be kept.
    """
    content = _kept_code(name, modules, tell)
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    outside, _, code = content.partition(b"\n")
    _refuse_calls(outside.decode().split())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    address = engine.get_function_address(name)
    return ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * arguments)(address)


def _refuse_calls(names: list[str]) -> None:
    """Numba's code names functions of its own for raising exceptions. Code kept here raises none; a call would abort.

    Left without an address they would make LLVM place others wrongly.
    """
    stop = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
    for name in names:
        if llvm.address_of_symbol(name) is None:
            llvm.add_symbol(name, stop)


def _kept_code(name: str, modules: Sequence[str], tell: Callable[[str], None]) -> bytes:
    """Outside names and code from the first cache that has them, else compiled, and kept where it can be written."""
    sources = [Path(str(importlib.util.find_spec(one).origin)) for one in modules]  # type: ignore[union-attr]
    compiler = f"{version('llvmlite')} {version('numba')} {sys.implementation.cache_tag}"
    processor = f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
    told = f"{name}\0{compiler}\0{processor}\0".encode() + b"\0".join(one.read_bytes() for one in sources)
    digest = hashlib.sha256(told).hexdigest()
    source = sources[-1]
    folders = _folders(source)
    for folder in folders:
        with suppress(OSError):
            kept = (folder / f"{source.stem}.{digest[:32]}.o").read_bytes()
            if hashlib.sha256(kept[_DIGEST:]).digest() == kept[:_DIGEST]:
                return kept[_DIGEST:]
    tell("Preparing machine code for this processor: 10 to 20 seconds, once after an installation ...")
    code = _compiled(modules[-1], name)
    if not any(_keep(folder, source.stem, digest[:32], code) for folder in folders):
        where = ", ".join(str(folder) for folder in folders)
        tell(
            f"The machine code could not be kept, so every call prepares it anew. Make one of these writable: {where}."
        )
    return code


def _folders(source: Path) -> list[Path]:
    """As Numba: beside the module, else where its environment says, else the user's own cache."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    users = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [source.parent / "__pycache__", *([Path(named)] if named else []), users / "varde"]


def _compiled(module: str, name: str) -> bytes:
    """The text of the function as LLVM has it after Numba, with its symbol renamed to ``name``, compiled."""
    function = getattr(importlib.import_module(module), name)
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    text = function.inspect_llvm().replace(f'"{function.native_name}"', name).replace(function.native_name, name)
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, jit=True
    )
    parsed = llvm.parse_assembly(text)
    outside = [one.name for one in parsed.functions if one.is_declaration and not one.name.startswith("llvm.")]
    return " ".join(outside).encode() + b"\n" + bytes(machine.emit_object(parsed))


def _keep(folder: Path, stem: str, digest: str, code: bytes) -> bool:
    """Write into a cache, put in place when complete."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=f".{stem}.", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(code).digest() + code)
        Path(partial).chmod(0o644)
        Path(partial).replace(folder / f"{stem}.{digest}.o")
    except OSError:
        return False
    return True
