"""What is done with an event of Stripe: its payment is asked about, once for each event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from marketplace.settlement.models.payments import Payment
from marketplace.settlement.models.stripe import StripeEvent, StripeIntent
from marketplace.settlement.queries import stripe as queries
from marketplace.settlement.rules import stripe as rules
from marketplace.settlement.rules.stripe import Notice


def note_event(notice: Notice, *, now: datetime) -> bool:
    """Note an event and let its payment fall due in one transaction; a second time does nothing.

    Gives False, and writes nothing, where it is about no payment of ours, or names another amount
    or currency. An event is a doorbell: what is true is asked of Stripe, whatever its order.
    """
    intent = queries.find_intent(SYSTEM, notice.stripe_id, notice.payment_id)
    if intent is None:
        return False
    payment = db.session.get_one(Payment, intent.payment_id)
    if not rules.fits_notice(notice, payment=payment):
        return False
    heard = db.session.scalar(
        insert(StripeEvent)
        .values(id=notice.event_id, kind=notice.kind, payment_id=intent.payment_id, heard_at=now)
        .on_conflict_do_nothing()
        .returning(StripeEvent.id)
    )
    if heard is not None:
        db.session.execute(
            update(StripeIntent)
            .where(StripeIntent.payment_id == intent.payment_id)
            .values(due_at=now)
        )
        audit.write(
            "stripe.event",
            subject=("stripe_event", notice.event_id),
            by=SYSTEM,
            now=now,
            after={"kind": notice.kind, "payment_id": intent.payment_id},
        )
    return True
