"""What there is of attribution: frozen postings per order line, and whose they are."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.ledger import TransferId
from kernel.money import Fen
from marketplace.attribution.models.split_rules import SplitRuleId
from marketplace.orders.models.orders import OrderId, OrderLineId
from marketplace.settlement.models.payments import RefundId

AttributionId = NewType("AttributionId", UUID)


class PartyKind(StrEnum):
    """To whom a share belongs."""

    HOUSEHOLD = "household"
    COOPERATIVE = "cooperative"


class AttributionStatus(StrEnum):
    """How far the split of an order has come."""

    PENDING = "pending"
    POSTED = "posted"


class Attribution(Base):
    """One split of a line's money, or the reversal of (part of) one; never changed afterwards.

    `amount_fen` is the sum of the shares, always positive; a row with `reverses_id` takes away
    from that row, and names the refund that made it so.
    """

    __tablename__ = "attribution"
    __table_args__ = (
        UniqueConstraint("order_line_id", "sequence", name="uq_attribution_line_sequence"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("sequence > 0", name="sequence"),
        CheckConstraint("(reverses_id IS NULL) = (refund_id IS NULL)", name="reversal"),
    )

    id: Mapped[AttributionId] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"), index=True)
    order_line_id: Mapped[OrderLineId] = mapped_column(Uuid, ForeignKey("order_line.id"))
    sequence: Mapped[int]
    amount_fen: Mapped[Fen]
    rule_version: Mapped[str]
    transfer_id: Mapped[TransferId] = mapped_column(Uuid, ForeignKey("ledger_transfer.id"))
    reverses_id: Mapped[AttributionId | None] = mapped_column(
        Uuid, ForeignKey("attribution.id"), index=True
    )
    refund_id: Mapped[RefundId | None] = mapped_column(Uuid, ForeignKey("refund.id"), index=True)
    posted_at: Mapped[datetime]


class AttributionShare(Base):
    """What of one attribution belongs to (or, in a reversal, is taken from) one party.

    `split_rule_id` is the version that a household's part was worked out by; none means the farm
    price that was promised with the lot.
    """

    __tablename__ = "attribution_share"
    __table_args__ = (
        UniqueConstraint(
            "attribution_id", "party_kind", "party_id", name="uq_attribution_share_party"
        ),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("party_kind = 'household' OR split_rule_id IS NULL", name="split_rule"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    attribution_id: Mapped[AttributionId] = mapped_column(Uuid, ForeignKey("attribution.id"))
    party_kind: Mapped[PartyKind]
    party_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    amount_fen: Mapped[Fen]
    split_rule_id: Mapped[SplitRuleId | None] = mapped_column(Uuid, ForeignKey("split_rule.id"))
