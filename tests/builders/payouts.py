"""A market whose households have money, and payout lists of it, as tests need them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from marketplace.attribution.commands.codes import HandedCode
from marketplace.attribution.commands.confirmations import hand_out_code
from marketplace.attribution.commands.inquiries import hand_out_statement_code, read_statement
from marketplace.attribution.commands.payouts import (
    NewPayout,
    draw_up_list,
    issue_list,
    pay_lines,
)
from marketplace.attribution.commands.posting import post_attribution
from marketplace.attribution.commands.surpluses import NewVolumeReturn, draw_up_return
from marketplace.attribution.models.payouts import PayoutLineId, PayoutListId
from marketplace.attribution.models.postings import Attribution
from marketplace.attribution.queries.payouts import LineFilter, PayoutLineView, list_lines
from marketplace.lots.commands.adjusting import NewAdjustment, adjust_lot
from marketplace.lots.models import AdjustmentKind, Lot
from marketplace.orders.models.orders import OrderId, PayMode, PurchaseOrder
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from registry.accounts.models import AppUser, Role
from registry.documents.models import Document
from registry.households.models.households import Household
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry
from tests.builders.settlement import (
    NOW,
    TODAY,
    Market,
    market,
    ordered,
    paid,
    received,
    shipped,
)

SHARES = [64_000, 72_000, 25_000]
"""What example 1 of `docs/rules/attribution.md` gives the three households."""


@dataclass(frozen=True)
class Paying:
    """A market after example 1, its list if one was drawn up, and the village's cadre."""

    there: Market
    order_id: OrderId
    cadre: AppUser
    proof: Document

    def by(self, who: str) -> Actor:
        """Give clerk, manager or cadre as an actor."""
        return registry.actor_of(self.cadre) if who == "cadre" else self.there.by(who)


def bought(there: Market, refund: int = 0) -> OrderId:
    """Bring about example 1: 161,000 fen for three households; then some refund of it."""
    order_id = ordered(there, "100", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (80, there.lots[0]), (20, there.lots[1]))
    received(there, order_id, "100")
    payment = paid(there, order_id, 300_000)
    post_attribution(order_id, now=NOW)
    if refund:
        new = NewRefund(Fen(refund), "渗漏")
        refund_payment(new, payment_id=payment.id, by=there.by("manager"), now=NOW)
        post_attribution(order_id, now=NOW)
    return order_id


def paying(*, refund: int = 0) -> Paying:
    """Set up a market whose households have money that nobody paid out."""
    there = market()
    office = registry.organisation(OrganisationKind.AUTHORITY, registry.VILLAGE)
    return Paying(
        there=there,
        order_id=bought(there, refund),
        cadre=registry.user(office, [Role.VILLAGE_CADRE]),
        proof=registry.document(there.cooperative, there.clerk, "payout_proof"),
    )


def drawn_up(stage: Paying) -> PayoutListId:
    """Let the clerk draw up a list."""
    return draw_up_list(by=stage.by("clerk"), now=NOW).list.id


def issued(stage: Paying) -> PayoutListId:
    """Let the manager issue one, too."""
    list_id = drawn_up(stage)
    issue_list(list_id, expected_version=None, by=stage.by("manager"), now=NOW)
    return list_id


def paid_out(stage: Paying, *lines: PayoutLineId) -> PayoutListId:
    """Let the clerk pay one: the lines that are named, or all."""
    list_id = issued(stage)
    new = NewPayout(TODAY, stage.proof.id, lines or None)
    pay_lines(list_id, new, by=stage.by("clerk"), now=NOW)
    return list_id


def lines_of(stage: Paying, list_id: PayoutListId) -> list[PayoutLineView]:
    """Read a list's lines, by number."""
    wanted = LineFilter(list_id=list_id)
    return list(list_lines(stage.by("clerk"), wanted, limit=100, cursor=None).items)


def coded(stage: Paying, line: PayoutLineView) -> HandedCode:
    """Let the village hand out a code for a line."""
    return hand_out_code(line.line.id, by=stage.by("cadre"), now=NOW)


def statement_code(household: Household) -> HandedCode:
    """Let the village hand a household the code to its statement."""
    office = registry.organisation(OrganisationKind.AUTHORITY, household.village_code)
    by = registry.actor_of(registry.user(office, [Role.VILLAGE_CADRE]))
    return hand_out_statement_code(household.id, by=by, now=clock.now())


def pay_something() -> None:
    """Leave a payout list, a surplus run, a lot's adjustment and a question of a household."""
    supplier_id = db.session.scalars(
        select(PurchaseOrder.supplier_id)
        .join(Attribution, Attribution.order_id == PurchaseOrder.id)
        .order_by(PurchaseOrder.supplier_id)
        .limit(1)
    ).one()
    seller = db.session.get_one(Organisation, supplier_id)
    clerk = registry.user(seller, [Role.COOP_CLERK])
    by, now = registry.actor_of(clerk), clock.now()
    draw_up_list(by=by, now=now)
    lots = select(Lot).where(Lot.supplier_id == supplier_id).order_by(Lot.harvested_on.desc())
    lot = db.session.scalars(lots.limit(1)).one()
    found = NewAdjustment(AdjustmentKind.FOUND, Decimal(1), "复磅")
    adjust_lot(lot.id, found, by=by, now=now)
    draw_up_return(
        NewVolumeReturn(
            year=lot.harvested_on.year,
            surplus_fen=Fen(1_000_000),
            by_volume_bp=6_000,
            source="成员大会决议",
            document_id=registry.document(seller, clerk, "resolution").id,
        ),
        by=by,
        now=now,
    )
    household = db.session.scalars(select(Household).order_by(Household.id).limit(1)).one()
    handed = statement_code(household)
    read_statement(handed.number, code=handed.code, year=None, question="少记一袋", now=now)
