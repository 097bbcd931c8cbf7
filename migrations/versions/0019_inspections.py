"""Inspections: plans drawn in public, tasks, findings put right, consequences."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    at,
    checks,
    counted,
    create,
    day,
    drop_tables,
    index,
    index_prefixes,
    indexes,
    key,
    number,
    only_add_to,
    refers,
    sealed,
    word,
    words,
)

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = (
    "inspection_rule",
    "draw_plan",
    "draw_stratum",
    "inspection_task",
    "finding",
    "finding_step",
    "finding_document",
    "consequence",
)
APPEND_ONLY_TABLES = ("finding_step", "finding_document", "consequence")


def upgrade() -> None:
    create_plans()
    create_tasks()
    create_findings()
    only_add_to(APPEND_ONLY_TABLES)


def create_plans() -> None:
    create(
        "inspection_rule",
        *map(words, ("code", "region_code")),
        *map(number, ("rectification_days", "serious_rectification_days", "complaint_days")),
        words("source"),
        day("in_force_from_on"),
        day("in_force_until_on?"),
        sa.UniqueConstraint("code", name="uq_inspection_rule_code"),
        *checks(
            "inspection_rule",
            period="in_force_from_on < in_force_until_on",
            days="rectification_days > 0 AND serious_rectification_days > 0 AND complaint_days > 0",
        ),
        *refers("inspection_rule", region_code="region.code"),
    )
    create(
        "draw_plan",
        *map(words, ("number", "title", "region_code")),
        words("category_code?"),
        day("as_of_on"),
        word("stratification"),
        words("public_source"),
        day("public_value_on"),
        words("commitment"),
        sealed("secret"),
        *map(words, ("public_value?", "frame?", "frame_sha256?")),
        number("frame_size?"),
        word("status"),
        *map(key, ("organisation_id", "author_id")),
        key("drawn_by_id?"),
        at("announced_at"),
        at("drawn_at?"),
        at("revealed_at?"),
        sa.UniqueConstraint("number", name="uq_draw_plan_number"),
        *checks(
            "draw_plan",
            commitment="commitment ~ '^[0-9a-f]{64}$'",
            frame_sha256="frame_sha256 ~ '^[0-9a-f]{64}$'",
            as_of="as_of_on <= public_value_on",
            drawn="(status IN ('drawn', 'revealed')) = (drawn_at IS NOT NULL)"
            " AND (drawn_at IS NULL) = (public_value IS NULL)"
            " AND (drawn_at IS NULL) = (frame IS NULL)"
            " AND (drawn_at IS NULL) = (frame_sha256 IS NULL)"
            " AND (drawn_at IS NULL) = (drawn_by_id IS NULL)",
            revealed="(status = 'revealed') = (revealed_at IS NOT NULL)",
            author="drawn_by_id <> author_id",
        ),
        *refers(
            "draw_plan",
            region_code="region.code",
            category_code="product_category.code",
            organisation_id="organisation",
            author_id="app_user",
            drawn_by_id="app_user",
        ),
    )
    indexes("draw_plan", "organisation_id")
    op.create_table(
        "draw_stratum",
        key("plan_id"),
        words("code"),
        number("size"),
        number("frame_size?"),
        *checks("draw_stratum", size="size > 0", frame_size="frame_size >= 0"),
        *refers("draw_stratum", plan_id="draw_plan"),
        sa.PrimaryKeyConstraint("plan_id", "code", name="pk_draw_stratum"),
    )


def create_tasks() -> None:
    create(
        "inspection_task",
        words("number?"),
        key("plan_id?"),
        word("source"),
        key("source_id?"),
        *map(key, ("certificate_id", "holder_id")),
        words("region_code"),
        key("organisation_id"),
        words("reason"),
        word("status"),
        key("opened_by_id"),
        at("opened_at"),
        key("inspector_id?"),
        key("inspector_organisation_id?"),
        *map(at, ("started_at?", "concluded_at?", "closed_at?")),
        *map(words, ("summary?", "cancelled_because?")),
        sa.UniqueConstraint("number", name="uq_inspection_task_number"),
        sa.UniqueConstraint("plan_id", "certificate_id", name="uq_inspection_task_drawn"),
        sa.UniqueConstraint(
            "id", "certificate_id", "inspector_id", name="uq_inspection_task_parties"
        ),
        *checks(
            "inspection_task",
            plan="(source = 'draw') = (plan_id IS NOT NULL)",
            own_organisation="inspector_organisation_id <> holder_id",
            office="organisation_id <> holder_id",
            started="(started_at IS NOT NULL) = (status IN ('started', 'concluded', 'closed'))"
            " AND (started_at IS NULL) = (number IS NULL)"
            " AND (started_at IS NULL OR inspector_id IS NOT NULL)",
            closed="(closed_at IS NOT NULL) = (status = 'closed')",
            inspector="(inspector_id IS NULL) = (inspector_organisation_id IS NULL)",
        ),
        *refers(
            "inspection_task",
            plan_id="draw_plan",
            certificate_id="certificate",
            holder_id="organisation",
            region_code="region.code",
            organisation_id="organisation",
            opened_by_id="app_user",
            inspector_id="app_user",
            inspector_organisation_id="organisation",
        ),
    )
    indexes("inspection_task", "certificate_id", "holder_id", "organisation_id", "inspector_id")
    index_prefixes("ix_inspection_task_region_code", "region_code", on="inspection_task")


def create_findings() -> None:
    create(
        "finding",
        key("task_id"),
        number("position"),
        *map(word, ("kind", "severity")),
        words("text"),
        word("status"),
        day("deadline_on"),
        at("overdue_at?"),
        sa.UniqueConstraint("task_id", "position", name="uq_finding_position"),
        *checks("finding", position="position > 0"),
        *refers("finding", task_id="inspection_task"),
    )
    index(
        "ix_finding_due",
        "deadline_on",
        on="finding",
        where="status = 'open' AND overdue_at IS NULL",
    )
    create(
        "finding_step",
        counted("position"),
        key("finding_id"),
        word("kind"),
        words("text"),
        key("by_id?"),
        at("at"),
        *checks("finding_step", by="(by_id IS NULL) = (kind = 'overdue')"),
        *refers("finding_step", finding_id="finding", by_id="app_user"),
    )
    index("ix_finding_step_finding_id", "finding_id", "position", on="finding_step")
    op.create_table(
        "finding_document",
        *map(key, ("step_id", "document_id")),
        number("position"),
        *refers("finding_document", step_id="finding_step", document_id="document"),
        sa.PrimaryKeyConstraint("step_id", "document_id", name="pk_finding_document"),
    )
    create(
        "consequence",
        *map(key, ("task_id", "certificate_id", "inspector_id")),
        word("kind"),
        words("reason"),
        key("by_id"),
        at("at"),
        sa.ForeignKeyConstraint(
            ["task_id", "certificate_id", "inspector_id"],
            [
                "inspection_task.id",
                "inspection_task.certificate_id",
                "inspection_task.inspector_id",
            ],
            name="fk_consequence_task",
        ),
        *checks("consequence", revoker="kind <> 'revocation' OR by_id <> inspector_id"),
        *refers("consequence", by_id="app_user"),
    )
    indexes("consequence", "task_id")


def downgrade() -> None:
    drop_tables(TABLES)
