"""Red flags over trade facts, the numbers they are measured by, and when each was looked for."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.terms import Term
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

RedFlagId = NewType("RedFlagId", UUID)


class FlagRule(StrEnum):
    """What looks as if somebody should look; none of it proves anything."""

    PRICE_ABOVE = "price_above"
    PRICE_BELOW = "price_below"
    PRICE_JUMP = "price_jump"
    IDENTICAL_PRICES = "identical_prices"
    BEYOND_CAPACITY = "beyond_capacity"
    OUT_OF_SEASON = "out_of_season"
    HOUSEHOLD_TWICE = "household_twice"
    NEAR_THRESHOLD = "near_threshold"
    SPLIT_ORDERS = "split_orders"
    ROUND_AMOUNTS = "round_amounts"
    CONCENTRATION = "concentration"
    NEW_SUPPLIER = "new_supplier"
    YEAR_END_RUSH = "year_end_rush"
    SHARED_ACCOUNT = "shared_account"
    RELATED_PARTIES = "related_parties"
    CIRCULAR_TRADE = "circular_trade"
    ORIGIN_APART = "origin_apart"
    LAPSED_CERTIFICATE = "lapsed_certificate"
    ACCEPTED_AT_ONCE = "accepted_at_once"
    ALWAYS_EXACT = "always_exact"
    PHOTO_REUSED = "photo_reused"
    NEVER_ACCEPTED = "never_accepted"
    INVOICE_ABOVE_GOODS = "invoice_above_goods"
    INVOICE_MISSING = "invoice_missing"
    REFUND_AFTER_CLOSE = "refund_after_close"
    UNLISTED_HOUSEHOLD = "unlisted_household"


class FlagTermCode(StrEnum):
    """Which number of a rule; the end of its name is its unit, else it counts."""

    WINDOW_DAYS = "window_days"
    PRICE_ABOVE_BP = "price_above_bp"
    PRICE_BELOW_BP = "price_below_bp"
    LIKE_SUPPLIERS = "like_suppliers"
    PRICE_JUMP_BP = "price_jump_bp"
    PRICE_JUMP_DAYS = "price_jump_days"
    SAME_PRICE_SUPPLIERS = "same_price_suppliers"
    PLAIN_PRICE_FEN = "plain_price_fen"
    CAPACITY_OVER_BP = "capacity_over_bp"
    NEAR_THRESHOLD_BP = "near_threshold_bp"
    NEAR_THRESHOLD_ORDERS = "near_threshold_orders"
    ROUND_FEN = "round_fen"
    ROUND_ORDERS = "round_orders"
    CONCENTRATION_BP = "concentration_bp"
    CONCENTRATION_ORDERS = "concentration_orders"
    CONCENTRATION_FEN = "concentration_fen"
    NEW_SUPPLIER_FEN = "new_supplier_fen"
    NEW_SUPPLIER_DAYS = "new_supplier_days"
    YEAR_END_BP = "year_end_bp"
    YEAR_END_FEN = "year_end_fen"
    ACCEPTED_MINUTES = "accepted_minutes"
    EXACT_RECEIPTS = "exact_receipts"
    UNACCEPTED_DAYS = "unaccepted_days"
    INVOICE_FEN = "invoice_fen"
    INVOICE_DAYS = "invoice_days"


class Measure(StrEnum):
    """In which unit a flag says what it measured and against what."""

    FEN = "fen"
    BASIS_POINTS = "basis_points"
    MINUTES = "minutes"
    DAYS = "days"
    MONTH = "month"
    NUMBER = "number"
    FACT = "fact"
    """Nothing is measured: it is so or it is not."""


class RowKind(StrEnum):
    """What one of the rows behind a flag is."""

    ORDER = "order"
    LISTING = "listing"
    LOT = "lot"
    CERTIFICATE = "certificate"
    INVOICE = "invoice"
    ORGANISATION = "organisation"


class FlagStatus(StrEnum):
    """What became of a flag: somebody explained it, or it is followed up below."""

    OPEN = "open"
    EXPLAINED = "explained"
    DEMANDED = "demanded"
    """The unit is to put it right: a matter of supervision stands."""
    INSPECTED = "inspected"
    """The goods are looked at: an inspection was opened."""


class FlagTerm(Term, Base):
    """A number that holds for flags from a day on, and where it comes from."""

    __tablename__ = "flag_term"
    __table_args__ = (
        UniqueConstraint("code", "from_on", name="uq_flag_term_code_from_on"),
        CheckConstraint("value >= 0", name="value"),
    )

    code: Mapped[FlagTermCode]
    value: Mapped[int] = mapped_column(BigInteger)


class FlagSearch(Base):
    """When a rule was last looked through, if ever, and how many flags stood then."""

    __tablename__ = "flag_search"
    __table_args__ = (
        UniqueConstraint("rule", name="uq_flag_search_rule"),
        CheckConstraint("found >= 0", name="found"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    rule: Mapped[FlagRule]
    looked_at: Mapped[datetime | None]
    found: Mapped[int]


class RedFlag(Base):
    """One finding of a rule: what was measured, and the rows behind it.

    `key` names the finding within its rule, so that looking again finds the same one. `rows` are
    `[kind, id, fen]`, the largest or newest first; `fen` may be null. `row_count` counts all of
    them where `rows` keeps only the first. An open flag follows the facts; `seen_at` is when it
    was last found. What was decided keeps what it was decided on.
    """

    __tablename__ = "red_flag"
    __table_args__ = (
        UniqueConstraint("rule", "key", name="uq_red_flag_rule_key"),
        CheckConstraint("row_count >= 1", name="row_count"),
        CheckConstraint(
            "(decided_by IS NOT NULL) = (status <> 'open')"
            " AND (decided_at IS NOT NULL) = (status <> 'open')"
            " AND (reason IS NOT NULL) = (status <> 'open')",
            name="decided",
        ),
        CheckConstraint(
            "(case_id IS NOT NULL) = (status IN ('demanded', 'inspected'))", name="case"
        ),
        Index("ix_red_flag_status", "status", "rule", "id"),
    )

    id: Mapped[RedFlagId] = mapped_column(Uuid, primary_key=True)
    rule: Mapped[FlagRule]
    key: Mapped[str]
    measured: Mapped[int] = mapped_column(BigInteger)
    against: Mapped[int | None] = mapped_column(BigInteger)
    rows: Mapped[list[Any]] = mapped_column(JSONB)
    row_count: Mapped[int]
    found_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    status: Mapped[FlagStatus]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    case_id: Mapped[UUID | None] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class Side(StrEnum):
    """As what a flag concerns an organisation."""

    BUYER = "buyer"
    SUPPLIER = "supplier"


class RedFlagParty(Base):
    """An organisation that a flag concerns, as a buyer, as a supplier or as both."""

    __tablename__ = "red_flag_party"
    __table_args__ = (Index("ix_red_flag_party_organisation_id", "organisation_id", "flag_id"),)

    flag_id: Mapped[RedFlagId] = mapped_column(Uuid, ForeignKey("red_flag.id"), primary_key=True)
    organisation_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), primary_key=True
    )
    side: Mapped[Side] = mapped_column(primary_key=True)
