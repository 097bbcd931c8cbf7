"""What an offer says besides its price: freight, season, storage, pay modes, pictures, ratings."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    add_reference,
    at,
    checks,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    index,
    indexes,
    json,
    key,
    large,
    number,
    only_add_to,
    quantity,
    refers,
    word,
    words,
)

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = ("freight_plan", "listing_price", "listing_picture", "listing_rating", "fee_report")
COLUMNS = (
    "tags",
    "score",
    "freight_plan_id",
    "unit_weight_kg",
    "season_months",
    "lead_days",
    "latest_days",
    "storage_band",
    "storage_min_c",
    "storage_max_c",
    "pay_modes",
    "channels",
    "goods_sum",
    "service_sum",
    "rating_count",
)


def upgrade() -> None:
    create(
        "freight_plan",
        key("supplier_id"),
        words("name"),
        json("zones"),
        at("created_at"),
        number("version"),
        sa.UniqueConstraint("supplier_id", "name", name="uq_freight_plan_supplier_name"),
        *refers("freight_plan", supplier_id="organisation"),
    )
    add_to_listings()
    create(
        "listing_price",
        key("listing_id"),
        fen("unit_price_fen"),
        json("tiers"),
        at("from_at"),
        key("set_by?"),
        *checks("listing_price", price="unit_price_fen > 0"),
        *refers("listing_price", listing_id="listing", set_by="app_user"),
    )
    index("ix_listing_price_listing", "listing_id", "from_at", "id", on="listing_price")
    only_add_to(["listing_price"])
    op.execute(
        "INSERT INTO listing_price (id, listing_id, unit_price_fen, tiers, from_at)"
        " SELECT id, id, unit_price_fen, tiers, created_at FROM listing"
    )
    create_pictures()
    create_ratings()
    create_fees()


def add_to_listings() -> None:
    add(
        "listing",
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        key("freight_plan_id?"),
        quantity("unit_weight_kg?"),
        sa.Column("season_months", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        number("lead_days", default="0"),
        number("latest_days?"),
        word("storage_band", default="ambient"),
        number("storage_min_c?"),
        number("storage_max_c?"),
        sa.Column(
            "pay_modes",
            sa.ARRAY(sa.Text()),
            server_default="{pay_first,goods_first}",
            nullable=False,
        ),
        json("channels", default="[]"),
        number("goods_sum", default="0"),
        number("service_sum", default="0"),
        number("rating_count", default="0"),
        weight="unit_weight_kg > 0",
        season="season_months <@ ARRAY[1,2,3,4,5,6,7,8,9,10,11,12]",
        window="lead_days >= 0 AND latest_days >= lead_days",
        storage="storage_min_c <= storage_max_c AND (storage_band IN ('ambient', 'cool')"
        " OR num_nulls(storage_min_c, storage_max_c) = 0)",
        pay_modes="cardinality(pay_modes) > 0 AND pay_modes <@ ARRAY['pay_first','goods_first']",
        ratings="rating_count >= 0 AND goods_sum BETWEEN rating_count AND 5 * rating_count"
        " AND service_sum BETWEEN rating_count AND 5 * rating_count",
    )
    op.add_column(
        "listing",
        sa.Column(
            "score",
            sa.Integer(),
            sa.Computed("goods_sum * 100 / greatest(rating_count, 1)", persisted=True),
            nullable=False,
        ),
    )
    op.execute(
        "UPDATE listing SET tags = ARRAY['category:' || category_code, 'origin:' || origin_kind,"
        " 'place:' || rpad(left(origin_region_code, 2), 6, '0'),"
        " 'place:' || left(origin_region_code, 6),"
        " 'band:ambient', 'pay:goods_first', 'pay:pay_first']"
    )
    add_reference("listing", "freight_plan_id", to="freight_plan")
    op.create_index(
        "ix_listing_tags",
        "listing",
        ["tags"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=sa.text("status = 'listed'"),
    )
    index("ix_listing_score", "score", "id", on="listing", where="status = 'listed'")
    index("ix_listing_freight_plan_id", "freight_plan_id", on="listing")


def create_pictures() -> None:
    create(
        "listing_picture",
        key("listing_id"),
        number("position"),
        words("media_type"),
        *map(words, ("sha256", "thumbnail_sha256")),
        *map(number, ("width", "height")),
        large("size_bytes"),
        key("created_by"),
        at("created_at"),
        sa.UniqueConstraint("listing_id", "sha256", name="uq_listing_picture_listing_sha256"),
        sa.UniqueConstraint("listing_id", "position", name="uq_listing_picture_listing_position"),
        *checks("listing_picture", position="position BETWEEN 1 AND 10"),
        *refers("listing_picture", listing_id="listing", created_by="app_user"),
    )


def create_ratings() -> None:
    create(
        "listing_rating",
        *map(key, ("listing_id", "supplier_id", "buyer_id", "author_id")),
        words("source"),
        key("source_id"),
        *map(number, ("goods", "service")),
        words("text"),
        *map(at, ("created_at", "open_until")),
        at("changed_at?"),
        words("reply?"),
        key("replied_by?"),
        at("replied_at?"),
        number("version"),
        sa.UniqueConstraint("source", "source_id", name="uq_listing_rating_source"),
        *checks(
            "listing_rating",
            marks="goods BETWEEN 1 AND 5 AND service BETWEEN 1 AND 5",
            reply="num_nulls(reply, replied_by, replied_at) IN (0, 3)",
        ),
        *refers(
            "listing_rating",
            listing_id="listing",
            supplier_id="organisation",
            buyer_id="organisation",
            author_id="app_user",
            replied_by="app_user",
        ),
    )
    index("ix_listing_rating_listing", "listing_id", "created_at", "id", on="listing_rating")
    indexes("listing_rating", "supplier_id", "buyer_id")


def create_fees() -> None:
    create(
        "fee_report",
        key("supplier_id"),
        word("kind"),
        fen("amount_fen"),
        words("charged_by"),
        day("charged_on"),
        sa.Column(
            "is_error",
            sa.Boolean(),
            sa.Computed("kind IN ('onboarding', 'platform', 'display')", persisted=True),
            nullable=False,
        ),
        key("reported_by"),
        at("reported_at"),
        words("resolution?"),
        key("resolved_by?"),
        at("resolved_at?"),
        *checks(
            "fee_report",
            amount="amount_fen > 0",
            resolution="num_nulls(resolution, resolved_by, resolved_at) IN (0, 3)",
        ),
        *refers(
            "fee_report",
            supplier_id="organisation",
            reported_by="app_user",
            resolved_by="app_user",
        ),
    )
    index("ix_fee_report_supplier", "supplier_id", "id", on="fee_report")


def downgrade() -> None:
    op.drop_constraint("fk_listing_freight_plan_id", "listing", type_="foreignkey")
    drop_columns("listing", *COLUMNS)
    drop_tables(TABLES)
