"""Terms said, changed in part, searched by and counted; prices with their history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.catalogue.models.listings import Channel, PayMode, StorageBand
from marketplace.catalogue.rules.terms import ChannelUse
from tests.builders import marketplace, offers
from tests.builders.marketplace import NOW, Scene
from tests.builders.offers import zone
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

ZONE = {"region_codes": ["440000"], "base_fen": 800, "free_from_fen": 20_000}
TERMS = {
    "unit_weight_kg": "1.500",
    "season_months": [12, 11, 11],
    "lead_days": 1,
    "latest_days": 20,
    "storage_band": "chilled",
    "storage_min_c": 0,
    "storage_max_c": 4,
    "pay_modes": ["goods_first"],
    "channels": [
        {"channel": "platform_832", "external_id": "P-1", "unit_price_fen": 900},
        {"channel": "fair", "is_open": False},
    ],
}


pytestmark = pytest.mark.usefixtures("stopped")


@pytest.fixture
def stock() -> str:
    return "0"


def body(there: Scene, **more: Any) -> dict[str, Any]:
    return {
        "certificate_id": str(there.certificate.id),
        "title": "演示脐橙",
        "unit": "kg",
        "step": "1",
        "unit_price_fen": 1_000,
        **more,
    }


def test_terms_are_said_and_changed_in_part(there: Scene, clerk: Door) -> None:
    plan = json_of(clerk.post("/freight-plans", {"name": "省内", "zones": [ZONE]}), 201)
    said = {**TERMS, "freight_plan_id": plan["id"]}
    made = json_of(clerk.post("/listings", body(there, **said)), 201)
    kept = {name: made[name] for name in said}
    assert kept == {
        **said,
        "season_months": [11, 12],
        "channels": [
            {"channel": "platform_832", "external_id": "P-1", "unit_price_fen": 900,
             "is_open": True},
            {"channel": "fair", "external_id": None, "unit_price_fen": None, "is_open": False},
        ],
    }  # fmt: skip
    assert [one["base_fen"] for one in made["freight_zones"]] == [800]
    path = f"/listings/{made['id']}"
    change: dict[str, Any] = {"freight_plan_id": None, "latest_days": None, "season_months": []}
    changed = json_of(clerk.patch(path, change, version=made["version"]))
    assert {name: changed[name] for name in said} == {**kept, **change}


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"freight_plan_id": str(new_id())}, "/freight_plan_id"),
        ({"storage_band": "frozen"}, "/storage_min_c"),
        ({"season_months": [13]}, "/season_months/0"),
        ({"season_months": ["1"]}, "/season_months/0"),
        ({"lead_days": -1}, "/lead_days"),
        ({"pay_modes": []}, "/pay_modes"),
        ({"channels": [{"channel": "street"}]}, "/channels/0/channel"),
    ],
)
def test_terms_that_cannot_be_are_named(
    there: Scene, clerk: Door, more: dict[str, Any], pointer: str
) -> None:
    assert problem_of(clerk.post("/listings", body(there, **more)))[::2] == (422, pointer)


def test_a_freight_plan_is_its_suppliers_own(client: Client, there: Scene, clerk: Door) -> None:
    made = json_of(clerk.post("/freight-plans", {"name": "省内", "zones": [ZONE]}), 201)
    again = clerk.post("/freight-plans", {"name": "省内", "zones": [ZONE]})
    assert code_of(again) == (409, "freight_plan_known")
    path = f"/freight-plans/{made['id']}"
    wish = {"name": "全国", "zones": [{"region_codes": ["000000"], "base_fen": 0}]}
    assert code_of(clerk.patch(path, wish)) == (428, "precondition_required")
    assert json_of(clerk.patch(path, wish, version=1))["name"] == "全国"
    assert code_of(clerk.patch(path, wish, version=1)) == (412, "version_stale")
    other = Door(client, marketplace.scene(stock="0").clerk)
    assert code_of(other.patch(path, wish, version=2)) == (404, "not_found")
    foreign = other.get("/freight-plans")
    assert json_of(foreign)["items"] == []
    assert len(json_of(clerk.get("/freight-plans"))["items"]) == 1
    bad = {"name": "重", "zones": [{**ZONE, "step_kg": "1"}]}
    assert problem_of(clerk.post("/freight-plans", bad))[1:] == ("invalid", "/zones/0/step_kg")
    del there


def test_a_search_narrows_by_terms_and_counts_what_it_finds(client: Client, there: Scene) -> None:
    by, shop = there.by("clerk"), Door(client)
    cold = marketplace.listing(there.certificate, by=by)
    offers.set_terms(
        there,
        cold,
        season_months=[11],
        storage_band=StorageBand.FROZEN,
        storage_min_c=-20,
        storage_max_c=-18,
        pay_modes=[PayMode.GOODS_FIRST],
        channels=[ChannelUse(Channel.HALL), ChannelUse(Channel.FAIR, is_open=False)],
    )
    both = {str(cold), str(there.listing_id)}
    first = {str(there.listing_id)}
    for query, found in (
        ({"storage_band": "frozen"}, {str(cold)}),
        ({"pay_mode": "pay_first"}, first),
        ({"month": "11"}, both),
        ({"month": "10"}, first),
        ({"channel": "hall", "q": "丝苗"}, {str(cold)}),
        ({"channel": "fair"}, set()),
        ({"price_from_fen": "3000", "price_to_fen": "3000"}, both),
        ({"price_from_fen": "3001"}, set()),
        ({"supplier_id": str(there.cooperative.id)}, both),
        ({"supplier_id": str(new_id())}, set()),
        ({"in_stock": "true"}, set()),
    ):
        items = json_of(shop.get("/listings", **query))["items"]
        assert {one["id"] for one in items} == found, query
    told = json_of(shop.get("/listings/facets", q="ysjsm 丝苗", region="440000"))
    assert told["counted"] == 0
    told = json_of(shop.get("/listings/facets", q="丝苗", region="440000"))
    assert (told["counted"], told["is_whole"]) == (2, True)
    counts = {
        kind: {one["value"]: one["count"] for one in some} for kind, some in told["facets"].items()
    }
    assert counts["category"] == {"grain": 2}
    assert counts["band"] == {"ambient": 1, "frozen": 1}
    assert counts["pay"] == {"goods_first": 2, "pay_first": 1}
    assert (counts["month"]["11"], counts["month"]["1"]) == (2, 1)
    assert counts["channel"] == {"hall": 1}
    assert {one["name"] for one in told["facets"]["place"]} == {"广东省", "武江区"}


def test_prices_leave_a_history_that_everybody_reads(
    client: Client, there: Scene, clerk: Door
) -> None:
    path = f"/listings/{there.listing_id}"
    for days, change in ((1, {"unit_price_fen": 2_800}), (2, {"title": "新米"}), (3, {"tiers": [
        {"min_quantity": "50", "unit_price_fen": 2_500}]})):  # fmt: skip
        with clock.stopped(NOW + timedelta(days=days)):
            clerk.patch(path, change, version=marketplace.listing_of(there.listing_id).version)
    items = json_of(Door(client).get(f"{path}/prices"))["items"]
    assert [(one["unit_price_fen"], len(one["tiers"])) for one in items] == [
        (2_800, 1), (2_800, 0), (3_000, 0),
    ]  # fmt: skip
    assert [one["from_at"][:10] for one in items] == ["2026-06-04", "2026-06-02", "2026-06-01"]
    assert code_of(Door(client).get(f"/listings/{new_id()}/prices")) == (404, "not_found")


def test_freight_zones_are_shown_to_everybody(client: Client, there: Scene) -> None:
    offers.bring_for(there, zone("440000", base=800, free_from_fen=Fen(20_000)))
    shown = json_of(Door(client).get(f"/listings/{there.listing_id}"))
    assert shown["freight_zones"][0]["free_from_fen"] == 20_000
