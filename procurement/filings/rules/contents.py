"""What a promise must hold, and when it may be filed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.calendar import ONE_DAY, start_of_day
from kernel.money import Fen, share
from procurement.errors.filings import (
    BelowFloor,
    BelowLastYear,
    ContractClauseMissing,
    FilingClosed,
    NotAPurchaser,
    RepresentativeUnfit,
    ReservedAboveCeiling,
    TotalMissing,
    UnionAboveCap,
    UnionBelowFloor,
    UnionFiguresUnfit,
    ZeroFilingOnly,
)
from procurement.errors.policies import NoPolicyInForce
from procurement.filings.models import FilingStatus, UnionSituation
from procurement.policies.models import Denominator, SharePolicy, Situation, UnionRule
from procurement.policies.rules.floors import floor_of, promise_of
from procurement.policies.rules.resolutions import Resolution, UnitFacts
from registry.organisations.models import BUYERS, Organisation, OrganisationId, OrganisationKind

NOTHING = Fen(0)


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
    farm_produce_total_fen: Fen | None = None
    union_heads: int | None = None
    canteen_subsidised: bool = False
    central_unit: bool = False
    contract_clause: bool | None = None

    @property
    def facts(self) -> UnitFacts:
        """Give what policies ask about the unit; its kind comes from the register."""
        return UnitFacts(
            self.situation, central=self.central_unit, subsidised=self.canteen_subsidised
        )

    @property
    def union_limit_fen(self) -> Fen | None:
        """Give the union's approved money: its ceiling, or else its whole total."""
        return self.union_total_fen if self.union_ceiling_fen is None else self.union_ceiling_fen


CONTENTS = tuple(FilingContents.__dataclass_fields__)


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


def check_open(
    resolution: Resolution, *, status: FilingStatus, now: datetime, revises: bool = False
) -> None:
    """Refuse a promise after the last day of filing, by Shanghai days (FilingClosed).

    What the chain sent back is corrected whenever it comes back: 应督促预算单位重新填报; what is
    in force is revised throughout its year. Where no document names a day, filing stays open.
    """
    deadline_on = resolution.deadline_on
    if deadline_on is None or status is FilingStatus.RETURNED or revises:
        return
    if now >= start_of_day(deadline_on + ONE_DAY):
        raise FilingClosed(year=resolution.year, deadline_on=deadline_on)


def check_floor(
    resolution: Resolution, contents: FilingContents, *, before: FilingContents | None = None
) -> Fen:
    """Give the floor (fen), or refuse a promise below it with both figures (BelowFloor).

    The floor is the policy's share, or the waiver's where one runs; where the policy says so
    and nothing is waived, also what was promised the year `before` (BelowLastYear).
    """
    policy = check_policy(resolution)
    floor = floor_of(
        policy,
        canteen_total=contents.canteen_total_fen,
        union_total=contents.union_total_fen or NOTHING,
        farm_total=contents.farm_produce_total_fen or NOTHING,
        floor_bp=resolution.owed_bp,
    )
    promised = _promised(policy, contents)
    if promised < floor:
        raise BelowFloor(pointer="/reserved_fen", reserved_fen=promised, floor_fen=floor)
    if policy.not_below_last_year and before is not None and resolution.waiver is None:
        last = _promised(policy, before)
        if promised < last:
            raise BelowLastYear(pointer="/reserved_fen", reserved_fen=promised, last_fen=last)
        floor = max(floor, last)
    return floor


def check_terms(policy: SharePolicy, contents: FilingContents, *, zero: bool) -> None:
    """Refuse a promise that lacks what this policy measures or demands.

    The farm produce total where the share is of it (TotalMissing), and the contractor's duty in
    the contract of an outsourced canteen (ContractClauseMissing).
    """
    needs_farm = policy.denominator is Denominator.FARM_PRODUCE_TOTAL and not zero
    if needs_farm and contents.farm_produce_total_fen is None:
        raise TotalMissing(pointer="/farm_produce_total_fen")
    outsourced = contents.situation is Situation.OUTSOURCED
    if policy.contract_clause_required and outsourced and not contents.contract_clause:
        raise ContractClauseMissing(pointer="/contract_clause")


def check_union_share(
    rule: UnionRule | None, contents: FilingContents, *, before: FilingContents | None = None
) -> None:
    """Refuse a union's reservation outside the rule of the union in force.

    UnionFiguresUnfit without the figures it is measured by; UnionBelowFloor below its share,
    its amount a head or last year's; UnionAboveCap above the cap a head.
    """
    if rule is None or contents.union_situation is UnionSituation.NO_UNION_FUNDS:
        return
    owes = rule.floor_bp is not None or rule.head_floor_fen is not None
    if contents.union_reserved_fen is None:
        if owes:
            raise UnionFiguresUnfit(pointer="/union_reserved_fen")
        return
    by_head = rule.head_floor_fen is not None or rule.head_cap_fen is not None
    if by_head and contents.union_heads is None:
        raise UnionFiguresUnfit(pointer="/union_heads")
    _check_union_bounds(rule, contents, heads=contents.union_heads or 0, before=before)


def _check_union_bounds(
    rule: UnionRule, contents: FilingContents, *, heads: int, before: FilingContents | None
) -> None:
    reserved = contents.union_reserved_fen or NOTHING
    floors = [
        share(contents.union_total_fen or NOTHING, rule.floor_bp or 0),
        Fen((rule.head_floor_fen or 0) * heads),
    ]
    if rule.not_below_last_year and before is not None:
        floors.append(before.union_reserved_fen or NOTHING)
    if reserved < max(floors):
        raise UnionBelowFloor(
            pointer="/union_reserved_fen", reserved_fen=reserved, floor_fen=max(floors)
        )
    if rule.head_cap_fen is not None and reserved > rule.head_cap_fen * heads:
        cap = Fen(rule.head_cap_fen * heads)
        raise UnionAboveCap(pointer="/union_reserved_fen", reserved_fen=reserved, cap_fen=cap)


def _promised(policy: SharePolicy, contents: FilingContents) -> Fen:
    return promise_of(
        policy,
        canteen_reserved=contents.reserved_fen,
        union_reserved=contents.union_reserved_fen or NOTHING,
    )


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
