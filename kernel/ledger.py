"""Double entry in fen: accounts, transfers that balance, postings that are never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NewType, cast
from uuid import UUID, uuid5

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Select,
    Table,
    UniqueConstraint,
    Uuid,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, db
from kernel.identity import new_id
from kernel.money import Fen

AccountId = NewType("AccountId", UUID)
TransferId = NewType("TransferId", UUID)
ACCOUNTS = UUID("6f0c4c1e-8d57-5d39-9d0f-3f6b1f5b2a11")
"""The namespace in which the key of an account follows from its kind and owner."""


class Unbalanced(Exception):
    """A transfer whose postings do not add up to nothing: a defect, never a refusal."""


class Account(Base):
    """Somebody's money of one kind; positive is what they have or are owed."""

    __tablename__ = "ledger_account"
    __table_args__ = (UniqueConstraint("kind", "owner_id", name="uq_ledger_account_kind_owner_id"),)

    id: Mapped[AccountId] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(Uuid)


class Transfer(Base):
    """One movement of money; a correction is another that names what it reverses."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        UniqueConstraint("kind", "reference", name="uq_ledger_transfer_kind_reference"),
    )

    id: Mapped[TransferId] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str]
    reference: Mapped[str]
    at: Mapped[datetime]
    reverses_id: Mapped[TransferId | None] = mapped_column(
        Uuid, ForeignKey("ledger_transfer.id"), index=True
    )


class Posting(Base):
    """What one transfer does to one account, in fen; negative takes away."""

    __tablename__ = "ledger_posting"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    transfer_id: Mapped[TransferId] = mapped_column(Uuid, ForeignKey(Transfer.id), index=True)
    account_id: Mapped[AccountId] = mapped_column(Uuid, ForeignKey(Account.id), index=True)
    amount_fen: Mapped[Fen]


def account(kind: str, owner_id: UUID) -> AccountId:
    """Give the account of that kind and owner, opening it on first use."""
    account_id = AccountId(uuid5(ACCOUNTS, f"{kind}:{owner_id}"))
    opened = upsert(Account).values(id=account_id, kind=kind, owner_id=owner_id)
    db.session.execute(opened.on_conflict_do_nothing())
    return account_id


def transfer(
    kind: str,
    *,
    reference: str,
    postings: Sequence[tuple[AccountId, Fen]],
    now: datetime,
    reverses: TransferId | None = None,
) -> TransferId:
    """Move money, once per (kind, reference): a second time violates a constraint.

    Raises Unbalanced where the postings do not add up to zero; postings of zero are left out.
    """
    if sum(amount for _, amount in postings):
        raise Unbalanced(f"{kind} {reference}")
    transfer_id = TransferId(new_id())
    db.session.execute(
        insert(cast("Table", Transfer.__table__)).values(
            id=transfer_id, kind=kind, reference=reference, at=now, reverses_id=reverses
        )
    )
    rows = [
        {"id": new_id(), "transfer_id": transfer_id, "account_id": owner, "amount_fen": amount}
        for owner, amount in postings
        if amount
    ]
    if rows:
        # one statement: the table looks at each statement's postings, and they must balance
        db.session.execute(insert(cast("Table", Posting.__table__)).values(rows))
    return transfer_id


def balance(account_id: AccountId, *, as_of: datetime | None = None) -> Fen:
    """Add up an account, as of an instant or now, in fen."""
    statement = (
        select(func.coalesce(func.sum(Posting.amount_fen), 0))
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .where(Posting.account_id == account_id)
    )
    if as_of is not None:
        statement = statement.where(Transfer.at <= as_of)
    return Fen(int(db.session.execute(statement).scalar_one()))


def unbalanced_transfers() -> Select[TransferId, Fen]:
    """Ask for transfers whose postings do not add up to zero; there must be none."""
    return (
        select(Posting.transfer_id, func.sum(Posting.amount_fen))
        .group_by(Posting.transfer_id)
        .having(func.sum(Posting.amount_fen) != 0)
    )
