"""Reconciliations: the register beside a survey, difference by difference."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    create,
    day,
    drop_tables,
    index,
    json,
    key,
    number,
    refers,
    sealed,
    word,
    words,
)

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("reconciliation", "reconciliation_difference")


def upgrade() -> None:
    create(
        "reconciliation",
        *map(words, ("number", "region_code", "survey")),
        day("surveyed_on"),
        *map(
            number,
            (
                "register_households",
                "survey_households",
                "same_households",
                "after_households?",
                "version",
            ),
        ),
        *map(key, ("author_id", "closed_by_id?")),
        *map(at, ("created_at", "closed_at?")),
        *checks(
            "reconciliation",
            after_households="(closed_at IS NULL) = (after_households IS NULL)",
            closed_by_id="(closed_at IS NULL) = (closed_by_id IS NULL)",
        ),
        *refers(
            "reconciliation",
            author_id="app_user",
            closed_by_id="app_user",
            region_code="region.code",
        ),
        sa.UniqueConstraint("number", name="uq_reconciliation_number"),
        sa.UniqueConstraint("id", "author_id", name="uq_reconciliation_author"),
    )
    index("uq_reconciliation_open", "region_code", on="reconciliation", where="closed_at IS NULL")
    create(
        "reconciliation_difference",
        *map(key, ("reconciliation_id", "author_id", "household_id?", "decided_by_id?")),
        *map(word, ("kind", "decision?")),
        *map(sealed, ("id_number_index", "survey_row?")),
        number("survey_line?"),
        json("fields"),
        words("reason?"),
        at("decided_at?"),
        *checks(
            "reconciliation_difference",
            added="(decision = 'add') IS NOT TRUE OR household_id IS NOT NULL",
            author="decided_by_id <> author_id",
            decided_at="(decision IS NULL) = (decided_at IS NULL)",
            decided_by_id="(decision IS NULL) = (decided_by_id IS NULL)",
            decision="decision IS NULL"
            " OR (kind = 'only_register' AND decision IN ('keep', 'remove'))"
            " OR (kind = 'only_survey' AND decision IN ('add', 'ignore'))"
            " OR (kind = 'fields_differ' AND decision IN ('keep', 'take_survey'))",
            household="kind = 'only_survey' OR household_id IS NOT NULL",
            reason="(decision IS NULL) = (reason IS NULL)",
            survey_row="(kind = 'only_register') = (survey_row IS NULL)",
        ),
        sa.ForeignKeyConstraint(
            ["reconciliation_id", "author_id"],
            ["reconciliation.id", "reconciliation.author_id"],
            name="fk_reconciliation_difference_reconciliation",
        ),
        *refers("reconciliation_difference", decided_by_id="app_user", household_id="household"),
        sa.UniqueConstraint(
            "reconciliation_id", "id_number_index", name="uq_reconciliation_difference_household"
        ),
    )


def downgrade() -> None:
    drop_tables(TABLES)
