"""What pages say: Chinese as it stands in them, English from the catalogues, and the trade's terms.

Sentences are marked with `_` and stand in Chinese; `locales/*.po` gives the English. The values of
enumerations stand in `words/*.toml`: `value = ["中文", "English", "tone", "several"]`. A tone is
good, wait, bad or plain, the last is what several are called in English; both may be left out.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from flask import g

HERE = Path(__file__).parents[1]
LOCALES = HERE / "locales"
WORDS = HERE / "words"
TONES = ("plain", "good", "wait", "bad")


@dataclass(frozen=True)
class Term:
    """A value of an enumeration as people call it."""

    zh: str
    en: str
    tone: str = "plain"
    several: str = ""

    @property
    def text(self) -> str:
        """Give it in the visitor's language."""
        return self.en if is_english() else self.zh

    @property
    def texts(self) -> str:
        """Give it as several of it are called."""
        return self.several if self.several and is_english() else self.text


def is_english() -> bool:
    """Say whether the page is read in English."""
    return bool(g.get("language", "zh") == "en")


def _(text: str, **figures: Any) -> str:
    """Say a sentence in the visitor's language, with its figures.

    English has one more form where the first of the figures is one.
    """
    forms = english().get(text, (text,)) if is_english() else (text,)
    said = forms[0] if str(next(iter(figures.values()), "")) == "1" else forms[-1]
    return said % figures if figures else said


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a sentence that is said later."""
    return text


@functools.cache
def english() -> Mapping[str, tuple[str, ...]]:
    """Read the catalogues: Chinese to English, in one form or in that for one and for more."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(LOCALES.glob("*.po")):
        with path.open("rb") as file:
            found.update(
                (sentence_of(one), forms_of(one)) for one in read_po(file) if one.id and one.string
            )
    return found


def sentence_of(one: Message) -> str:
    """Give the Chinese of an entry of a catalogue."""
    return str(one.id if isinstance(one.id, str) else one.id[0])


def forms_of(one: Message) -> tuple[str, ...]:
    """Give the English of an entry: one form, or that for one and that for more."""
    return (one.string,) if isinstance(one.string, str) else tuple(map(str, one.string or ()))


@functools.cache
def terms() -> Mapping[str, Mapping[str, Term]]:
    """Read the terms: by enumeration, by value."""
    found: dict[str, dict[str, Term]] = {}
    for path in sorted(WORDS.glob("*.toml")):
        for kind, values in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if kind in found:
                raise ValueError(f"{kind} is said twice")
            found[kind] = {value: Term(*said) for value, said in values.items()}
    return found


def term(value: Any, kind: str) -> Term:
    """Give what a value of an enumeration is called; raises KeyError where nobody said."""
    return terms()[kind][str(value)]
