"""Text that a spreadsheet program would run as a formula, and how it is made harmless in CSV."""

from __future__ import annotations

import re

RUNS = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠]")
"""Texts that begin a formula, or do once their own apostrophes are gone."""
SHIELDED = re.compile(r"'+[=+\-@\t\r\n\0＝＋－＠]")


def shielded(text: str) -> str:
    """Put an apostrophe before a text that would run (OWASP: CSV injection)."""
    return f"'{text}" if RUNS.match(text) else text


def bared(text: str) -> str:
    """Take off the apostrophe that `shielded` put on."""
    return text[1:] if SHIELDED.match(text) else text
