"""A search finds the same rows in the same order on each of its paths."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import shelves
from benchmarks.register import BUSY
from certification.certificates.models.certificates import CertificateStatus
from certification.certificates.models.words import asked_grams, grams_of, plain
from certification.certificates.queries.directory import CertificateFilter, list_certificates
from kernel import paging
from kernel.actor import ANYONE
from kernel.paging import Page
from marketplace.catalogue.queries.search import ListingFilter, ListingSort, list_listings
from tests.builders.filled import filled, query

CERTIFICATES = 240
PIECES = ("丝苗", "米", "苗米", "丝", "香菇", "高山", "xiang", "xm", "5l", "a")
NEARS = (0, 5, 60, 10 * CERTIFICATES)
"""Never enough, seldom, often, always: how many rows a search looks at."""
TODAY = date.today()  # noqa: DTZ011 - as the measured rows have it


class Rows(dict[str, tuple[str, list[str]]]):
    """Text and grams by key; told in one word, where hypothesis tells of a failure."""

    def __repr__(self) -> str:
        return f"{len(self)} rows"


def rewrite(connection: psycopg.Connection[Any]) -> None:
    """Fill tables and give every row a text put together by chance."""
    shelves.fill(connection, first=1, last=CERTIFICATES)
    drawn = random.Random(7)
    for table in ("certificate", "listing"):
        keys = connection.execute(f"SELECT id FROM {table} ORDER BY id").fetchall()  # noqa: S608
        for (key,) in keys:
            words = ("".join(drawn.choices(PIECES, k=3)) for _ in range(2))
            text = plain(" ".join(words))
            connection.execute(
                f"UPDATE {table} SET search_text = %s, grams = %s WHERE id = %s",  # noqa: S608
                [text, grams_of(text), key],
            )


@pytest.fixture(scope="module")
def texts(app: Flask, clone: Callable[[], str]) -> Iterator[dict[str, Rows]]:
    """Give the text and the grams of every certificate and listing, by key."""
    with filled(app, clone(), fill=rewrite):
        yield {
            table: Rows(
                {
                    str(key): (text, grams)
                    for key, text, grams in query(f"SELECT id, search_text, grams FROM {table}")  # noqa: S608
                }
            )
            for table in ("certificate", "listing")
        }


def walk(
    ask: Callable[[int, str | None], Page[Any]], pages: Sequence[tuple[int, int]]
) -> list[str]:
    """Read a list to its end, each page with a limit and a path of its own; gives the keys."""
    keys: list[str] = []
    cursor, turn = None, 0
    with pytest.MonkeyPatch.context() as patch:
        while cursor is not None or turn == 0:
            limit, near = pages[turn % len(pages)]
            patch.setattr(paging, "NEAR", near)
            page = ask(limit, cursor)
            keys += [str(getattr(one, "certificate", one).id) for one in page.items]
            cursor, turn = page.next_cursor, turn + 1
    return keys


def bearing(keys: Sequence[str], words: str, grams: Sequence[str], rows: Rows) -> list[str]:
    """Choose the keys whose text has all the words and whose grams are among the row's."""
    return [
        key
        for key in keys
        if all(word in rows[key][0] for word in words.split()) and set(grams) <= set(rows[key][1])
    ]


WORDS = st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=2).map("".join), min_size=1)
PAGES = st.lists(st.tuples(st.integers(3, 60), st.sampled_from(NEARS)), min_size=1, max_size=4)
WHOLE = [(200, 0)]


@settings(max_examples=40, deadline=None)
@given(
    words=WORDS.map(lambda some: " ".join(some[:2])),
    pages=PAGES,
    region=st.sampled_from([None, BUSY, f"{BUSY[:2]}0000"]),
    category=st.sampled_from([None, "grain", "egg"]),
    status=st.sampled_from([None, *CertificateStatus]),
)
def test_the_directory_is_the_same_on_every_path(
    texts: dict[str, Rows], words: str, pages: list[tuple[int, int]], **chosen: Any
) -> None:
    def ask(q: str | None) -> Callable[[int, str | None], Page[Any]]:
        wanted = CertificateFilter(q=q, **chosen)
        return lambda limit, cursor: list_certificates(
            ANYONE, wanted, on=TODAY, limit=limit, cursor=cursor
        )

    expected = bearing(walk(ask(None), WHOLE), words, asked_grams(words), texts["certificate"])
    assert walk(ask(words), pages) == expected


@settings(max_examples=40, deadline=None)
@given(
    words=WORDS.map(lambda some: " ".join(some[:2])),
    pages=PAGES,
    sort=st.sampled_from(ListingSort),
    region=st.sampled_from([None, BUSY, f"{BUSY[:2]}0000"]),
    category=st.sampled_from([None, "grain", "egg"]),
)
def test_the_market_is_the_same_on_every_path(
    texts: dict[str, Rows],
    words: str,
    pages: list[tuple[int, int]],
    *,
    sort: ListingSort,
    region: str | None,
    category: str | None,
) -> None:
    def ask(q: str | None) -> Callable[[int, str | None], Page[Any]]:
        wanted = ListingFilter(q=q, region=region, category=category)
        return lambda limit, cursor: list_listings(
            ANYONE, wanted, sort=sort, today=TODAY, limit=limit, cursor=cursor
        )

    expected = bearing(walk(ask(None), WHOLE), words, asked_grams(words), texts["listing"])
    assert walk(ask(words), pages) == expected


def test_the_words_are_in_some_texts_and_not_in_others(texts: dict[str, Rows]) -> None:
    for rows in texts.values():
        for word in ("丝苗米", "香菇", "xiang"):
            found = bearing(list(rows), word, [], rows)
            assert 0 < len(found) < len(rows)
