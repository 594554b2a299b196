"""Who is counted in several regions: keyed tokens of national identifiers, in a channel apart from all variants.

A region sends the token of each person it counts, and nothing else: HMAC-SHA-256 (RFC 2104) over the identifier, with
a key that the regions share for this purpose alone. Whoever compares the tokens has no key; they learn how many people
each region counts and who of them are the same, not who anybody is.

What the holder of the key can do, plainly: there are some tens of millions of possible national identifiers, so trying
them all takes a minute, and every token is then a name. The key therefore undoes the pseudonym. It belongs to the
regions, never to whoever receives tokens or variants; it is changed (``rotated``) for each comparison, so that tokens
of two comparisons cannot be linked, and destroyed after it. Tokens are personal data while their key exists.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from varde.genome.errors import InputError

KEY_BYTES = 32
_PURPOSE = b"varde one-person-once 1\n"
_IDENTIFIER = re.compile(r"\d{11}")
_SEPARATORS = re.compile(r"[\s\-]")


@dataclass(frozen=True)
class TokenKey:
    """The shared secret of one comparison. ``epoch`` names it openly; tokens of two epochs are never compared."""

    epoch: str
    _secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._secret) != KEY_BYTES:
            raise ValueError(f"a token key has {KEY_BYTES} bytes")

    @classmethod
    def new(cls, epoch: str) -> TokenKey:
        """A new random key."""
        return cls(epoch, secrets.token_bytes(KEY_BYTES))

    def rotated(self, epoch: str) -> TokenKey:
        """The key of another epoch: drawn anew, so that neither tells of the other. ValueError for the same."""
        if epoch == self.epoch:
            raise ValueError("another key needs another epoch")
        return self.new(epoch)

    def token(self, identifier: str) -> str:
        """``epoch:`` and 64 hexadecimal digits. Raises InputError ``bad_identifier``, which does not repeat it."""
        message = _PURPOSE + self.epoch.encode() + b"\n" + normalised(identifier).encode()
        return f"{self.epoch}:{hmac.new(self._secret, message, sha256).hexdigest()}"


def normalised(identifier: str) -> str:
    """The 11 digits of a Norwegian national identifier, without spaces and hyphens; control digits are checked.

    Birth numbers and D-numbers have two control digits modulo 11, with the weights 3 7 6 1 8 9 4 5 2 and
    5 4 3 2 7 6 5 4 3 2; numbers given out from 2032 may leave a remainder of 1, 2 or 3 in the first, which is let
    through (Skatteetaten). A wrong digit would make one person two. Raises InputError ``bad_identifier``.
    """
    digits = _SEPARATORS.sub("", identifier)
    if not _IDENTIFIER.fullmatch(digits) or not digits.isascii() or not _controls_hold([int(one) for one in digits]):
        raise InputError(
            "bad_identifier",
            "This is no national identifier: it needs 11 digits, of which the last two control the others.",
            "Compare it with the source; people without one cannot be compared across regions.",
            field="identifier",
        )
    return digits


def _controls_hold(digits: list[int]) -> bool:
    first = sum(weight * digit for weight, digit in zip((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), digits, strict=False)) % 11
    second = sum(weight * digit for weight, digit in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), digits, strict=True)) % 11
    return first in (0, 1, 2, 3) and second == 0


@dataclass(frozen=True)
class SeveralRegions:
    """A person whom several regions count: ``keeps`` goes on, the others withdraw their run."""

    token: str
    regions: tuple[str, ...]
    keeps: str


def people_in_several(tokens: Mapping[str, Iterable[str]]) -> tuple[SeveralRegions, ...]:
    """Tokens that occur in several regions, by token; ``tokens`` is by region. The same whatever the order.

    The region that keeps is drawn by a hash of token and region, so that no region loses its people to another.
    Raises InputError ``token_epochs`` when tokens of several keys are mixed: they could never be equal.
    """
    places: dict[str, set[str]] = {}
    for region, given in tokens.items():
        for token in given:
            places.setdefault(token, set()).add(region)
    epochs = {token.rpartition(":")[0] for token in places}
    if len(epochs) > 1:
        raise InputError(
            "token_epochs",
            f"The tokens were made with {len(epochs)} different keys ({', '.join(sorted(epochs))}).",
            "Have every region make its tokens again with the key of today.",
            field="tokens",
        )
    several = ((token, regions) for token, regions in sorted(places.items()) if len(regions) > 1)
    return tuple(SeveralRegions(token, tuple(sorted(regions)), _keeper(token, regions)) for token, regions in several)


def _keeper(token: str, regions: Iterable[str]) -> str:
    return min(sorted(regions), key=lambda region: sha256(f"{token}\n{region}".encode()).digest())
