"""Links between households and organisations: consent, terms, papers and yearly results."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    add_reference,
    at,
    checks,
    counted,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    index,
    key,
    number,
    only_add_to,
    quantity,
    refers,
    word,
    words,
)

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("household_consent", "benefit_link_document", "benefit_link_result")
APPEND_ONLY_TABLES = ("benefit_link_document", "benefit_link_result")


def upgrade() -> None:
    create_links()
    widen_links()
    only_add_to(APPEND_ONLY_TABLES)


def create_links() -> None:
    create(
        "household_consent",
        *map(key, ("household_id", "organisation_id", "recorded_by_id")),
        *map(day, ("since_on", "until_on?")),
        at("recorded_at"),
        number("version"),
        *checks("household_consent", period="since_on <= until_on"),
        *refers(
            "household_consent",
            household_id="household",
            organisation_id="organisation",
            recorded_by_id="app_user",
        ),
    )
    index(
        "uq_household_consent_in_force",
        "household_id",
        "organisation_id",
        on="household_consent",
        where="until_on IS NULL",
    )
    op.create_table(
        "benefit_link_document",
        *map(key, ("benefit_link_id", "document_id")),
        number("position"),
        *refers("benefit_link_document", benefit_link_id="benefit_link", document_id="document"),
        sa.PrimaryKeyConstraint("benefit_link_id", "document_id", name="pk_benefit_link_document"),
    )
    create(
        "benefit_link_result",
        *map(key, ("benefit_link_id", "document_id?", "recorded_by_id")),
        number("year"),
        fen("benefit_fen"),
        at("recorded_at"),
        counted("position"),
        *checks(
            "benefit_link_result", benefit_fen="benefit_fen >= 0", year="year BETWEEN 2000 AND 2100"
        ),
        *refers(
            "benefit_link_result",
            benefit_link_id="benefit_link",
            document_id="document",
            recorded_by_id="app_user",
        ),
    )
    index(
        "ix_benefit_link_result_benefit_link_id",
        "benefit_link_id",
        "year",
        "position",
        on="benefit_link_result",
    )


def widen_links() -> None:
    add(
        "benefit_link",
        words("product?"),
        quantity("yearly_quantity?"),
        word("unit?"),
        *map(fen, ("price_fen?", "promised_fen?")),
        key("consent_id?"),
        unit="(yearly_quantity IS NULL) = (unit IS NULL)",
        product="yearly_quantity IS NULL OR product IS NOT NULL",
        yearly_quantity="yearly_quantity > 0",
        price_fen="price_fen > 0",
        promised_fen="promised_fen >= 0",
    )
    add_reference("benefit_link", "consent_id", "household_consent")


def downgrade() -> None:
    drop_columns(
        "benefit_link",
        "product",
        "yearly_quantity",
        "unit",
        "price_fen",
        "promised_fen",
        "consent_id",
    )
    drop_tables(TABLES)
