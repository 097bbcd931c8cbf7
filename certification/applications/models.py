"""Applications, what supports them, and the decisions of the review chain."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from certification.criteria.models import ReviewLevel, SchemeId
from kernel.database import Base
from kernel.holds import QuantityEntry, QuantityHold
from kernel.money import Fen
from kernel.quantity import Unit
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.households.models.links import BenefitLinkId
from registry.notices.models import NoticeId
from registry.organisations.models import OrganisationId

ApplicationId = NewType("ApplicationId", UUID)
ReviewId = NewType("ReviewId", UUID)
ProductionId = NewType("ProductionId", UUID)


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    TOWN_CHECKED = "town_checked"
    COUNTY_CHECKED = "county_checked"
    CITY_CHECKED = "city_checked"
    PROVINCE_CHECKED = "province_checked"
    IN_NOTICE = "in_notice"
    GRANTED = "granted"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What a reviewer decides."""

    PASS = "pass"  # noqa: S105 - a decision, not a password
    RETURN = "return"
    REJECT = "reject"


class Application(Base):
    """A holder's wish to sell one product under a scheme.

    `unit_price_fen` is per unit, tax in, freight out; `goods_value_fen` is what a year's goods
    are worth at it. `round` counts the submissions. `notice_id` is the notice of this round.
    `renews_certificate_id` names, without a key, the certificate that the product has now.
    `waiting_region_code` is the place whose office must act by `due_on`; both are empty where
    nobody's turn it is.
    """

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("number", name="uq_application_number"),
        UniqueConstraint("id", "author_id", "holder_id", name="uq_application_parties"),
        CheckConstraint("yearly_quantity > 0", name="yearly_quantity"),
        CheckConstraint("goods_value_fen > 0", name="goods_value_fen"),
        CheckConstraint("unit_price_fen > 0", name="unit_price_fen"),
        CheckConstraint("round >= 0", name="round"),
        CheckConstraint(
            "status NOT IN ('in_notice', 'granted') OR notice_id IS NOT NULL", name="notice"
        ),
        CheckConstraint("(due_on IS NULL) = (waiting_region_code IS NULL)", name="due_on"),
        Index("ix_application_holder_id_id", "holder_id", "id"),
        Index("ix_application_county", "origin_county_code", "id"),
        Index(
            "ix_application_waiting",
            "waiting_region_code",
            "due_on",
            "id",
            postgresql_where=text("waiting_region_code IS NOT NULL"),
        ),
        Index(
            "ix_application_origin_region_code",
            "origin_region_code",
            postgresql_ops={"origin_region_code": "text_pattern_ops"},
        ),
    )

    id: Mapped[ApplicationId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    scheme_id: Mapped[SchemeId] = mapped_column(Uuid, ForeignKey("scheme.id"))
    holder_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    product_name: Mapped[str]
    category_code: Mapped[str] = mapped_column(ForeignKey("product_category.code"))
    specification: Mapped[str]
    unit: Mapped[Unit]
    origin_region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    origin_county_code: Mapped[str] = mapped_column(
        Computed('"left"(origin_region_code, 6)', persisted=True)
    )
    yearly_quantity: Mapped[Decimal]
    goods_value_fen: Mapped[Fen]
    unit_price_fen: Mapped[Fen]
    pledge: Mapped[bool]
    status: Mapped[ApplicationStatus]
    round: Mapped[int]
    notice_id: Mapped[NoticeId | None] = mapped_column(Uuid, ForeignKey("notice.id"))
    renews_certificate_id: Mapped[UUID | None] = mapped_column(Uuid)
    submitted_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    submitted_at: Mapped[datetime | None]
    waiting_region_code: Mapped[str | None]
    due_on: Mapped[date | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class ApplicationDocument(Base):
    """A paper that supports an application, in the order given.

    `sha256` and `number` repeat the paper's, so that the same paper elsewhere is found by them.
    """

    __tablename__ = "application_document"
    __table_args__ = (
        Index("ix_application_document_sha256", "sha256"),
        Index("ix_application_document_number", "number"),
    )

    application_id: Mapped[ApplicationId] = mapped_column(
        Uuid, ForeignKey("application.id"), primary_key=True
    )
    document_id: Mapped[DocumentId] = mapped_column(
        Uuid, ForeignKey("document.id"), primary_key=True
    )
    position: Mapped[int]
    sha256: Mapped[str | None]
    number: Mapped[str | None]


class ApplicationBenefitLink(Base):
    """A household's benefit link that supports an application, in the order given.

    `quantity` is what the household brings of the yearly quantity, in the application's unit.
    """

    __tablename__ = "application_benefit_link"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_application_benefit_link_benefit_link_id", "benefit_link_id"),
    )

    application_id: Mapped[ApplicationId] = mapped_column(
        Uuid, ForeignKey("application.id"), primary_key=True
    )
    benefit_link_id: Mapped[BenefitLinkId] = mapped_column(
        Uuid, ForeignKey("benefit_link.id"), primary_key=True
    )
    position: Mapped[int]
    quantity: Mapped[Decimal | None]


class ApplicationPrice(Base):
    """What a like product costs elsewhere, in the order given; fen per `unit`, tax in."""

    __tablename__ = "application_price"
    __table_args__ = (CheckConstraint("unit_price_fen > 0", name="unit_price_fen"),)

    application_id: Mapped[ApplicationId] = mapped_column(
        Uuid, ForeignKey("application.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str]
    observed_on: Mapped[date]
    specification: Mapped[str]
    unit: Mapped[Unit]
    unit_price_fen: Mapped[Fen]


class ApplicationVersion(Base):
    """What was handed in for one round, as it then stood; never changed afterwards."""

    __tablename__ = "application_version"
    __table_args__ = (
        UniqueConstraint("application_id", "round", name="uq_application_version_round"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(Uuid, ForeignKey("application.id"))
    round: Mapped[int]
    scheme_id: Mapped[SchemeId] = mapped_column(Uuid, ForeignKey("scheme.id"))
    contents: Mapped[dict[str, Any]]
    submitted_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    submitted_at: Mapped[datetime]


class ApplicationReview(Base):
    """One decision of one level in one round; `status` is what the application became by it.

    `author_id` and `holder_id` repeat the application's, so that the row itself can refuse a
    reviewer who is the author or decides on their own organisation. `reasons` say of a return
    which fields are wrong and why: `[{pointer, text}]`.
    """

    __tablename__ = "application_review"
    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "author_id", "holder_id"],
            ["application.id", "application.author_id", "application.holder_id"],
            name="fk_application_review_application",
        ),
        UniqueConstraint("application_id", "round", "level", name="uq_application_review_level"),
        Index(
            "uq_application_review_reviewer",
            "application_id",
            "round",
            "reviewer_id",
            unique=True,
            postgresql_where=text("level <> 'notice'"),
        ),
        CheckConstraint("reviewer_id <> author_id", name="author"),
        CheckConstraint("organisation_id <> holder_id", name="own_organisation"),
        CheckConstraint("level <> 'notice' OR decision <> 'pass'", name="notice"),
        CheckConstraint("decision = 'return' OR reasons = '[]'::jsonb", name="reasons"),
    )

    id: Mapped[ReviewId] = mapped_column(Uuid, primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(Uuid)
    author_id: Mapped[UserId] = mapped_column(Uuid)
    holder_id: Mapped[OrganisationId] = mapped_column(Uuid)
    round: Mapped[int]
    level: Mapped[ReviewLevel]
    reviewer_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    decision: Mapped[Decision]
    opinion: Mapped[str]
    reasons: Mapped[list[Any]] = mapped_column(server_default="[]")
    status: Mapped[ApplicationStatus]
    at: Mapped[datetime]


class Production(Base):
    """What a holder says it produces of a category in a county in a year.

    The gate's counter: `certified` is what certificates of that year were granted for; together
    they never pass `declared`. Weights are in kg, counted goods in their own unit.
    """

    __tablename__ = "production"
    __table_args__ = (
        UniqueConstraint(
            "holder_id", "category_code", "county_code", "year", "unit", name="uq_production"
        ),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("certified >= 0", name="certified"),
        CheckConstraint("held + certified <= declared", name="ceiling"),
    )

    id: Mapped[ProductionId] = mapped_column(Uuid, primary_key=True)
    holder_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    category_code: Mapped[str] = mapped_column(ForeignKey("product_category.code"))
    county_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    year: Mapped[int]
    unit: Mapped[Unit]
    declared: Mapped[Decimal]
    held: Mapped[Decimal] = mapped_column(server_default="0")
    certified: Mapped[Decimal] = mapped_column(server_default="0")
    basis: Mapped[str]
    declared_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    declared_at: Mapped[datetime]


class ProductionHold(QuantityHold, Base):
    """What an application or a change of scope takes of a production; `source` is which."""

    __tablename__ = "production_hold"

    counter_id: Mapped[ProductionId] = mapped_column(Uuid, ForeignKey("production.id"))


class ProductionEntry(QuantityEntry, Base):
    """What happened to a production; the sum of all entries is its counters."""

    __tablename__ = "production_entry"

    counter_id: Mapped[ProductionId] = mapped_column(Uuid, ForeignKey("production.id"), index=True)
    hold_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("production_hold.id"))
