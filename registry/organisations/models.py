"""Organisations, and the tree of who supervises whom."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from registry.regions.models import Region

OrganisationId = NewType("OrganisationId", UUID)


class OrganisationKind(StrEnum):
    """Who buys, who sells, and who watches over both."""

    BUDGET_UNIT = "budget_unit"
    STATE_ENTERPRISE = "state_enterprise"
    TRADE_UNION = "trade_union"
    PRIVATE_ENTERPRISE = "private_enterprise"
    SOCIAL_ORGANISATION = "social_organisation"
    CANTEEN_CONTRACTOR = "canteen_contractor"
    COOPERATIVE = "cooperative"
    LEADING_ENTERPRISE = "leading_enterprise"
    FAMILY_FARM = "family_farm"
    VILLAGE_COLLECTIVE = "village_collective"
    TRADING_AGENT = "trading_agent"
    AUTHORITY = "authority"
    FINANCE_BUREAU = "finance_bureau"
    PLATFORM = "platform"


BUYERS = frozenset(
    {
        OrganisationKind.BUDGET_UNIT,
        OrganisationKind.STATE_ENTERPRISE,
        OrganisationKind.TRADE_UNION,
        OrganisationKind.PRIVATE_ENTERPRISE,
        OrganisationKind.SOCIAL_ORGANISATION,
    }
)
PRODUCERS = frozenset(
    {
        OrganisationKind.COOPERATIVE,
        OrganisationKind.LEADING_ENTERPRISE,
        OrganisationKind.FAMILY_FARM,
        OrganisationKind.VILLAGE_COLLECTIVE,
    }
)
SELLERS = PRODUCERS | {OrganisationKind.TRADING_AGENT}


class Organisation(Base):
    """A legal person by its credit code (GB 32100).

    `lineage` is the path from the top of its tree down to itself, `/<id>/<id>/`;
    `region_prefix` is what all codes of its region's subtree begin with.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("credit_code", name="uq_organisation_credit_code"),
        UniqueConstraint("lineage", name="uq_organisation_lineage"),
        CheckConstraint("credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name="credit_code"),
        CheckConstraint("right(lineage, 38) = '/' || id || '/'", name="lineage"),
        CheckConstraint("starts_with(region_code, region_prefix)", name="region_prefix"),
        Index("ix_organisation_lineage", "lineage", postgresql_ops={"lineage": "text_pattern_ops"}),
        Index(
            "ix_organisation_region_code",
            "region_code",
            postgresql_ops={"region_code": "text_pattern_ops"},
        ),
        Index("ix_organisation_supervising_id", "supervising_id"),
    )

    id: Mapped[OrganisationId] = mapped_column(Uuid, primary_key=True)
    credit_code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[OrganisationKind]
    region_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    region_prefix: Mapped[str]
    supervising_id: Mapped[OrganisationId | None] = mapped_column(
        Uuid, ForeignKey("organisation.id")
    )
    lineage: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
