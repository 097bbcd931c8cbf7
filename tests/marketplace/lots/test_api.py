"""The doors to lots: what is recorded, who sees it, and that households are codes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kernel.identity import new_id
from kernel.quantity import Unit
from marketplace.lots.commands.stock import refresh_all, refresh_moved
from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.organisations.models import OrganisationKind
from tests.builders import marketplace, registry
from tests.builders.marketplace import NOW, Scene, listing_of, lots_of, placed
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

D = Decimal


pytestmark = pytest.mark.usefixtures("stopped")


@pytest.fixture
def stock() -> str:
    return "0"


@pytest.fixture
def household(there: Scene) -> Household:
    linked = registry.household()
    registry.benefit_link(linked, there.cooperative)
    return linked


def body(there: Scene, household: Household, **changes: Any) -> dict[str, Any]:
    contribution = {
        "household_id": str(household.id),
        "quantity": "80.5",
        "farm_price_fen": 1_800,
    }
    return {
        "listing_id": str(there.listing_id),
        "harvested_on": "2026-05-31",
        "expires_on": "2026-06-20",
        "unit": "jin",
        "contributions": [contribution],
        "own_quantity": "19.5",
        **changes,
    }


def test_a_lot_adds_up_and_names_households_by_code_only(
    there: Scene, clerk: Door, household: Household
) -> None:
    made = json_of(clerk.post("/lots", body(there, household)), 201)
    assert made["number"].startswith("BF-L-2026-440203-")
    assert (made["total"], made["held"], made["shipped"]) == ("100.000", "0.000", "0.000")
    (contribution,) = made["contributions"]
    assert contribution == {
        "id": contribution["id"],
        "household_code": household.code,
        "quantity": "80.500",
        "farm_price_fen": 1_800,
        "root_id": None,
        "paid_on": None,
    }
    assert household.head_name not in str(made)
    assert str(household.id) not in str(made)
    assert json_of(clerk.get(f"/lots/{made['id']}")) == made
    assert listing_of(there.listing_id).available_quantity == 50


def test_a_lot_is_recorded_once_for_a_key(there: Scene, clerk: Door, household: Household) -> None:
    said = body(there, household)
    assert code_of(clerk.post("/lots", said, key=None)) == (400, "idempotency_key_required")
    first, again = (clerk.post("/lots", said, key="k1") for _ in range(2))
    assert first.json == again.json
    assert len(lots_of(there.listing_id)) == 1


def test_only_linked_households_stand_in_a_lot(
    there: Scene, clerk: Door, household: Household
) -> None:
    ended = registry.household()
    registry.benefit_link(ended, there.cooperative, until_on=date(2026, 6, 1))
    unlinked = registry.household()
    for other in (ended, unlinked):
        said = body(there, household)
        said["contributions"].append({**said["contributions"][0], "household_id": str(other.id)})
        assert problem_of(clerk.post("/lots", said)) == (
            422,
            "household_not_linked",
            "/contributions/1/household_id",
        )
    assert lots_of(there.listing_id) == []


@pytest.mark.parametrize(
    "refused",
    [
        ({"harvested_on": "2026-06-02"}, "invalid", "/harvested_on"),
        ({"expires_on": "2026-06-01"}, "invalid", "/expires_on"),
        ({"unit": "box"}, "unit_mismatch", "/unit"),
        ({"contributions": [], "own_quantity": "0"}, "invalid", "/contributions"),
        ({"own_quantity": "-1"}, "invalid", "/own_quantity"),
        ({"listing_id": None}, "invalid", "/listing_id"),
        ({"total": "5"}, "unknown_field", "/total"),
    ],
)
def test_what_cannot_be_taken_is_named(
    there: Scene, clerk: Door, household: Household, refused: tuple[dict[str, Any], str, str]
) -> None:
    changes, code, pointer = refused
    answer = clerk.post("/lots", body(there, household, **changes))
    assert problem_of(answer) == (422, code, pointer)
    assert lots_of(there.listing_id) == []


def test_a_lot_of_a_foreign_listing_is_not_recorded(
    there: Scene, clerk: Door, household: Household
) -> None:
    foreign = marketplace.scene(stock="0").listing_id
    for listing_id in (foreign, new_id()):
        answer = clerk.post("/lots", body(there, household, listing_id=str(listing_id)))
        assert code_of(answer) == (404, "not_found")


def test_lots_are_seen_by_their_own_and_the_authorities_of_the_place(
    client: Client, there: Scene, clerk: Door, household: Household
) -> None:
    made = json_of(clerk.post("/lots", body(there, household)), 201)
    marketplace.lot(there.listing_id, "5", by=there.by("clerk"))
    listed = json_of(clerk.get("/lots", listing_id=str(there.listing_id)))["items"]
    assert {one["total"] for one in listed} == {"100.000", "5.000"}
    assert "contributions" not in listed[0]
    office = registry.organisation(OrganisationKind.AUTHORITY)
    reviewer = Door(client, registry.user(office, [Role.MONITOR]))
    assert json_of(reviewer.get(f"/lots/{made['id']}"))["id"] == made["id"]
    other = Door(client, marketplace.scene(stock="0").clerk)
    assert code_of(other.get(f"/lots/{made['id']}")) == (404, "not_found")
    assert json_of(other.get("/lots"))["items"] == []
    assert code_of(Door(client, there.buyer).get("/lots")) == (403, "forbidden")


def test_what_is_shown_follows_orders_and_days(there: Scene) -> None:
    by = there.by("clerk")
    marketplace.lot(there.listing_id, "10", by=by, expires_on=date(2026, 6, 2))
    marketplace.lot(there.listing_id, "500", by=by, unit=Unit.G)
    placed(there, "4")
    assert listing_of(there.listing_id).available_quantity == D("10.5")
    assert refresh_moved(now=NOW + timedelta(minutes=1)) == 1
    assert listing_of(there.listing_id).available_quantity == D("6.5")
    assert refresh_moved(now=NOW + timedelta(minutes=3)) == 0
    assert refresh_all(now=NOW + timedelta(days=1)) >= 1
    assert listing_of(there.listing_id).available_quantity == D("0.5")
