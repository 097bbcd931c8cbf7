"""Odd prices and quantities, each with what is nearly one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from kernel.identity import new_id
from marketplace.oversight.models import FlagRule
from tests.marketplace.oversight.field import Field, Plant


def _price(field: Field, number: int, *, times: int) -> UUID:
    at, category = field.day(), f"kind{number}-{field.word()}"
    listing = new_id()
    for each in range(6):
        unit, supplier = field.pair()
        listing = field.listing(supplier, category_code=category)
        fen = 1_007 * (times if each == 5 else 100) // 100 + each
        order = field.order(unit, supplier, field.fen(), at=at)
        field.line(order, listing, category_code=category, unit_price_fen=fen)
    return listing


def price_above(field: Field, number: int, *, near: bool) -> UUID:
    """Plant six suppliers of like goods, of whom one asks for much more."""
    return _price(field, number, times=140 if near else 165)


def price_below(field: Field, number: int, *, near: bool) -> UUID:
    """Plant six suppliers of like goods, of whom one asks for much less."""
    return _price(field, number, times=60 if near else 40)


def price_jump(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a price that goes up within a month; nearly: within half a year."""
    at, listing = field.day(), field.listing(field.organisation())
    days = 180 if near else 5 + number % 20
    before = at - timedelta(days=days)
    field.rows.add("listing_price", listing_id=listing, unit_price_fen=500, from_at=before)
    field.rows.add("listing_price", listing_id=listing, unit_price_fen=801, from_at=at)
    return listing


def identical_prices(field: Field, number: int, *, near: bool) -> UUID:
    """Plant three suppliers who ask for the same to the fen; nearly: a round price."""
    fen = 1_000 + number * 10 + (0 if near else 3)
    category = field.word()
    told = {"category_code": category, "unit_price_fen": fen, "status": "listed"}
    listings = [field.listing(field.organisation(), **told) for _ in range(3)]
    return listings[number % 3]


def beyond_capacity(field: Field, number: int, *, near: bool) -> UUID:
    """Plant lots of more than the certificate may sell in a year; nearly: of just as much."""
    supplier = field.organisation()
    certificate = field.certificate(supplier)
    listing = field.listing(supplier, certificate_id=certificate)
    field.rows.add(
        "capacity", certificate_id=certificate, from_on=date(2026, 1, 1),
        until_on=date(2027, 1, 1), declared=Decimal(1000), is_open=True,
    )  # fmt: skip
    field.lot(listing, supplier, date(2026, 3, 1), 600)
    field.lot(listing, supplier, date(2026, 5, 1), 400 if near else 420 + number)
    return certificate


def out_of_season(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a lot harvested in a month in which the listing is not delivered."""
    supplier = field.organisation()
    listing = field.listing(supplier, season_months=[6, 7, 8])
    return field.lot(listing, supplier, date(2026, 7 if near else 2, 1 + number % 28))


def household_twice(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a household that gives like goods to two suppliers; nearly: different goods."""
    household, kind = new_id(), field.word()
    lot = new_id()
    for each in range(2):
        supplier = field.organisation()
        category = f"{kind}{each}" if near else kind
        listing = field.listing(supplier, category_code=category)
        lot = field.lot(listing, supplier, date(2026, 1 + number % 9, 1))
        field.rows.add("lot_contribution", lot_id=lot, household_id=household)
    return lot


PLANTS: Mapping[FlagRule, Plant] = MappingProxyType(
    {
        FlagRule.PRICE_ABOVE: price_above,
        FlagRule.PRICE_BELOW: price_below,
        FlagRule.PRICE_JUMP: price_jump,
        FlagRule.IDENTICAL_PRICES: identical_prices,
        FlagRule.BEYOND_CAPACITY: beyond_capacity,
        FlagRule.OUT_OF_SEASON: out_of_season,
        FlagRule.HOUSEHOLD_TWICE: household_twice,
    }
)
