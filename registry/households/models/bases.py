"""The bases of consumption assistance that the cities build up (消费扶贫创新创业基地)."""

from datetime import date, datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from registry.organisations.models import OrganisationId
from registry.regions.models import Region

AssistanceBaseId = NewType("AssistanceBaseId", UUID)


class AssistanceBase(Base):
    """A base of a city, run by an organisation, for `[since_on, until_on)`."""

    __tablename__ = "assistance_base"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        Index("ix_assistance_base_place", "city_code", "id"),
        Index("ix_assistance_base_operator_id", "operator_id"),
    )

    id: Mapped[AssistanceBaseId] = mapped_column(Uuid, primary_key=True)
    city_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    name: Mapped[str]
    operator_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    source: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
