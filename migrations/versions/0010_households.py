"""The register of households, whole: cases, history, members, incomes, links, reconciliations."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.schema import SchemaItem

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = (
    "household_change", "village_leader", "household_member", "household_consent",
    "benefit_link_document", "benefit_link_result", "household_case", "household_case_step",
    "register_setting", "income_line", "household_income", "reconciliation",
    "reconciliation_difference",
)  # fmt: skip
ONLY_ADDED_TO = (
    "household_change", "benefit_link_document", "benefit_link_result", "household_case_step",
    "register_setting", "income_line", "household_income",
)  # fmt: skip
LINK_TERMS = ("product", "yearly_quantity", "unit", "price_fen", "promised_fen", "consent_id")


KINDS: dict[str, sa.types.TypeEngine[Any]] = {
    "keys": sa.Uuid(),
    "words": sa.Text(),
    "codes": sa.String(32),
    "secrets": sa.LargeBinary(),
    "numbers": sa.Integer(),
    "fen": sa.BigInteger(),
    "flags": sa.Boolean(),
    "lists": JSONB(),
    "days": sa.Date(),
    "instants": sa.DateTime(timezone=True),
    "quantities": sa.Numeric(14, 3),
}


def columns(**names: str) -> list[sa.Column[Any]]:
    return [
        sa.Column(name.removesuffix("?"), KINDS[kind], nullable=name.endswith("?"))
        for kind, several in names.items()
        for name in several.split()
    ]


def position() -> sa.Column[int]:
    return sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def checks(table: str, **conditions: str) -> list[SchemaItem]:
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    ]


def refers(table: str, **targets: str) -> list[SchemaItem]:
    return [
        sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}")
        for column, to in targets.items()
    ]


def create(table: str, *items: SchemaItem) -> None:
    op.create_table(
        table, *columns(keys="id"), *items, sa.PrimaryKeyConstraint("id", name=f"pk_{table}")
    )


def index(name: str, names: str, *, on: str, where: str | None = None) -> None:
    op.create_index(
        name,
        on,
        names.split(),
        unique=name.startswith("uq_"),
        postgresql_where=None if where is None else sa.text(where),
    )


def upgrade() -> None:
    widen_household()
    create_people()
    create_links()
    create_cases()
    create_figures()
    create_reconciliations()
    for table in ONLY_ADDED_TO:
        op.execute(f"SELECT make_append_only('{table}')")
    op.execute(
        "INSERT INTO household_change (id, household_id, class, state, members, able_labour,"
        " willing, from_on, reason, by_id, at) SELECT gen_random_uuid(), id, class, state,"
        " members, able_labour, willing, (registered_at AT TIME ZONE 'Asia/Shanghai')::date,"
        " 'registered', '00000000-0000-0000-0000-000000000000', registered_at FROM household"
    )


def widen_household() -> None:
    op.add_column(
        "household", sa.Column("state", sa.String(32), server_default="listed", nullable=False)
    )
    for column in columns(days="observed_until_on?", codes="cause?"):
        op.add_column("household", column)
    op.create_check_constraint(
        op.f("ck_household_observed_until_on"),
        "household",
        "(state = 'observed') = (observed_until_on IS NOT NULL)",
    )
    index("ix_household_place", "village_code code", on="household")
    index("ix_household_class_place", "class village_code code", on="household")
    index("ix_household_state_place", "state village_code code", on="household")
    index(
        "ix_household_observed_until_on",
        "observed_until_on",
        on="household",
        where="state = 'observed'",
    )


def widen_links() -> None:
    for column in columns(
        words="product?",
        quantities="yearly_quantity?",
        codes="unit?",
        fen="price_fen? promised_fen?",
        keys="consent_id?",
    ):
        op.add_column("benefit_link", column)
    op.create_foreign_key(
        "fk_benefit_link_consent_id", "benefit_link", "household_consent", ["consent_id"], ["id"]
    )
    for name, condition in {
        "unit": "(yearly_quantity IS NULL) = (unit IS NULL)",
        "product": "yearly_quantity IS NULL OR product IS NOT NULL",
        "yearly_quantity": "yearly_quantity > 0",
        "price_fen": "price_fen > 0",
        "promised_fen": "promised_fen >= 0",
    }.items():
        op.create_check_constraint(op.f(f"ck_benefit_link_{name}"), "benefit_link", condition)


def create_people() -> None:
    create(
        "household_change",
        *columns(
            keys="household_id reason_id? by_id",
            codes="class state reason",
            numbers="members able_labour",
            flags="willing",
            days="from_on",
            instants="at",
        ),
        position(),
        *refers("household_change", household_id="household.id"),
    )
    index(
        "ix_household_change_household_id", "household_id from_on position", on="household_change"
    )
    create(
        "village_leader",
        *columns(
            words="village_code trade",
            secrets="name id_number id_number_index",
            days="since_on until_on?",
            instants="created_at",
            numbers="version",
        ),
        *checks("village_leader", period="since_on < until_on"),
        *refers("village_leader", village_code="region.code"),
    )
    index(
        "uq_village_leader_in_office",
        "village_code id_number_index",
        on="village_leader",
        where="until_on IS NULL",
    )
    create(
        "household_member",
        *columns(
            keys="household_id",
            secrets="name document_number document_index",
            codes="relation sex health labour left_reason?",
            numbers="disability_grade? version",
            flags="willing",
            days="joined_on left_on?",
            instants="created_at",
        ),
        *checks(
            "household_member",
            disability="(health = 'disabled') = (disability_grade IS NOT NULL)",
            disability_grade="disability_grade BETWEEN 1 AND 4",
            left_reason="(left_on IS NULL) = (left_reason IS NULL)",
            period="joined_on < left_on",
        ),
        *refers("household_member", household_id="household.id"),
    )
    index("ix_household_member_household_id", "household_id", on="household_member")
    index(
        "uq_household_member_head",
        "household_id",
        on="household_member",
        where="left_on IS NULL AND relation = 'head'",
    )
    index(
        "uq_household_member_present",
        "document_index",
        on="household_member",
        where="left_on IS NULL",
    )


def create_links() -> None:
    create(
        "household_consent",
        *columns(
            keys="household_id organisation_id recorded_by_id",
            days="since_on until_on?",
            instants="recorded_at",
            numbers="version",
        ),
        *checks("household_consent", period="since_on <= until_on"),
        *refers(
            "household_consent",
            household_id="household.id",
            organisation_id="organisation.id",
            recorded_by_id="app_user.id",
        ),
    )
    index(
        "uq_household_consent_in_force",
        "household_id organisation_id",
        on="household_consent",
        where="until_on IS NULL",
    )
    op.create_table(
        "benefit_link_document",
        *columns(keys="benefit_link_id document_id", numbers="position"),
        *refers(
            "benefit_link_document", benefit_link_id="benefit_link.id", document_id="document.id"
        ),
        sa.PrimaryKeyConstraint("benefit_link_id", "document_id", name="pk_benefit_link_document"),
    )
    create(
        "benefit_link_result",
        *columns(
            keys="benefit_link_id document_id? recorded_by_id",
            numbers="year",
            fen="benefit_fen",
            instants="recorded_at",
        ),
        position(),
        *checks(
            "benefit_link_result", benefit_fen="benefit_fen >= 0", year="year BETWEEN 2000 AND 2100"
        ),
        *refers(
            "benefit_link_result",
            benefit_link_id="benefit_link.id",
            document_id="document.id",
            recorded_by_id="app_user.id",
        ),
    )
    index(
        "ix_benefit_link_result_benefit_link_id",
        "benefit_link_id year position",
        on="benefit_link_result",
    )
    widen_links()


def create_cases() -> None:
    create(
        "household_case",
        *columns(
            words="number village_code clue",
            codes="kind wanted_class? source status",
            keys="household_id author_id notice_id?",
            numbers="round version",
            days="opened_on due_on?",
            instants="created_at updated_at",
        ),
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
            author_id="app_user.id",
            household_id="household.id",
            notice_id="notice.id",
            village_code="region.code",
        ),
        sa.UniqueConstraint("number", name="uq_household_case_number"),
        sa.UniqueConstraint("id", "author_id", name="uq_household_case_author"),
    )
    index("ix_household_case_due_on", "due_on id", on="household_case", where="due_on IS NOT NULL")
    index("ix_household_case_household_id", "household_id", on="household_case")
    index("ix_household_case_place", "village_code due_on id", on="household_case")
    index(
        "uq_household_case_open",
        "household_id",
        on="household_case",
        where="status NOT IN ('decided', 'rejected', 'withdrawn')",
    )
    create(
        "household_case_step",
        *columns(
            keys="case_id author_id by_id organisation_id",
            numbers="round income_year?",
            codes="step decision status",
            words="opinion",
            flags="guarantees_safe?",
            fen="income_per_head_fen? line_fen?",
            instants="at",
        ),
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
        *refers("household_case_step", by_id="app_user.id", organisation_id="organisation.id"),
        sa.UniqueConstraint("case_id", "round", "step", name="uq_household_case_step_once"),
    )
    index(
        "uq_household_case_step_person",
        "case_id round by_id",
        on="household_case_step",
        where="step NOT IN ('visit', 'notice')",
    )


def create_figures() -> None:
    create(
        "register_setting",
        *columns(
            codes="name",
            words="region_code source",
            numbers="value",
            days="in_force_from_on in_force_until_on?",
            flags="is_assumed",
        ),
        *checks(
            "register_setting", period="in_force_from_on < in_force_until_on", value="value > 0"
        ),
        sa.UniqueConstraint(
            "name", "region_code", "in_force_from_on", name="uq_register_setting_day"
        ),
    )
    create(
        "income_line",
        *columns(words="region_code price_basis source", numbers="year", fen="per_head_fen"),
        *checks("income_line", per_head_fen="per_head_fen > 0"),
        sa.UniqueConstraint("region_code", "year", name="uq_income_line_year"),
    )
    create(
        "household_income",
        *columns(
            keys="household_id source_id? reverses_id? recorded_by",
            numbers="year",
            codes="kind",
            fen="amount_fen",
            words="source note",
            instants="recorded_at",
        ),
        *checks(
            "household_income",
            amount_fen="(reverses_id IS NULL) = (amount_fen > 0)",
            year="year BETWEEN 2000 AND 2100",
        ),
        *refers("household_income", household_id="household.id", reverses_id="household_income.id"),
        sa.UniqueConstraint("reverses_id", name="uq_household_income_reverses_id"),
    )
    index("ix_household_income_household_id", "household_id year", on="household_income")
    index(
        "uq_household_income_source",
        "source source_id kind",
        on="household_income",
        where="source_id IS NOT NULL",
    )


def create_reconciliations() -> None:
    create(
        "reconciliation",
        *columns(
            words="number region_code survey",
            days="surveyed_on",
            numbers="register_households survey_households same_households after_households?"
            " version",
            keys="author_id closed_by_id?",
            instants="created_at closed_at?",
        ),
        *checks(
            "reconciliation",
            after_households="(closed_at IS NULL) = (after_households IS NULL)",
            closed_by_id="(closed_at IS NULL) = (closed_by_id IS NULL)",
        ),
        *refers(
            "reconciliation",
            author_id="app_user.id",
            closed_by_id="app_user.id",
            region_code="region.code",
        ),
        sa.UniqueConstraint("number", name="uq_reconciliation_number"),
        sa.UniqueConstraint("id", "author_id", name="uq_reconciliation_author"),
    )
    index("uq_reconciliation_open", "region_code", on="reconciliation", where="closed_at IS NULL")
    create(
        "reconciliation_difference",
        *columns(
            keys="reconciliation_id author_id household_id? decided_by_id?",
            codes="kind decision?",
            secrets="id_number_index survey_row?",
            numbers="survey_line?",
            lists="fields",
            words="reason?",
            instants="decided_at?",
        ),
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
        *refers(
            "reconciliation_difference", decided_by_id="app_user.id", household_id="household.id"
        ),
        sa.UniqueConstraint(
            "reconciliation_id", "id_number_index", name="uq_reconciliation_difference_household"
        ),
    )


def downgrade() -> None:
    for column in LINK_TERMS:
        op.drop_column("benefit_link", column)
    for table in reversed(TABLES):
        op.drop_table(table)
    for index in ("place", "class_place", "state_place", "observed_until_on"):
        op.drop_index(f"ix_household_{index}", table_name="household")
    for column in ("state", "observed_until_on", "cause"):
        op.drop_column("household", column)
