"""When an order may be bound to another unit, and who speaks for the two of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from kernel.actor import Actor
from kernel.errors import NotAllowed, SamePerson, WrongState
from marketplace.errors.orders import ApplicationMissing, RebindingUnfit
from marketplace.orders.models.orders import FulfilmentStatus, OrderStatus, PurchaseOrder
from marketplace.orders.models.rebindings import Lineages, Rebinding, RebindingStatus
from marketplace.orders.rules.orders import check_year
from registry.accounts.models import UserId
from registry.organisations.models import BUYERS, Organisation

REBINDABLE = frozenset({OrderStatus.PLACED, OrderStatus.CONFIRMED, OrderStatus.COMPLETED})


class Side(StrEnum):
    """For which of the two units somebody consents."""

    FROM = "from"
    TO = "to"


def check_rebindable(order: PurchaseOrder, *, now: datetime) -> None:
    """Refuse to re-bind what does not stand, or outside its own year (WrongState, YearNotOpen)."""
    if order.order_status not in REBINDABLE:
        raise WrongState(state=order.order_status, wanted=OrderStatus.PLACED)
    check_year(order.year, now=now)


def check_target(target: Organisation | None, *, order: PurchaseOrder) -> None:
    """Refuse a unit that has ended, does not buy, or has the order already (RebindingUnfit)."""
    if target is None or target.kind not in BUYERS or target.id == order.bound_unit_id:
        raise RebindingUnfit(pointer="/to_unit_id")


def check_application(order: PurchaseOrder, *, written: bool) -> None:
    """Refuse to re-bind a shipped order by word of mouth (ApplicationMissing; 832 platform)."""
    if order.fulfilment_status is not FulfilmentStatus.UNSHIPPED and not written:
        raise ApplicationMissing(pointer="/document_id")


def check_open_rebinding(rebinding: Rebinding) -> None:
    """Refuse to decide on an application twice (WrongState)."""
    if rebinding.status is not RebindingStatus.OPEN:
        raise WrongState(state=rebinding.status, wanted=RebindingStatus.OPEN)


def check_speaks_for(rebinding: Rebinding, *, units: Lineages, by: Actor) -> None:
    """Refuse who administers neither of the two units, nor one above (NotAllowed)."""
    check_open_rebinding(rebinding)
    if not by.lineage or not (
        units.from_unit.startswith(by.lineage) or units.to_unit.startswith(by.lineage)
    ):
        raise NotAllowed


def consenting_side(
    rebinding: Rebinding, *, units: Lineages, by: Actor, hands: Collection[UserId]
) -> Side:
    """Say for which unit the actor consents: the one they administer that has not consented yet.

    `hands` are all accounts of who consented. Refuses NotAllowed, SamePerson who consented for the
    other, WrongState a second consent.
    """
    check_speaks_for(rebinding, units=units, by=by)
    if by.user_id in hands:
        raise SamePerson
    if rebinding.from_consent_by is None and units.from_unit.startswith(by.lineage):
        return Side.FROM
    if rebinding.to_consent_by is None and units.to_unit.startswith(by.lineage):
        return Side.TO
    raise WrongState(state="consented", wanted=RebindingStatus.OPEN)
