"""The public lists are answered by indexes: the directory, the market, what ends soon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask

from benchmarks.certificates import questions
from benchmarks.flat import Question, plans_of
from benchmarks.shelves import fill
from tests.builders.filled import filled, plan_of, query, scanned

CERTIFICATES = 10_000
LARGE = {"application", "certificate", "certificate_change", "listing"}
BY = {
    "directory: newest": "pk_certificate",
    "directory: a rare word": "ix_certificate_grams",
    "directory: a word of no one": "ix_certificate_grams",
    "directory: number": "uq_certificate_number",
    "directory: quiet county": "pk_certificate",
    "directory: suspended": "ix_certificate_status",
    "directory: holder": "ix_certificate_holder_id",
    "listings: newest": "ix_listing_newest",
    "listings: cheapest": "ix_listing_price",
    "listings: dearest": "ix_listing_price",
    "listings: a category of no one": "ix_listing_category",
    "listings: most": "ix_listing_available",
    "listings: a rare word": "ix_listing_grams",
    "listings: a word of no one": "ix_listing_grams",
    "verification": "uq_certificate_number",
    "years of a certificate": "uq_capacity_year",
    "holder: ending soon": "ix_certificate_holder_id",
    "nation: ending soon": "ix_certificate_due",
}
SEARCHES = {
    "directory: a frequent word": ("pk_certificate", 2),
    "directory: a product": ("pk_certificate", 2),
    "directory: pinyin": ("pk_certificate", 2),
    "directory: a product, deep": ("pk_certificate", 2),
    "directory: a word in a county": ("ix_certificate_origin", 4),
    "directory: a word in a busy county": ("pk_certificate", 2),
    "directory: two words": ("ix_certificate_grams", 3),
    "directory: a rare word": ("ix_certificate_grams", 3),
    "listings: a product": ("ix_listing_newest", 2),
    "listings: a product, cheapest": ("ix_listing_price", 2),
    "listings: a word in a county": ("ix_listing_origin", 4),
    "listings: two words": ("ix_listing_grams", 3),
    "listings: a word of a category of no one": ("ix_listing_category", 3),
    "listings: a rare word": ("ix_listing_grams", 3),
}
"""The index that serves a search in the end, and the number of its statements."""


@pytest.fixture(scope="module")
def asked(app: Flask, clone: Callable[[], str]) -> Iterator[dict[str, Question]]:
    """Give the questions, on a directory of some size."""
    with filled(app, clone(), fill=lambda one: fill(one, first=1, last=CERTIFICATES)):
        yield {one.name: one for one in questions(query, today=date.today())}  # noqa: DTZ011


def test_no_list_reads_a_large_table_from_end_to_end(asked: dict[str, Question]) -> None:
    bounded = {"facets: everything"}  # stops after as many as it counts
    found = {
        name: scanned(plan_of(one), LARGE) for name, one in asked.items() if name not in bounded
    }
    assert {name: tables for name, tables in found.items() if tables} == {}


@pytest.mark.parametrize("name", BY)
def test_a_list_is_walked_in_its_index(asked: dict[str, Question], name: str) -> None:
    assert BY[name] in plan_of(asked[name])


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_asks_the_index_of_words_only_for_rare_ones(
    asked: dict[str, Question], name: str
) -> None:
    index, statements = SEARCHES[name]
    plans = plans_of(asked[name])
    told = "\n".join(plans)
    assert len(plans) == statements
    assert index in told
    assert ("_grams " in told) == index.endswith("_grams")
