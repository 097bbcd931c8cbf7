"""Between field and kitchen: a pick-up point, a route and its price, a cold store, a window."""

from __future__ import annotations

from datetime import date, timedelta

from demo.cast import NATION
from demo.goods import PRODUCTS, Product
from demo.stage import Stage

TOWN_DIGITS, COUNTY_DIGITS = 9, 6
PER_KG_FEN = 120
SHOWN_DAYS = 30


def open_ways(stage: Stage) -> None:
    """Say how the first product of each side gets on its way; its county's page shows it first."""
    for product in {product.side: product for product in reversed(PRODUCTS)}.values():
        _open_ways(stage, product)
        _show_first(stage, product)
    stage.tell("自提点、配送线路、冷库与公益展示 / routes, cold stores, shown first")


def _open_ways(stage: Stage, product: Product) -> None:
    clerk = stage.person(f"{product.side}.clerk")
    origin = product.origin_region_code
    here = {"region_code": origin[:TOWN_DIGITS], "since_on": stage.today}
    address = {"address": "农产品集散中心1号"}
    point = clerk.post("/pick-up-points", here | address | {"name": "镇自提点"})
    stops = [{"point_id": point["id"]}, {"region_code": NATION}]
    route = {"name": "产地直发", "per_kg_fen": PER_KG_FEN, "stops": stops}
    clerk.post("/delivery-routes", here | route | {"region_code": origin[:COUNTY_DIGITS]})
    keeps = {"tonnes": "40", "storage_band": "chilled", "min_c": 0, "max_c": 4}
    clerk.post("/cold-chain-facilities", here | address | keeps | {"name": "产地冷库"})


def _show_first(stage: Stage, product: Product) -> None:
    clerk = stage.person(f"{product.side}.clerk")
    until_on = date.fromisoformat(stage.today) + timedelta(days=SHOWN_DAYS)
    wish = {
        "listing_id": stage.listings[product.key]["id"],
        "place_code": product.origin_region_code[:COUNTY_DIGITS],
        "since_on": stage.today,
        "until_on": until_on.isoformat(),
        "reason": "新米、新芋上市",
    }
    slot = clerk.post("/display-slots", wish)
    given = {"give": True, "opinion": "应季产品，同意展示"}
    county = stage.person(f"{product.side}.county")
    county.post(f"/display-slots/{slot['id']}/decision", given)
