"""The register's totals, who is not reached, and which villages lack leaders."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.households.commands.households import write_change
from registry.households.models.households import ChangeReason, LeaderId, VillageLeader
from registry.households.models.links import BenefitWay
from registry.households.queries.coverage import get_totals, list_leader_gaps, list_uncovered
from registry.households.queries.links import list_double_counts
from registry.regions.models import Region
from tests.builders import registry as build
from tests.registry.households.casework import OFFICE

pytestmark = pytest.mark.usefixtures("db_session")
TABLE = Path(__file__).parents[2] / "data" / "wujiang_2020.csv"
TODAY = date(2026, 3, 2)


def _county() -> Actor:
    return build.person(Role.COUNTY_REVIEWER, kind=OFFICE)


def _codes(actor: Actor, way: BenefitWay | None = None, on: date = TODAY) -> list[str]:
    found = list_uncovered(
        actor, region_prefix=build.WUJIANG, on=on, way=way, limit=200, cursor=None
    )
    return [one.household_code for one in found.items]


def test_the_wujiang_table_comes_out_of_the_register() -> None:
    """T-W1, T-W2, T-W3: 755 households, 1,788 people, 7 villages, town by town."""
    towns = {
        one.name: one.code
        for one in db.session.query(Region).filter(Region.parent_code == build.WUJIANG)
    }
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = {row["town"]: row for row in csv.DictReader(file)}
    wanted = rows.pop("合计")
    for town, row in rows.items():
        households, people = int(row["households"]), int(row["people"])
        for number in range(households):
            village = f"{towns[town]}{801 + number % max(int(row['villages']), 1)}"
            made = build.household(village)
            made.able_labour = 1
            made.members = people // households + (number < people % households)
            db.session.flush()
            write_change(
                made, reason=ChangeReason.EDIT, reason_id=None, by=SYSTEM, now=build.LONG_AGO
            )
    totals = get_totals(_county(), region_code=build.WUJIANG, on=TODAY)
    assert (totals.households, totals.people) == (755, 1788)
    assert {p.name: (p.households, p.people) for p in totals.places} == {
        town: (int(row["households"]), int(row["people"])) for town, row in rows.items()
    }
    assert totals.households == int(wanted["households"])
    assert sum(p.villages for p in totals.places) == 9
    assert totals.by_class["registered"] == 755
    assert totals.able_and_willing == 755


def test_an_able_and_willing_household_without_a_link_is_listed_by_code() -> None:
    """A19, A50, T-Z7: by code, never by name; as of the day that is asked for."""
    county, coop = _county(), build.organisation()
    linked, alone = build.household(), build.household()
    build.benefit_link(linked, coop, BenefitWay.TECHNIQUE, until_on=date(2026, 3, 1))
    assert set(_codes(county)) == {linked.code, alone.code}
    assert _codes(county, on=date(2026, 2, 28)) == [alone.code]
    assert set(_codes(county, BenefitWay.JOBS, on=date(2026, 2, 28))) == {linked.code, alone.code}
    stranger = build.person(Role.COUNTY_REVIEWER, kind=OFFICE, region_code="440204")
    assert _codes(stranger) == []


def test_a_village_with_two_leaders_is_listed_and_one_with_three_is_not() -> None:
    """T-G4."""
    county = _county()
    build.household()
    for number in range(3):
        assert [
            (gap.village_code, gap.leaders)
            for gap in list_leader_gaps(
                county, region_prefix=build.WUJIANG, on=TODAY, least=3, limit=9, cursor=None
            ).items
        ] == [(build.VILLAGE, number)]
        db.session.add(
            VillageLeader(
                id=LeaderId(new_id()),
                village_code=build.VILLAGE,
                name="何示三",
                id_number=build.id_number(),
                id_number_index=bytes([number]),
                trade="茶叶",
                since_on=date(2025, 1, 1),
                created_at=build.LONG_AGO,
            )
        )
        db.session.flush()
    found = list_leader_gaps(
        county, region_prefix=build.WUJIANG, on=TODAY, least=3, limit=9, cursor=None
    )
    assert found.items == []


def test_a_household_that_two_organisations_count_in_one_way_is_told_once() -> None:
    household, one, other = build.household(), build.organisation(), build.organisation()
    first = build.benefit_link(household, one)
    second = build.benefit_link(household, other)
    build.benefit_link(household, other, BenefitWay.JOBS)
    (found,) = list_double_counts(
        _county(), organisation_id=None, region_prefix="", on=TODAY, limit=9, cursor=None
    ).items
    assert {found.benefit_link_id, found.other_benefit_link_id} == {first.id, second.id}
    assert found.household_code == household.code
    assert not found.same_quantity
