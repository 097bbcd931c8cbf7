"""Cases of households: who is taken into the register, observed, removed; step by step."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    create,
    day,
    drop_tables,
    fen,
    flag,
    index,
    indexes,
    key,
    number,
    only_add_to,
    refers,
    word,
    words,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("household_case", "household_case_step")
APPEND_ONLY_TABLES = ("household_case_step",)


def upgrade() -> None:
    create(
        "household_case",
        *map(words, ("number", "village_code", "clue")),
        *map(word, ("kind", "wanted_class?", "source", "status")),
        *map(key, ("household_id", "author_id", "notice_id?")),
        *map(number, ("round", "version")),
        *map(day, ("opened_on", "due_on?")),
        *map(at, ("created_at", "updated_at")),
        *checks(
            "household_case",
            due_on="(due_on IS NULL) = (status IN ('decided', 'rejected', 'withdrawn'))",
            notice="status NOT IN ('in_notice', 'town_checked', 'decided')"
            " OR notice_id IS NOT NULL",
            round="round > 0",
            wanted_class="(kind = 'identification') = (wanted_class IS NOT NULL)",
        ),
        *refers(
            "household_case",
            author_id="app_user",
            household_id="household",
            notice_id="notice",
            village_code="region.code",
        ),
        sa.UniqueConstraint("number", name="uq_household_case_number"),
        sa.UniqueConstraint("id", "author_id", name="uq_household_case_author"),
    )
    index(
        "ix_household_case_due_on", "due_on", "id", on="household_case", where="due_on IS NOT NULL"
    )
    indexes("household_case", "household_id")
    index("ix_household_case_place", "village_code", "due_on", "id", on="household_case")
    index(
        "uq_household_case_open",
        "household_id",
        on="household_case",
        where="status NOT IN ('decided', 'rejected', 'withdrawn')",
    )
    create(
        "household_case_step",
        *map(key, ("case_id", "author_id", "by_id", "organisation_id")),
        *map(number, ("round", "income_year?")),
        *map(word, ("step", "decision", "status")),
        words("opinion"),
        flag("guarantees_safe?"),
        *map(fen, ("income_per_head_fen?", "line_fen?")),
        at("at"),
        *checks(
            "household_case_step",
            author="step IN ('visit', 'notice') OR by_id <> author_id",
            guarantees_safe="(step = 'visit') = (guarantees_safe IS NOT NULL)",
            village="step NOT IN ('visit', 'notice') OR decision = 'pass'",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "author_id"],
            ["household_case.id", "household_case.author_id"],
            name="fk_household_case_step_case",
        ),
        *refers("household_case_step", by_id="app_user", organisation_id="organisation"),
        sa.UniqueConstraint("case_id", "round", "step", name="uq_household_case_step_once"),
    )
    index(
        "uq_household_case_step_person",
        "case_id",
        "round",
        "by_id",
        on="household_case_step",
        where="step NOT IN ('visit', 'notice')",
    )
    only_add_to(APPEND_ONLY_TABLES)


def downgrade() -> None:
    drop_tables(TABLES)
