"""An order keeps to the terms of its goods, and pays for bringing them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.money import Fen
from marketplace.catalogue.models.listings import Channel, PayMode
from marketplace.catalogue.rules.terms import ChannelUse
from marketplace.errors.catalogue import (
    ChannelNotUsed,
    DeliveryOutsideWindow,
    NotDeliveredThere,
    OutOfSeason,
    PayModeNotOffered,
)
from marketplace.errors.orders import PaymentTermTooLong
from marketplace.orders.models.orders import OrderLine, OrderStatus, PurchaseOrder
from marketplace.orders.queries.contracts import get_contract
from marketplace.orders.rules.terms import payment_term_of
from marketplace.orders.schemas.contracts import terms_of
from procurement.errors.quotas import QuotaExceeded
from procurement.quotas.models import QuotaHold
from registry.regions.models import OriginKind
from tests.builders import marketplace, offers
from tests.builders.marketplace import (
    DELIVERY,
    Scene,
    confirmed,
    figures,
    held,
    order_of,
    placed,
    receive,
    ship,
    wishes,
)
from tests.builders.offers import zone

LAW = [30, 60, "国务院令第802号"]
CLOSED = ChannelUse(Channel.FAIR, is_open=False)
NOTHING = {"purchase_order": 0, "order_line": 0}


@pytest.fixture
def there(db_session: Session) -> Scene:
    del db_session  # it brings the transaction
    return marketplace.scene(ceiling=1_000_00)


def test_freight_is_of_the_order_and_held_with_its_money(there: Scene) -> None:
    offers.bring_for(
        there,
        zone("440000", base=1_500, base_kg="5", step_kg="2", step_fen=Fen(300)),
        zone("360000", base=9_900),
    )
    view = placed(there, "4", "4")
    order = view.order
    assert (order.goods_fen, order.freight_fen, order.total_fen) == (24_000, 2_100, 26_100)
    assert [(one.origin_kind, one.amount_fen) for one in view.holds.quota] == [
        (OriginKind.PROVINCIAL_VILLAGE, 26_100)
    ]
    assert figures(there) == held(26_100, "8", "8")


def test_freight_is_free_above_the_sum_of_what_travels_together(there: Scene) -> None:
    offers.bring_for(there, zone(base=1_000, free_from_fen=Fen(9_000)))
    assert placed(there, "1", "1").order.freight_fen == 1_000
    assert placed(there, "1", "2").order.freight_fen == 0


def test_freight_counts_against_the_ceiling(there: Scene) -> None:
    offers.bring_for(there, zone(base=10_001))
    with pytest.raises(QuotaExceeded) as refused:
        placed(there, "30")
    assert refused.value.figures == {"available_fen": 100_000, "wanted_fen": 100_001}
    assert figures(there) == held()


@pytest.mark.parametrize(
    ("terms", "changes", "refusal"),
    [
        ({"season_months": [7]}, {}, OutOfSeason),
        ({"pay_modes": [PayMode.PAY_FIRST]}, {}, PayModeNotOffered),
        ({"channels": [CLOSED]}, {"channel": Channel.FAIR}, ChannelNotUsed),
        (
            {"lead_days": 3},
            {"delivery": replace(DELIVERY, on=date(2026, 6, 3))},
            DeliveryOutsideWindow,
        ),
    ],
)
def test_what_the_terms_do_not_allow_is_not_ordered(
    there: Scene, terms: dict[str, Any], changes: dict[str, Any], refusal: type[Exception]
) -> None:
    offers.set_terms(there, **terms)
    with pytest.raises(refusal):
        placed(there, "1", **changes)
    assert marketplace.counts(PurchaseOrder, OrderLine) == NOTHING
    assert figures(there) == held()


def test_goods_go_only_where_their_supplier_brings_them(there: Scene) -> None:
    by = there.by("clerk")
    local = marketplace.listing(there.certificate, by=by)
    marketplace.lot(local, "10", by=by)
    offers.set_terms(there, local, freight_plan_id=offers.plan(zone("360000", base=1), by=by))
    with pytest.raises(NotDeliveredThere):
        placed(there, lines=wishes((there.listing_id, "1"), (local, "1")))
    assert figures(there) == held()


def test_goods_that_were_all_turned_away_leave_no_freight(there: Scene) -> None:
    offers.bring_for(there, zone(base=1_000))
    order_id = confirmed(there, "3").order.id
    ship(there, order_id, "3")
    receive(there, order_id, ("0", "3"))
    assert order_of(order_id).order_status is OrderStatus.COMPLETED
    assert figures(there) == held()


def test_freight_stays_held_while_anything_was_taken_in(there: Scene) -> None:
    offers.bring_for(there, zone(base=1_000))
    order_id = confirmed(there, "3").order.id
    ship(there, order_id, "3")
    receive(there, order_id, ("1", "2"))
    assert order_of(order_id).order_status is OrderStatus.CONFIRMED
    assert figures(there).money == (4_000, 0)
    assert figures(there).capacity == (Decimal(0), Decimal(1))


@pytest.mark.parametrize(
    ("agreed", "lawful", "days"),
    [(None, LAW, 30), (15, LAW, 15), (60, LAW, 60), (None, None, None), (90, None, 90)],
)
def test_an_order_is_paid_in_the_days_agreed_or_in_those_of_the_law(
    agreed: int | None, lawful: list[Any] | None, days: int | None
) -> None:
    assert payment_term_of(agreed, lawful) == days


def test_the_days_agreed_stand_in_the_order_its_hold_and_its_contract(there: Scene) -> None:
    with pytest.raises(PaymentTermTooLong) as refused:
        placed(there, "1", payment_term_days=61)
    assert (refused.value.figures["wanted_days"], refused.value.figures["longest_days"]) == (61, 60)
    assert marketplace.counts(PurchaseOrder, OrderLine) == NOTHING
    assert placed(there, "1").order.payment_term_days == 30
    view = confirmed(there, "1", pay_mode=PayMode.GOODS_FIRST, payment_term_days=45)
    held_days = select(QuotaHold.payment_term_days).filter_by(order_id=view.order.id)
    assert db.session.scalars(held_days).all() == [45]
    signed = get_contract(there.by("buyer"), view.order.id)
    assert signed.said["payment_term_days"] == 45
    assert any("验收合格后 45 日内付清" in line for line in terms_of(signed))
