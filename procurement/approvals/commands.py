"""Setting a unit's bands, loading the platform's, approving for others, and deciding."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed, WrongState
from kernel.identity import new_id
from kernel.money import Fen
from procurement.approvals import queries
from procurement.approvals.models import (
    ApprovalDelegation,
    ApprovalStep,
    ApprovalTerm,
    ApprovalThreshold,
    DelegationId,
    SplitId,
    SplitOrder,
    SplitSignal,
    StepAct,
    TermCode,
    ThresholdId,
)
from procurement.approvals.rules import (
    Band,
    check_beginning,
    check_delegate,
    check_hand,
    check_period,
)
from procurement.quotas.models import Fund
from registry.accounts.models import Role, UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId

DEFAULT_FEN = Fen(20_000_00)
DEFAULT_FROM = date(2021, 1, 1)
DEFAULT_SOURCE = "系统默认配置 / configured default"
DEFAULT_TERMS = {TermCode.WAIT_HOURS: 48, TermCode.SPLIT_DAYS: 30}


@dataclass(frozen=True, slots=True)
class NewThreshold:
    """A band to set, from a day on (without one, from today), and what it rests on."""

    amount_fen: Fen
    source: str
    from_on: date | None = None
    fund: Fund | None = None
    category_code: str | None = None
    approvers: int = 1


def set_threshold(new: NewThreshold, *, by: Actor, now: datetime) -> ApprovalThreshold:
    """Add a dated band for the actor's own unit; earlier rows stay as they are.

    Of rows that begin on one day the last one set holds. Refuses ThresholdBackdated.
    """
    if by.organisation_id is None:
        raise NotAllowed
    check_clear_of_identity(new.source, pointer="/source")
    today = shanghai_day(now)
    from_on = new.from_on or today
    check_beginning(from_on, today=today)
    threshold = ApprovalThreshold(
        id=ThresholdId(new_id()),
        unit_id=OrganisationId(by.organisation_id),
        amount_fen=new.amount_fen,
        fund=new.fund,
        category_code=new.category_code,
        approvers=new.approvers,
        from_on=from_on,
        source=new.source,
        author_id=UserId(by.user_id),
        created_at=now,
    )
    db.session.add(threshold)
    db.session.flush()
    audit.write(
        "set_threshold",
        subject=("approval_threshold", threshold.id),
        by=by,
        now=now,
        after={
            "amount_fen": new.amount_fen,
            "fund": new.fund,
            "category_code": new.category_code,
            "approvers": new.approvers,
            "from_on": from_on,
            "source": new.source,
        },
    )
    return threshold


def load_thresholds(now: datetime) -> None:
    """Load the platform's default where none is there yet; changes nothing twice."""
    added = db.session.execute(
        insert(cast("Table", ApprovalThreshold.__table__))
        .values(
            id=new_id(),
            unit_id=None,
            amount_fen=DEFAULT_FEN,
            from_on=DEFAULT_FROM,
            source=DEFAULT_SOURCE,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["from_on"], index_where=text("unit_id IS NULL"))
        .returning(ApprovalThreshold.id)
    ).scalar_one_or_none()
    if added is not None:
        audit.write(
            "load_thresholds",
            subject=("approval_threshold", added),
            by=SYSTEM,
            now=now,
            after={"amount_fen": DEFAULT_FEN},
        )


def load_approval_terms(now: datetime) -> None:
    """Load the platform's hours and days where none are there yet; changes nothing twice."""
    rows = [
        {"id": new_id(), "code": code, "value": value, "from_on": DEFAULT_FROM}
        for code, value in DEFAULT_TERMS.items()
    ]
    added = db.session.execute(
        insert(cast("Table", ApprovalTerm.__table__))
        .values([{**row, "source": DEFAULT_SOURCE} for row in rows])
        .on_conflict_do_nothing(constraint="uq_approval_term_code_from_on")
        .returning(ApprovalTerm.code)
    ).scalars()
    if codes := sorted(added):
        subject = ("approval_term", "all")
        audit.write(
            "load_approval_terms", subject=subject, by=SYSTEM, now=now, after={"codes": codes}
        )


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """Who approves for the actor, in [from, until), and why."""

    delegate_id: UserId
    until_on: date
    reason: str
    from_on: date | None = None


def delegate(new: NewDelegation, *, by: Actor, now: datetime) -> ApprovalDelegation:
    """Let a colleague approve for the actor for a time.

    Refuses NotAllowed, DelegationUnfit, DelegationExists where the time is delegated already.
    """
    if by.organisation_id is None or not by.has(Role.UNIT_APPROVER):
        raise NotAllowed
    check_clear_of_identity(new.reason, pointer="/reason")
    unit_id, today = OrganisationId(by.organisation_id), shanghai_day(now)
    from_on = new.from_on or today
    check_period(from_on, until_on=new.until_on, today=today)
    user = queries.find_user(by, new.delegate_id)
    check_delegate(user, delegator_id=UserId(by.user_id), unit_id=unit_id)
    made = ApprovalDelegation(
        id=DelegationId(new_id()),
        unit_id=unit_id,
        delegator_id=UserId(by.user_id),
        delegate_id=new.delegate_id,
        from_on=from_on,
        until_on=new.until_on,
        reason=new.reason,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    after = {"delegate": new.delegate_id, "from_on": from_on, "until_on": new.until_on}
    subject = ("approval_delegation", made.id)
    audit.write("delegate_approval", subject=subject, by=by, now=now, after=after)
    return made


def revoke_delegation(
    delegation_id: DelegationId, *, by: Actor, now: datetime
) -> ApprovalDelegation:
    """Take a delegation of one's own back, from this instant (NotFound, WrongState)."""
    found = queries.lock_delegation(by, delegation_id)
    if found.revoked_at is not None:
        raise WrongState(state="revoked", wanted="in_force")
    found.revoked_at = now
    db.session.flush()
    subject = ("approval_delegation", found.id)
    audit.write("revoke_delegation", subject=subject, by=by, now=now, after={"revoked_at": now})
    return found


def approves_for(
    *,
    unit_id: OrganisationId,
    author_id: UserId,
    by: Actor,
    now: datetime,
    hands: Collection[UserId] = (),
) -> UserId | None:
    """Give for whom the actor decides on an order of a unit: None where in their own right.

    Refuses NotAllowed who is no approver and has no delegation from one today who had no part
    in the order yet (`hands`).
    """
    if by.has(Role.UNIT_APPROVER):
        return None
    apart, on = {author_id, *hands}, shanghai_day(now)
    found = queries.find_delegator(by, unit_id=unit_id, apart_from=apart, on=on)
    if found is None:
        raise NotAllowed
    return found


def take_step(
    order_id: UUID,
    act: StepAct,
    *,
    unit_id: OrganisationId,
    author_id: UserId,
    by: Actor,
    now: datetime,
) -> ApprovalStep:
    """Write down the next decision on an order, and in whose right it is.

    Refuses SamePerson (the author, who decided before or in whose right it was), NotAllowed,
    ApprovalStepTaken.
    """
    taken = queries.list_steps(by, order_id)
    hands = {one for step in taken for one in (step.by_user_id, step.right_of)}
    user_id = UserId(by.user_id)
    check_hand(user_id, author_id=author_id, hands=hands)
    away = approves_for(unit_id=unit_id, author_id=author_id, by=by, now=now, hands=hands)
    step = ApprovalStep(
        id=new_id(),
        order_id=order_id,
        position=len(taken) + 1,
        act=act,
        author_id=author_id,
        by_user_id=user_id,
        right_of=away or user_id,
        at=now,
    )
    db.session.add(step)
    db.session.flush()
    return step


@dataclass(frozen=True, slots=True)
class Split:
    """Orders that together pass a band: whose, from whom, on days in [from, until)."""

    unit_id: OrganisationId
    buyer_id: OrganisationId
    supplier_id: OrganisationId
    completed_by: UUID
    from_on: date
    until_on: date


def signal_split(found: Split, band: Band, *, parts: Mapping[UUID, Fen], now: datetime) -> None:
    """Write down that orders together pass a band that none of them does alone."""
    signal = SplitSignal(
        id=SplitId(new_id()),
        **asdict(found),
        threshold_id=band.id,
        fund=band.fund,
        category_code=band.category_code,
        amount_fen=band.amount_fen,
        sum_fen=Fen(sum(parts.values())),
        created_at=now,
    )
    db.session.add(signal)
    db.session.flush()
    for order_id, fen in parts.items():
        part = SplitOrder(id=new_id(), signal_id=signal.id, order_id=order_id, amount_fen=fen)
        part.threshold_id = band.id
        db.session.add(part)
    after = {"orders": len(parts), "sum_fen": signal.sum_fen}
    subject = ("split_signal", signal.id)
    audit.write("signal_split", subject=subject, by=SYSTEM, now=now, after=after)


def next_due(*, now: datetime) -> datetime:
    """Give the instant from which a wait that begins now is told upwards."""
    hours = queries.find_term(SYSTEM, TermCode.WAIT_HOURS, on=shanghai_day(now))
    return now + timedelta(hours=hours)
