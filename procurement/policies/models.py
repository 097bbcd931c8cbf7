"""Share policies: dated rules with their sources, and the words they are written in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

PolicyId = NewType("PolicyId", UUID)
UnionRuleId = NewType("UnionRuleId", UUID)
WaiverId = NewType("WaiverId", UUID)


class OrderKind(StrEnum):
    """Why goods are bought; policies say which kinds count toward the reserved share."""

    RESERVED_SHARE = "reserved_share"
    PRIORITY = "priority"
    PURCHASE_INSTEAD_OF_DONATION = "purchase_instead_of_donation"
    PURCHASE_INSTEAD_OF_SALE = "purchase_instead_of_sale"
    COMMISSIONED_FARMING = "commissioned_farming"


class Situation(StrEnum):
    """How a unit's staff eat: its own canteen, a contractor's, another unit's, or none."""

    OWN = "own"
    OUTSOURCED = "outsourced"
    SHARED = "shared"
    NONE = "none"


class Denominator(StrEnum):
    """What a floor is a share of."""

    CANTEEN_FOOD_TOTAL = "canteen_food_total"
    FARM_PRODUCE_TOTAL = "farm_produce_total"
    """All farm produce that the unit buys in the year, for whichever purpose."""
    CANTEEN_AND_UNION_TOTAL = "canteen_and_union_total"
    UNION_TOTAL = "union_total"


class UnionDenominator(StrEnum):
    """What of the union's money a floor of the union is a share of."""

    UNION_FUNDS = "union_funds"
    UNION_FARM_PRODUCE = "union_farm_produce"
    UNION_GIFT_GOODS = "union_gift_goods"


class Purchase(StrEnum):
    """Whose paid purchases on the platform are put to the unit's account."""

    CANTEEN = "canteen"
    CONTRACTOR = "contractor"
    UNION = "union"
    STAFF = "staff"
    NO_CANTEEN = "no_canteen"
    """Purchases of a unit that owes nothing: they count in the statistics."""


class Standing(StrEnum):
    """What was read of the document behind a row."""

    DOCUMENT = "document"
    COPY = "copy"
    REPORT = "report"
    PUBLIC_CODE = "public_code"
    """Seen only as figures in published program code that cites the document."""
    ADOPTED = "adopted"
    """Adopted here, by an office or the platform, with the source it names."""


class Withheld(StrEnum):
    """Why a row is shown and never holds: its source does not say where, or when."""

    PLACE_UNKNOWN = "place_unknown"
    YEAR_UNKNOWN = "year_unknown"


class WaiverLevel(StrEnum):
    """Who approved a lower share, from below upward."""

    COUNTY_FINANCE = "county_finance"
    CITY_FINANCE = "city_finance"
    PROVINCE_FINANCE = "province_finance"
    CENTRAL_MINISTRY = "central_ministry"
    MOF_TREASURY = "mof_treasury"


class DatedRule:
    """What every rule of the share has: a place, years, whom it binds, its source, its version.

    Years are half-open, [year_from, year_until). Of one code the highest version that names a
    year takes the place of the others in it. From `carried_from` on, the document itself no
    longer names the year. No kinds means every kind that files; `central` and `subsidised`
    None means either. `recorded_at` is when it became known here: a question as of an earlier
    instant does not find it. Rows are never changed.
    """

    code: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")
    region_code: Mapped[str]
    year_from: Mapped[int]
    year_until: Mapped[int | None]
    carried_from: Mapped[int | None]
    situations: Mapped[list[str]]
    buyer_kinds: Mapped[list[str]] = mapped_column(server_default="[]")
    central: Mapped[bool | None]
    subsidised: Mapped[bool | None]
    withheld: Mapped[Withheld | None]
    standing: Mapped[Standing] = mapped_column(server_default="copy")
    document_number: Mapped[str | None]
    source: Mapped[str]
    source_url: Mapped[str | None]
    note_zh: Mapped[str]
    note_en: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default="2019-01-01 00:00:00+00")

    @declared_attr
    def recorded_by(cls) -> Mapped[UserId | None]:  # noqa: N805 - SQLAlchemy gives the class
        """Give who adopted it; what came with the program was adopted by nobody."""
        return mapped_column(Uuid, ForeignKey("app_user.id"))

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805 - SQLAlchemy gives the class
        table = cls.__tablename__  # type: ignore[attr-defined]
        return (
            UniqueConstraint("code", "version", name=f"uq_{table}_code"),
            CheckConstraint("version >= 1", name="version"),
            CheckConstraint("region_code ~ '^[0-9]{6}$'", name="region_code"),
            CheckConstraint("year_until IS NULL OR year_from < year_until", name="years"),
            CheckConstraint("carried_from IS NULL OR year_from < carried_from", name="carried"),
            Index(f"ix_{table}_region_code", "region_code"),
        )


class SharePolicy(DatedRule, Base):
    """A floor for the units of a region over years, and what counts toward it.

    `encouraged_bp` is the share that the document encourages and nobody owes. An open end
    holds until a newer row of the region replaces it. `filing_deadlines` maps a year to the
    last day of filing; a year that is not in it stays open. `reminder_days` before that day
    who has not filed is reminded.
    """

    __tablename__ = "share_policy"

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805 - SQLAlchemy gives the class
        return (
            *super().__table_args__,
            CheckConstraint("floor_bp BETWEEN 0 AND 10000", name="floor"),
            CheckConstraint("encouraged_bp BETWEEN floor_bp AND 10000", name="encouraged"),
        )

    id: Mapped[PolicyId] = mapped_column(Uuid, primary_key=True)
    denominator: Mapped[Denominator]
    floor_bp: Mapped[int]
    encouraged_bp: Mapped[int | None]
    not_below_last_year: Mapped[bool] = mapped_column(server_default="false")
    contract_clause_required: Mapped[bool] = mapped_column(server_default="false")
    zero_filing: Mapped[bool] = mapped_column(server_default="true")
    counting_origin_kinds: Mapped[list[str]]
    counting_order_kinds: Mapped[list[str]]
    counting_purchases: Mapped[list[str]] = mapped_column(
        server_default='["canteen", "contractor", "union", "staff", "no_canteen"]'
    )
    filing_deadlines: Mapped[dict[str, Any]]
    reminder_days: Mapped[list[Any]] = mapped_column(server_default="[30, 14, 7, 3, 1]")


class UnionRule(DatedRule, Base):
    """What the unit's union owes and may spend; amounts in fen a member.

    A floor a head and a cap a head are two settings: one place demands at least 500 yuan a
    head, another allows at most 500. `warn_once_fen` is told of, never refused.
    """

    __tablename__ = "union_rule"

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805 - SQLAlchemy gives the class
        return (
            *super().__table_args__,
            CheckConstraint("floor_bp BETWEEN 0 AND 10000", name="floor"),
            CheckConstraint("(floor_bp IS NULL) = (denominator IS NULL)", name="denominator"),
            CheckConstraint(
                "head_floor_fen >= 0 AND head_cap_fen >= 0 AND once_cap_fen >= 0"
                " AND warn_once_fen >= 0",
                name="amounts",
            ),
            CheckConstraint("head_floor_fen <= head_cap_fen", name="heads"),
            CheckConstraint("(once_cap_fen IS NULL) = (once_until_on IS NULL)", name="once"),
        )

    id: Mapped[UnionRuleId] = mapped_column(Uuid, primary_key=True)
    denominator: Mapped[UnionDenominator | None]
    floor_bp: Mapped[int | None]
    head_floor_fen: Mapped[Fen | None] = mapped_column(BigInteger)
    head_cap_fen: Mapped[Fen | None] = mapped_column(BigInteger)
    once_cap_fen: Mapped[Fen | None] = mapped_column(BigInteger)
    once_until_on: Mapped[date | None]
    warn_once_fen: Mapped[Fen | None] = mapped_column(BigInteger)
    not_below_last_year: Mapped[bool] = mapped_column(server_default="false")


class Waiver(Base):
    """A lower share of one unit for a time, [since_on, until_on), by an approving document.

    It ends with its last day, or on the day it was revoked; `ended_at` is when that was told.
    """

    __tablename__ = "share_waiver"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        CheckConstraint("floor_bp BETWEEN 0 AND 10000", name="floor"),
        CheckConstraint("(revoked_on IS NULL) = (revoked_by IS NULL)", name="revoked"),
        CheckConstraint("(revoked_on IS NULL) = (revoke_reason IS NULL)", name="revoke_reason"),
        CheckConstraint("organisation_id <> unit_id", name="own_organisation"),
        CheckConstraint("revoked_on BETWEEN since_on AND until_on", name="revoked_on"),
        UniqueConstraint("unit_id", "document_number", name="uq_share_waiver_document"),
        ExcludeConstraint(
            (text("unit_id"), "="),
            (text("daterange(since_on, coalesce(revoked_on, until_on))"), "&&"),
            name="ex_share_waiver_period",
        ),
        Index("ix_share_waiver_until_on", "until_on", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[WaiverId] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    floor_bp: Mapped[int]
    document_number: Mapped[str]
    document_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("document.id"))
    approved_by_level: Mapped[WaiverLevel]
    reason: Mapped[str]
    since_on: Mapped[date]
    until_on: Mapped[date]
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    recorded_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
    revoked_on: Mapped[date | None]
    revoked_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    revoke_reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once

    def is_in_force(self, on: date) -> bool:
        """Say whether it lowers the unit's share on a day."""
        return self.since_on <= on < min(self.until_on, self.revoked_on or self.until_on)
