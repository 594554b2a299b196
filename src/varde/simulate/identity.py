"""Synthetic Norwegian national identity numbers: month + 80, as the tax administration's test population uses."""

from __future__ import annotations

from datetime import date

FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
SYNTHETIC_MONTH_OFFSET = 80


def synthetic_national_identifier(born: date, male: bool, serial: int) -> str:
    """Eleven digits with both control digits (modulus 11, rules in force until 2032).

    ``serial`` chooses among the numbers of one birth date; the individual number's last digit is odd for men. People
    born 2000-2039 have individual numbers 500-999, those born 1940-1999 here 900-999 or 000-499.

    >>> synthetic_national_identifier(date(2022, 3, 14), male=False, serial=0)
    '14832299872'
    """
    candidates = range(998, 499, -2) if born.year >= 2000 else range(498, -1, -2)
    day = f"{born.day:02d}{born.month + SYNTHETIC_MONTH_OFFSET:02d}{born.year % 100:02d}"
    found = 0
    for even in candidates:
        digits = f"{day}{even + int(male):03d}"
        controls = control_digits(digits)
        if controls is not None:
            if found == serial:
                return digits + controls
            found += 1
    raise ValueError(f"no synthetic number left for {born} with serial {serial}")


def control_digits(nine: str) -> str | None:
    """The two control digits of nine digits; None where a remainder of 10 makes the number unusable."""
    first = -sum(weight * int(digit) for weight, digit in zip(FIRST_WEIGHTS, nine, strict=True)) % 11
    if first == 10:
        return None
    ten = nine + str(first)
    second = -sum(weight * int(digit) for weight, digit in zip(SECOND_WEIGHTS, ten, strict=True)) % 11
    return None if second == 10 else f"{first}{second}"


def is_synthetic_national_identifier(text: str) -> bool:
    """Eleven digits, month 81-92, right control digits."""
    if len(text) != 11 or not text.isdecimal() or not text.isascii():
        return False
    return 81 <= int(text[2:4]) <= 92 and control_digits(text[:9]) == text[9:]
