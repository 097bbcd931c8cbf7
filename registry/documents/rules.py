"""What a text that people write must not carry."""

from __future__ import annotations

import re
from uuid import UUID

from registry.errors.documents import IdentityInText, SubjectUnknown

_YEAR, _MONTH, _DAY = "(?:19|20)[0-9]{2}", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
IDENTITY = re.compile(
    rf"(?<![0-9])(?:[1-9][0-9]{{5}}{_YEAR}{_MONTH}{_DAY}[0-9]{{3}}[0-9Xx]|62[0-9]{{14,17}})(?![0-9])"
)
"""A resident identity number, or a bank card number of China UnionPay (16 to 19 digits)."""


def check_clear_of_identity(text: str | None, *, pointer: str) -> None:
    """Refuse a text with an identity or bank card number: those live encrypted, elsewhere."""
    if text is not None and IDENTITY.search(text):
        raise IdentityInText(pointer=pointer)


def check_subject(kind: str | None, subject_id: UUID | None) -> None:
    """Refuse half a subject: a kind without a key, or a key without a kind."""
    if (kind is None) is not (subject_id is None):
        raise SubjectUnknown(pointer="/subject_kind" if kind is None else "/subject_id")
