"""Taking in what the scale says: within the tolerance goods count as sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kernel.errors import Invalid
from kernel.quantity import is_whole_only
from marketplace.deliveries.rules.goods import NOTHING, Taking, code_of
from marketplace.errors.deliveries import NotWeighed, OverReceived, OverTolerance
from marketplace.orders.models.orders import OrderLine, OrderLineId

WHOLE_BP = 10_000


@dataclass(frozen=True)
class Weighed:
    """A taking as it counts; found by weight, with what was on its way when it was weighed."""

    taking: Taking
    sent_quantity: Decimal | None = None


def is_within(weighed: Decimal, sent: Decimal, *, tolerance_bp: int) -> bool:
    """Say whether the scale is no further off than the tolerance, its bounds in it."""
    return abs(weighed - sent) * WHOLE_BP <= sent * tolerance_bp


def take_in(taking: Taking, line: OrderLine, *, tolerance_bp: int, pointer: str) -> Weighed:
    """Find what is accepted of a line by the weight of all that arrived.

    Within the tolerance everything counts as sent. Outside it a reason is needed (OverTolerance):
    what is missing is turned away, what is too much is given away; more than was sent is never
    accepted, so no more than was ordered is ever paid.
    """
    if is_whole_only(line.unit):
        raise NotWeighed(unit=line.unit, pointer=pointer)
    weighed = taking.weighed_quantity or NOTHING
    sent = line.shipped_quantity - line.accepted_quantity - line.rejected_quantity
    if sent <= 0:
        raise OverReceived(left=sent, wanted=weighed, pointer=pointer)
    counted = min(weighed, sent)
    if taking.accepted_quantity or taking.rejected_quantity > counted:
        raise Invalid(
            reason="称重验收只填总重和其中拒收 / by weight: all that arrived, and what goes back",
            pointer=pointer,
        )
    if is_within(weighed, sent, tolerance_bp=tolerance_bp):
        counted = sent
    elif code_of(taking) is None:
        raise OverTolerance(weighed=weighed, sent=sent, pointer=pointer)
    accepted = counted - taking.rejected_quantity
    settled = replace(taking, accepted_quantity=accepted, rejected_quantity=sent - accepted)
    return Weighed(settled, sent)


def settle(
    takings: Sequence[Taking], *, lines: Mapping[OrderLineId, OrderLine], tolerance_bp: int
) -> list[Weighed]:
    """Give takings as they count, in their order; those that were weighed by their weight."""
    settled = []
    for position, taking in enumerate(takings):
        line = lines.get(taking.order_line_id)
        if taking.weighed_quantity is None or line is None:
            settled.append(Weighed(taking))
        else:
            pointer = f"/lines/{position}/weighed_quantity"
            one = take_in(taking, line, tolerance_bp=tolerance_bp, pointer=pointer)
            settled.append(one)
    return settled
