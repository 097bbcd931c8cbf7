"""What stands along the way of goods: pick-up points, delivery routes, cold stores."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from kernel.database import Base
from kernel.money import Fen
from marketplace.catalogue.models.listings import StorageBand
from registry.organisations.models import OrganisationId

PointId = NewType("PointId", UUID)
RouteId = NewType("RouteId", UUID)
FacilityId = NewType("FacilityId", UUID)


def _apart(table: str, within: str) -> ExcludeConstraint:
    """Keep two of one name within something from being there at a time."""
    same = (text(within), "="), (text("name"), "=")
    period = (text("daterange(since_on, until_on)"), "&&")
    return ExcludeConstraint(*same, period, name=f"ex_{table}_period")


class KeptPlace(Base):
    """Something at a place that an organisation runs, for `[since_on, until_on)`.

    What changes is ended and registered anew, so that every row stays as it held.
    """

    __abstract__ = True

    id: Mapped[Any] = mapped_column(Uuid, primary_key=True)
    operator_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    name: Mapped[str]
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class PickUpPoint(KeptPlace):
    """Where goods are brought to and fetched from in a township."""

    __tablename__ = "pick_up_point"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        _apart("pick_up_point", "region_code"),
        Index("ix_pick_up_point_place", "region_code", "id"),
    )

    id: Mapped[PointId] = mapped_column(Uuid, primary_key=True)
    address: Mapped[str]


class DeliveryRoute(KeptPlace):
    """A way from a place past its stops, at so many fen a kilogram."""

    __tablename__ = "delivery_route"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        CheckConstraint("per_kg_fen >= 0", name="price"),
        _apart("delivery_route", "operator_id"),
        Index("ix_delivery_route_price", "per_kg_fen", "id"),
    )

    id: Mapped[RouteId] = mapped_column(Uuid, primary_key=True)
    per_kg_fen: Mapped[Fen]


class RouteStop(Base):
    """Where a route comes to, in its order: a pick-up point, or all of a region.

    `region_code` of a point is its township's.
    """

    __tablename__ = "route_stop"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        UniqueConstraint("route_id", "position", name="uq_route_stop_position"),
        UniqueConstraint(
            "route_id",
            "region_code",
            "point_id",
            name="uq_route_stop_once",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_route_stop_place", "region_code", "route_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    route_id: Mapped[RouteId] = mapped_column(Uuid, ForeignKey("delivery_route.id"))
    position: Mapped[int]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    point_id: Mapped[PointId | None] = mapped_column(
        Uuid, ForeignKey("pick_up_point.id"), index=True
    )


class ColdChainFacility(KeptPlace):
    """A cold store: how many tonnes it holds, and between which degrees it keeps them."""

    __tablename__ = "cold_chain_facility"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        CheckConstraint("storage_band IN ('chilled', 'frozen')", name="band"),
        CheckConstraint("min_c <= max_c", name="range"),
        CheckConstraint("tonnes > 0", name="tonnes"),
        _apart("cold_chain_facility", "operator_id"),
        Index("ix_cold_chain_facility_place", "region_code", "id"),
    )

    id: Mapped[FacilityId] = mapped_column(Uuid, primary_key=True)
    address: Mapped[str]
    tonnes: Mapped[Decimal]
    storage_band: Mapped[StorageBand]
    min_c: Mapped[int]
    max_c: Mapped[int]
