"""What a promise must hold, when it may be filed, and whose turn it is to confirm it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kernel.actor import Actor
from kernel.calendar import ONE_DAY, start_of_day
from kernel.errors import NotAllowed, OwnOrganisation, SamePerson, WrongState
from kernel.money import Fen
from procurement.errors.filings import (
    BelowFloor,
    FilingClosed,
    NotAPurchaser,
    RepresentativeUnfit,
    ReservedAboveCeiling,
    TotalMissing,
    UnionFiguresUnfit,
    ZeroFilingOnly,
)
from procurement.errors.policies import NoPolicyInForce
from procurement.filings.models import Filing, FilingStatus, UnionSituation
from procurement.policies.models import SharePolicy, Situation
from procurement.policies.rules.floors import floor_of, promise_of
from procurement.policies.rules.resolutions import Resolution
from registry.accounts.models import Role
from registry.organisations.models import BUYERS, Organisation, OrganisationId, OrganisationKind

NOTHING = Fen(0)
EDITABLE = frozenset({FilingStatus.DRAFT, FilingStatus.RETURNED})


class Turn(StrEnum):
    """Who decides next."""

    SUPERIOR = "superior"
    FINANCE = "finance"


@dataclass(frozen=True, slots=True)
class FilingContents:
    """What a unit files for a year; amounts in fen with tax."""

    year: int
    situation: Situation
    canteen_total_fen: Fen
    reserved_fen: Fen
    ceiling_fen: Fen
    union_situation: UnionSituation = UnionSituation.OWN_FUNDS
    union_total_fen: Fen | None = None
    union_reserved_fen: Fen | None = None
    union_ceiling_fen: Fen | None = None
    representative_unit_id: OrganisationId | None = None
    note: str | None = None

    @property
    def union_limit_fen(self) -> Fen | None:
        """Give the union's approved money: its ceiling, or else its whole total."""
        return self.union_total_fen if self.union_ceiling_fen is None else self.union_ceiling_fen


def check_filer(kind: OrganisationKind) -> None:
    """Refuse a unit of a kind that buys nothing for a canteen (NotAPurchaser)."""
    if kind not in BUYERS:
        raise NotAPurchaser(kind=kind)


def check_contents(contents: FilingContents, *, unit_id: OrganisationId) -> None:
    """Refuse figures that do not fit the unit's situation or each other.

    No canteen, or one that another unit files for, is a zero filing; every other unit names
    what it spends (ZeroFilingOnly, TotalMissing, RepresentativeUnfit, ReservedAboveCeiling).
    """
    if (contents.situation is Situation.SHARED) is (contents.representative_unit_id is None):
        raise RepresentativeUnfit(pointer="/representative_unit_id")
    if files_zero(contents, unit_id=unit_id):
        _check_zero(contents)
    elif contents.canteen_total_fen == 0:
        raise TotalMissing(pointer="/canteen_total_fen")
    if contents.reserved_fen > contents.ceiling_fen:
        raise ReservedAboveCeiling(
            pointer="/reserved_fen",
            reserved_fen=contents.reserved_fen,
            ceiling_fen=contents.ceiling_fen,
        )
    _check_union(contents)


def files_zero(contents: FilingContents, *, unit_id: OrganisationId) -> bool:
    """Say whether the unit has no canteen to file for (财库〔2021〕19号 practice: 零填报)."""
    return contents.situation is Situation.NONE or (
        contents.situation is Situation.SHARED and contents.representative_unit_id != unit_id
    )


def check_representative(representative: Organisation | None) -> None:
    """Refuse a representative that does not exist or does not file (RepresentativeUnfit)."""
    if representative is None or representative.kind not in BUYERS:
        raise RepresentativeUnfit(pointer="/representative_unit_id")


def check_policy(resolution: Resolution) -> SharePolicy:
    """Give the policy in force, or refuse (NoPolicyInForce)."""
    if resolution.policy is None:
        raise NoPolicyInForce(region_code=resolution.region_code, year=resolution.year)
    return resolution.policy


def check_open(resolution: Resolution, *, status: FilingStatus, now: datetime) -> None:
    """Refuse a promise after the last day of filing, by Shanghai days (FilingClosed).

    What the chain sent back is corrected whenever it comes back: 应督促预算单位重新填报.
    Where no document names a day, filing stays open.
    """
    deadline_on = resolution.deadline_on
    if deadline_on is None or status is FilingStatus.RETURNED:
        return
    if now >= start_of_day(deadline_on + ONE_DAY):
        raise FilingClosed(year=resolution.year, deadline_on=deadline_on)


def check_floor(policy: SharePolicy, contents: FilingContents) -> Fen:
    """Give the floor (fen), or refuse a promise below it with both figures (BelowFloor)."""
    floor = floor_of(
        policy,
        canteen_total=contents.canteen_total_fen,
        union_total=contents.union_total_fen or NOTHING,
    )
    promised = promise_of(
        policy,
        canteen_reserved=contents.reserved_fen,
        union_reserved=contents.union_reserved_fen or NOTHING,
    )
    if promised < floor:
        raise BelowFloor(pointer="/reserved_fen", reserved_fen=promised, floor_fen=floor)
    return floor


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
    filing: Filing, *, unit: Organisation, superior: bool, preparers: Collection[UUID], by: Actor
) -> Turn:
    """Give the turn the actor decides in, or refuse.

    SamePerson: who prepared it, or confirmed it as superior. OwnOrganisation: the unit itself.
    NotAllowed: neither the supervising unit nor a finance bureau over the unit's region.
    WrongState: it is the other level's turn, or nobody's.
    """
    if by.user_id in preparers or by.user_id == filing.superior_by:
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


def _check_zero(contents: FilingContents) -> None:
    for pointer, filed in (
        ("/canteen_total_fen", contents.canteen_total_fen),
        ("/reserved_fen", contents.reserved_fen),
    ):
        if filed > 0:
            raise ZeroFilingOnly(pointer=pointer, filed_fen=filed)


def _check_union(contents: FilingContents) -> None:
    figures = {
        "/union_total_fen": contents.union_total_fen,
        "/union_reserved_fen": contents.union_reserved_fen,
        "/union_ceiling_fen": contents.union_ceiling_fen,
    }
    if contents.union_situation is UnionSituation.NO_UNION_FUNDS:
        for pointer, figure in figures.items():
            if figure is not None:
                raise UnionFiguresUnfit(pointer=pointer)
    if contents.union_reserved_fen is None:
        return
    if contents.union_limit_fen is None:
        raise UnionFiguresUnfit(pointer="/union_total_fen")
    if contents.union_reserved_fen > contents.union_limit_fen:
        raise ReservedAboveCeiling(
            pointer="/union_reserved_fen",
            reserved_fen=contents.union_reserved_fen,
            ceiling_fen=contents.union_limit_fen,
        )
