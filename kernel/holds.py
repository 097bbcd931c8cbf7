"""The rows beside a gate's counter: holds that end once, entries that are never changed."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from kernel.money import Fen


class EntryKind(StrEnum):
    """What an entry did to its counter."""

    HOLD = "hold"
    POST = "post"
    RELEASE = "release"
    EXPIRE = "expire"
    REFUND = "refund"
    ADJUST = "adjust"
    ACCEPT = "accept"


class _HoldColumns:
    """A hold: so much of a counter kept for one purpose; it ends by post, release or expiry."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    source: Mapped[str]
    source_id: Mapped[UUID] = mapped_column(Uuid)
    held_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]

    @declared_attr.directive
    def __table_args__(self) -> Any:
        name = cast("str", self.__tablename__)  # type: ignore[attr-defined]
        return (
            UniqueConstraint(
                "source_id", "counter_id", "source", name=f"uq_{name}_source_id_counter_id"
            ),
            CheckConstraint("amount > 0", name="amount_positive"),
            CheckConstraint(
                "posted >= 0 AND released >= 0 AND posted + released <= amount", name="ends_once"
            ),
        )


class FenHold(_HoldColumns):
    """A hold of money, in fen."""

    amount: Mapped[Fen]
    posted: Mapped[Fen] = mapped_column(server_default="0")
    released: Mapped[Fen] = mapped_column(server_default="0")


class QuantityHold(_HoldColumns):
    """A hold of goods, in the counter's unit."""

    amount: Mapped[Decimal]
    posted: Mapped[Decimal] = mapped_column(server_default="0")
    released: Mapped[Decimal] = mapped_column(server_default="0")


class _EntryColumns:
    """An entry: what happened to the counter, never changed afterwards."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    kind: Mapped[EntryKind]
    at: Mapped[datetime]


class FenEntry(_EntryColumns):
    """An entry of money; `held` and `spent` are differences in fen."""

    held: Mapped[Fen]
    spent: Mapped[Fen]


class QuantityEntry(_EntryColumns):
    """An entry of goods; `held` and `spent` are differences in the counter's unit."""

    held: Mapped[Decimal]
    spent: Mapped[Decimal]
