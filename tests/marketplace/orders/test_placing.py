"""Placing an order: what it holds and writes, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.capacities import CapacityHold
from certification.certificates.models.certificates import ChangeKind
from certification.errors.certificates import CapacityExceeded, CertificateNotInForce
from kernel.actor import Actor
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import Invalid, NotFound, Refusal
from kernel.events import EventRow
from kernel.identity import new_id
from kernel.quantity import Unit
from marketplace.catalogue.commands.listings import delist_listing
from marketplace.catalogue.models.listings import ListingId
from marketplace.errors.catalogue import ListingNotListed
from marketplace.errors.lots import StockShort
from marketplace.errors.orders import DedicationUnfit, QuantityOffStep, SeveralSuppliers
from marketplace.lots.models import LotHold
from marketplace.orders.commands.placing import NewOrder, place_order
from marketplace.orders.models.orders import OrderLine, OrderStatus, PayMode, PurchaseOrder
from marketplace.orders.queries.showing import get_order_view
from procurement.approvals.models import ApprovalThreshold
from procurement.errors.quotas import QuotaExceeded, QuotaMissing
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, QuotaHold
from registry.accounts.models import Role
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import certification, marketplace, procurement, registry
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    figures,
    held,
    lots_of,
    new_order,
    placed,
    scene,
    wishes,
)

pytestmark = pytest.mark.usefixtures("db_session")
D = Decimal
WRITTEN = (PurchaseOrder, OrderLine, QuotaHold, CapacityHold, LotHold)


def refuse(there: Scene, new: NewOrder, refusal: type[Refusal], by: Actor | None = None) -> Refusal:
    """Place in a savepoint as a request would, and check that nothing is left of it."""
    before = (figures(there), marketplace.counts(*WRITTEN))
    with pytest.raises(refusal) as refused, db.session.begin_nested():
        place_order(new, by=by or there.by("buyer"), now=NOW)
    assert (figures(there), marketplace.counts(*WRITTEN)) == before
    return refused.value


def test_an_order_holds_money_capacity_and_stock_and_leaves_its_row_and_news(
    written: Callable[[], list[AuditRow]],
) -> None:
    there = scene()
    view = placed(there, "10", "2.000", pay_mode=PayMode.PAY_FIRST)
    assert figures(there) == held(12 * PRICE, "12", "12")
    order = view.order
    assert (order.goods_fen, order.freight_fen, order.total_fen) == (36_000, 0, 36_000)
    assert order.expires_at == NOW + timedelta(days=30)
    assert order.number.startswith(f"BF-O-2026-{there.unit.region_code}-")
    assert [one.action for one in written()][-1] == "order_placed"
    news = db.session.scalars(select(EventRow).where(EventRow.kind == "OrderPlaced")).all()
    assert [row.payload for row in news] == [{"order_id": str(order.id)}]


def test_the_answer_is_what_the_tables_say() -> None:
    there = scene()
    view = placed(there, "10", "2")
    read = get_order_view(there.by("buyer"), view.order.id)
    for column in PurchaseOrder.__table__.columns:
        assert getattr(view.order, column.key) == getattr(read.order, column.key), column.key
    for mine, theirs in zip(view.lines, read.lines, strict=True):
        for column in OrderLine.__table__.columns:
            assert getattr(mine, column.key) == getattr(theirs, column.key), column.key
    assert (view.holds.quota, view.holds.capacity) == (read.holds.quota, read.holds.capacity)
    assert sorted(view.holds.stock, key=str) == sorted(read.holds.stock, key=str)
    assert view.delivery.contact == "何" + "*" * 14
    assert read.delivery == marketplace.DELIVERY


def test_the_contact_is_no_clear_text_in_the_table() -> None:
    view = placed(scene(), "10")
    query = text("SELECT delivery_contact FROM purchase_order WHERE id = :id")
    sealed = bytes(db.session.execute(query, {"id": view.order.id}).scalar_one())
    assert "何示一".encode() not in sealed
    assert b"13800001234" not in sealed


def test_two_lines_of_one_listing_are_one_demand_on_every_gate() -> None:
    there = scene(stock="10", capacity="11", ceiling=12 * PRICE)
    refused = refuse(there, new_order(there, "6", "5"), StockShort)
    assert refused.figures["available"] == D(10)
    assert refused.figures["wanted"] == D(11)
    assert refuse(there, new_order(there, "6", "6"), CapacityExceeded).figures["wanted"] == D(12)
    assert refuse(there, new_order(there, "7", "6"), QuotaExceeded).figures == {
        "available_fen": 12 * PRICE,
        "wanted_fen": 13 * PRICE,
    }
    placed(there, "6", "4")
    assert figures(there) == held(10 * PRICE, "10", "10")


def test_exactly_what_is_left_is_sold_and_not_a_step_more() -> None:
    there = scene(stock="7", capacity="7", ceiling=7 * PRICE)
    placed(there, "6")
    refuse(there, new_order(there, "2"), QuotaExceeded)
    placed(there, "1")
    assert figures(there) == held(7 * PRICE, "7", "7")


def test_jin_are_sold_from_lots_in_kilograms_under_a_certificate_in_kilograms() -> None:
    there = scene(stock="0", capacity="3")
    by = there.by("clerk")
    jin = marketplace.listing(there.certificate, by=by, unit=Unit.JIN, step="0.5")
    marketplace.lot(jin, "1.25", by=by)
    marketplace.lot(jin, "1000", by=by, unit=Unit.G)
    view = placed(there, lines=wishes((jin, "4.5")))
    assert figures(there).capacity == (D("2.250"), D(0))
    assert [(one.quantity, one.unit) for one in view.holds.stock] == [
        (D("1.250"), Unit.KG),
        (D("1000.000"), Unit.G),
    ]
    refused = refuse(there, new_order(there, lines=wishes((jin, "0.5"))), StockShort)
    assert refused.figures["available"] == D(0)
    refuse(there, new_order(there, lines=wishes((jin, "2"))), CapacityExceeded)


def test_what_expires_first_is_held_first_and_what_has_expired_never() -> None:
    there = scene(stock="0")
    by = there.by("clerk")
    late = marketplace.lot(there.listing_id, "5", by=by, expires_on=date(2026, 6, 20))
    soon = marketplace.lot(there.listing_id, "5", by=by, expires_on=date(2026, 6, 2))
    view = placed(there, "7")
    assert [(one.lot_id, one.quantity) for one in view.holds.stock] == [(soon, D(5)), (late, D(2))]
    tomorrow = NOW + timedelta(days=1)
    with pytest.raises(StockShort) as refused, db.session.begin_nested():
        place_order(new_order(there, "4"), by=there.by("buyer"), now=tomorrow)
    assert refused.value.figures["available"] == D(3)


def test_an_order_over_more_lots_than_the_first_look_sees_is_still_served() -> None:
    there = scene(stock="0")
    for _ in range(10):
        marketplace.lot(there.listing_id, "1", by=there.by("clerk"))
    view = placed(there, "10")
    assert len(view.holds.stock) == 10
    assert all(lot.held == 1 for lot in lots_of(there.listing_id))


def test_goods_of_two_origin_kinds_hold_their_money_apart() -> None:
    there = scene()
    by = there.by("clerk")
    other = certification.certificate(there.cooperative, origin_kind=OriginKind.NATIONAL_832)
    national = marketplace.listing(other, by=by)
    marketplace.lot(national, "10", by=by)
    view = placed(there, lines=wishes((there.listing_id, "3"), (national, "2")))
    assert [(one.origin_kind, one.amount_fen) for one in view.holds.quota] == [
        (OriginKind.PROVINCIAL_VILLAGE, 3 * PRICE),
        (OriginKind.NATIONAL_832, 2 * PRICE),
    ]
    kinds = db.session.scalars(select(QuotaHold.order_kind)).all()
    assert set(kinds) == {OrderKind.RESERVED_SHARE}


def test_above_the_threshold_an_order_waits_and_holds_already() -> None:
    there = scene()
    limit = ApprovalThreshold(
        id=new_id(),
        unit_id=there.unit.id,
        amount_fen=5 * PRICE,
        from_on=date(2026, 1, 1),
        source="test",
        created_at=NOW,
    )
    db.session.add(limit)
    db.session.flush()
    assert placed(there, "5").order.order_status is OrderStatus.PLACED
    assert placed(there, "6").order.order_status is OrderStatus.PENDING_APPROVAL
    assert figures(there) == held(11 * PRICE, "11", "11")


def test_a_superior_buys_for_a_subordinate_and_a_contractor_for_its_unit() -> None:
    there = scene()
    contractor = registry.organisation(OrganisationKind.CANTEEN_CONTRACTOR, supervising=there.unit)
    by = registry.actor_of(registry.user(contractor, [Role.CONTRACTOR_BUYER]))
    order = place_order(new_order(there, "1"), by=by, now=NOW).order
    assert (order.buyer_id, order.bound_unit_id) == (contractor.id, there.unit.id)


def test_units_out_of_reach_do_not_exist() -> None:
    there = scene()
    stranger = procurement.unit_actor(registry.organisation(OrganisationKind.BUDGET_UNIT))
    refuse(there, new_order(there, "1"), NotFound, by=stranger)
    nowhere = new_order(there, "1", bound_unit_id=OrganisationId(new_id()))
    refuse(there, nowhere, NotFound)


def test_without_a_quota_of_the_year_and_fund_nothing_is_ordered() -> None:
    there = scene()
    refuse(there, new_order(there, "1", fund=Fund.UNION), QuotaMissing)


@pytest.mark.parametrize("change", [ChangeKind.SUSPENDED, ChangeKind.REVOKED])
def test_a_certificate_out_of_force_stops_orders_before_its_listing_is_blocked(
    change: ChangeKind,
) -> None:
    there = scene()
    by = registry.actor_of(certification.reviewer_of("county"))
    change_certificate(there.certificate.id, change, reason="抽检不合格", by=by, now=NOW)
    refused = refuse(there, new_order(there, "1"), CertificateNotInForce)
    assert refused.figures["number"] == there.certificate.number


def test_what_is_taken_down_or_unknown_is_not_ordered() -> None:
    there = scene()
    unknown = new_order(there, lines=wishes((ListingId(new_id()), "1")))
    assert refuse(there, unknown, Invalid).pointer == "/lines/0/listing_id"
    second = new_order(there, lines=wishes((there.listing_id, "1"), (ListingId(new_id()), "1")))
    assert refuse(there, second, Invalid).pointer == "/lines/1/listing_id"
    by = there.by("clerk")
    delist_listing(there.listing_id, expected_version=None, by=by, now=NOW)
    refuse(there, new_order(there, "1"), ListingNotListed)


def test_a_quantity_between_steps_and_a_second_supplier_are_refused() -> None:
    there, other = scene(), scene()
    refused = refuse(there, new_order(there, "1", "1.5"), QuantityOffStep)
    assert refused.pointer == "/lines/1/quantity"
    both = new_order(there, lines=wishes((there.listing_id, "1"), (other.listing_id, "1")))
    assert refuse(there, both, SeveralSuppliers).pointer == "/lines/1/listing_id"


def test_a_purchase_instead_of_a_donation_keeps_whom_it_is_for() -> None:
    there, kind = scene(), OrderKind.PURCHASE_INSTEAD_OF_DONATION
    household, stranger = registry.household(), registry.household()
    said: dict[str, Any] = {
        "village_codes": [household.village_code],
        "household_codes": [household.code],
    }
    named = new_order(there, "1", kind=kind, dedication=said)
    refuse(there, named, DedicationUnfit)
    registry.benefit_link(household, there.cooperative)
    said["household_codes"].append(stranger.code)
    assert refuse(there, named, DedicationUnfit).figures == {"named": stranger.code}
    said["household_codes"].pop()
    view = placed(there, "1", kind=kind, dedication=said)
    assert marketplace.order_of(view.order.id).dedication == said


def test_a_certificate_year_that_has_not_begun_sells_nothing() -> None:
    there = scene()
    before = NOW.replace(month=2)
    with pytest.raises(CertificateNotInForce), db.session.begin_nested():
        place_order(new_order(there, "1"), by=there.by("buyer"), now=before)
