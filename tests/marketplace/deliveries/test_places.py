"""Pick-up points, delivery routes and cold stores: who registers them, and what they are for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from kernel.actor import Actor, Sight
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import Invalid, NotAllowed, Refusal
from kernel.identity import new_id
from marketplace.catalogue.models.listings import StorageBand
from marketplace.deliveries.models.goods import ColdChain, Shipment, ShipmentId
from marketplace.deliveries.models.places import ColdChainFacility, PickUpPoint, PointId
from marketplace.deliveries.rules.cold_chain import check_facility
from marketplace.deliveries.rules.places import (
    Stop,
    check_ending,
    check_home,
    check_level,
    check_operator,
    check_period,
    check_point_open,
    check_stops,
    check_store,
    is_open,
)
from marketplace.errors.constraints import CONSTRAINTS
from marketplace.errors.deliveries import FacilityUnfit, NotCooled, PlaceEnded, PlaceKnown
from registry.accounts.models import Role
from registry.errors.pairings import OperatorUnknown
from registry.errors.regions import RegionUnfit
from registry.organisations.models import Organisation, OrganisationId
from registry.regions.models import RegionLevel
from tests.builders import certification, places, registry
from tests.builders.marketplace import TODAY, Scene, confirmed, lines_of
from tests.builders.offers import set_terms
from tests.conftest import Client
from tests.constraints import AGAIN, constraints_of, refused_by
from tests.marketplace.doors import Door, code_of, json_of, problem_of

DAY = timedelta(days=1)
CHILLED, FROZEN = StorageBand.CHILLED, StorageBand.FROZEN
CLERK = Actor(new_id(), new_id(), region_prefix="440203103", sight=Sight.ORGANISATION)
COUNTY = Actor(new_id(), new_id(), region_prefix="440203", sight=Sight.REGION)


def refused(act: Callable[[], object]) -> type[Refusal] | None:
    """Give how an act is refused, None where it is not."""
    try:
        act()
    except Refusal as refusal:
        return type(refusal)
    return None


def test_a_place_lies_in_the_own_county() -> None:
    for by in (CLERK, COUNTY):
        check_home("440203104", by=by)
        assert refused(partial(check_home, "440204001", by=by)) is NotAllowed
    assert refused(lambda: check_home("440203", by=Actor(new_id()))) is NotAllowed
    check_level("440203103", levels=[RegionLevel.TOWN])
    assert refused(lambda: check_level("440203", levels=[RegionLevel.TOWN])) is RegionUnfit


def test_a_cold_store_of_an_office_lies_in_its_county_and_a_cooperatives_anywhere() -> None:
    check_store("440204", by=CLERK)
    check_store("440203103", by=COUNTY)
    assert refused(lambda: check_store("440204", by=COUNTY)) is NotAllowed
    assert refused(lambda: check_store("440200", by=CLERK)) is RegionUnfit


def test_an_office_names_an_operator_of_its_county_and_others_only_themselves() -> None:
    own = Organisation(id=OrganisationId(CLERK.organisation_id or new_id()), region_code="440203")
    near = Organisation(id=OrganisationId(new_id()), region_code="440203103")
    far = Organisation(id=OrganisationId(new_id()), region_code="440204")
    check_operator(own, by=CLERK)
    check_operator(near, by=COUNTY)
    for operator, by in ((near, CLERK), (far, COUNTY), (None, COUNTY)):
        assert refused(partial(check_operator, operator, by=by)) is OperatorUnknown


def test_a_stop_is_a_point_or_a_region_and_is_named_once() -> None:
    point = Stop(point_id=PointId(new_id()))
    region = Stop(region_code="440203")
    check_stops([point, region])
    for wrong in ([Stop()], [Stop(point.point_id, "440203")], [region, point, region]):
        assert refused(partial(check_stops, wrong)) is Invalid
    closed = PickUpPoint(since_on=TODAY, until_on=TODAY + DAY)
    assert [is_open(closed, on=TODAY + n * DAY) for n in (-1, 0, 1)] == [False, True, False]
    assert check_point_open(closed, on=TODAY, position=0) is closed
    for gone in (None, closed):
        assert refused(partial(check_point_open, gone, on=TODAY + DAY, position=0)) is Invalid


def test_a_place_ends_once_and_not_for_a_day_that_is_over() -> None:
    open_ended = PickUpPoint(since_on=TODAY - DAY, until_on=None)
    ending = PickUpPoint(since_on=TODAY - DAY, until_on=TODAY + 9 * DAY)
    check_ending(open_ended, until_on=TODAY, today=TODAY)
    check_ending(ending, until_on=TODAY + 8 * DAY, today=TODAY)
    for place, until_on, kind in (
        (ending, TODAY + 9 * DAY, PlaceEnded),
        (open_ended, TODAY - DAY, Invalid),
        (PickUpPoint(since_on=TODAY - 9 * DAY, until_on=None), TODAY - DAY, Invalid),
    ):
        assert refused(partial(check_ending, place, until_on=until_on, today=TODAY)) is kind
    check_period(TODAY, None)
    assert refused(lambda: check_period(TODAY, TODAY)) is Invalid


@pytest.mark.parametrize(
    ("band", "low", "high", "kind"),
    [
        (CHILLED, 0, 4, None),
        (CHILLED, 1, 3, None),
        (CHILLED, 0, 5, FacilityUnfit),
        (CHILLED, -1, 4, FacilityUnfit),
        (FROZEN, 0, 4, FacilityUnfit),
    ],
)
def test_a_cold_store_keeps_goods_as_all_of_them_need_it(
    band: StorageBand, low: int, high: int, kind: type[Refusal] | None
) -> None:
    store = ColdChainFacility(storage_band=band, min_c=low, max_c=high)
    chain = ColdChain(shipment_id=ShipmentId(new_id()), storage_band=CHILLED, min_c=0, max_c=4)
    assert refused(lambda: check_facility(store, [chain])) is kind
    assert refused(lambda: check_facility(store, [])) is NotCooled


def test_what_delivery_costs_by_each_route_that_comes_there(
    client: Client, clerk: Door, there: Scene, written: Callable[[], list[AuditRow]]
) -> None:
    place = {"name": "龙归自提点", "region_code": registry.LONGGUI, "since_on": "2026-01-01"}
    point = json_of(clerk.post("/pick-up-points", {**place, "address": "演示街 1 号"}), 201)
    assert (point["region"], point["operator"]) == ("龙归镇", there.cooperative.name)
    office = Door(client, certification.reviewer_of("county"))
    line = {"name": "武江线", "region_code": "440203", "since_on": "2026-05-01", "per_kg_fen": 35}
    stops = [{"point_id": point["id"]}, {"region_code": "440204"}]
    made = json_of(office.post("/delivery-routes", {**line, "stops": stops}), 201)
    assert [one["region_code"] for one in made["stops"]] == [registry.LONGGUI, "440204"]
    by = there.by("clerk")
    places.route(by, Stop(region_code="440000"), name="省线", per_kg=20)
    places.route(by, Stop(region_code="360732"), name="外省线", per_kg=1)
    public = Door(client)

    def costs(**asked: str) -> list[tuple[str, int | None]]:
        found = json_of(public.get("/delivery-routes", **asked))["items"]
        return [(one["name"], one["cost_fen"]) for one in found]

    both = [("省线", 250), ("武江线", 438)]
    assert costs(point_id=point["id"], weight_kg="12.5") == both
    assert costs(region=registry.VILLAGE, weight_kg="12.499") == [("省线", 250), ("武江线", 437)]
    assert costs(region="440200", weight_kg="0.010") == [("省线", 0), ("武江线", 0)]
    assert costs(region="440204") == [("省线", None), ("武江线", None)]
    assert costs(region="440205") == [("省线", None)]
    assert costs(region="440204", on="2026-04-30") == [("省线", None)]
    assert [name for name, _ in costs()] == ["外省线", "省线", "武江线"]
    assert code_of(public.get("/delivery-routes", point_id=str(new_id()))) == (404, "not_found")
    path = f"/delivery-routes/{made['id']}/end"
    assert code_of(clerk.post(path, {"until_on": "2026-07-01"}, version=1)) == (404, "not_found")
    json_of(office.post(path, {"until_on": "2026-07-01"}, version=1))
    again = office.post(path, {"until_on": "2026-07-02"}, version=2)
    assert code_of(again) == (409, "place_ended")
    assert [name for name, _ in costs(region="440204", on="2026-07-01")] == ["省线"]
    ended = clerk.post(f"/pick-up-points/{point['id']}/end", {"until_on": "2026-06-02"}, version=1)
    assert json_of(ended)["until_on"] == "2026-06-02"
    assert json_of(public.get("/pick-up-points", region="440203", on="2026-06-02"))["items"] == []
    actions = {row.action for row in written() if row.subject_kind == "delivery_route"}
    assert actions == {"place_opened", "place_ended"}


def test_cooled_goods_may_say_which_cold_store_they_left_from(
    client: Client, clerk: Door, there: Scene
) -> None:
    set_terms(there, storage_band=CHILLED, storage_min_c=0, storage_max_c=4)
    order_id = confirmed(there, "10").order.id
    office = registry.actor_of(certification.reviewer_of("county"))
    fits = places.facility(office, operator_id=there.cooperative.id)
    warm = places.facility(there.by("clerk"), 0, 5, name="常温棚")
    gone = places.facility(there.by("clerk"), name="旧库", until_on=TODAY)
    assert fits.operator_id == there.cooperative.id
    line = {"order_line_id": str(lines_of(order_id)[0].id), "quantity": "4"}
    path = f"/orders/{order_id}/shipments"

    def ship(facility_id: object) -> Any:
        body = {"carrier": "演示冷链", "lines": [line], "facility_id": str(facility_id)}
        return clerk.post(path, body)

    for facility_id, code in (
        (warm.id, "facility_unfit"),
        (gone.id, "facility_unknown"),
        (new_id(), "facility_unknown"),
    ):
        assert problem_of(ship(facility_id)) == (422, code, "/facility_id")
    assert db.session.scalars(select(Shipment)).all() == []
    assert json_of(ship(fits.id), 201)["facility_id"] == str(fits.id)
    listed = json_of(Door(client).get("/cold-chain-facilities", region="440203"))["items"]
    assert [(one["name"], one["tonnes"]) for one in listed] == [
        ("演示冷库", "50.000"), ("常温棚", "50.000")
    ]  # fmt: skip
    frozen = Door(client).get("/cold-chain-facilities", storage_band="frozen")
    assert json_of(frozen)["items"] == []
    reviewer = Door(client, certification.reviewer_of("county"))
    file = reviewer.get("/cold-chain-facilities/export", region="440203", format="csv")
    assert [one.split(",")[2] for one in file.text.splitlines()] == [
        "设施名称",
        "演示冷库",
        "常温棚",
    ]


@pytest.mark.usefixtures("db_session")
def test_each_constraint_of_a_place_speaks_by_its_own_name() -> None:
    by = registry.actor_of(registry.user(registry.organisation(), [Role.COOP_CLERK]))
    point = places.point(by)
    places.route(by, Stop(point.id), Stop(region_code="440204"))
    places.facility(by)
    cases = [
        ("UPDATE pick_up_point SET until_on = since_on", "ck_pick_up_point_period"),
        (AGAIN.format("pick_up_point", ""), "ex_pick_up_point_period"),
        ("UPDATE delivery_route SET until_on = since_on", "ck_delivery_route_period"),
        ("UPDATE delivery_route SET per_kg_fen = -1", "ck_delivery_route_price"),
        (AGAIN.format("delivery_route", ""), "ex_delivery_route_period"),
        ("UPDATE route_stop SET position = position - 1", "ck_route_stop_position"),
        (AGAIN.format("route_stop", ""), "uq_route_stop_position"),
        (AGAIN.format("route_stop", ", 'position', position + 2"), "uq_route_stop_once"),
        ("UPDATE cold_chain_facility SET until_on = since_on", "ck_cold_chain_facility_period"),
        ("UPDATE cold_chain_facility SET storage_band = 'cool'", "ck_cold_chain_facility_band"),
        ("UPDATE cold_chain_facility SET min_c = 5", "ck_cold_chain_facility_range"),
        ("UPDATE cold_chain_facility SET tonnes = 0", "ck_cold_chain_facility_tonnes"),
        (AGAIN.format("cold_chain_facility", ""), "ex_cold_chain_facility_period"),
    ]
    for statement, name in cases:
        assert refused_by(statement) == name, statement
    tables = ["pick_up_point", "delivery_route", "route_stop", "cold_chain_facility"]
    assert constraints_of(tables) == {name for _, name in cases}
    apart = [name for name in constraints_of(tables) if name.startswith("ex_")]
    assert {CONSTRAINTS[name] for name in apart} == {PlaceKnown}
