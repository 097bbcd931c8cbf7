"""The public lists at 10,000 and 100,000 certificates: `python -m benchmarks.certificates`."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from benchmarks import flat, shelves
from benchmarks.actors import office, seller
from benchmarks.flat import LIMIT, Query, Question, behind
from benchmarks.register import BUSY, asked_key
from certification.certificates.models.certificates import CertificateStatus
from certification.certificates.queries.capacities import list_capacities
from certification.certificates.queries.certificates import get_view_by_number
from certification.certificates.queries.directory import (
    CertificateFilter,
    list_certificates,
    list_expiring,
    list_nearing,
)
from kernel import clock
from kernel.actor import ANYONE, Actor
from kernel.calendar import shanghai_day
from marketplace.catalogue.models.listings import StorageBand
from marketplace.catalogue.queries.search import (
    ListingFilter,
    ListingSort,
    count_facets,
    list_listings,
)

NUMBER = "BF-C-M-000321"
HOLDER = "3"
SOON_DAYS = 60
WORDS = {
    "a frequent word": "合作社",
    "a product": "丝苗米",
    "two words": "富硒 脐橙",
    "one character": "米",
    "a rare word": shelves.RARE,
    "a word of no one": "玉兰片",
}
SPELT = {"pinyin": "simiaomi", "initials": "fxsmm", "two initials": "fx"}


def questions(query: Query, *, today: date) -> list[Question]:
    """Give what the public, holders and reviewers ask of certificates and listings."""
    holder = UUID(str(query(asked_key(shelves.HOLDER, HOLDER))[0][0]))
    place = str(query(shelves.PLACE_OF.format(holder=holder))[0][0])
    return [
        *_directory(holder, place, today=today),
        *_market(place, today=today),
        Question("verification", lambda _: get_view_by_number(ANYONE, NUMBER, on=today)),
        Question("years of a certificate", lambda _: list_capacities(ANYONE, NUMBER)),
        *(
            one
            for name, actor in {
                "holder": seller(str(holder), place),
                "busy county": office(BUSY),
                "quiet county": office(place),
                "nation": office(""),
            }.items()
            for one in _looked_after(name, actor, today=today)
        ),
    ]


def _directory(holder: UUID, place: str, *, today: date) -> list[Question]:
    def ask(name: str, *, deep: str = "", **wanted: object) -> Question:
        chosen = CertificateFilter(**wanted)  # type: ignore[arg-type]
        return Question(
            f"directory: {name}",
            lambda c: list_certificates(ANYONE, chosen, on=today, limit=LIMIT, cursor=c),
            deep and behind("certificate", "id", where=deep, descending=True),
        )

    return [
        ask("newest"),
        ask("deep", deep="true"),
        *(ask(name, q=words) for name, words in (WORDS | SPELT).items()),
        ask("number", q=NUMBER),
        ask("a product, deep", q="丝苗米", deep="product_name LIKE '%丝苗米%'"),
        ask("busy county", region=BUSY),
        ask("busy county, deep", region=BUSY, deep=f"origin_region_code = '{BUSY}'"),
        ask("quiet county", region=place),
        ask("province", region=f"{BUSY[:2]}0000"),
        ask("category", category="fruit"),
        ask("category and county", category="fruit", region=place),
        ask("suspended", status=CertificateStatus.SUSPENDED),
        ask("expired", status=CertificateStatus.EXPIRED),
        ask("a word in a county", q="丝苗米", region=place),
        ask("a word in a busy county", q="丝苗米", region=BUSY),
        ask("holder", holder_id=holder),
    ]


def _market(place: str, *, today: date) -> list[Question]:
    def ask(
        name: str, *, deep: str = "", sort: ListingSort = ListingSort.NEWEST, **wanted: object
    ) -> Question:
        chosen = ListingFilter(**wanted)  # type: ignore[arg-type]
        keys = ("created_at", "id") if sort is ListingSort.NEWEST else ("unit_price_fen", "id")
        return Question(
            f"listings: {name}",
            lambda c: list_listings(ANYONE, chosen, sort=sort, today=today, limit=LIMIT, cursor=c),
            deep and behind("listing", *keys, where=deep, descending=sort is ListingSort.NEWEST),
        )

    return [
        ask("newest"),
        ask("deep", deep="status = 'listed'"),
        ask("cheapest", sort=ListingSort.PRICE),
        ask("cheapest, deep", sort=ListingSort.PRICE, deep="status = 'listed'"),
        ask("dearest", sort=ListingSort.PRICE_DOWN),
        ask("most", sort=ListingSort.AVAILABLE),
        *(ask(name, q=words) for name, words in (WORDS | SPELT).items()),
        ask("best rated", sort=ListingSort.RATING),
        ask("frozen", storage_band=StorageBand.FROZEN),
        ask("frozen of a province", storage_band=StorageBand.FROZEN, region=f"{BUSY[:2]}0000"),
        ask("a product of a month, frozen", q="丝苗米", storage_band=StorageBand.FROZEN, month=11),
        _count("everything", ListingFilter(), today=today),
        _count("a product", ListingFilter(q="丝苗米"), today=today),
        _count("two words", ListingFilter(q=WORDS["two words"]), today=today),
        _count("a quiet county", ListingFilter(region=place), today=today),
        ask("a product, cheapest", q="丝苗米", sort=ListingSort.PRICE),
        ask("category", category="fruit"),
        ask("category, cheapest", category="fruit", sort=ListingSort.PRICE),
        ask("a category of no one", category="dairy"),
        ask("a word of a category of no one", q="丝苗米", category="dairy"),
        ask("busy county", region=BUSY),
        ask("a word in a busy county", q="丝苗米", region=BUSY),
        ask("quiet county", region=place),
        ask("quiet county, cheapest", region=place, sort=ListingSort.PRICE),
        ask("a word in a county", q="丝苗米", region=place),
    ]


def _count(name: str, wanted: ListingFilter, *, today: date) -> Question:
    return Question(f"facets: {name}", lambda _: count_facets(ANYONE, wanted, today=today))


def _looked_after(name: str, actor: Actor, *, today: date) -> list[Question]:
    page: dict[str, Any] = {"limit": LIMIT}
    return [
        Question(
            f"{name}: ending soon",
            lambda c: list_expiring(actor, days=SOON_DAYS, on=today, cursor=c, **page),
        ),
        Question(f"{name}: nearly sold", lambda c: list_nearing(actor, on=today, cursor=c, **page)),
    ]


def main() -> None:
    """Measure and print the table; status 1 where something more than doubles."""
    today = shanghai_day(clock.now())
    flat.grow(
        "The public lists, p95 in milliseconds",
        sizes=(10_000, 100_000),
        runs=100,
        fill=shelves.fill,
        questions=partial(questions, today=today),
    )


if __name__ == "__main__":
    main()
