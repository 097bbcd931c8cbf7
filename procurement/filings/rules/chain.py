"""Whose turn it is to confirm a promise, and what may be done to it in which state."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from kernel.actor import Actor
from kernel.errors import NotAllowed, OwnOrganisation, SamePerson, WrongState
from procurement.errors.filings import (
    FilingExists,
    FilingYearOver,
    ReturnReasonUnfit,
    RevisionOpen,
)
from procurement.filings.models import EDITABLE, Filing, FilingStatus
from procurement.filings.rules.contents import CONTENTS
from registry.accounts.models import Role
from registry.organisations.models import BUYERS, Organisation, OrganisationKind

WITHDRAWABLE = EDITABLE | {FilingStatus.SUBMITTED}


class Turn(StrEnum):
    """Who decides next."""

    SUPERIOR = "superior"
    FINANCE = "finance"


def check_own(filing: Filing, *, by: Actor) -> None:
    """Refuse to write in another unit's promise (NotAllowed)."""
    if by.organisation_id != filing.unit_id:
        raise NotAllowed


def check_editable(status: FilingStatus) -> None:
    """Refuse to change or submit what is with the chain, or through it (WrongState)."""
    if status not in EDITABLE:
        raise WrongState(state=status, wanted=sorted(EDITABLE))


def has_superior(supervisor: Organisation | None) -> bool:
    """Say whether a supervising unit confirms first.

    An office that is no purchasing unit has no unit administrator, so that step falls away
    as it does where nobody supervises.
    """
    return supervisor is not None and supervisor.kind in BUYERS


def turn_of(status: FilingStatus, *, superior: bool) -> Turn:
    """Say who decides next (WrongState where nobody does)."""
    if status is FilingStatus.SUBMITTED and superior:
        return Turn.SUPERIOR
    if status in {FilingStatus.SUBMITTED, FilingStatus.SUPERIOR_CONFIRMED}:
        return Turn.FINANCE
    raise WrongState(state=status, wanted=FilingStatus.SUBMITTED)


def check_decider(
    filing: Filing, *, unit: Organisation, superior: bool, hands: Collection[UUID], by: Actor
) -> Turn:
    """Give the turn the actor decides in, or refuse.

    SamePerson: `hands`, who prepared it or confirmed it as superior, by all their accounts.
    OwnOrganisation: the unit itself.
    NotAllowed: neither the supervising unit nor a finance bureau over the unit's region.
    WrongState: it is the other level's turn, or nobody's.
    """
    if by.user_id in hands:
        raise SamePerson
    if by.organisation_id == filing.unit_id:
        raise OwnOrganisation
    roles = _turns(unit, superior=superior, by=by)
    if not roles:
        raise NotAllowed
    turn = turn_of(filing.status, superior=superior)
    if turn not in roles:
        raise WrongState(state=filing.status, wanted=turn)
    return turn


def status_after(turn: Turn) -> FilingStatus:
    """Give the state after a confirmation."""
    if turn is Turn.SUPERIOR:
        return FilingStatus.SUPERIOR_CONFIRMED
    return FilingStatus.CONFIRMED


def check_first(*, current: Filing | None, opened: Filing | None) -> None:
    """Refuse a second promise of a unit's year (FilingExists); a confirmed one is revised."""
    if current is not None or opened is not None:
        raise FilingExists


def check_revisable(status: FilingStatus, *, opened: Filing | None, year: int, this: int) -> None:
    """Refuse to revise what is not in force, is being revised, or is of a year that is over.

    WrongState, RevisionOpen, FilingYearOver.
    """
    if status is not FilingStatus.CONFIRMED:
        raise WrongState(state=status, wanted=FilingStatus.CONFIRMED)
    if opened is not None:
        raise RevisionOpen
    if year < this:
        raise FilingYearOver(year=year)


def check_withdrawable(status: FilingStatus) -> None:
    """Refuse to give up what somebody has confirmed, or what has ended (WrongState)."""
    if status not in WITHDRAWABLE:
        raise WrongState(state=status, wanted=sorted(WITHDRAWABLE))


def check_reasons(pointers: Collection[str]) -> None:
    """Refuse a reason that names no field of a promise (ReturnReasonUnfit)."""
    for position, pointer in enumerate(pointers):
        if pointer.removeprefix("/") not in CONTENTS or not pointer.startswith("/"):
            raise ReturnReasonUnfit(pointer=f"/reasons/{position}/pointer", field=pointer)


def _turns(unit: Organisation, *, superior: bool, by: Actor) -> set[Turn]:
    turns = set()
    if superior and by.organisation_id == unit.supervising_id and by.has(Role.UNIT_ADMIN):
        turns.add(Turn.SUPERIOR)
    if (
        by.has(Role.FINANCE_SUPERVISOR)
        and by.organisation_kind == OrganisationKind.FINANCE_BUREAU
        and unit.region_code.startswith(by.region_prefix)
    ):
        turns.add(Turn.FINANCE)
    return turns
