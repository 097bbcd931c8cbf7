"""Each constraint of plots speaks by its own name."""

from __future__ import annotations

import pytest

from tests.builders.plots import accepted, adopted, offered, shown
from tests.builders.settlement import market
from tests.constraints import AGAIN, constraints_of, refused_by

PLOT, MILESTONE = "farming_commission", "farming_milestone"
CASES = [
    ("UPDATE farming_commission SET quantity = 0", "ck_farming_commission_yield"),
    ("UPDATE farming_commission SET prepaid_fen = total_fen", "ck_farming_commission_prepaid"),
    ("UPDATE farming_commission SET adopted_at = NULL", "ck_farming_commission_adopted"),
    ("UPDATE farming_commission SET closed_at = created_at", "ck_farming_commission_closed"),
    (
        "UPDATE farming_commission SET status = 'failed', closed_at = now()",
        "ck_farming_commission_failure",
    ),
    (
        "UPDATE farming_commission SET status = 'failing', failure = 'x'",
        "ck_farming_commission_failure_rule",
    ),
    (AGAIN.format(PLOT, ""), "uq_farming_commission_number"),
    (AGAIN.format(PLOT, ", 'number', 'X'"), "uq_farming_commission_order"),
    (AGAIN.format("farming_grower", ", 'quantity', 0"), "ck_farming_grower_yield"),
    (AGAIN.format("farming_grower", ""), "uq_farming_grower_household"),
    ("UPDATE farming_milestone SET amount_fen = 0", "ck_farming_milestone_amount"),
    ("UPDATE farming_milestone SET shown_at = NULL", "ck_farming_milestone_shown"),
    ("UPDATE farming_milestone SET accepted_at = now()", "ck_farming_milestone_accepted"),
    ("UPDATE farming_milestone SET accepted_by = shown_by", "ck_farming_milestone_hands"),
    (AGAIN.format(MILESTONE, ""), "uq_farming_milestone_position"),
    ("UPDATE order_line SET advance_fen = amount_fen + 1", "ck_order_line_advanced"),
]


@pytest.mark.usefixtures("db_session")
def test_each_is_refused_by_its_name() -> None:
    there = market()
    plot = offered(there)
    adopted(there, plot)
    accepted(there, plot)
    shown(there, plot, 1)
    for statement, name in CASES:
        assert refused_by(statement) == name, statement
    known = constraints_of((PLOT, "farming_grower", MILESTONE))
    assert known == {name for _, name in CASES} - {"ck_order_line_advanced"}
