"""What can be done with payouts to sellers: draw up a bank list, release it, settle its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.errors import SamePerson, WrongState, check_version
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.errors.settlement import NothingToRemit
from marketplace.settlement.commands import funds
from marketplace.settlement.models.remittances import (
    Remittance,
    RemittanceId,
    RemittanceLine,
    RemittanceLineId,
    RemittanceLineStatus,
    RemittanceStatus,
)
from marketplace.settlement.queries import remittances as queries
from marketplace.settlement.queries.remittances import RemittanceView
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId


def draw_up(suppliers: Sequence[OrganisationId], *, by: Actor, now: datetime) -> RemittanceView:
    """Draw up a list of what lies there for sellers, and take it at once; none named: for all.

    Refuses NothingToRemit where nobody has money and an open account, FundsShort in a race.
    """
    payable = queries.list_payable(by, suppliers)
    if not payable:
        raise NothingToRemit
    remittance = Remittance(
        id=RemittanceId(new_id()),
        number=next_number("BF-R", region_code=by.region_code, year=shanghai_year(now)),
        status=RemittanceStatus.DRAWN,
        total_fen=Fen(sum(amount for _, _, amount in payable)),
        drawn_by=UserId(by.user_id),
        drawn_at=now,
        version=1,
    )
    db.session.add(remittance)
    db.session.flush()
    for supplier_id, account_id, amount in payable:
        funds.take(supplier_id, Fen(amount))
        line = RemittanceLine(
            id=RemittanceLineId(new_id()),
            remittance_id=remittance.id,
            supplier_id=supplier_id,
            account_id=account_id,
            amount_fen=Fen(amount),
            status=RemittanceLineStatus.LISTED,
        )
        db.session.add(line)
    return _done("remittance.draw", remittance, by=by, now=now)


def release(
    remittance_id: RemittanceId, *, expected_version: int | None, by: Actor, now: datetime
) -> RemittanceView:
    """Let a list go to the bank; not by who drew it up (SamePerson, WrongState)."""
    remittance = _lock(remittance_id, expected_version, wanted=RemittanceStatus.DRAWN, by=by)
    if by.user_id in list_accounts_of(by, {remittance.drawn_by}):
        raise SamePerson
    remittance.status = RemittanceStatus.RELEASED
    remittance.released_by, remittance.released_at = UserId(by.user_id), now
    return _done("remittance.release", remittance, by=by, now=now)


def cancel_remittance(
    remittance_id: RemittanceId, *, expected_version: int | None, by: Actor, now: datetime
) -> RemittanceView:
    """Take back a list that did not go to the bank; its money lies there again (WrongState)."""
    remittance = _lock(remittance_id, expected_version, wanted=RemittanceStatus.DRAWN, by=by)
    remittance.status = RemittanceStatus.CANCELLED
    for line in queries.get_remittance_view(by, remittance.id).lines:
        _fail(line, reason=CANCELLED, by=by, now=now)
    return _done("remittance.cancel", remittance, by=by, now=now)


def confirm_line(
    line_id: RemittanceLineId, *, bank_reference: str, by: Actor, now: datetime
) -> RemittanceView:
    """Say that a seller got its money, with the bank's reference (WrongState)."""
    remittance, line = _lock_line(line_id, by=by)
    line.status, line.bank_reference = RemittanceLineStatus.PAID, bank_reference
    line.decided_by, line.decided_at = UserId(by.user_id), now
    line.transfer_id = funds.pay_out(line, now=now)
    return _decided("remittance.pay", remittance, by=by, now=now)


def fail_line(
    line_id: RemittanceLineId, *, reason: str, by: Actor, now: datetime
) -> RemittanceView:
    """Say that the bank could not pay a seller; the money lies there again (WrongState)."""
    check_clear_of_identity(reason, pointer="/reason")
    remittance, line = _lock_line(line_id, by=by)
    _fail(line, reason=reason, by=by, now=now)
    return _decided("remittance.fail", remittance, by=by, now=now)


CANCELLED = "清单已撤销 / the list was taken back"


def _fail(line: RemittanceLine, *, reason: str, by: Actor, now: datetime) -> None:
    funds.put_back(line.supplier_id, line.amount_fen)
    line.status, line.reason = RemittanceLineStatus.FAILED, reason
    line.decided_by, line.decided_at = UserId(by.user_id), now


def _lock(
    remittance_id: RemittanceId,
    expected_version: int | None,
    *,
    wanted: RemittanceStatus,
    by: Actor,
) -> Remittance:
    remittance = queries.lock_remittance(by, remittance_id)
    check_version(remittance.version, expected_version)
    if remittance.status is not wanted:
        raise WrongState(state=remittance.status, wanted=wanted)
    return remittance


def _lock_line(line_id: RemittanceLineId, *, by: Actor) -> tuple[Remittance, RemittanceLine]:
    remittance_id = queries.get_remittance_of(by, line_id)
    remittance = _lock(remittance_id, None, wanted=RemittanceStatus.RELEASED, by=by)
    line = queries.lock_remittance_line(by, line_id)
    if line.status is not RemittanceLineStatus.LISTED:
        raise WrongState(state=line.status, wanted=RemittanceLineStatus.LISTED)
    return remittance, line


def _decided(action: str, remittance: Remittance, *, by: Actor, now: datetime) -> RemittanceView:
    """Settle a list with its last line."""
    db.session.flush()
    if not queries.count_listed(by, remittance.id):
        remittance.status = RemittanceStatus.SETTLED
    return _done(action, remittance, by=by, now=now)


def _done(action: str, remittance: Remittance, *, by: Actor, now: datetime) -> RemittanceView:
    db.session.flush()
    after = {"number": remittance.number, "status": remittance.status}
    audit.write(action, subject=("remittance", remittance.id), by=by, now=now, after=after)
    return queries.get_remittance_view(by, remittance.id)
