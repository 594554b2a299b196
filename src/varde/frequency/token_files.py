"""Files of token keys and of tokens. No identity number is ever written, nor repeated in a problem."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from varde.frequency.new_file import new_file
from varde.frequency.tokens import KEY_BYTES, TokenKey
from varde.genome.errors import InputError

_EPOCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")
_KEY = re.compile(rf"varde token key 1\nepoch ({_EPOCH.pattern})\nsecret ([0-9a-f]{{{2 * KEY_BYTES}}})\n")
_TOKEN = re.compile(rf"({_EPOCH.pattern}):[0-9a-f]{{64}}")


def write_key(path: Path, key: TokenKey) -> None:
    """Write a key, readable by its owner alone.

    Raises InputError ``bad_epoch``, ``out_exists``, ``out_not_writable``.
    """
    if not _EPOCH.fullmatch(key.epoch) or re.search(r"\d{6}", key.epoch):
        raise InputError(
            "bad_epoch",
            f"{key.epoch!r} cannot name a comparison.",
            "Use letters, digits, points and hyphens, at most 40, with no six digits on end: 2026-11.",
            field="--epoch",
        )
    _write(path, f"varde token key 1\nepoch {key.epoch}\nsecret {key._secret.hex()}\n")


def read_key(path: Path) -> TokenKey:
    """Raises InputError ``no_key``, ``not_a_token_key``, ``key_exposed`` when others may read the file."""
    try:
        text, mode = path.read_text(encoding="ascii"), path.stat().st_mode
    except OSError as error:
        remedy = "Give the path of a key file that you may read."
        raise InputError("no_key", f"The key cannot be read: {error.strerror}.", remedy, source=path.name) from None
    except UnicodeDecodeError:
        text, mode = "", 0o600
    if mode & 0o077:
        raise InputError(
            "key_exposed",
            "Other users of this machine may read or change the key.",
            "Take their access away (chmod 600); if others could have read it, draw a new key.",
            source=path.name,
        )
    found = _KEY.fullmatch(text)
    if not found:
        remedy = "Give the file that 'varde tokens key' wrote."
        raise InputError("not_a_token_key", "This is no key of tokens.", remedy, source=path.name)
    return TokenKey(found[1], bytes.fromhex(found[2]))


def tokens_of(numbers: str, key: TokenKey, source: str) -> tuple[str, ...]:
    """Tokens of the identity numbers of a text, one a line, sorted so that their order tells nothing.

    Raises InputError ``bad_identifier`` and ``person_twice`` with the line, ``no_people``; none repeats a number.
    """
    lines: dict[str, int] = {}
    for number, line in enumerate(numbers.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            token = key.token(line)
        except InputError as error:
            raise InputError(
                error.code, error.problem, error.remedy, source=source, line=number, field=error.field
            ) from None
        if token in lines:
            raise InputError(
                "person_twice",
                f"This person stands on line {lines[token]} as well.",
                "Look whether the region counts them twice; then give each person once.",
                source=source,
                line=number,
            )
        lines[token] = number
    if not lines:
        raise InputError("no_people", "There is no identity number.", "Give one a line.", source=source)
    return tuple(sorted(lines))


def write_tokens(path: Path, tokens: Sequence[str]) -> None:
    """Write tokens, one a line. Raises InputError ``out_exists``, ``out_not_writable``."""
    _write(path, "".join(f"{token}\n" for token in tokens))


def read_tokens(path: Path) -> tuple[str, ...]:
    """Tokens of a file. Raises InputError ``no_tokens``, and ``not_tokens`` with the line, which it does not repeat."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        remedy = "Give a file that 'varde tokens make' wrote."
        raise InputError("no_tokens", "The tokens cannot be read.", remedy, source=path.name) from None
    for number, line in enumerate(lines, start=1):
        if not _TOKEN.fullmatch(line):
            raise InputError(
                "not_tokens",
                "This is no token, and nothing else may be compared.",
                "Give what 'varde tokens make' wrote. If it holds identity numbers, they must not lie here: delete it.",
                source=path.name,
                line=number,
            )
    return tuple(lines)


def _write(path: Path, text: str) -> None:
    try:
        with new_file(path) as partial:
            partial.write_text(text, encoding="ascii")
    except FileExistsError:
        problem, remedy = "A file of this name is already there.", "Choose another name; nothing is overwritten."
        raise InputError("out_exists", problem, remedy, source=path.name, field="--out") from None
    except OSError as error:
        problem, remedy = f"It cannot be written: {error.strerror}.", "Choose a folder you may write to."
        raise InputError("out_not_writable", problem, remedy, source=path.name, field="--out") from None
