"""Campaigns: wishes by branch and code in a window, gathered into orders, handed out by a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from kernel import clock
from kernel.errors import Invalid, Refusal
from kernel.money import Fen
from marketplace.campaigns.commands.donations import NewWish, open_campaign, wish
from marketplace.campaigns.models.donations import (
    CampaignPrice,
)
from marketplace.campaigns.rules.purchases import Asked, check_paid
from marketplace.errors.campaigns import (
    BelowMarket,
    MenuListingUnknown,
    PriceMoved,
    ProductNotAsked,
    ProductTwice,
    WindowShut,
)
from marketplace.errors.orders import QuantityOffStep
from tests.builders import marketplace
from tests.builders.campaigns import CLOSES, campaign, campaign_of, new_campaign
from tests.builders.marketplace import NOW, PRICE, Scene, figures, held
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of

WISHES = (("一分会", "A-1", "2"), ("一分会", "A-2", "3"), ("二分会", "B-1", "5"))


@pytest.fixture
def there(client: Client) -> Iterator[Scene]:
    del client  # it brings the transaction
    with clock.stopped(NOW):
        yield marketplace.scene()


def test_what_all_want_is_one_order_paid_first_and_handed_out_by_a_list(
    client: Client, there: Scene
) -> None:
    made, buyer = campaign(there, *WISHES), Door(client, there.buyer)
    path = f"/donation-campaigns/{made}"
    assert code_of(buyer.post(f"{path}/gather")) == (409, "window_open")
    with clock.stopped(CLOSES):
        [order] = json_of(buyer.post(f"{path}/gather"), 201)["orders"]
    assert (order["total_fen"], order["pay_mode"]) == (10 * PRICE, "pay_first")
    assert order["kind"] == "purchase_instead_of_donation"
    shown = json_of(buyer.get(path))
    assert (shown["status"], shown["checkout_id"]) == ("gathered", order["checkout_id"])
    assert order["dedication"] == shown["dedication"]
    rows = json_of(buyer.get(f"{path}/hand-outs"))["items"]
    assert [(one["participant_code"], one["quantity"]) for one in rows] == [
        ("A-1", "2.000"), ("A-2", "3.000"), ("B-1", "5.000"),
    ]  # fmt: skip
    answer = buyer.get(f"{path}/hand-outs/export", format="xlsx")
    book = load_workbook(BytesIO(answer.data))
    cells = [cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert {"一分会", "二分会", "A-1", "B-1"} <= set(cells)


def test_a_later_wish_takes_the_place_of_the_earlier(client: Client, there: Scene) -> None:
    made = campaign(there, ("一分会", "A-1", "2"), ("一分会", "A-1", "4"), ("一分会", "A-2", "0"))
    rows = json_of(Door(client, there.buyer).get(f"/donation-campaigns/{made}/hand-outs"))["items"]
    assert [one["quantity"] for one in rows] == ["4.000"]


def test_a_refusal_gathers_nothing_and_one_may_try_again(client: Client, there: Scene) -> None:
    buyer = Door(client, there.buyer)
    empty, greedy = campaign(there), campaign(there, ("一分会", "A-1", "101"))
    unlinked = campaign(there, *WISHES, dedication={"household_codes": ["BF-H-0"]})
    with clock.stopped(CLOSES):
        for made, told in (
            (empty, (409, "nothing_wished")),
            (greedy, (409, "stock_short")),
            (unlinked, (422, "dedication_unfit")),
        ):
            assert code_of(buyer.post(f"/donation-campaigns/{made}/gather")) == told
            assert campaign_of(made).status == "open"
    assert figures(there) == held()


@pytest.mark.parametrize(
    ("market", "times", "refusal"), [(PRICE, 2, ProductTwice), (PRICE + 1, 1, BelowMarket)]
)
def test_a_price_list_is_at_market_or_above(
    there: Scene, market: int, times: int, refusal: type[Refusal]
) -> None:
    new = new_campaign(there, prices=[Asked(there.listing_id, Fen(market), "县价格监测")] * times)
    with pytest.raises(refusal):
        open_campaign(new, by=there.by("buyer"), now=NOW)


def test_what_cannot_be_opened(there: Scene) -> None:
    by, unknown = there.by("buyer"), Asked(there.quota.id, Fen(1), "x")  # type: ignore[arg-type]
    with pytest.raises(MenuListingUnknown):
        open_campaign(new_campaign(there, prices=[unknown]), by=by, now=NOW)
    with pytest.raises(Invalid):
        open_campaign(new_campaign(there), by=by, now=CLOSES)


def test_wishes_are_taken_in_the_window_of_what_is_asked_for(there: Scene) -> None:
    made, by = campaign(there), there.by("buyer")
    new = NewWish("一分会", "A-1", there.listing_id, Decimal(1))
    cases: list[tuple[dict[str, Any], timedelta, type[Refusal]]] = [
        ({}, timedelta(seconds=-1), WindowShut),
        ({}, CLOSES - NOW, WindowShut),
        ({"listing_id": there.quota.id}, timedelta(0), ProductNotAsked),
        ({"quantity": Decimal("0.5")}, timedelta(0), QuantityOffStep),
    ]
    for changes, later, refusal in cases:
        with pytest.raises(refusal):
            wish(made, replace(new, **changes), by=by, now=NOW + later)


def test_a_tier_stays_between_market_and_list() -> None:
    of = CampaignPrice(unit_price_fen=Fen(30), market_fen=Fen(28))
    for price in (28, 30):
        check_paid(Fen(price), of=of)
    for price in (27, 31):
        with pytest.raises(PriceMoved):
            check_paid(Fen(price), of=of)
