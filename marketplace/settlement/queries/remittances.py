"""What may be paid out to which seller, and which bank lists there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, false, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.settlement.models.remittances import (
    Remittance,
    RemittanceId,
    RemittanceLine,
    RemittanceLineId,
    RemittanceLineStatus,
    SellerFunds,
)
from marketplace.settlement.models.statements import BankAccount, BankAccountId
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationId

PAYS_OUT = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class RemittanceView:
    """A bank list with its lines, by seller."""

    remittance: Remittance
    lines: Sequence[RemittanceLine]


@dataclass(frozen=True, slots=True)
class ListedPayout:
    """A line of a list as the bank wants it: who gets how much, on which account."""

    supplier: str
    credit_code: str
    bank_name: str
    holder_name: str
    number: str
    amount_fen: int
    note: str


def sees_funds(
    actor: Actor, supplier: InstrumentedAttribute[OrganisationId]
) -> ColumnElement[bool]:
    """Say, of a seller's column, that the actor sees its money: the platform, or the seller."""
    if any(actor.has(role) for role in PAYS_OUT):
        return true()
    if actor.organisation_id is None:
        return false()
    return supplier == actor.organisation_id


def list_funds(actor: Actor, *, limit: int, cursor: str | None) -> Page[SellerFunds]:
    """List what was collected for the sellers in sight."""
    statement = select(SellerFunds).where(sees_funds(actor, SellerFunds.supplier_id))
    return page(statement, keys=[(SellerFunds.supplier_id, False)], limit=limit, cursor=cursor)


def list_payable(
    actor: Actor, suppliers: Collection[OrganisationId]
) -> list[tuple[OrganisationId, BankAccountId, int]]:
    """List sellers with money to pay out and an open account: the newest; by key.

    With no sellers named, all of them.
    """
    del actor  # only the platform draws up lists
    account = (
        select(BankAccount.id)
        .where(
            BankAccount.organisation_id == SellerFunds.supplier_id,
            BankAccount.closed_at.is_(None),
        )
        .order_by(BankAccount.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    left = SellerFunds.received_fen - SellerFunds.refunded_fen - SellerFunds.remitted_fen
    statement = (
        select(SellerFunds.supplier_id, account, left)
        .where(left > 0, account.is_not(None))
        .order_by(SellerFunds.supplier_id)
    )
    if suppliers:
        statement = statement.where(SellerFunds.supplier_id.in_(suppliers))
    rows = db.session.execute(statement)
    return [(OrganisationId(one), BankAccountId(two), int(fen)) for one, two, fen in rows]


def get_remittance_view(actor: Actor, remittance_id: RemittanceId) -> RemittanceView:
    """Get a list with those of its lines that the actor sees (NotFound)."""
    found = one(_seen(actor).where(Remittance.id == remittance_id))
    return _views(actor, [found])[0]


def list_remittances(actor: Actor, *, limit: int, cursor: str | None) -> Page[RemittanceView]:
    """List the bank lists in the actor's sight, the newest first."""
    found = page(_seen(actor), keys=[(Remittance.id, True)], limit=limit, cursor=cursor)
    return Page(_views(actor, found.items), found.next_cursor)


def lock_remittance(actor: Actor, remittance_id: RemittanceId) -> Remittance:
    """Get a list, locked (NotFound)."""
    return locked(_seen(actor).where(Remittance.id == remittance_id))


def get_remittance_of(actor: Actor, line_id: RemittanceLineId) -> RemittanceId:
    """Get the list of a line, so that it can be locked first (NotFound)."""
    statement = select(RemittanceLine.remittance_id).where(
        RemittanceLine.id == line_id, sees_funds(actor, RemittanceLine.supplier_id)
    )
    return RemittanceId(one(statement))


def lock_remittance_line(actor: Actor, line_id: RemittanceLineId) -> RemittanceLine:
    """Get a line, locked (NotFound)."""
    statement = select(RemittanceLine).where(
        RemittanceLine.id == line_id, sees_funds(actor, RemittanceLine.supplier_id)
    )
    return locked(statement)


def count_listed(actor: Actor, remittance_id: RemittanceId) -> int:
    """Count the lines of a list that the bank has said nothing about."""
    del actor  # the list that asks was found in the actor's sight
    statement = select(func.count()).where(
        RemittanceLine.remittance_id == remittance_id,
        RemittanceLine.status == RemittanceLineStatus.LISTED,
    )
    return int(db.session.execute(statement).scalar_one())


def list_for_bank(actor: Actor, remittance: Remittance) -> list[ListedPayout]:
    """List a list's lines with accounts in full, as the bank needs them."""
    del actor  # the list that asks was found in the actor's sight
    statement = (
        select(RemittanceLine, BankAccount, Organisation.name, Organisation.credit_code)
        .join(BankAccount, BankAccount.id == RemittanceLine.account_id)
        .join(Organisation, Organisation.id == RemittanceLine.supplier_id)
        .where(RemittanceLine.remittance_id == remittance.id)
        .order_by(RemittanceLine.id)
    )
    return [
        ListedPayout(
            supplier=name,
            credit_code=credit_code,
            bank_name=account.bank_name,
            holder_name=account.holder_name,
            number=account.number,
            amount_fen=line.amount_fen,
            note=remittance.number,
        )
        for line, account, name, credit_code in db.session.execute(statement)
    ]


def _seen(actor: Actor) -> Select[Remittance]:
    lines = select(RemittanceLine.remittance_id).where(
        sees_funds(actor, RemittanceLine.supplier_id)
    )
    return select(Remittance).where(Remittance.id.in_(lines))


def _views(actor: Actor, found: Sequence[Remittance]) -> list[RemittanceView]:
    lines: dict[RemittanceId, list[RemittanceLine]] = defaultdict(list)
    statement = (
        select(RemittanceLine)
        .where(
            RemittanceLine.remittance_id.in_([one.id for one in found]),
            sees_funds(actor, RemittanceLine.supplier_id),
        )
        .order_by(RemittanceLine.id)
        .execution_options(populate_existing=True)
    )
    for line in db.session.scalars(statement):
        lines[line.remittance_id].append(line)
    return [RemittanceView(one, lines[one.id]) for one in found]
