"""Every state that a row can be in stands in a table of `docs/rules/`: none can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

import pytest
from flask import Flask
from sqlalchemy import Enum

from kernel.database import Base
from tests.transitions import RULES, WORD, tables

ROOMS = ("kernel", "registry", "certification", "procurement", "marketplace")
WALKED: Mapping[str, str] = {
    "DrawPlan.status": "draw_plan",
    "InspectionTask.status": "inspection",
    "Finding.status": "finding",
    "Complaint.status": "complaint",
    "ProductMark.status": "mark",
    "SheetImport.state": "import",
    "Matter.status": "supervision_matter",
    "Circular.status": "circular",
    "PayoutList.status": "payout_list",
    "PayoutLine.status": "payout_line",
    "SurplusRun.status": "surplus_run",
    "StripeIntent.status": "stripe_intent",
    "StripeMovement.status": "stripe_movement",
    "Rebinding.status": "rebinding",
    "StandingOrder.status": "standing_order",
    "DonationCampaign.status": "donation_campaign",
    "FarmingCommission.status": "farming_commission",
    "FarmingMilestone.status": "farming_milestone",
    "BankLine.state": "bank_line",
    "Remittance.status": "remittance",
    "Invoice.status": "invoice",
    "TreasuryOrder.status": "treasury_order",
    "RemittanceLine.status": "remittance_line",
    "Substitution.status": "substitution",
    "DisplaySlot.status": "display_slot",
    "RedFlag.status": "red_flag",
}
"""Columns whose machine is walked cell by cell from its table."""
TOLD: Mapping[str, str] = {
    "SheetExport.state": "imports.md",
    "Application.status": "certification.md",
    "Certificate.status": "certification.md",
    "ScopeChange.status": "certification.md",
    "Household.state": "households.md",
    "HouseholdCase.status": "households.md",
    "Organisation.ending": "organisations.md",
    "ReconciliationDifference.decision": "households.md",
    "Filing.status": "filings.md",
    "Listing.status": "listings.md",
    "PurchaseOrder.order_status": "orders.md",
    "PurchaseOrder.fulfilment_status": "orders.md",
    "PurchaseOrder.payment_status": "settlement.md",
    "Payment.status": "settlement.md",
    "StripeDispute.status": "stripe.md",
}
"""Columns whose table the tests of the feature hold beside their own."""
HISTORY = frozenset(
    {"ApplicationReview.status", "HouseholdCaseStep.decision", "HouseholdChange.state",
     "ApplicationReview.decision", "HouseholdCaseStep.step", "HouseholdCaseStep.status"}
)  # fmt: skip
"""What was once decided or was so: rows that are only added."""
WITHOUT_A_COLUMN = frozenset(
    {"account", "invitation", "reset", "notice", "objection", "production", "pairing",
     "order_approval", "approval_delegation", "quota", "credit_entry", "import_clock",
     "reconciliation", "reconciliation_difference"}
)  # fmt: skip
"""Machines whose state follows from instants, days or amounts."""
MOVING = re.compile(r"(status|state|stage|phase|ending|decision|step)$")


def columns() -> Iterator[tuple[str, type[StrEnum]]]:
    """Give every column that holds a word of a fixed list, with that list."""
    for mapper in Base.registry.mappers:
        room = mapper.class_.__module__.split(".")[0]
        for attribute in mapper.column_attrs if room in ROOMS else ():
            kind = attribute.columns[0].type
            words = kind.enum_class if isinstance(kind, Enum) else None
            if words is not None and issubclass(words, StrEnum):
                yield f"{mapper.class_.__name__}.{attribute.key}", words


def is_machine(column: str, kind: type[StrEnum]) -> bool:
    """Say whether a column moves, by its own name or its list's."""
    return bool(MOVING.search(column) or re.search(r"(Status|State|Stage|Phase)$", kind.__name__))


def unplaced(found: Mapping[str, type[StrEnum]]) -> set[str]:
    """Name the columns that move and that no table was named for."""
    moving = {column for column, kind in found.items() if is_machine(column, kind)}
    return moving - WALKED.keys() - TOLD.keys() - HISTORY


def test_every_column_that_moves_has_its_table(app: Flask) -> None:
    del app
    found = dict(columns())
    assert unplaced(found) == set()
    assert found.keys() >= WALKED.keys() | TOLD.keys() | HISTORY, "a table of what is gone"


def test_negative_control_a_new_machine_is_missed(app: Flask) -> None:
    del app

    class ThingStatus(StrEnum):
        """Where a thing stands."""

        NEW = "new"

    assert unplaced({**dict(columns()), "Thing.now": ThingStatus}) == {"Thing.now"}
    assert unplaced({**dict(columns()), "Thing.state": StrEnum}) == {"Thing.state"}


@pytest.mark.parametrize("column", WALKED)
def test_a_walked_table_knows_every_state(app: Flask, column: str) -> None:
    del app
    assert {one.value for one in dict(columns())[column]} <= tables()[WALKED[column]].states


@pytest.mark.parametrize("column", TOLD)
def test_a_told_table_knows_every_state(app: Flask, column: str) -> None:
    del app
    page = (RULES / TOLD[column]).read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    told = {word for line in rows for word in WORD.findall(line)} | {
        cell.strip() for line in rows for cell in line.split("|")
    }
    assert {one.value for one in dict(columns())[column]} <= told


def test_every_machine_that_is_walked_has_its_table() -> None:
    assert set(tables()) >= set(WALKED.values()) | WITHOUT_A_COLUMN
