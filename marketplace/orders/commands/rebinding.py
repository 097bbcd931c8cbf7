"""Binding an order to another unit: applying for it, both units' consent, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import true

from kernel import audit, ledger
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.campaigns.commands.commissions import rebind_commission
from marketplace.events import OrderRebound, RebindingRequested
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.models.rebindings import Rebinding, RebindingId, RebindingStatus
from marketplace.orders.queries import finding, rebindings
from marketplace.orders.queries.rebindings import RebindingView
from marketplace.orders.rules import rebinding as rules
from procurement.policies.models import OrderKind
from procurement.quotas.commands.transfers import transfer
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.models import DocumentId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity
from registry.notices.queries import get_closing_day
from registry.organisations.models import OrganisationId
from registry.organisations.queries import find_live_organisation

ANSWERED_WITHIN = 5
"""Working days; the 832 platform answers an application within three to five of them."""


@dataclass(frozen=True, slots=True)
class NewRebinding:
    """The unit an order should be bound to, why, and the written application if there is one."""

    to_unit_id: OrganisationId
    reason: str
    document_id: DocumentId | None = None


def request_rebinding(
    order_id: OrderId, new: NewRebinding, *, by: Actor, now: datetime
) -> RebindingView:
    """Apply for another unit to be the one an order is bought for; nothing moves yet.

    By the side that buys. Refuses NotFound, WrongState, RebindingUnfit, ApplicationMissing for
    an order that was shipped, RebindingOpen, YearNotOpen.
    """
    check_clear_of_identity(new.reason, pointer="/reason")
    order = finding.lock_order(by, order_id, finding.bought_by(by))
    rules.check_rebindable(order, now=now)
    target = find_live_organisation(SYSTEM, new.to_unit_id)
    rules.check_target(target, order=order)
    rules.check_application(order, written=new.document_id is not None)
    if new.document_id is not None:
        get_document(by, new.document_id)
    due_on = get_closing_day(SYSTEM, shanghai_day(now), working_days=ANSWERED_WITHIN)
    rebinding = Rebinding(
        id=RebindingId(new_id()),
        order_id=order.id,
        from_unit_id=order.bound_unit_id,
        to_unit_id=new.to_unit_id,
        reason=new.reason,
        document_id=new.document_id,
        status=RebindingStatus.OPEN,
        requested_by=UserId(by.user_id),
        requested_at=now,
        due_on=due_on,
    )
    db.session.add(rebinding)
    db.session.flush()
    record(RebindingRequested(rebinding_id=rebinding.id, order_id=order.id), now=now)
    return _told("rebinding_requested", rebinding, by=by, now=now)


def consent_to_rebinding(rebinding_id: RebindingId, *, by: Actor, now: datetime) -> RebindingView:
    """Consent for one of the two units; with the second consent the order is re-bound at once.

    Refuses NotFound, NotAllowed, WrongState, SamePerson, YearNotOpen, QuotaMissing, and
    QuotaExceeded of the unit that takes the order on; then the consent is not given either.
    """
    order, rebinding = _locked(rebinding_id, by=by)
    units = rebindings.find_lineages(SYSTEM, rebinding)
    hands = list_accounts_of(by, {rebinding.from_consent_by, rebinding.to_consent_by})
    side = rules.consenting_side(rebinding, units=units, by=by, hands=hands)
    if side is rules.Side.FROM:
        rebinding.from_consent_by, rebinding.from_consent_at = UserId(by.user_id), now
    else:
        rebinding.to_consent_by, rebinding.to_consent_at = UserId(by.user_id), now
    if rebinding.from_consent_by is not None and rebinding.to_consent_by is not None:
        _rebind(order, rebinding, by=by, now=now)
    return _told("rebinding_consented", rebinding, by=by, now=now)


def refuse_rebinding(
    rebinding_id: RebindingId, *, reason: str, by: Actor, now: datetime
) -> RebindingView:
    """Refuse an application for one of the two units; the order stays where it is."""
    check_clear_of_identity(reason, pointer="/reason")
    _, rebinding = _locked(rebinding_id, by=by)
    units = rebindings.find_lineages(SYSTEM, rebinding)
    rules.check_speaks_for(rebinding, units=units, by=by)
    _close(rebinding, RebindingStatus.REFUSED, reason=reason, by=by, now=now)
    return _told("rebinding_refused", rebinding, by=by, now=now)


def withdraw_rebinding(
    rebinding_id: RebindingId, *, reason: str, by: Actor, now: datetime
) -> RebindingView:
    """Take an application back, as who made it or as the side that buys."""
    check_clear_of_identity(reason, pointer="/reason")
    order, rebinding = _locked(rebinding_id, by=by)
    finding.lock_order(by, order.id, finding.bought_by(by))
    _close(rebinding, RebindingStatus.WITHDRAWN, reason=reason, by=by, now=now)
    return _told("rebinding_withdrawn", rebinding, by=by, now=now)


def _locked(rebinding_id: RebindingId, *, by: Actor) -> tuple[PurchaseOrder, Rebinding]:
    """Lock the order, then the application, which must be open (NotFound, WrongState)."""
    seen = rebindings.get_rebinding(by, rebinding_id)
    order = finding.lock_order(SYSTEM, seen.order_id, true())
    rebinding = rebindings.lock_rebinding(by, rebinding_id)
    rules.check_open_rebinding(rebinding)
    return order, rebinding


def _rebind(order: PurchaseOrder, rebinding: Rebinding, *, by: Actor, now: datetime) -> None:
    """Let money, share and order go from one unit to the other, in this transaction."""
    rules.check_rebindable(order, now=now)
    order.quota_id = transfer(
        order_id=order.id,
        to_unit_id=rebinding.to_unit_id,
        source=rebinding.reason,
        by=by,
        now=now,
    )
    kept = Fen(order.paid_fen - order.refunded_fen)
    if kept:
        before = ledger.account("buyer_clearing", rebinding.from_unit_id)
        after = ledger.account("buyer_clearing", rebinding.to_unit_id)
        ledger.transfer(
            "rebinding",
            reference=str(rebinding.id),
            postings=[(before, kept), (after, Fen(-kept))],
            now=now,
        )
    order.bound_unit_id = rebinding.to_unit_id
    if order.kind is OrderKind.COMMISSIONED_FARMING:
        rebind_commission(order.id, to=rebinding.to_unit_id)
    _close(rebinding, RebindingStatus.DONE, reason=None, by=by, now=now)
    db.session.flush()
    audit.write(
        "order_rebound",
        subject=("order", order.id),
        by=by,
        now=now,
        before={"unit": rebinding.from_unit_id},
        after={"unit": rebinding.to_unit_id, "version": order.version},
    )
    record(
        OrderRebound(
            order_id=order.id,
            from_unit_id=rebinding.from_unit_id,
            to_unit_id=rebinding.to_unit_id,
        ),
        now=now,
    )


def _close(
    rebinding: Rebinding, status: RebindingStatus, *, reason: str | None, by: Actor, now: datetime
) -> None:
    rebinding.status, rebinding.close_reason = status, reason
    rebinding.closed_by, rebinding.closed_at = UserId(by.user_id), now


def _told(action: str, rebinding: Rebinding, *, by: Actor, now: datetime) -> RebindingView:
    db.session.flush()
    after = {"status": rebinding.status, "version": rebinding.version}
    audit.write(action, subject=("rebinding", rebinding.id), by=by, now=now, after=after)
    return rebindings.get_rebinding_view(SYSTEM, rebinding.id)
