"""Paying sellers what Stripe collected for them: their account, and transfers to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from marketplace.orders.queries.finding import lock_order, sold_by
from marketplace.settlement.commands.intents import move
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.stripe import DisputeStatus, MovementKind, StripeAccount
from marketplace.settlement.queries import payments as payment_queries
from marketplace.settlement.queries import stripe as queries
from marketplace.settlement.queries.stripe import MovementView
from marketplace.settlement.rules import stripe as rules
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId
from registry.organisations.queries import get_organisation


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A seller's connected account at Stripe."""

    organisation_id: OrganisationId
    account_id: str


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """So much of a payment to the seller."""

    amount_fen: Fen


def name_account(new: NewAccount, *, by: Actor, now: datetime) -> NewAccount:
    """Write down where a seller is paid at Stripe, by the platform (NotFound, AccountTaken)."""
    get_organisation(by, new.organisation_id)
    told = {"account_id": new.account_id, "named_by": UserId(by.user_id), "named_at": now}
    db.session.execute(
        insert(StripeAccount)
        .values(organisation_id=new.organisation_id, **told)
        .on_conflict_do_update(index_elements=[StripeAccount.organisation_id], set_=told)
    )
    subject = ("organisation", new.organisation_id)
    after = {"account_id": new.account_id}
    audit.write("stripe.name_account", subject=subject, by=by, now=now, after=after)
    return new


def transfer_to_seller(
    new: NewTransfer, *, payment_id: PaymentId, by: Actor, now: datetime
) -> MovementView:
    """Pass collected money on to the seller, at its manager's wish.

    Refuses what `rules.check_transfer` refuses: WrongState, AccountMissing, TransferExceedsKept.
    """
    order = lock_order(by, payment_queries.get_order_id(by, payment_id), sold_by(by))
    payment = payment_queries.lock_payment(by, payment_id)
    queries.lock_intent(by, payment_id)
    disputes = queries.list_disputes(by, payment_id)
    destination = rules.check_transfer(
        new.amount_fen,
        payment=payment,
        order=order,
        movements=queries.list_movements(by, payment_id),
        disputed=any(one.status is DisputeStatus.OPEN for one in disputes),
        destination=queries.find_account(by, order.supplier_id),
    )
    movement_id = move(
        payment_id,
        MovementKind.TRANSFER,
        amount=new.amount_fen,
        destination=destination,
        by=by,
        now=now,
    )
    view = queries.get_movement_view(by, movement_id)
    after = {"amount_fen": new.amount_fen, "payment_id": payment_id}
    subject = ("stripe_movement", movement_id)
    audit.write("stripe.transfer", subject=subject, by=by, now=now, after=after)
    return view
