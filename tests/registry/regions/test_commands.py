"""Loading the list of regions, adding villages, naming helped places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kernel.actor import ANYONE, SYSTEM
from kernel.audit import AuditRow
from kernel.errors import NotAllowed, NotFound
from registry.accounts.models import Role
from registry.errors.households import PeriodBackwards
from registry.errors.regions import RegionUnfit, RegionUnknown
from registry.organisations.models import OrganisationKind
from registry.regions.commands.regions import (
    NewDesignation,
    NewVillage,
    add_village,
    designate_region,
    load_regions,
)
from registry.regions.models import Designation, DesignationKind, OriginKind, Region, RegionLevel
from registry.regions.queries import find_origin_kind, find_region, get_region, get_region_view
from tests.builders import registry as build

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2)
OFFICE = OrganisationKind.AUTHORITY


def test_the_list_is_loaded_once_and_then_left_alone(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    assert db_session.scalar(select(func.count(Region.code))) == 42_291
    assert db_session.scalar(select(func.count(Designation.id))) == 833
    build.village()
    before = len(written())
    load_regions(NOW)
    assert len(written()) == before
    assert db_session.scalar(select(func.count(Region.code))) == 42_292


def test_what_differs_from_the_list_is_written_again(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    db_session.execute(text("UPDATE region SET name = '?' WHERE code IN ('440203', '440204')"))
    db_session.execute(text("DELETE FROM designation WHERE region_code = '360732'"))
    load_regions(NOW)
    assert get_region(ANYONE, "440203").name == "武江区"
    assert written()[-1].action == "load_regions"
    assert find_origin_kind(ANYONE, "360732", on=TODAY) is OriginKind.NATIONAL_832


def test_an_empty_table_is_filled(db_session: Session) -> None:
    db_session.execute(text("SET LOCAL session_replication_role = replica"))
    db_session.execute(text("DELETE FROM designation"))
    db_session.execute(text("DELETE FROM region"))
    db_session.execute(text("SET LOCAL session_replication_role = origin"))
    load_regions(NOW)
    assert db_session.scalar(select(func.count(Region.code))) == 42_291


@pytest.mark.usefixtures("db_session")
def test_an_abolished_code_is_known_and_not_in_force() -> None:
    region = get_region(ANYONE, "540422")
    assert (region.name, region.successor_code) == ("米林县", "540481")
    assert find_region(ANYONE, "540422", on=date(2023, 6, 1)) is region
    assert find_region(ANYONE, "540422", on=date(2024, 1, 1)) is None
    with pytest.raises(NotFound):
        get_region(ANYONE, "999999")
    with pytest.raises(NotFound):
        get_region(ANYONE, "44\x00")


def test_produce_counts_by_the_strongest_designation_around_it(db_session: Session) -> None:
    del db_session
    build.village()
    assert find_origin_kind(ANYONE, "360732100", on=TODAY) is OriginKind.NATIONAL_832
    assert find_origin_kind(ANYONE, "540422", on=TODAY) is OriginKind.NATIONAL_832
    assert find_origin_kind(ANYONE, "360732", on=date(2013, 12, 31)) is OriginKind.OTHER
    assert find_origin_kind(ANYONE, build.VILLAGE, on=TODAY) is OriginKind.PAIRED_REGION
    build.designation(build.VILLAGE)
    assert find_origin_kind(ANYONE, build.VILLAGE, on=TODAY) is OriginKind.PROVINCIAL_VILLAGE
    assert find_origin_kind(ANYONE, build.LONGGUI, on=TODAY) is OriginKind.PAIRED_REGION
    assert find_origin_kind(ANYONE, "440204", on=TODAY) is OriginKind.OTHER
    build.designation("440204", DesignationKind.KEY_COUNTY)
    assert find_origin_kind(ANYONE, "440204", on=TODAY) is OriginKind.OTHER
    assert find_origin_kind(ANYONE, "999999", on=TODAY) is OriginKind.OTHER


def test_a_county_office_adds_a_village(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    by = build.person(Role.COUNTY_REVIEWER, kind=OFFICE)
    village = add_village(NewVillage(build.VILLAGE, "演示石岭村"), by=by, now=NOW)
    assert (village.level, village.parent_code) == (RegionLevel.VILLAGE, build.LONGGUI)
    assert village.valid_from_on == TODAY
    assert db_session.get(Region, build.VILLAGE) is village
    row = written()[-1]
    assert (row.action, row.subject_id, row.user_id) == ("add_village", build.VILLAGE, by.user_id)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("440203999801", RegionUnknown),
        ("440203103", RegionUnfit),
        ("360732100801", NotAllowed),
    ],
)
def test_what_is_no_village_of_the_own_county_is_not_added(
    db_session: Session, code: str, refusal: type[Exception]
) -> None:
    by = build.person(Role.COUNTY_REVIEWER, kind=OFFICE)
    with pytest.raises(refusal):
        add_village(NewVillage(code, "演示村"), by=by, now=NOW)
    assert db_session.scalar(select(func.count(Region.code))) == 42_291


def test_a_village_is_designated_with_its_name_of_today(db_session: Session) -> None:
    del db_session
    build.village()
    by = build.person(Role.PROVINCE_REVIEWER, kind=OFFICE, region_code="440000")
    made = designate_region(
        NewDesignation(
            kind=DesignationKind.PROVINCIAL_VILLAGE,
            region_code=build.VILLAGE,
            valid_from_on=date(2026, 1, 1),
            valid_until_on=date(2027, 1, 1),
            source="粤扶〔演示〕1号",
        ),
        by=by,
        now=NOW,
    )
    assert made.name_at_listing == "演示石岭村"
    view = get_region_view(ANYONE, build.VILLAGE, on=TODAY)
    assert [one.source for one in view.designations] == ["粤扶〔演示〕1号"]
    assert get_region_view(ANYONE, build.VILLAGE, on=date(2027, 1, 1)).designations == []


@pytest.mark.parametrize(
    ("region_code", "partner_code", "until_on", "refusal"),
    [
        ("360732", None, None, NotAllowed),
        ("999999", None, None, RegionUnknown),
        ("440204", "999999", None, RegionUnknown),
        ("440204", None, date(2026, 1, 1), PeriodBackwards),
    ],
)
def test_a_designation_needs_a_place_of_the_own_province_and_a_period(
    db_session: Session,
    region_code: str,
    partner_code: str | None,
    until_on: date | None,
    refusal: type[Exception],
) -> None:
    by = build.person(Role.PROVINCE_REVIEWER, kind=OFFICE, region_code="440000")
    with pytest.raises(refusal):
        designate_region(
            NewDesignation(
                kind=DesignationKind.PAIRED_REGION,
                region_code=region_code,
                valid_from_on=date(2026, 1, 1),
                valid_until_on=until_on,
                partner_code=partner_code,
                source="演示",
            ),
            by=by,
            now=NOW,
        )
    assert db_session.scalar(select(func.count(Designation.id))) == 833


def test_the_system_reaches_everywhere(db_session: Session) -> None:
    del db_session
    assert add_village(NewVillage("360732100801", "演示坪上村"), by=SYSTEM, now=NOW).code
