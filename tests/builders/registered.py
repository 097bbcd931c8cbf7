"""One of each thing that the register and its accounts know, in the world of a told story."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from certification.applications.commands.productions import declare_production
from certification.certificates.models.certificates import Certificate
from certification.criteria.models import ProductCategory
from kernel import clock
from kernel.actor import Actor, kept
from kernel.database import db
from kernel.exports.models import ExportState, SheetExport
from kernel.identity import new_id
from kernel.imports.models import ImportState, SheetImport
from kernel.money import Fen
from kernel.quantity import Unit
from kernel.sheets.sources import CSV
from registry.accounts.commands.invitations import NewInvitation, invite
from registry.accounts.models import AppUser, Role
from registry.households.commands.bases import NewBase, open_base
from registry.households.commands.cases import NewCase, open_case
from registry.households.commands.incomes import NewIncome, record_income
from registry.households.commands.links import record_consent
from registry.households.commands.members import NewLeader, NewMember, add_leader, add_member
from registry.households.commands.pairings import NewPairing, pair_helper
from registry.households.commands.reconciliations import open_reconciliation
from registry.households.commands.shares import (
    NewShareAsset,
    NewShareMove,
    convert_asset,
    move_shares,
)
from registry.households.commands.surveys import SurveyImport
from registry.households.models.cases import CaseKind, ClueSource
from registry.households.models.households import Household, HouseholdId, HouseholdState
from registry.households.models.incomes import IncomeKind
from registry.households.models.members import Health, Labour, Relation
from registry.households.models.pairings import PairingKind
from registry.households.models.shares import ShareAssetId, ShareMoveKind
from registry.households.rules.members import sex_of
from registry.organisations.commands.credit import NewCreditEntry, add_credit_entry
from registry.organisations.models import CreditKind, OrganisationId, OrganisationKind
from tests.builders import registry

YEAR = 2025
SINCE = date(2026, 1, 1)


def register_something() -> None:
    """Leave one of each: what households, organisations and accounts have of their own."""
    certificate = db.session.scalars(select(Certificate).order_by(Certificate.number)).first()
    assert certificate is not None
    household = db.session.scalars(
        select(Household).filter_by(state=HouseholdState.LISTED).order_by(Household.code)
    ).first()
    assert household is not None
    now = clock.now()
    _of_household(household, certificate.holder_id, now=now)
    _of_holder(certificate, now=now)
    _of_accounts(certificate, now=now)
    db.session.flush()


def _of_household(household: Household, helper_id: OrganisationId, *, now: datetime) -> None:
    village, county = household.village_code, household.village_code[:6]
    kind = OrganisationKind.AUTHORITY
    cadre = registry.person(Role.VILLAGE_CADRE, kind=kind, region_code=village)
    reviewer = registry.person(Role.COUNTY_REVIEWER, kind=kind, region_code=county)
    add_member(household.id, _member(village), by=cadre, now=now)
    leader = NewLeader(village, "何示领", registry.id_number(village), "茶叶种植", SINCE)
    add_leader(leader, by=cadre, now=now)
    income = NewIncome(YEAR, IncomeKind.WAGE, Fen(1_200_000), "务工收入")
    record_income(household.id, income, by=cadre, now=now)
    record_consent(household.id, organisation_id=helper_id, by=cadre, now=now)
    clue = NewCase(CaseKind.REMOVAL, ClueSource.CADRE_VISIT, "收入稳定", household.id)
    open_case(clue, by=cadre, now=now)
    pairing = NewPairing(
        PairingKind.COOPERATIVE_HOUSEHOLD,
        helper_id,
        village,
        SINCE,
        "结对文件",
        household_id=household.id,
    )
    pair_helper(pairing, by=reviewer, now=now)
    run = open_reconciliation(
        region_code=county, survey="入户核查", surveyed_on=SINCE, by=reviewer, now=now
    )
    SurveyImport(by=reviewer, now=now, by_itself=False, subject_id=run.id).finish()
    share_something(household, helper_id, by=cadre, now=now)
    city = registry.person(Role.CITY_REVIEWER, kind=kind, region_code=f"{county[:4]}00")
    base = NewBase(f"{county[:4]}00", "演示帮扶基地", helper_id, SINCE, "建设方案")
    open_base(base, by=city, now=now)


def share_something(
    household: Household, operator_id: OrganisationId, *, by: Actor, now: datetime
) -> ShareAssetId:
    """Let an asset of a household's village stand as shares, some of them its own."""
    place = household.village_code
    new = NewShareAsset(place, "茶叶加工厂", operator_id, Fen(100_000_000), 1_000, 500, "方案")
    asset = convert_asset(new, by=by, now=now)
    taker = HouseholdId(household.id)
    issue = NewShareMove(ShareMoveKind.ISSUE, 10, "四议两公开决议", taker_id=taker)
    move_shares(asset.id, issue, by=by, now=now)
    return asset.id


def _member(village: str) -> NewMember:
    number = registry.id_number(village)
    return NewMember(
        name="何示二",
        document_number=number,
        relation=Relation.OTHER,
        sex=sex_of(number),
        health=Health.HEALTHY,
        labour=Labour.ABLE,
        joined_on=SINCE,
    )


def _of_holder(certificate: Certificate, *, now: datetime) -> None:
    county = certificate.origin_region_code[:6]
    reviewer = registry.person(
        Role.COUNTY_REVIEWER, kind=OrganisationKind.AUTHORITY, region_code=county
    )
    praise = NewCreditEntry(CreditKind.COMMENDATION, "表彰文件", SINCE, ())
    add_credit_entry(certificate.holder_id, new=praise, by=reviewer, now=now)
    declare_production(
        category_code=db.session.scalars(
            select(ProductCategory.code).order_by(ProductCategory.code)
        ).first()
        or "",
        county_code=county,
        year=YEAR,
        unit=Unit.KG,
        quantity=Decimal(1000),
        basis="生产台账",
        by=_clerk_of(certificate),
        now=now,
    )


def _of_accounts(certificate: Certificate, *, now: datetime) -> None:
    clerk = _clerk_of(certificate)
    manager = registry.person(Role.COOP_MANAGER, region_code=certificate.origin_region_code[:6])
    assert manager.organisation_id is not None
    place = OrganisationId(manager.organisation_id)
    invite(NewInvitation(place, [Role.COOP_CLERK]), by=manager, now=now)
    assert clerk.organisation_id is not None
    db.session.add(
        SheetImport(
            id=new_id(),
            list_name="benefit_links",
            organisation_id=clerk.organisation_id,
            sha256=hashlib.sha256(b"benefit_links").hexdigest(),
            media_type=CSV,
            encoding="utf-8",
            sheet="",
            size_bytes=10,
            state=ImportState.CHECKED,
            rows=1,
            fault_count=0,
            faults=[],
            preview=[],
            actor={},
            received_at=now,
            checked_at=now,
        )
    )
    db.session.add(
        SheetExport(
            id=new_id(),
            list_name="benefit_links",
            user_id=clerk.user_id,
            organisation_id=clerk.organisation_id,
            question='{"query": {}, "of": {}}',
            file_format="csv",
            actor=kept(clerk),
            state=ExportState.ASKED,
            rows=0,
            pieces=0,
            size_bytes=0,
            asked_at=now,
        )
    )


def _clerk_of(certificate: Certificate) -> Actor:
    return registry.actor_of(db.session.get_one(AppUser, certificate.author_id))
