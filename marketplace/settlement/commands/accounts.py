"""What can be done with bank accounts: register one, close it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.crypto import blind_index
from kernel.database import db
from kernel.errors import NotAllowed, WrongState, check_version
from kernel.identity import new_id
from marketplace.settlement.models.statements import BankAccount, BankAccountId
from marketplace.settlement.queries import statements as queries
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId, OrganisationKind

NUMBER_INDEX = "bank_account.number"


@dataclass(frozen=True, slots=True)
class NewBankAccount:
    """An account as the bank knows it."""

    bank_name: str
    holder_name: str = field(repr=False)
    number: str = field(repr=False)


def open_account(new: NewBankAccount, *, by: Actor, now: datetime) -> BankAccount:
    """Register an account of the actor's organisation; the platform's collects for sellers.

    Refuses BankAccountTaken (by constraint), NotAllowed.
    """
    if by.organisation_id is None:
        raise NotAllowed
    account = BankAccount(
        id=BankAccountId(new_id()),
        organisation_id=OrganisationId(by.organisation_id),
        bank_name=new.bank_name,
        holder_name=new.holder_name,
        number=new.number,
        number_index=index_of(new.number),
        collects=by.organisation_kind == OrganisationKind.PLATFORM,
        opened_by=UserId(by.user_id),
        opened_at=now,
        closed_at=None,
        version=1,
    )
    db.session.add(account)
    return _done("bank_account.open", account, by=by, now=now)


def close_account(
    account_id: BankAccountId, *, expected_version: int | None, by: Actor, now: datetime
) -> BankAccount:
    """Close an account: nothing more is read for it or paid to it (WrongState when closed)."""
    account = queries.lock_account(by, account_id)
    check_version(account.version, expected_version)
    if account.closed_at is not None:
        raise WrongState(state="closed")
    account.closed_at = now
    return _done("bank_account.close", account, by=by, now=now)


def index_of(number: str) -> bytes:
    """Give the index under which an account's number is found again."""
    return blind_index(number, purpose=NUMBER_INDEX)


def _done(action: str, account: BankAccount, *, by: Actor, now: datetime) -> BankAccount:
    db.session.flush()
    after = {"bank_name": account.bank_name, "collects": account.collects}
    audit.write(action, subject=("bank_account", account.id), by=by, now=now, after=after)
    return account
