"""Each constraint of circulars, matters, talks, terms and lead times speaks by its own name."""

from __future__ import annotations

from kernel.database import db
from procurement.supervision.commands import circulars as issuing
from procurement.supervision.commands.reviews import review_next
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.constraints import AGAIN, constraints_of, refused_by
from tests.procurement.supervision.conftest import Stage
from tests.procurement.supervision.test_transitions import made

TABLES = (
    "circular",
    "circular_progress",
    "supervision_matter",
    "supervision_step",
    "supervision_talk",
    "supervision_rule",
    "payment_term",
    "supervision_review",
    "lead_time_rule",
)
CLOSED = "UPDATE supervision_matter SET closed_by = drawn_by{} FROM circular"
ENDED = "UPDATE {} SET in_force_until_on = in_force_from_on"
STEP = """
INSERT INTO supervision_step (id, matter_id, act, text, at)
SELECT gen_random_uuid(), matter_id, 'remind', text, at FROM supervision_step LIMIT 1
"""
BREAKS = (
    ("UPDATE circular SET period = 13", "ck_circular_period"),
    ("UPDATE circular SET issued_by = drawn_by", "ck_circular_issuer"),
    ("UPDATE circular SET status = 'draft'", "ck_circular_issued"),
    ("UPDATE circular SET issued_by = NULL", "ck_circular_issued_by"),
    ("UPDATE circular SET status = 'withdrawn'", "ck_circular_withdrawn"),
    ("UPDATE circular SET number = NULL", "ck_circular_number"),
    ("UPDATE circular SET digest = NULL", "ck_circular_contents"),
    ("UPDATE circular SET actor = '{}'", "ck_circular_actor"),
    ("UPDATE circular SET reason = 'given_up'", "ck_circular_failed"),
    ("UPDATE circular_progress SET done = rows + 1", "ck_circular_progress_counts"),
    (AGAIN.format("circular", ", 'period', 2"), "uq_circular_number"),
    (AGAIN.format("circular", ", 'number', 'X'"), "uq_circular_issued"),
    ("UPDATE supervision_matter SET status = 'reported'", "ck_supervision_matter_reported"),
    (CLOSED.format(""), "ck_supervision_matter_closed"),
    (CLOSED.format(", status = 'closed'"), "ck_supervision_matter_answered"),
    (
        CLOSED.format(", status = 'closed', reported_by = drawn_by"),
        "ck_supervision_matter_closer",
    ),
    ("UPDATE supervision_matter SET unit_id = by_organisation_id", "ck_supervision_matter_foreign"),
    ("UPDATE supervision_matter SET deadline_on = NULL", "ck_supervision_matter_deadline"),
    (AGAIN.format("supervision_matter", ", 'cause', 'other'"), "uq_supervision_matter_number"),
    (AGAIN.format("supervision_matter", ", 'number', 'X'"), "uq_supervision_matter_open"),
    (STEP, "ck_supervision_step_by"),
    ("UPDATE supervision_talk SET result = '已谈'", "ck_supervision_talk_held"),
    (
        "UPDATE supervision_talk SET result = '已谈', held_on = called_on - 1",
        "ck_supervision_talk_order",
    ),
    (AGAIN.format("supervision_talk", ""), "uq_supervision_talk_pending"),
    (ENDED.format("supervision_rule"), "ck_supervision_rule_period"),
    (ENDED.format("payment_term"), "ck_payment_term_period"),
    ("UPDATE supervision_rule SET rectification_days = 0", "ck_supervision_rule_days"),
    ("UPDATE supervision_rule SET behind_bp = -1", "ck_supervision_rule_behind"),
    ("UPDATE supervision_rule SET unmet_days = -1", "ck_supervision_rule_unmet"),
    (AGAIN.format("supervision_rule", ""), "uq_supervision_rule_code"),
    (AGAIN.format("supervision_review", ""), "uq_supervision_review_region_code"),
    ("UPDATE payment_term SET standard_days = longest_days + 1", "ck_payment_term_days"),
    ("UPDATE payment_term SET late_interest_bp = -1", "ck_payment_term_interest"),
    (AGAIN.format("payment_term", ""), "uq_payment_term_code"),
    (AGAIN.format("lead_time_rule", ", 'delivery_days', -1"), "ck_lead_time_rule_days"),
    (AGAIN.format("lead_time_rule", ", 'quantile_bp', 10001"), "ck_lead_time_rule_quantile"),
    (
        AGAIN.format("lead_time_rule", ", 'least_observations', 0"),
        "ck_lead_time_rule_observations",
    ),
    (AGAIN.format("lead_time_rule", ""), "uq_lead_time_rule_from_on"),
)


def test_a_row_that_breaks_it_is_refused_by_name(stage: Stage) -> None:
    made(stage, "called")
    review_next(now=NOW)
    circular = procurement.draft_of(procurement.asked_circular(stage.raiser))
    issuing.issue_circular(circular.id, by=registry.actor_of(stage.colleague), now=NOW)
    db.session.flush()
    for statement, name in BREAKS:
        assert refused_by(statement) == name, statement
    assert constraints_of(TABLES) == {name for _, name in BREAKS}
