"""Units with their people, filings and quotas, as tests need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.holds import EntryKind
from kernel.identity import new_id
from kernel.money import Fen
from procurement.approvals.commands.delegations import NewDelegation, delegate
from procurement.approvals.models import DelegationId
from procurement.filings.commands.filings import draft_filing, submit_filing
from procurement.filings.models import Filing, FilingStatus
from procurement.filings.rules.contents import FilingContents
from procurement.policies.commands import NewWaiver, grant_waiver
from procurement.policies.models import (
    OrderKind,
    SharePolicy,
    Situation,
    Waiver,
    WaiverLevel,
)
from procurement.quotas.commands.opening import ConfirmedFiling, confirm_filing
from procurement.quotas.models import Fund, Quota, QuotaEntry, QuotaId
from procurement.quotas.rules import QuotaPart
from procurement.supervision.commands.drawing import (
    NewCircular,
    advance_circular,
    ask_circular,
)
from procurement.supervision.commands.matters import NewMatter, raise_matter
from procurement.supervision.models.circulars import Circular, CircularStatus, PeriodKind
from procurement.supervision.models.matters import Cause
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import registry

YEAR = 2026
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
"""Monday noon in Shanghai."""


@dataclass(frozen=True)
class Cast:
    """A school under a supervising unit, and the finance bureau over both."""

    unit: Organisation
    superior: Organisation
    bureau: Organisation
    admin: AppUser
    superior_admin: AppUser
    supervisor: AppUser


def cast_of(region_code: str = registry.WUJIANG) -> Cast:
    """Register the three organisations of a filing chain, each with its person."""
    superior = registry.organisation(OrganisationKind.BUDGET_UNIT, region_code)
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT, region_code, superior)
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU, region_code)
    return Cast(
        unit=unit,
        superior=superior,
        bureau=bureau,
        admin=registry.user(unit, [Role.UNIT_ADMIN]),
        superior_admin=registry.user(superior, [Role.UNIT_ADMIN]),
        supervisor=registry.user(bureau, [Role.FINANCE_SUPERVISOR]),
    )


def contents(
    reserved: int = 300_000_00,
    total: int = 1_000_000_00,
    ceiling: int = 800_000_00,
    year: int = YEAR,
    situation: Situation = Situation.OWN,
) -> FilingContents:
    """Say what a unit files; the defaults are exactly Guangdong's 30 %."""
    return FilingContents(
        year=year,
        situation=situation,
        canteen_total_fen=Fen(total),
        reserved_fen=Fen(reserved),
        ceiling_fen=Fen(ceiling),
    )


def confirmed(people: Cast, filed: FilingContents, now: datetime = NOW) -> ConfirmedFiling:
    """Take a promise through its whole chain."""
    filing = draft_filing(filed, by=registry.actor_of(people.admin), now=now)
    submit_filing(filing.id, by=registry.actor_of(people.admin), now=now)
    confirm_filing(filing.id, by=registry.actor_of(people.superior_admin), now=now)
    return confirm_filing(filing.id, by=registry.actor_of(people.supervisor), now=now)


def filing_of(unit: Organisation, status: FilingStatus = FilingStatus.DRAFT) -> Filing:
    """Give the unit's only promise, which must be in the state."""
    found = db.session.execute(select(Filing).where(Filing.unit_id == unit.id)).scalar_one()
    assert found.status is status
    return found


def quota(
    unit: Organisation,
    ceiling: int = 1_000_000_00,
    year: int = YEAR,
    fund: Fund = Fund.CANTEEN,
    now: datetime = NOW,
) -> Quota:
    """Open a quota that was not filed for, with its opening entry."""
    opened = Quota(
        id=QuotaId(new_id()),
        unit_id=unit.id,
        year=year,
        fund=fund,
        ceiling_fen=Fen(ceiling),
        floor_fen=Fen(0),
        held_fen=Fen(0),
        spent_fen=Fen(0),
    )
    entry = QuotaEntry(
        id=new_id(),
        counter_id=opened.id,
        kind=EntryKind.ADJUST,
        held=Fen(0),
        spent=Fen(0),
        ceiling_fen=Fen(ceiling),
        at=now,
    )
    db.session.add_all([opened, entry])
    db.session.flush()
    return opened


def part(
    amount: int,
    origin_kind: OriginKind = OriginKind.NATIONAL_832,
    order_kind: OrderKind = OrderKind.RESERVED_SHARE,
) -> QuotaPart:
    """Say what an order wants for its goods of one origin kind."""
    return QuotaPart(origin_kind, order_kind, Fen(amount))


def policy(code: str) -> SharePolicy:
    """Give a policy of the reference data."""
    return db.session.execute(select(SharePolicy).where(SharePolicy.code == code)).scalar_one()


def unit_actor(unit: Organisation, *roles: Role) -> Actor:
    """Give somebody with these roles in the unit."""
    return registry.actor_of(registry.user(unit, roles or (Role.CANTEEN_BUYER,)))


def delegate_something() -> DelegationId:
    """Let somebody approve for a colleague of a new unit."""
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    given = delegate(
        NewDelegation(registry.user(unit, [Role.UNIT_FINANCE]).id, date(2026, 3, 9), "出差"),
        by=unit_actor(unit, Role.UNIT_APPROVER),
        now=NOW,
    )
    return given.id


def waive_something(now: datetime = NOW) -> Waiver:
    """Lower the share of a unit of Guangdong for the year, so that there is a waiver to ask for."""
    people = cast_of()
    new = NewWaiver(
        unit_id=people.unit.id,
        floor_bp=1500,
        document_number="粤财库〔2026〕1号",
        approved_by_level=WaiverLevel.PROVINCE_FINANCE,
        reason="牧区民族饮食",
        since_on=date(YEAR, 1, 1),
        until_on=date(YEAR + 1, 1, 1),
    )
    return grant_waiver(new, by=registry.actor_of(people.supervisor), now=now)


def supervise_something() -> None:
    """Leave a matter with its unit, and a circular that is not out yet."""
    people = cast_of(registry.WUJIANG)
    by = registry.actor_of(people.supervisor)
    new = NewMatter(people.unit.id, YEAR, Cause.NOT_FILED, "请于期限内填报")
    raise_matter(new, by=by, now=NOW)
    draft_of(asked_circular(by))


def asked_circular(by: Actor) -> Circular:
    """Ask for the circular of January in the county."""
    new = NewCircular(registry.WUJIANG, YEAR, PeriodKind.MONTH, 1)
    return ask_circular(new, by=by, now=NOW)


def draft_of(asked: Circular) -> Circular:
    """Let the task draw up a circular that waits."""
    assert advance_circular(now=NOW) == 1
    assert asked.status is CircularStatus.DRAFT
    return asked
