"""Pick-up points, delivery routes and cold stores; slots in which goods are shown for nothing."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.sql.schema import SchemaItem

from migrations.columns import (
    add,
    add_reference,
    apart,
    at,
    checks,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    index,
    indexes,
    key,
    number,
    quantity,
    refers,
    word,
    words,
)

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

TABLES = ("pick_up_point", "delivery_route", "route_stop", "cold_chain_facility", "display_slot")


def kept(table: str, *columns: sa.Column[object], within: str, **conditions: str) -> None:
    """Create the table of what an organisation runs at a place for a time."""
    create(
        table,
        key("operator_id"),
        *map(words, ("region_code", "name")),
        *map(day, ("since_on", "until_on?")),
        at("created_at"),
        number("version"),
        *columns,
        *checks(table, period="since_on < until_on", **conditions),
        *refers(table, operator_id="organisation", region_code="region.code"),
        apart(f"ex_{table}_period", within, "name"),
    )
    indexes(table, "operator_id")


def one_a_time(name: str, what: str, *, where: str) -> SchemaItem:
    """Keep the slots of a place from overlapping where they are alike."""
    same = (sa.text("place_code"), "="), (sa.text(what), "=")
    period = (sa.text("daterange(since_on, until_on)"), "&&")
    return ExcludeConstraint(*same, period, name=name, where=sa.text(where))


def upgrade() -> None:
    kept("pick_up_point", words("address"), within="region_code")
    index("ix_pick_up_point_place", "region_code", "id", on="pick_up_point")
    kept("delivery_route", fen("per_kg_fen"), within="operator_id", price="per_kg_fen >= 0")
    index("ix_delivery_route_price", "per_kg_fen", "id", on="delivery_route")
    create(
        "route_stop",
        key("route_id"),
        number("position"),
        words("region_code"),
        key("point_id?"),
        *checks("route_stop", position="position >= 1"),
        *refers(
            "route_stop",
            route_id="delivery_route",
            region_code="region.code",
            point_id="pick_up_point",
        ),
        sa.UniqueConstraint("route_id", "position", name="uq_route_stop_position"),
        sa.UniqueConstraint(
            "route_id",
            "region_code",
            "point_id",
            name="uq_route_stop_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    indexes("route_stop", "point_id")
    index("ix_route_stop_place", "region_code", "route_id", on="route_stop")
    kept(
        "cold_chain_facility",
        words("address"),
        quantity("tonnes"),
        word("storage_band"),
        *map(number, ("min_c", "max_c")),
        within="operator_id",
        band="storage_band IN ('chilled', 'frozen')",
        range="min_c <= max_c",
        tonnes="tonnes > 0",
    )
    index("ix_cold_chain_facility_place", "region_code", "id", on="cold_chain_facility")
    add("shipment", key("facility_id?"))
    add_reference("shipment", "facility_id", "cold_chain_facility")
    indexes("shipment", "facility_id")
    create_slots()


def create_slots() -> None:
    create(
        "display_slot",
        *map(key, ("listing_id", "supplier_id")),
        words("place_code"),
        *map(day, ("since_on", "until_on")),
        words("reason"),
        word("status"),
        number("seat?"),
        key("asked_by"),
        at("asked_at"),
        words("opinion?"),
        key("decided_by?"),
        at("decided_at?"),
        words("withdrawal?"),
        key("withdrawn_by?"),
        at("withdrawn_at?"),
        number("version"),
        *checks(
            "display_slot",
            period="since_on < until_on AND until_on <= since_on + 31",
            seat="(status <> 'given' OR seat IS NOT NULL) AND seat BETWEEN 1 AND 8",
            decided="num_nulls(decided_by, decided_at) IN (0, 2) AND CASE status WHEN 'asked' THEN"
            " decided_at IS NULL ELSE status = 'withdrawn' OR decided_at IS NOT NULL END",
            author="decided_by <> asked_by",
            withdrawn="num_nulls(withdrawal, withdrawn_by, withdrawn_at)"
            " = CASE status WHEN 'withdrawn' THEN 0 ELSE 3 END",
        ),
        *refers(
            "display_slot",
            listing_id="listing",
            supplier_id="organisation",
            place_code="region.code",
            asked_by="app_user",
            decided_by="app_user",
            withdrawn_by="app_user",
        ),
        one_a_time("ex_display_slot_seat", "seat", where="status = 'given'"),
        one_a_time("ex_display_slot_listing", "listing_id", where="status IN ('asked', 'given')"),
    )
    index("ix_display_slot_place", "place_code", "id", on="display_slot")
    index("ix_display_slot_supplier", "supplier_id", "id", on="display_slot")
    indexes("display_slot", "listing_id")


def downgrade() -> None:
    drop_columns("shipment", "facility_id")
    drop_tables(TABLES)
