"""Writing the contract down when the second side signs."""

from __future__ import annotations

import hashlib
from datetime import datetime

from certification.certificates.commands.signing import note_signing_key
from kernel.actor import SYSTEM, Actor
from kernel.crypto import sign
from kernel.database import db
from kernel.identity import new_id
from marketplace.campaigns.queries.commissions import find_commission_of, list_milestones
from marketplace.orders.models.contracts import OrderContract
from marketplace.orders.models.orders import PurchaseOrder
from marketplace.orders.queries.finding import list_lines
from marketplace.orders.rules.contracts import Farming, Parties, Signing, contract_of
from procurement.approvals.models import StepAct
from procurement.approvals.queries import list_steps
from procurement.policies.models import OrderKind
from registry.organisations.queries import get_organisation


def sign_contract(order: PurchaseOrder, *, by: Actor, now: datetime) -> None:
    """Write and seal what both sides signed: the buyer by placing and approving, the supplier now.

    A change after this day is a fact of its own; the contract stays what it was.
    """
    parties = Parties(
        buyer=get_organisation(SYSTEM, order.buyer_id),
        unit=get_organisation(SYSTEM, order.bound_unit_id),
        supplier=get_organisation(SYSTEM, order.supplier_id),
    )
    steps = list_steps(SYSTEM, order.id) if order.approvals_wanted else []
    signings = [
        Signing("buyer", "placed", order.author_id, order.placed_at),
        *(
            Signing("buyer", "approved", step.by_user_id, step.at)
            for step in steps
            if step.act is StepAct.APPROVE
        ),
        Signing("supplier", "confirmed", by.user_id, now),
    ]
    lines = list_lines(SYSTEM, order.id)
    statement = contract_of(
        order, parties=parties, lines=lines, signings=signings, farming=_farming_of(order)
    )
    seal = sign(statement)
    note_signing_key(seal.key_id, now=now)
    db.session.add(
        OrderContract(
            id=new_id(),
            order_id=order.id,
            statement=statement.decode(),
            digest=hashlib.sha256(statement).hexdigest(),
            key_id=seal.key_id,
            signature=seal.value,
            signed_at=now,
        )
    )


def _farming_of(order: PurchaseOrder) -> Farming | None:
    """Give the adopted plot that an order pays for, with what is paid for which work."""
    if order.kind is not OrderKind.COMMISSIONED_FARMING:
        return None
    plot = find_commission_of(SYSTEM, order.id)
    return None if plot is None else Farming(plot, list_milestones(SYSTEM, plot.id))
