"""Signatures of shards and releases: Ed25519 (RFC 8032), keys as PEM files that OpenSSL reads as well.

A stranger verifies a signature without Varde::

    openssl pkeyutl -verify -pubin -inkey KEY.pem -rawin -in FILE -sigfile FILE.sig
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from varde.frequency.new_file import new_file
from varde.genome.errors import InputError

SIGNATURE_BYTES = 64
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_NAME_LINE = re.compile(r"^Name: (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class PublicKey:
    """What a signature is verified with. ``name`` is the signer's: a region, or the register.

    The name is what the file says; only a file that came by a way you trust makes it true.
    """

    name: str
    _key: Ed25519PublicKey

    @classmethod
    def load(cls, path: str | Path) -> PublicKey:
        """Raises InputError ``no_key``, ``not_a_public_key``."""
        source, text = Path(path).name, _read(Path(path))
        return cls.of_pem(text, source)

    @classmethod
    def of_pem(cls, text: bytes, source: str | None = None) -> PublicKey:
        """The key of a PEM text. Raises InputError ``not_a_public_key``."""
        try:
            key = serialization.load_pem_public_key(text)
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise InputError(
                "not_a_public_key",
                "This is no public Ed25519 key in PEM form.",
                "Give the public file that 'varde keys new' wrote (its name ends in .public.pem).",
                source=source,
            )
        return cls(_name_in(text, source), key)

    @property
    def identifier(self) -> str:
        """32 hexadecimal digits: the first half of the SHA-256 of the key's 32 bytes."""
        raw = self._key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return hashlib.sha256(raw).hexdigest()[:32]

    @property
    def pem(self) -> bytes:
        """The key as PEM with its name, as the file holds it."""
        body = self._key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return _named(self.name, body)

    def verify(self, content: bytes, signature: bytes, source: str | None = None) -> None:
        """Return when ``signature`` is this key's over ``content``. Raises InputError ``wrong_signature``."""
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            raise InputError(
                "wrong_signature",
                f"The signature is not that of {self.name} over this content.",
                "The content was changed, or another key signed it: fetch the file again, and compare the key's "
                "identifier with its owner by another way.",
                source=source,
            ) from None


@dataclass(frozen=True, repr=False)
class PrivateKey:
    """What signs. Keep its file where only the signing service can read it."""

    name: str
    _key: Ed25519PrivateKey

    @classmethod
    def load(cls, path: str | Path) -> PrivateKey:
        """Raises InputError ``no_key``, ``not_a_private_key``, ``key_exposed`` when others may read the file."""
        source, text = Path(path).name, _read(Path(path))
        try:
            key = serialization.load_pem_private_key(text, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise InputError(
                "not_a_private_key",
                "This is no private Ed25519 key in PEM form without a password.",
                "Give the private file that 'varde keys new' wrote (its name ends in .private.pem).",
                source=source,
            )
        if Path(path).stat().st_mode & 0o077:
            raise InputError(
                "key_exposed",
                "Other users of this machine may read or change the private key.",
                "Take their access away (chmod 600); if others could have read it, make a new key.",
                source=source,
            )
        return cls(_name_in(text, source), key)

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        return PublicKey(self.name, self._key.public_key())

    def sign(self, content: bytes) -> bytes:
        """The 64 bytes of the signature; the same content gives the same bytes."""
        return self._key.sign(content)


def new_key(path_private: str | Path, path_public: str | Path, name: str) -> PublicKey:
    """Make a pair of keys; the private file is readable by its owner alone (mode 0600).

    ``name`` is of small letters a-z, digits and hyphens, at most 40. Raises InputError ``bad_key_name``,
    ``key_exists`` (nothing is ever overwritten), ``key_not_writable``; nothing is then left.
    """
    _check_name(name)
    private, public = Path(path_private), Path(path_public)
    for path in (private, public):
        if os.path.lexists(path):
            raise _exists(path)
    key = PrivateKey(name, Ed25519PrivateKey.generate())
    body = key._key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_new(private, _named(name, body), 0o600)
    try:
        _write_new(public, key.public.pem, 0o644)
    except InputError:
        private.unlink()
        raise
    return key.public


def trusted_keys(paths: Iterable[str | Path]) -> Mapping[str, PublicKey]:
    """Public keys by name; a folder stands for its ``*.pem``. Raises InputError ``key_twice`` for two of one name."""
    keys: dict[str, PublicKey] = {}
    for path in (file for given in paths for file in _files(Path(given))):
        key = PublicKey.load(path)
        if key.name in keys and keys[key.name].identifier != key.identifier:
            raise InputError(
                "key_twice",
                f"Two different keys bear the name {key.name}.",
                "Keep the one that is valid today, and take the other away.",
                source=path.name,
            )
        keys[key.name] = key
    return keys


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.pem")) if path.is_dir() else [path]


def _named(name: str, body: bytes) -> bytes:
    """PEM allows explanatory text before its first line (RFC 7468, section 2): readers pass over it."""
    return f"Name: {name}\n".encode() + body


def _name_in(text: bytes, source: str | None) -> str:
    found = _NAME_LINE.search(text.decode("ascii", errors="replace").partition("-----BEGIN")[0])
    if not found:
        raise InputError(
            "bad_key_name",
            "The key does not say whose it is: no line 'Name: ...' stands before -----BEGIN.",
            "Write that line, with the name that was agreed on.",
            source=source,
        )
    _check_name(found[1], source)
    return found[1]


def _check_name(name: str, source: str | None = None) -> None:
    if not _NAME.fullmatch(name):
        raise InputError(
            "bad_key_name",
            f"{name!r} cannot name a key.",
            "Use 1 to 40 small letters a-z, digits and hyphens, beginning and ending with a letter or digit.",
            source=source,
            field="name",
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "no_key",
            f"The key cannot be read: {error.strerror}.",
            "Give the path of a key file that you may read.",
            source=path.name,
        ) from None


def _exists(path: Path) -> InputError:
    return InputError(
        "key_exists",
        "A file of this name is already there, and a key is never overwritten.",
        "Choose another name; what was signed with an old key needs its public file for ever.",
        source=path.name,
    )


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        with new_file(path, mode) as written:
            written.write_bytes(content)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise InputError(
            "key_not_writable",
            f"The key cannot be written: {error.strerror}.",
            "Choose a folder you may write to.",
            source=path.name,
        ) from None
