"""What there is of freight: a supplier's plan, by where the goods go."""

from datetime import datetime
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from registry.organisations.models import OrganisationId

FreightPlanId = NewType("FreightPlanId", UUID)


class FreightPlan(Base):
    """What a supplier asks for bringing goods, zone by zone.

    `zones` are `{region_codes, base_fen, base_kg, step_kg, step_fen, free_from_fen}`, weights as
    strings; `marketplace.catalogue.rules.freight` reads them.
    """

    __tablename__ = "freight_plan"
    __table_args__ = (
        UniqueConstraint("supplier_id", "name", name="uq_freight_plan_supplier_name"),
    )

    id: Mapped[FreightPlanId] = mapped_column(Uuid, primary_key=True)
    supplier_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    name: Mapped[str]
    zones: Mapped[list[Any]]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
