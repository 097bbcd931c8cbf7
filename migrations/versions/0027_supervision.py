"""Supervision: its terms, the rectification ledger with its talks, and circulars."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    counted,
    create,
    day,
    drop_tables,
    index,
    indexes,
    json,
    key,
    number,
    only_add_to,
    refers,
    sealed,
    word,
    words,
)

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = (
    "supervision_rule",
    "payment_term",
    "supervision_matter",
    "supervision_step",
    "supervision_talk",
    "circular",
)
PERIOD = "in_force_from_on < in_force_until_on"
UNDER_WAY = "status IN ('proposed', 'open', 'reported') AND cause <> 'other'"


def upgrade() -> None:
    create(
        "supervision_rule",
        *map(words, ("code", "region_code")),
        *map(number, ("rectification_days", "behind_bp")),
        words("source"),
        *map(day, ("in_force_from_on", "in_force_until_on?")),
        sa.UniqueConstraint("code", name="uq_supervision_rule_code"),
        *checks(
            "supervision_rule",
            period=PERIOD,
            days="rectification_days > 0",
            behind="behind_bp BETWEEN 0 AND 10000",
        ),
        *refers("supervision_rule", region_code="region.code"),
    )
    create(
        "payment_term",
        words("code"),
        *map(number, ("standard_days", "longest_days", "late_interest_bp")),
        words("source"),
        *map(day, ("in_force_from_on", "in_force_until_on?")),
        sa.UniqueConstraint("code", name="uq_payment_term_code"),
        *checks(
            "payment_term",
            period=PERIOD,
            days="standard_days > 0 AND standard_days <= longest_days",
            interest="late_interest_bp >= 0",
        ),
    )
    _ledger()
    create(
        "circular",
        words("number?"),
        words("region_code"),
        key("organisation_id"),
        number("year"),
        word("period_kind"),
        number("period"),
        at("as_of"),
        json("contents"),
        sealed("digest"),
        word("status"),
        key("drawn_by"),
        at("drawn_at"),
        key("issued_by?"),
        at("issued_at?"),
        words("withdrawal_reason?"),
        number("version"),
        *checks(
            "circular",
            period="period BETWEEN 1 AND CASE period_kind WHEN 'month' THEN 12"
            " WHEN 'quarter' THEN 4 ELSE 1 END",
            issuer="issued_by <> drawn_by",
            issued="(status = 'draft') = (issued_at IS NULL)",
            issued_by="(issued_by IS NULL) = (issued_at IS NULL)",
            withdrawn="(status = 'withdrawn') = (withdrawal_reason IS NOT NULL)",
            number="(number IS NULL) = (issued_at IS NULL)",
        ),
        *refers(
            "circular",
            region_code="region.code",
            organisation_id="organisation",
            drawn_by="app_user",
            issued_by="app_user",
        ),
    )
    index("uq_circular_number", "number", on="circular")
    issued = ("region_code", "year", "period_kind", "period")
    index("uq_circular_issued", *issued, on="circular", where="status = 'issued'")
    indexes("circular", "region_code")


def _ledger() -> None:
    create(
        "supervision_matter",
        words("number"),
        *map(key, ("unit_id", "by_organisation_id")),
        number("year"),
        word("cause"),
        words("demand"),
        word("status"),
        day("deadline_on?"),
        at("overdue_at?"),
        *map(key, ("reported_by?", "closed_by?")),
        at("created_at"),
        number("version"),
        sa.UniqueConstraint("number", name="uq_supervision_matter_number"),
        *checks(
            "supervision_matter",
            reported="(reported_by IS NOT NULL) >= (status = 'reported')",
            closed="(closed_by IS NOT NULL) = (status = 'closed')",
            answered="status <> 'closed' OR reported_by IS NOT NULL",
            closer="closed_by <> reported_by",
            foreign="unit_id <> by_organisation_id",
            deadline="(deadline_on IS NULL) = (status IN ('proposed', 'dismissed'))",
        ),
        *refers(
            "supervision_matter",
            unit_id="organisation",
            by_organisation_id="organisation",
            reported_by="app_user",
            closed_by="app_user",
        ),
    )
    one = ("unit_id", "year", "cause")
    index("uq_supervision_matter_open", *one, on="supervision_matter", where=UNDER_WAY)
    due = "status = 'open' AND overdue_at IS NULL"
    index("ix_supervision_matter_due", "deadline_on", on="supervision_matter", where=due)
    indexes("supervision_matter", "unit_id")
    create(
        "supervision_step",
        counted("position"),
        key("matter_id"),
        word("act"),
        words("text"),
        *map(key, ("document_id?", "by_id?")),
        at("at"),
        *checks("supervision_step", by="(by_id IS NULL) = (act = 'overdue')"),
        *refers(
            "supervision_step",
            matter_id="supervision_matter",
            document_id="document",
            by_id="app_user",
        ),
    )
    index("ix_supervision_step_matter_id", "matter_id", "position", on="supervision_step")
    only_add_to(["supervision_step"])
    create(
        "supervision_talk",
        key("matter_id"),
        word("kind"),
        *map(words, ("office", "reason")),
        *map(day, ("called_on", "planned_on", "held_on?")),
        words("result?"),
        *checks(
            "supervision_talk",
            held="(held_on IS NULL) = (result IS NULL)",
            order="held_on >= called_on",
        ),
        *refers("supervision_talk", matter_id="supervision_matter"),
    )
    pending = "held_on IS NULL"
    index("uq_supervision_talk_pending", "matter_id", on="supervision_talk", where=pending)
    indexes("supervision_talk", "matter_id")


def downgrade() -> None:
    drop_tables(TABLES)
