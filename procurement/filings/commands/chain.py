"""Confirming a promise level by level, and sending it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from kernel.actor import SYSTEM, Actor
from kernel.errors import WrongState
from kernel.events import record
from procurement.events import FilingReturned, FilingSuperseded
from procurement.filings import queries
from procurement.filings.commands.contents import leave_step
from procurement.filings.models import Filing, FilingAct, FilingId, FilingStatus
from procurement.filings.rules import chain
from procurement.filings.rules.chain import Turn
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.rules import check_clear_of_identity
from registry.organisations.queries import get_organisation

CONFIRMING = {
    Turn.SUPERIOR: FilingAct.SUPERIOR_CONFIRM,
    Turn.FINANCE: FilingAct.FINANCE_CONFIRM,
}


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """What is wrong with a field: a JSON pointer into the promise, and words."""

    pointer: str
    text: str


def confirm_step(
    filing_id: FilingId, *, by: Actor, now: datetime, opinion: str | None = None
) -> Filing:
    """Confirm a promise at the level whose turn it is; the caller opens what follows.

    The last confirmation of a revision supersedes what was in force. Refuses SamePerson,
    OwnOrganisation, NotAllowed, WrongState.
    """
    check_clear_of_identity(opinion, pointer="/opinion")
    filing = queries.lock_filing(by, filing_id)
    turn = _turn(filing, by=by)
    if turn is Turn.FINANCE and filing.supersedes_id is not None:
        _supersede(filing.supersedes_id, by=by, now=now)
    filing.status = chain.status_after(turn)
    if turn is Turn.SUPERIOR:
        filing.superior_by = UserId(by.user_id)
    else:
        filing.finance_by, filing.confirmed_at = UserId(by.user_id), now
    leave_step(filing, CONFIRMING[turn], by=by, now=now, reason=opinion)
    return filing


def return_filing(
    filing_id: FilingId,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    reasons: Sequence[ReturnReason] = (),
) -> Filing:
    """Send a promise back to its unit, field by field where asked; the round begins anew.

    Refuses ReturnReasonUnfit, and what `confirm_step` refuses.
    """
    check_clear_of_identity(reason, pointer="/reason")
    chain.check_reasons([one.pointer for one in reasons])
    for position, one in enumerate(reasons):
        check_clear_of_identity(one.text, pointer=f"/reasons/{position}/text")
    filing = queries.lock_filing(by, filing_id)
    _turn(filing, by=by)
    by_field: list[Mapping[str, str]] = [asdict(one) for one in reasons]
    filing.status, filing.return_reason = FilingStatus.RETURNED, reason
    filing.return_reasons = by_field
    filing.superior_by = None
    leave_step(filing, FilingAct.RETURN, by=by, now=now, reason=reason, reasons=by_field)
    record(FilingReturned(filing_id=filing.id), now=now)
    return filing


def _turn(filing: Filing, *, by: Actor) -> Turn:
    unit = get_organisation(by, filing.unit_id)
    preparers = queries.list_preparers(by, filing.id)
    hands = preparers if filing.superior_by is None else {*preparers, filing.superior_by}
    return chain.check_decider(
        filing,
        unit=unit,
        superior=chain.has_superior(queries.find_unit(SYSTEM, unit.supervising_id)),
        hands=list_accounts_of(by, hands),
        by=by,
    )


def _supersede(filing_id: FilingId, *, by: Actor, now: datetime) -> None:
    """End what was in force in the transaction that confirms its revision."""
    former = queries.lock_filing(by, filing_id)
    if former.status is not FilingStatus.CONFIRMED:
        raise WrongState(state=former.status, wanted=FilingStatus.CONFIRMED)
    former.status = FilingStatus.SUPERSEDED
    leave_step(former, FilingAct.SUPERSEDE, by=by, now=now)
    record(FilingSuperseded(filing_id=former.id), now=now)
