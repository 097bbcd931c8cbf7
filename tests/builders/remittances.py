"""The platform's people, its collecting account, and money that lies there for a seller."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.actor import Actor
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId, PayMode
from marketplace.settlement.commands.invoices import NewInvoice, issue_invoice
from marketplace.settlement.commands.remittances import draw_up, release
from marketplace.settlement.commands.reports import make_report
from marketplace.settlement.commands.treasury import TreasuryPart, draw_treasury_order
from marketplace.settlement.models.statements import BankAccount
from marketplace.settlement.queries.remittances import RemittanceView
from registry.accounts.models import AppUser, Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.settlement import NOW, TODAY, Market, market, ordered, received, shipped
from tests.builders.statements import bank_account, credit, looked_at, number_of


@dataclass(frozen=True)
class Platform:
    """A market whose money is collected, and two people of the platform."""

    there: Market
    drawer: AppUser
    second: AppUser
    account: BankAccount

    @property
    def by(self) -> Actor:
        """Give who draws lists up."""
        return registry.actor_of(self.drawer)

    @property
    def other(self) -> Actor:
        """Give who releases them."""
        return registry.actor_of(self.second)


def platform() -> Platform:
    """Set up a market, the platform's collecting account and the cooperative's own."""
    there, home = market(), registry.organisation(OrganisationKind.PLATFORM)
    drawer, second = (registry.user(home, [Role.PLATFORM_ADMIN]) for _ in range(2))
    bank_account(there.by("manager"))
    return Platform(there, drawer, second, bank_account(registry.actor_of(drawer)))


def collected(at: Platform, kilograms: str = "10") -> OrderId:
    """Let an order be paid, 30 yuan a kilogram, into the collecting account."""
    order_id = ordered(at.there, kilograms)
    looked_at(at.account, [credit(int(float(kilograms) * 3_000), number_of(order_id))], by=at.by)
    return order_id


def drawn(at: Platform) -> RemittanceView:
    """Draw a list up for everybody."""
    return draw_up([], by=at.by, now=NOW)


def released(at: Platform) -> RemittanceView:
    """Draw a list up and let it go to the bank."""
    remittance_id = drawn(at).remittance.id
    return release(remittance_id, expected_version=None, by=at.other, now=NOW)


def settle_something() -> None:
    """Leave a line, a payout, an invoice, a treasury order and a report of a market's money."""
    at = platform()
    collected(at)
    released(at)
    there = at.there
    order_id = ordered(there, "1", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (1, None))
    received(there, order_id, "1")
    issue_invoice(NewInvoice("24400001", TODAY), order_id=order_id, by=there.by("clerk"), now=NOW)
    part = TreasuryPart(order_id, Fen(3_000))
    draw_treasury_order([part], by=there.by("finance"), now=NOW)
    make_report(now=NOW)
