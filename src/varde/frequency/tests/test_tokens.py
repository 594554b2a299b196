"""Tokens across regions."""

from __future__ import annotations

import hashlib

import pytest

from varde.frequency.tokens import TokenKey, normalised, people_in_several
from varde.genome.errors import InputError


def _identifiers(wanted: int) -> list[str]:
    """Made-up numbers (month + 80) with the control digits that a search over all hundred finds."""
    found = []
    for serial in range(999):
        digits = [int(digit) for digit in f"149080{serial:03}"]
        for controls in range(100):
            whole = [*digits, *divmod(controls, 10)]
            if (
                _remainder(whole[:10], (3, 7, 6, 1, 8, 9, 4, 5, 2, 1))
                == 0
                == _remainder(whole, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
            ):
                found.append("".join(map(str, whole)))
    return found[:wanted]


def _remainder(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11


PEOPLE = _identifiers(12)


def test_token_is_hmac_as_rfc_2104_defines_it() -> None:
    """H(K ^ opad, H(K ^ ipad, text)), written out."""
    secret = bytes(range(32))
    key = secret.ljust(64, b"\0")
    text = b"varde one-person-once 1\n2026-11\n" + PEOPLE[0].encode()
    inner = hashlib.sha256(bytes(one ^ 0x36 for one in key) + text).digest()
    wanted = hashlib.sha256(bytes(one ^ 0x5C for one in key) + inner).hexdigest()
    assert TokenKey("2026-11", secret).token(PEOPLE[0]) == f"2026-11:{wanted}"


def test_ways_of_writing_are_one_person_and_wrong_numbers_are_refused() -> None:
    assert (
        normalised(f" {PEOPLE[0][:6]} {PEOPLE[0][6:]}") == normalised(f"{PEOPLE[0][:6]}-{PEOPLE[0][6:]}") == PEOPLE[0]
    )
    last = int(PEOPLE[0][-1])
    for wrong in ("", "123", PEOPLE[0] + "1", PEOPLE[0][:-1] + str((last + 1) % 10), "1483229987a", "١٤٨٣٢٢٩٩٨٧٢"):
        with pytest.raises(InputError) as caught:
            normalised(wrong)
        assert caught.value.code == "bad_identifier"
        assert not wrong or wrong not in str(caught.value)


def test_every_wrong_single_digit_and_swap_of_neighbours_is_seen() -> None:
    for person in PEOPLE:
        for place in range(11):
            for digit in set("0123456789") - {person[place]}:
                with pytest.raises(InputError):
                    normalised(person[:place] + digit + person[place + 1 :])


def test_people_in_several_regions_are_found_in_any_order() -> None:
    key = TokenKey.new("2026-11")
    regions = {"west": PEOPLE[:6], "north": PEOPLE[4:9], "south": [PEOPLE[5], *PEOPLE[9:]]}
    tokens = {region: [key.token(person) for person in people] for region, people in regions.items()}
    found = {several.token: several for several in people_in_several(tokens)}
    assert {token: several.regions for token, several in found.items()} == {
        key.token(PEOPLE[4]): ("north", "west"),
        key.token(PEOPLE[5]): ("north", "south", "west"),
    }
    assert all(several.keeps in several.regions for several in found.values())
    turned = {region: reversed(tokens[region]) for region in reversed(tokens)}
    assert people_in_several(turned) == tuple(found.values())
    assert not [person for person in PEOPLE if person in str(found)]


def test_no_region_is_favoured() -> None:
    key = TokenKey("x", bytes(32))
    tokens = [key.token(person) for person in _identifiers(150)]
    kept = [several.keeps for several in people_in_several({"a": tokens, "b": tokens})]
    assert 50 < kept.count("a") < 100


def test_keys_of_two_epochs_do_not_mix() -> None:
    key = TokenKey.new("2026-11")
    later = key.rotated("2026-12")
    first, second = key.token(PEOPLE[0]), later.token(PEOPLE[0])
    assert first.split(":")[1] != second.split(":")[1]
    with pytest.raises(InputError) as caught:
        people_in_several({"west": [first], "north": [second]})
    assert caught.value.code == "token_epochs"
    with pytest.raises(ValueError, match="epoch"):
        key.rotated("2026-11")
    assert key._secret.hex() not in repr(key)
    assert str(key._secret) not in repr(key)
