"""The doors of payments by Stripe, and the one that Stripe itself rings at."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
import structlog
from flask import Response, after_this_request, request
from werkzeug.exceptions import RequestEntityTooLarge

from kernel import clock, problems
from kernel.http import PUBLIC, SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema
from marketplace.errors.stripe import EventRefused
from marketplace.settlement import gateway
from marketplace.settlement.commands import notices, parked, transfers
from marketplace.settlement.commands.transfers import NewAccount, NewTransfer
from marketplace.settlement.models.payments import PaymentId, PaymentMethod
from marketplace.settlement.models.stripe import MovementId, StripeWay
from marketplace.settlement.queries import stripe as queries
from marketplace.settlement.queries.payments import PaymentView
from marketplace.settlement.queries.stripe import IntentView, MovementView
from marketplace.settlement.rules.stripe import Errand, ErrandKind, key_of
from marketplace.settlement.schemas.stripe import (
    StripeAccountIn,
    StripeAccountOut,
    StripeIntentOut,
    StripeMovementOut,
    StripeTransferIn,
)
from registry.accounts.models import Role

stripe = Blueprint("stripe", __name__, url_prefix="/api/v1")

PAYS = frozenset({Role.UNIT_FINANCE})
IS_PAID = frozenset({Role.COOP_MANAGER})
NAMES_ACCOUNTS = frozenset({Role.PLATFORM_ADMIN})
log = structlog.get_logger()


def tell_how_to_pay(payment: PaymentView, *, way: StripeWay | None) -> None:
    """Ask Stripe to open a payment once this request's transaction stands; say how to go on.

    The answer is only added to what this request is told. The timer asks for the same under the
    same key, and keeps it; where Stripe does not answer now, the payment's page will tell.
    """
    if payment.method is not PaymentMethod.STRIPE:
        return
    errand = Errand(
        kind=ErrandKind.OPEN,
        payment_id=payment.id,
        movement_id=None,
        key=key_of(ErrandKind.OPEN, payment.id),
        amount_fen=payment.amount_fen,
        due_at=payment.registered_at,
        way=way or StripeWay.CARD,
    )

    @after_this_request
    def tell(response: Response) -> Response:
        if response.status_code == HTTPStatus.CREATED:
            seen = gateway.try_to_open(errand)
            body = response.get_json()
            response.data = orjson.dumps(body | seen)
        return response


@stripe.post("/webhooks/stripe")
@endpoint(stripe, allow=PUBLIC)
def hear() -> Response | None:
    """Hear an event of Stripe: proved first, then noted once; nothing is written of a forged one.

    It is refused without raising, for a refusal that is raised is written down.
    """
    try:
        notice = gateway.read_notice(request)
        if notices.note_event(notice, now=clock.now()):
            return None
        refused = EventRefused(reason="payment")
    except EventRefused as error:
        refused = error
    except RequestEntityTooLarge:
        log.info("refused", code="too_large")
        raise
    return problems.refused(refused)


@stripe.get("/payments/<uuid:payment_id>/stripe")
@endpoint(stripe, allow=SIGNED_IN, returns=StripeIntentOut())
def show(payment_id: UUID) -> IntentView:
    """Show how a payment stands at Stripe, and to who pays how to go on."""
    return queries.get_intent_view(current_actor(), PaymentId(payment_id))


@stripe.get("/stripe/parked")
@endpoint(
    stripe,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(StripeIntentOut),
)
def list_parked(query: dict[str, Any]) -> Page[IntentView]:
    """List money that came by Stripe and lies apart."""
    return queries.list_parked(current_actor(), **query)


@stripe.get("/stripe/failed-movements")
@endpoint(
    stripe,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(StripeMovementOut),
)
def list_failed(query: dict[str, Any]) -> Page[MovementView]:
    """List refunds and transfers that Stripe would not make."""
    return queries.list_failed(current_actor(), **query)


@stripe.post("/payments/<uuid:payment_id>/stripe/place")
@endpoint(stripe, allow=PAYS, returns=StripeIntentOut(), winds_up=True)
def place(payment_id: UUID) -> IntentView:
    """Try again to let money that lies apart count for its order."""
    return parked.place_parked(PaymentId(payment_id), by=current_actor(), now=clock.now())


@stripe.post("/payments/<uuid:payment_id>/stripe/return")
@endpoint(stripe, allow=PAYS, returns=StripeIntentOut(), winds_up=True)
def give_back(payment_id: UUID) -> IntentView:
    """Give money that lies apart back to the buyer, whole."""
    return parked.return_parked(PaymentId(payment_id), by=current_actor(), now=clock.now())


@stripe.post("/payments/<uuid:payment_id>/stripe/transfers")
@endpoint(
    stripe,
    allow=IS_PAID,
    accepts=StripeTransferIn(),
    returns=StripeMovementOut(),
    status=201,
    idempotent=True,
    winds_up=True,
)
def transfer(body: NewTransfer, payment_id: UUID) -> MovementView:
    """Pass collected money on to the seller's account at Stripe."""
    return transfers.transfer_to_seller(
        body, payment_id=PaymentId(payment_id), by=current_actor(), now=clock.now()
    )


@stripe.post("/stripe/movements/<uuid:movement_id>/again")
@endpoint(stripe, allow=PAYS | IS_PAID, returns=StripeMovementOut(), winds_up=True)
def move_again(movement_id: UUID) -> MovementView:
    """Have a refund or transfer that failed sent anew."""
    return parked.move_again(MovementId(movement_id), by=current_actor(), now=clock.now())


@stripe.put("/stripe/accounts")
@endpoint(stripe, allow=NAMES_ACCOUNTS, accepts=StripeAccountIn(), returns=StripeAccountOut())
def name_account(body: NewAccount) -> NewAccount:
    """Write down where a seller is paid at Stripe."""
    return transfers.name_account(body, by=current_actor(), now=clock.now())
