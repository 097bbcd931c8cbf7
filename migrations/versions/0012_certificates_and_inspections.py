"""Certificates renewed, rescoped and signalled; inspections, findings and complaints."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import SchemaItem

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SIGNAL = """
CREATE FUNCTION note_capacity_signal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO capacity_signal (capacity_id, level, used, declared)
  VALUES (NEW.id, width_bucket(NEW.held + NEW.sold, NEW.signals), NEW.held + NEW.sold,
    NEW.declared);
  RETURN NULL;
END $$;
CREATE TRIGGER signal AFTER UPDATE OF held, sold, declared, signals ON capacity
  FOR EACH ROW
  WHEN (width_bucket(NEW.held + NEW.sold, NEW.signals)
      > width_bucket(OLD.held + OLD.sold, OLD.signals))
  EXECUTE FUNCTION note_capacity_signal();
"""
TABLES = (
    "certificate_rule", "certificate_warning", "scope_change", "signing_key", "capacity_signal",
    "inspection_rule", "draw_plan", "draw_stratum", "inspection_task", "finding", "finding_step",
    "finding_document", "consequence", "complaint",
)  # fmt: skip
APPEND_ONLY_TABLES = ("finding_step", "finding_document", "consequence")


def key(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def state(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=False)


def at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def quantity(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(14, 3), nullable=False)


def sealed(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def kept(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), nullable=nullable)


def counted(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), sa.Identity(always=True), nullable=False)


def checks(table: str, **conditions: str) -> list[SchemaItem]:
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    ]


def refers(table: str, **targets: str) -> list[SchemaItem]:
    return [
        sa.ForeignKeyConstraint(
            [column],
            [to if "." in to else f"{to}.id"],
            name=f"fk_{table}_{column}",
        )
        for column, to in targets.items()
    ]


def create(table: str, *items: SchemaItem) -> None:
    op.create_table(table, key("id"), *items, sa.PrimaryKeyConstraint("id", name=f"pk_{table}"))


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def prefix_index(name: str, table: str, column: str) -> None:
    op.create_index(name, table, [column], postgresql_ops={column: "text_pattern_ops"})


def due_index(table: str, column: str, condition: str) -> None:
    op.create_index(f"ix_{table}_due", table, [column], postgresql_where=sa.text(condition))


def upgrade() -> None:
    op.add_column("application", key("renews_certificate_id", nullable=True))
    widen_certificates()
    create_terms()
    create_scope()
    create_signals()
    create_plans()
    create_tasks()
    create_findings()
    create_complaints()
    for table in APPEND_ONLY_TABLES:
        op.execute(f"SELECT make_append_only('{table}')")


def widen_certificates() -> None:
    op.add_column("certificate", key("renews_id", nullable=True))
    op.add_column(
        "certificate", sa.Column("revision", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column(
        "certificate", sa.Column("search_text", sa.Text(), server_default="", nullable=False)
    )
    op.add_column(
        "certificate",
        sa.Column("grams", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.create_foreign_key(
        "fk_certificate_renews_id", "certificate", "certificate", ["renews_id"], ["id"]
    )
    op.create_unique_constraint("uq_certificate_renews_id", "certificate", ["renews_id"])
    op.create_check_constraint(op.f("ck_certificate_renews"), "certificate", "renews_id <> id")
    op.create_check_constraint(op.f("ck_certificate_revision"), "certificate", "revision > 0")
    op.create_index("ix_certificate_category", "certificate", ["category_code", "id"])
    op.create_index("ix_certificate_status", "certificate", ["status", "id"])
    prefix_index("ix_certificate_origin", "certificate", "origin_region_code")
    op.create_index(
        "ix_certificate_grams",
        "certificate",
        ["grams"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.add_column(
        "capacity",
        sa.Column("signals", sa.ARRAY(sa.Numeric(14, 3)), server_default="{}", nullable=False),
    )


def create_terms() -> None:
    create(
        "certificate_rule",
        *map(words, ("code", "region_code")),
        *map(kept, ("warning_days", "signal_bp")),
        *map(whole, ("renewal_opens_days", "renewal_closes_days", "largest_increase_bp")),
        words("source"),
        day("in_force_from_on"),
        day("in_force_until_on", nullable=True),
        sa.UniqueConstraint("code", name="uq_certificate_rule_code"),
        *checks(
            "certificate_rule",
            period="in_force_from_on < in_force_until_on",
            figures="renewal_opens_days >= 0 AND renewal_closes_days >= 0"
            " AND largest_increase_bp >= 0",
        ),
        *refers("certificate_rule", region_code="region.code"),
    )
    op.create_table(
        "certificate_warning",
        key("certificate_id"),
        whole("days"),
        day("due_on"),
        at("served_at", nullable=True),
        *checks("certificate_warning", days="days > 0"),
        *refers("certificate_warning", certificate_id="certificate"),
        sa.PrimaryKeyConstraint("certificate_id", "days", name="pk_certificate_warning"),
    )
    due_index("certificate_warning", "due_on", "served_at IS NULL")
    op.create_table(
        "signing_key",
        words("key_id"),
        words("algorithm"),
        sealed("public_key"),
        at("in_use_from_at"),
        at("retired_at", nullable=True),
        *checks("signing_key", period="in_use_from_at <= retired_at"),
        sa.PrimaryKeyConstraint("key_id", name="pk_signing_key"),
    )
    op.create_index(
        "uq_signing_key_current",
        "signing_key",
        ["algorithm"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def create_scope() -> None:
    create(
        "scope_change",
        key("certificate_id"),
        *map(words, ("product_name", "specification")),
        quantity("yearly_quantity"),
        words("reason"),
        state("status"),
        key("requested_by_id"),
        at("requested_at"),
        key("decided_by_id", nullable=True),
        at("decided_at", nullable=True),
        words("opinion", nullable=True),
        kept("before", nullable=True),
        *checks(
            "scope_change",
            yearly_quantity="yearly_quantity > 0",
            decided="(decided_at IS NULL) = (status = 'requested')",
            before="(before IS NOT NULL) = (status = 'accepted')",
            author="status = 'withdrawn' OR decided_by_id <> requested_by_id",
        ),
        *refers(
            "scope_change",
            certificate_id="certificate",
            requested_by_id="app_user",
            decided_by_id="app_user",
        ),
    )
    index("scope_change", "certificate_id")
    op.create_index(
        "uq_scope_change_open",
        "scope_change",
        ["certificate_id"],
        unique=True,
        postgresql_where=sa.text("status = 'requested'"),
    )


def create_signals() -> None:
    op.create_table(
        "capacity_signal",
        counted("id"),
        key("capacity_id"),
        whole("level"),
        *map(quantity, ("used", "declared")),
        at("signalled_at", nullable=True),
        *refers("capacity_signal", capacity_id="capacity"),
        sa.PrimaryKeyConstraint("id", name="pk_capacity_signal"),
    )
    index("capacity_signal", "capacity_id")
    due_index("capacity_signal", "id", "signalled_at IS NULL")
    op.execute(SIGNAL)


def create_plans() -> None:
    create(
        "inspection_rule",
        *map(words, ("code", "region_code")),
        *map(whole, ("rectification_days", "serious_rectification_days", "complaint_days")),
        words("source"),
        day("in_force_from_on"),
        day("in_force_until_on", nullable=True),
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
        words("category_code", nullable=True),
        day("as_of_on"),
        state("stratification"),
        words("public_source"),
        day("public_value_on"),
        words("commitment"),
        sealed("secret"),
        *(words(name, nullable=True) for name in ("public_value", "frame", "frame_sha256")),
        whole("frame_size", nullable=True),
        state("status"),
        *map(key, ("organisation_id", "author_id")),
        key("drawn_by_id", nullable=True),
        at("announced_at"),
        at("drawn_at", nullable=True),
        at("revealed_at", nullable=True),
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
    index("draw_plan", "organisation_id")
    op.create_table(
        "draw_stratum",
        key("plan_id"),
        words("code"),
        whole("size"),
        whole("frame_size", nullable=True),
        *checks("draw_stratum", size="size > 0", frame_size="frame_size >= 0"),
        *refers("draw_stratum", plan_id="draw_plan"),
        sa.PrimaryKeyConstraint("plan_id", "code", name="pk_draw_stratum"),
    )


def create_tasks() -> None:
    create(
        "inspection_task",
        words("number", nullable=True),
        key("plan_id", nullable=True),
        state("source"),
        key("source_id", nullable=True),
        *map(key, ("certificate_id", "holder_id")),
        words("region_code"),
        key("organisation_id"),
        words("reason"),
        state("status"),
        key("opened_by_id"),
        at("opened_at"),
        key("inspector_id", nullable=True),
        key("inspector_organisation_id", nullable=True),
        *(at(name, nullable=True) for name in ("started_at", "concluded_at", "closed_at")),
        *(words(name, nullable=True) for name in ("summary", "cancelled_because")),
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
    index("inspection_task", "certificate_id", "holder_id", "organisation_id", "inspector_id")
    prefix_index("ix_inspection_task_region_code", "inspection_task", "region_code")


def create_findings() -> None:
    create(
        "finding",
        key("task_id"),
        whole("position"),
        *map(state, ("kind", "severity")),
        words("text"),
        state("status"),
        day("deadline_on"),
        at("overdue_at", nullable=True),
        sa.UniqueConstraint("task_id", "position", name="uq_finding_position"),
        *checks("finding", position="position > 0"),
        *refers("finding", task_id="inspection_task"),
    )
    due_index("finding", "deadline_on", "status = 'open' AND overdue_at IS NULL")
    create(
        "finding_step",
        counted("position"),
        key("finding_id"),
        state("kind"),
        words("text"),
        key("by_id", nullable=True),
        at("at"),
        *checks("finding_step", by="(by_id IS NULL) = (kind = 'overdue')"),
        *refers("finding_step", finding_id="finding", by_id="app_user"),
    )
    op.create_index("ix_finding_step_finding_id", "finding_step", ["finding_id", "position"])
    op.create_table(
        "finding_document",
        *map(key, ("step_id", "document_id")),
        whole("position"),
        *refers("finding_document", step_id="finding_step", document_id="document"),
        sa.PrimaryKeyConstraint("step_id", "document_id", name="pk_finding_document"),
    )
    create(
        "consequence",
        *map(key, ("task_id", "certificate_id", "inspector_id")),
        state("kind"),
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
    index("consequence", "task_id")


def create_complaints() -> None:
    create(
        "complaint",
        words("number"),
        sealed("code_digest"),
        key("certificate_id", nullable=True),
        *map(words, ("region_code", "text")),
        sealed("contact", nullable=True),
        state("status"),
        at("lodged_at"),
        day("due_on"),
        key("taken_by_id", nullable=True),
        at("taken_at", nullable=True),
        key("task_id", nullable=True),
        words("reply", nullable=True),
        key("replied_by_id", nullable=True),
        at("replied_at", nullable=True),
        sa.UniqueConstraint("number", name="uq_complaint_number"),
        *checks(
            "complaint",
            taken="(taken_at IS NULL) = (status = 'received')",
            taken_by="(taken_at IS NULL) = (taken_by_id IS NULL)",
            replied="(replied_at IS NOT NULL) = (status = 'answered')",
            reply="(replied_at IS NULL) = (reply IS NULL)"
            " AND (replied_at IS NULL) = (replied_by_id IS NULL)",
        ),
        *refers(
            "complaint",
            certificate_id="certificate",
            region_code="region.code",
            taken_by_id="app_user",
            task_id="inspection_task",
            replied_by_id="app_user",
        ),
    )
    index("complaint", "certificate_id")
    prefix_index("ix_complaint_region_code", "complaint", "region_code")


def downgrade() -> None:
    op.execute("DROP TRIGGER signal ON capacity")
    op.execute("DROP FUNCTION note_capacity_signal")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("capacity", "signals")
    for column in ("grams", "search_text", "revision", "renews_id"):
        op.drop_column("certificate", column)
    op.drop_index("ix_certificate_category", "certificate")
    op.drop_index("ix_certificate_status", "certificate")
    op.drop_index("ix_certificate_origin", "certificate")
    op.drop_column("application", "renews_certificate_id")
