"""Every sentence of a page is said in both languages, and no Chinese stands in one unmarked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont
from jinja2.ext import babel_extract

from console.widgets.words import HERE, LOCALES, forms_of, sentence_of

FONT = Path(pylopdf_fonts_zh_cn.__file__).with_name("NotoSansSC-Regular.otf")
CHINESE = re.compile("[\u3400-\u9fff]")
UNMARKED = re.compile("[\u3001-\u303f\u3400-\u9fff\uff01-\uff5e]")
"""Chinese, and what parts its sentences: a colon or a bracket is another one in English."""
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
SAID = re.compile(r"""\b_\(\s*(?:"[^"]*"|'[^']*')""")
BARE = {"中文", "元"}
"""The switch to the other language, and the unit that formats add."""


def sentences() -> Iterator[tuple[str, Path]]:
    """Give every sentence that pages and their code mark, with the file."""
    for path in sorted(HERE.rglob("*.html")):
        for _line, _function, text, _comments in babel_extract(
            BytesIO(path.read_bytes()), ("_",), [], {}
        ):
            if text:
                yield first(text), path
    for path in sorted(HERE.rglob("*.py")):
        found = extract("python", BytesIO(path.read_bytes()), keywords={"_": None, "N_": None})
        for _line, text, _comments, _context in found:
            if text:
                yield first(text), path


def first(text: Any) -> str:
    """Give the sentence of a call that may have figures after it."""
    return str(text[0] if isinstance(text, tuple) else text)


def catalogue() -> list[tuple[str, tuple[str, ...]]]:
    """Give what the catalogues say: Chinese, and English in its forms."""
    found = []
    for path in sorted(LOCALES.glob("*.po")):
        with path.open("rb") as file:
            found += [(sentence_of(one), forms_of(one)) for one in read_po(file) if one.id]
    return found


def test_every_sentence_has_its_english() -> None:
    english = dict(catalogue())
    missing = sorted(
        {f"{path.name}: {text}" for text, path in sentences() if not all(english.get(text, ("",)))}
    )
    assert missing == []


def test_no_sentence_is_said_twice_or_by_nobody() -> None:
    known = catalogue()
    said = {text for text, _path in sentences()}
    assert [text for text, count in Counter(text for text, _ in known).items() if count > 1] == []
    assert sorted({text for text, _ in known} - said) == []


def test_english_is_english_and_takes_the_same_figures() -> None:
    figures = re.compile(r"%\((\w+)\)s")
    wrong = [
        (chinese, english)
        for chinese, forms in catalogue()
        for english in forms
        if CHINESE.search(english)
        or sorted(figures.findall(chinese)) != sorted(figures.findall(english))
    ]
    assert wrong == []


def test_no_chinese_stands_unmarked_in_a_page() -> None:
    wrong = []
    for path in sorted(HERE.rglob("*.html")):
        text = SAID.sub("", COMMENT.sub("", path.read_text(encoding="utf-8")))
        for bare in BARE:
            text = text.replace(f'"{bare}"', "")
        wrong += [
            f"{path.name}: {line.strip()[:80]}"
            for line in text.splitlines()
            if UNMARKED.search(line)
        ]
    assert wrong == []


def test_the_font_has_every_sign_that_a_page_shows() -> None:
    with TTFont(FONT, lazy=True) as font:
        known = {chr(code) for code in font.getBestCmap()} | {"\n"}
    told = [*HERE.rglob("*.html"), *LOCALES.glob("*.po"), *LOCALES.parent.glob("words/*.toml")]
    missing = {sign for path in told for sign in path.read_text(encoding="utf-8")} - known
    assert missing == set()
