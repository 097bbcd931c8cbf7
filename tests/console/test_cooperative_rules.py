"""What pages of a cooperative decide by themselves: what to send first, what a sheet holds."""

from __future__ import annotations

from typing import Any

from console.cooperative.rules import (
    SheetRow,
    acts_on,
    as_sent,
    checklist,
    fen,
    first_expired_first,
    reasons_by_field,
    sending_rows,
)

LINE = {"id": "a", "listing_id": "l", "unit": "kg", "quantity": "10", "shipped_quantity": "2",
        "substituted_quantity": "1"}  # fmt: skip


def lot_of(key: str, free: str, expires_on: str | None, unit: str = "kg") -> dict[str, Any]:
    return {"id": key, "listing_id": "l", "unit": unit, "total": free, "held": "0",
            "shipped": "0", "expires_on": expires_on, "harvested_on": "2026-05-01"}  # fmt: skip


def test_a_shipment_is_planned_from_what_expires_first() -> None:
    late, soon = lot_of("late", "9", None), lot_of("soon", "5", "2026-07-01")
    assert first_expired_first([late, soon]) == [soon, late]
    order = {"lines": [LINE], "holds": {"stock": []}}
    rows = sending_rows(order, [late, soon])
    assert [(row.of["lot"]["id"], row.values["quantity"]) for row in rows] == [
        ("soon", "5"),
        ("late", "2"),
    ]
    (row,) = sending_rows(order, [lot_of("bags", "5", None, unit="bag")])
    assert (row.of["lot"], row.values["quantity"]) == (None, "7")
    assert sending_rows({**order, "lines": [{**LINE, "shipped_quantity": "9"}]}, []) == []


def test_a_sheet_counts_its_filled_rows_as_the_door_does() -> None:
    rows = [SheetRow(number, {}, {}) for number in range(3)]
    sent = {"lines-0-quantity": "", "lines-2-quantity": " 4 "}
    errors = {"lines.0.quantity": ("太多",), "carrier": ("必填",)}
    found = as_sent(rows, sent, names=("quantity",), prefix="lines", errors=errors)
    assert [(one.at, one.errors) for one in found] == [(None, ()), (None, ()), (0, ("太多",))]
    assert found[2].values == {"quantity": "4"}


def test_what_an_order_waits_for() -> None:
    order = {"order_status": "placed", "fulfilment_status": "unshipped", "accepted_fen": 0,
             "paid_fen": 0}  # fmt: skip
    assert acts_on(order, billed_fen=0) == ["confirm", "freight", "cancel"]
    confirmed = {**order, "order_status": "confirmed", "paid_fen": 1}
    assert acts_on(confirmed, billed_fen=0) == ["ship", "substitute"]
    accepted = {**confirmed, "fulfilment_status": "accepted", "accepted_fen": 2}
    assert acts_on(accepted, billed_fen=1) == ["invoice"]
    assert acts_on(accepted, billed_fen=2) == []


def test_what_a_scheme_wants_and_why_it_came_back() -> None:
    scheme = {"paper_kinds": ["test_report"], "category_papers": {"tea": [["one", "other"]]}}
    tea = {"category_code": "tea"}
    assert checklist(tea, scheme, ["other"]) == [
        (("test_report",), False),
        (("one", "other"), True),
    ]
    steps = [{"reasons": [{"pointer": "/document_ids/0", "text": "过期"}]}]
    assert reasons_by_field({"status": "returned", "steps": steps}) == {"document_ids": ["过期"]}
    assert reasons_by_field({"status": "submitted", "steps": steps}) == {}
    assert [fen(one) for one in ("12.5", "1,000", "0.001", "x")] == [1_250, 100_000, "0.001", "x"]
