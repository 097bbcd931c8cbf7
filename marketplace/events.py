"""What trade announces, once it is true."""

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """An order holds its quota, capacity and stock."""

    order_id: UUID


@dataclass(frozen=True)
class OrderApproved(Event):
    """Somebody other than the author approved an order above the threshold."""

    order_id: UUID


@dataclass(frozen=True)
class OrderEscalated(Event):
    """An order waits for approval longer than is set; the unit's administrators see it."""

    order_id: UUID
    unit_id: UUID


@dataclass(frozen=True)
class OrderSentBack(Event):
    """An order above the threshold went back to its author as a draft; all it held is free."""

    order_id: UUID


@dataclass(frozen=True)
class OrderConfirmed(Event):
    """The supplier took the order on."""

    order_id: UUID


@dataclass(frozen=True)
class OrderChanged(Event):
    """An order got more time for its money, or costs less freight, before both sides signed."""

    order_id: UUID


@dataclass(frozen=True)
class OrderCancelled(Event):
    """An order was rejected or called off; all it held is free again."""

    order_id: UUID


@dataclass(frozen=True)
class OrderExpired(Event):
    """An order was not paid in time; all it held is free again."""

    order_id: UUID


@dataclass(frozen=True)
class OrderRevived(Event):
    """Money of an order that had lapsed came after all, and all it held is held again."""

    order_id: UUID


@dataclass(frozen=True)
class StandingWeekRefused(Event):
    """A week of a standing order could not be ordered; its row says why."""

    standing_week_id: UUID


@dataclass(frozen=True)
class RebindingRequested(Event):
    """Somebody applied for an order to be bound to another unit."""

    rebinding_id: UUID
    order_id: UUID


@dataclass(frozen=True)
class OrderRebound(Event):
    """With both units' consent an order counts for another unit."""

    order_id: UUID
    from_unit_id: UUID
    to_unit_id: UUID


@dataclass(frozen=True)
class GoodsShipped(Event):
    """Goods of an order left from named lots."""

    order_id: UUID
    shipment_id: UUID


@dataclass(frozen=True)
class SubstituteProposed(Event):
    """A supplier offers to bring other goods instead of what was ordered."""

    order_id: UUID
    substitution_id: UUID


@dataclass(frozen=True)
class SubstituteDecided(Event):
    """A substitute was accepted, refused or withdrawn; accepted, its goods are held instead."""

    order_id: UUID
    substitution_id: UUID


@dataclass(frozen=True)
class ColdChainBroken(Event):
    """A reading beside cooled goods lay outside the degrees they keep at, for the first time."""

    order_id: UUID
    shipment_id: UUID


@dataclass(frozen=True)
class MilestoneShown(Event):
    """Work on an adopted plot was done, and waits for the buyer to accept it."""

    milestone_id: UUID


@dataclass(frozen=True)
class MilestoneAccepted(Event):
    """Work on an adopted plot was accepted: its part of the price is due."""

    milestone_id: UUID


@dataclass(frozen=True)
class HarvestFailed(Event):
    """Nothing can be harvested of an adopted plot; its terms say what follows."""

    order_id: UUID
    commission_id: UUID


@dataclass(frozen=True)
class GoodsAccepted(Event):
    """Goods of an order were taken in, or turned away, at the door."""

    order_id: UUID
    receipt_id: UUID


@dataclass(frozen=True)
class StatementRead(Event):
    """Lines of a bank account's statement were taken in, and wait to be looked at."""

    account_id: UUID


@dataclass(frozen=True)
class PaymentPosted(Event):
    """Money for an order is confirmed."""

    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True)
class PaymentRefunded(Event):
    """Money of an order went back to the buyer."""

    order_id: UUID
    payment_id: UUID
    refund_id: UUID


@dataclass(frozen=True)
class PaymentParked(Event):
    """Money came by Stripe that cannot count for its order; people decide on it."""

    order_id: UUID
    payment_id: UUID
