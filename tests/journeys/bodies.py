"""What doors are sent when strangers knock: enough to get past the form, by path or last word."""

from __future__ import annotations

from typing import Any

from tests.builders import registry
from tests.journeys.money_bodies import MONEY_BODIES

BODIES: dict[str, dict[str, Any]] = {
    "reviews": {"decision": "pass", "opinion": "同意"},
    "reply": {"reply": "已核实", "upheld": False},
    "suspend": {"reason": "抽检"},
    "warn": {"reason": "抽检"},
    "marks": {
        "kind": "green",
        "number": "LB-1",
        "issuer": "演示中心",
        "valid_from_on": "2026-01-01",
        "document_id": "00000000-0000-0000-0000-000000000001",
    },
    "papers": {"document_id": "00000000-0000-0000-0000-000000000001"},
    "scope-changes": {
        "product_name": "米",
        "specification": "散装",
        "yearly_quantity": "1",
        "reason": "改",
    },
    "decision": {"accept": True, "opinion": "同意"},
    "draw": {"public_value": "1"},
    "inspector": {"inspector_id": "00000000-0000-0000-0000-000000000001"},
    "conclude": {"summary": "已查"},
    "findings": {"kind": "papers", "severity": "minor", "text": "缺页"},
    "consequences": {"kind": "warning", "reason": "缺页"},
    "rectify": {"text": "已改"},
    "recheck": {"text": "已核", "passed": True},
    "inspection": {"reason": "核查"},
    "answer": {"reply": "已核"},
    "reinstate": {"reason": "复核"},
    "revoke": {"reason": "失实"},
    "person": {"id_number": registry.id_number()},
    "return": {"reason": "重报"},
    "revise": {"reason": "人数变化"},
    "reject": {"reason": "不需要"},
    "cancel": {"reason": "不需要"},
    "reveal": {"purpose": "入户核查"},
    "contact": {"purpose": "回访异议人"},
    "end": {"until_on": "2027-01-01"},
    "moves": {"kind": "issue", "shares": 1, "reason": "配股"},
    "payments": {"method": "bank_transfer", "amount_fen": 1},
    "refunds": {"amount_fen": 1, "reason": "品质"},
    "transfers": {"amount_fen": 1},
    "rebindings": {"to_unit_id": "00000000-0000-0000-0000-000000000001", "reason": "误选"},
    "freight": {"freight_fen": 0},
    "replace": {
        "kind": "reserved_share",
        "bound_unit_id": "00000000-0000-0000-0000-000000000001",
        "year": 2026,
        "fund": "canteen",
        "pay_mode": "goods_first",
        "lines": [{"listing_id": "00000000-0000-0000-0000-000000000001", "quantity": "1"}],
        "delivery": {"address": "演示路1号"},
    },
    "send-back": {"reason": "请改数量"},
    "refuse": {"reason": "不属本单位"},
    "allocations": {
        "parts": [
            {
                "unit_id": "00000000-0000-0000-0000-000000000001",
                "ceiling_fen": 1,
                "floor_fen": 0,
            }
        ],
        "source": "分配",
    },
    "recalls": {
        "parts": [
            {
                "unit_id": "00000000-0000-0000-0000-000000000001",
                "ceiling_fen": 1,
                "floor_fen": 0,
            }
        ],
        "source": "收回",
    },
    "reopenings": {"until_at": "2027-02-01T00:00:00Z", "source": "更正"},
    "publish": {"text": "产地存疑"},
    "withdraw": {"reason": "误记"},
    "reverse": {"reason": "误记"},
    "leave": {"left_on": "2026-11-01", "reason": "moved"},
    "steps": {"step": "town_check", "decision": "pass", "opinion": "同意"},
    "resubmit": {"clue": "收入稳定"},
    "consents": {"organisation_id": "00000000-0000-0000-0000-000000000001"},
    "incomes": {"year": 2025, "kind": "wage", "amount_fen": 1, "note": "务工"},
    "results": {"year": 2025, "benefit_fen": 1},
    "credit-entries": {"kind": "warning", "source": "通报", "since_on": "2026-01-01"},
    "change": {"quantity": "2", "basis": "台账"},
    "postings": {
        "level": "village",
        "place": "村务公开栏",
        "document_id": "00000000-0000-0000-0000-000000000001",
        "posted_on": "2026-11-01",
    },
    "move": {"village_code": registry.VILLAGE},
    "split": {
        "members": [{"member_id": "00000000-0000-0000-0000-000000000001", "relation": "head"}],
        "able_labour": 1,
    },
    "members": {
        "name": "何示二",
        "document_number": registry.id_number(),
        "relation": "other",
        "sex": "male",
        "health": "healthy",
        "labour": "able",
        "joined_on": "2026-01-01",
    },
    **{
        f"/api/v1/procurement/matters/<uuid:matter_id>/{act}": {"text": "已核"}
        for act in ("open", "dismiss", "remind", "report", "return", "close")
    },
    "/api/v1/procurement/matters/<uuid:matter_id>/talks/result": {
        "held_on": "2026-11-01",
        "text": "已谈",
    },
    "talks": {
        "kind": "reminder_talk",
        "office": "负责人",
        "reason": "未填报",
        "planned_on": "2027-01-01",
    },
    "splits": {"quantity": "1", "reason": "分批"},
    "adjustments": {"kind": "spoiled", "quantity": "1", "reason": "霉变"},
    "contribution-payments": {
        "paid_on": "2026-11-01",
        "document_id": "00000000-0000-0000-0000-000000000001",
    },
    "/api/v1/lots/<uuid:lot_id>/contribution-payments/reverse": {
        "contribution_id": "00000000-0000-0000-0000-000000000001",
        "reason": "误记",
    },
    "/api/v1/attribution/household-questions/<uuid:question_id>/answer": {"answer": "已核"},
    "/api/v1/attribution/payout-lists/<uuid:payout_list_id>/payments": {
        "paid_on": "2026-11-01",
        "document_id": "00000000-0000-0000-0000-000000000001",
    },
    "/api/v1/freight-plans/<uuid:freight_plan_id>": {
        "name": "全国",
        "zones": [{"region_codes": ["000000"], "base_fen": 0}],
    },
    "/api/v1/ratings/<uuid:rating_id>": {"goods": 5, "service": 5},
    "/api/v1/ratings/<uuid:rating_id>/reply": {"reply": "谢谢"},
    "ratings": {
        "order_line_id": "00000000-0000-0000-0000-000000000001",
        "goods": 5,
        "service": 5,
    },
    "resolve": {"resolution": "已退还"},
    "/api/v1/display-slots/<uuid:slot_id>/decision": {"give": True, "opinion": "同意"},
    "explain": {"reason": "分批到货"},
    "demand": {"unit_id": "00000000-0000-0000-0000-000000000001", "demand": "请尽快验收"},
    "inspect": {
        "certificate_id": "00000000-0000-0000-0000-000000000001",
        "reason": "核对发货",
    },
    **MONEY_BODIES,
    "/api/v1/reconciliation-differences/<uuid:difference_id>/decision": {
        "decision": "keep",
        "reason": "已核",
    },
}
"""By the last word of the path, or by the whole path where a word has two meanings."""
