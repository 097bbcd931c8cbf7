"""Odd deliveries and papers, each with what is nearly one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from kernel.identity import new_id
from marketplace.oversight.models import FlagRule
from tests.marketplace.oversight.field import NOW, Field, Plant


def origin_apart(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a certificate of another county than its holder's; nearly: of another town."""
    origin = "440203102" if near else f"4402{5 + number % 4:02d}100"
    return field.certificate(field.organisation(), origin_region_code=origin)


def lapsed_certificate(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a shipment under a certificate that was suspended; nearly: reinstated before."""
    unit, supplier = field.pair()
    certificate = field.certificate(supplier)
    listing = field.listing(supplier, certificate_id=certificate)
    sent = field.day()
    kinds = ("granted", "suspended", "reinstated") if near else ("granted", "suspended")
    for each, kind in enumerate(kinds):
        at = sent - timedelta(days=30 - each - number % 5)
        field.rows.add(
            "certificate_change", certificate_id=certificate, kind=kind, at=at, by_id=new_id()
        )
    order = field.order(unit, supplier, field.fen(), at=sent - timedelta(days=40))
    line = field.line(order, listing, certificate_id=certificate)
    field.receipt(order, line, shipped=sent, received=sent + timedelta(days=1))
    return certificate


def _delivered(field: Field, unit: UUID, supplier: UUID, *, after: timedelta, off: bool) -> UUID:
    at = field.day()
    order = field.order(unit, supplier, field.fen(), at=at)
    line = field.line(order, field.listing(supplier))
    sent = at + timedelta(days=1)
    return field.receipt(order, line, shipped=sent, received=sent + after, off=off)


def _order_of(field: Field, receipt: UUID) -> UUID:
    return UUID(str(next(
        one["order_id"] for one in reversed(field.rows.waiting["receipt"]) if one["id"] == receipt
    )))  # fmt: skip


def accepted_at_once(field: Field, number: int, *, near: bool) -> UUID:
    """Plant goods accepted within minutes of their shipping; nearly: within half an hour."""
    after = timedelta(minutes=25 if near else 1 + number % 9)
    return _order_of(field, _delivered(field, *field.pair(), after=after, off=True))


def always_exact(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a pair whose scale never shows a difference; nearly: once it does."""
    unit, supplier = field.pair()
    hours = timedelta(hours=5 + number % 20)
    receipts = [
        _delivered(field, unit, supplier, after=hours, off=near and each == 11)
        for each in range(22)
    ]
    return _order_of(field, receipts[0])


def photo_reused(field: Field, number: int, *, near: bool) -> UUID:
    """Plant one picture on two receipts; nearly: two pictures."""
    receipt, kind = new_id(), int(field.word()[1:])
    for each in range(2):
        hours = timedelta(hours=3 + number % 7)
        receipt = _delivered(field, *field.pair(), after=hours, off=True)
        paper = field.rows.add(
            "document", kind="receipt_photo", sha256=f"{number:032x}{kind:030x}e{each}",
            received_sha256=f"{number:032x}{kind:031x}{each * near}",
        )  # fmt: skip
        field.rows.add("receipt_photo", receipt_id=receipt, document_id=paper)
    return _order_of(field, receipt)


def never_accepted(field: Field, number: int, *, near: bool) -> UUID:
    """Plant goods on their way for more than a month; nearly: for three weeks."""
    unit, supplier = field.pair()
    sent = NOW - timedelta(days=21 if near else 31 + number)
    order = field.order(
        unit, supplier, field.fen(), at=sent - timedelta(days=2), fulfilment_status="shipped"
    )
    field.rows.add("shipment", order_id=order, shipped_at=sent)
    return order


def _billed(field: Field, number: int, *, times: int) -> UUID:
    unit, supplier = field.pair()
    at, fen = NOW - timedelta(days=90 + number), field.fen()
    order = field.order(
        unit, supplier, fen, at=at, order_status="completed", completed_at=at + timedelta(days=9)
    )
    if times:
        field.rows.add(
            "invoice", kind="invoice", status="issued", order_id=order, seller_id=supplier,
            number=new_id().hex, amount_fen=fen * times // 100, credited_fen=0, issued_on=at.date(),
        )  # fmt: skip
    return order


def invoice_above_goods(field: Field, number: int, *, near: bool) -> UUID:
    """Plant an invoice of more than was accepted; nearly: of just as much."""
    return _billed(field, number, times=100 if near else 120)


def invoice_missing(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a paid order that was never billed; nearly: one that was."""
    return _billed(field, number, times=100 if near else 0)


def refund_after_close(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a refund after the year was closed; nearly: the day before."""
    unit, supplier = field.pair()
    at = NOW - timedelta(days=330)
    closed = NOW - timedelta(days=290)
    quota = field.rows.add(
        "quota", unit_id=unit, year=2025, fund="canteen", ceiling_fen=9, floor_fen=0,
        closed_at=closed,
    )  # fmt: skip
    fen = field.fen()
    order = field.order(unit, supplier, fen, at=at, quota_id=quota, refunded_fen=fen // 2)
    refunded = closed + timedelta(days=-1 if near else 1 + number)
    field.rows.add(
        "refund", order_id=order, amount_fen=fen // 2, refunded_at=refunded, refunded_by=new_id()
    )
    return order


def unlisted_household(field: Field, number: int, *, near: bool) -> UUID:
    """Plant a share for a household that had exited; nearly: one that exits afterwards."""
    unit, supplier = field.pair()
    household, at = new_id(), field.day()
    order = field.order(unit, supplier, field.fen(), at=at)
    attribution = field.rows.add("attribution", order_id=order, amount_fen=7_001, posted_at=at)
    field.rows.add(
        "attribution_share", attribution_id=attribution, party_kind="household",
        party_id=household, amount_fen=5_003,
    )  # fmt: skip
    exits = at + timedelta(days=20 if near else -20 - number)
    for state, since in (("listed", at - timedelta(days=200)), ("exited", exits)):
        field.rows.add(
            "household_change", household_id=household, state=state, at=since, from_on=since.date()
        )
    return order


PLANTS: Mapping[FlagRule, Plant] = MappingProxyType(
    {
        FlagRule.ORIGIN_APART: origin_apart,
        FlagRule.LAPSED_CERTIFICATE: lapsed_certificate,
        FlagRule.ACCEPTED_AT_ONCE: accepted_at_once,
        FlagRule.ALWAYS_EXACT: always_exact,
        FlagRule.PHOTO_REUSED: photo_reused,
        FlagRule.NEVER_ACCEPTED: never_accepted,
        FlagRule.INVOICE_ABOVE_GOODS: invoice_above_goods,
        FlagRule.INVOICE_MISSING: invoice_missing,
        FlagRule.REFUND_AFTER_CLOSE: refund_after_close,
        FlagRule.UNLISTED_HOUSEHOLD: unlisted_household,
    }
)
