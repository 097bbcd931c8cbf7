"""Invented identifiers that pass the checks of GB 32100 (credit code) and GB 11643 (identity)."""

from __future__ import annotations

import secrets
import string

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS = "10X98765432"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_ALPHABET = string.digits + string.ascii_uppercase


def credit_code(*, office: str, region_code: str, serial: int) -> str:
    """Write a credit code: registering office and kind (2), county (6), invented number (9)."""
    number = f"{serial:08d}"
    total = sum(
        ORGANISATION_ALPHABET.index(digit) * weight
        for digit, weight in zip(number, ORGANISATION_WEIGHTS, strict=True)
    )
    organisation = number + "0123456789X"[(11 - total % 11) % 11]
    body = office + region_code[:6] + organisation
    weighted = sum(CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + CREDIT_ALPHABET[(31 - weighted % 31) % 31]


def id_number(*, region_code: str, born: str, serial: int) -> str:
    """Write an identity number: county (6), day of birth `YYYYMMDD`, serial (3), check."""
    body = f"{region_code[:6]}{born}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, IDENTITY_WEIGHTS, strict=True))
    return body + IDENTITY_CHECKS[total % 11]


def password() -> str:
    """Make a password that every policy takes: long, with all four kinds of character."""
    return f"Bf-{secrets.token_urlsafe(12)}-7"
