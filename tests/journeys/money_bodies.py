"""What doors of settlement and campaigns are asked with, by the path's last word or all of it."""

from __future__ import annotations

from typing import Any

MONEY_BODIES: dict[str, dict[str, Any]] = {
    "temperatures": {
        "readings": [{"device": "D1", "read_at": "2026-06-01T04:00:00Z", "tenths_c": 30}],
    },
    "substitutions": {
        "order_line_id": "00000000-0000-0000-0000-000000000001",
        "listing_id": "00000000-0000-0000-0000-000000000001",
        "quantity": "1",
        "unit_price_fen": 1,
        "reason": "缺货",
    },
    "/api/v1/farming-commissions/<uuid:farming_commission_id>/adopt": {
        "bound_unit_id": "00000000-0000-0000-0000-000000000001",
        "fund": "canteen",
        "delivery": {"address": "演示路1号"},
    },
    "evidence": {"text": "已播种"},
    "failure": {"text": "绝收"},
    "settlement": {"outcome": "refund"},
    "harvests": {"harvested_on": "2026-06-01", "own_quantity": "1"},
    "wishes": {
        "branch": "一分会",
        "participant_code": "A-1",
        "listing_id": "00000000-0000-0000-0000-000000000001",
        "quantity": "1",
    },
    "/api/v1/bank-lines/<uuid:line_id>/reverse": {
        "reverses_id": "00000000-0000-0000-0000-000000000001",
    },
    "/api/v1/remittance-lines/<uuid:remittance_line_id>/confirm": {"bank_reference": "P1"},
    "/api/v1/treasury-orders/<uuid:treasury_order_id>/confirm": {"voucher": "GK1"},
    "match": {
        "parts": [{"order_id": "00000000-0000-0000-0000-000000000001", "amount_fen": 1}],
    },
    "park": {"reason": "待核"},
    "fail": {"reason": "户名不符"},
    "dispute": {"reason": "税率"},
    "invoices": {"number": "24400001", "issued_on": "2026-06-01"},
    "credit-notes": {"number": "R1", "issued_on": "2026-06-01", "reason": "开错"},
}
