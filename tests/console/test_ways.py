"""Pages of what stands along the way of goods, and of what is shown first for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.database import db
from marketplace.catalogue.models.displays import DisplaySlot
from marketplace.deliveries.models.places import DeliveryRoute, PickUpPoint
from tests.builders import certification, places, registry
from tests.builders.marketplace import NOW, TODAY, Scene, confirmed, scene
from tests.conftest import Client
from tests.console.visitor import Visitor

PLACE: dict[str, Any] = {"since_on": "2026-01-01", "address": "演示街 1 号"}


@pytest.fixture
def there(client: Client) -> Iterator[Scene]:
    """Set up who sells, at noon."""
    del client
    with clock.stopped(NOW):
        yield scene()


def test_points_routes_and_cold_stores_are_registered_and_read_by_everybody(
    client: Client, there: Scene
) -> None:
    clerk, public = Visitor.of(client, there.clerk), Visitor(client)
    said = {**PLACE, "name": "龙归自提点", "region_code": registry.LONGGUI}
    assert clerk.send("/delivery/points/new", "places.open_point", **said) == "/delivery"
    point = db.session.query(PickUpPoint).one()
    line = {"name": "武江线", "region_code": "440203", "per_kg_fen": "0.35", **PLACE}
    del line["address"]
    stops = {"stops__0__point_id": str(point.id), "stops__1__region_code": "000000"}
    assert clerk.send("/delivery/routes/new", "places.publish_route", **line, **stops)
    both = {**said, "region_code": "440203", "tonnes": "50", "storage_band": "frozen"}
    form = ("/delivery/facilities/new", "places.open_facility")
    refused = clerk.send(*form, 422, **both, min_c="-18", max_c="-25")
    assert "最低温度高于最高温度" in refused
    assert clerk.send(*form, **both, min_c="-25", max_c="-18") == "/delivery"
    page = public.open(f"/delivery?region={registry.LONGGUI}&weight_kg=12.5")
    for told in ("武江线", "全国", "龙归自提点", "4.38"):
        assert told in page
    assert "停用" not in page
    assert "-25 – -18 °C" in public.open("/delivery?region=440203")
    route = db.session.query(DeliveryRoute).one()
    path = f"/delivery/routes/{route.id}/end?region={registry.LONGGUI}"
    assert f"/delivery/routes/{route.id}/end" in clerk.open("/delivery")
    assert clerk.send(path, "places.end_route", until_on=str(TODAY + timedelta(days=1)))
    public.open(path, 303)


def test_a_product_is_asked_for_given_and_shown_first(client: Client, there: Scene) -> None:
    clerk, public = Visitor.of(client, there.clerk), Visitor(client)
    county = Visitor.of(client, certification.reviewer_of("county"))
    path = f"/cooperative/listings/{there.listing_id}"
    assert f"{path}/display" in clerk.open(path)
    days = {"since_on": str(TODAY), "until_on": str(TODAY + timedelta(days=7)), "reason": "应季"}
    assert clerk.send(f"{path}/display", "displays.ask", place_code="440203", **days)
    assert "待答复" in clerk.open("/cooperative/displays")
    slot = db.session.query(DisplaySlot).one()
    assert f"{slot.id}/give" in county.open("/reviewer/displays?status=asked")
    clerk.open("/reviewer/displays", 403)
    assert "公益展示" not in public.open("/canteen/shop?region=440203")
    county.send(f"/reviewer/displays/{slot.id}/give", "displays.decide", opinion="同意")
    assert "公益展示" in public.open("/canteen/shop?region=440203")
    for elsewhere in ("/canteen/shop", "/canteen/shop?region=440203&q=米"):
        assert "公益展示" not in public.open(elsewhere)
    path = f"/reviewer/displays/{slot.id}/withdraw"
    assert county.send(path, "displays.withdraw", reason="已售罄") == "/reviewer/displays"
    assert "公益展示" not in public.open("/canteen/shop?region=440203")
    assert "已售罄" in clerk.open("/cooperative/displays")


def test_a_shipment_chooses_among_the_cold_stores_around(client: Client, there: Scene) -> None:
    places.facility(there.by("clerk"))
    order_id = confirmed(there, "5").order.id
    page = Visitor.of(client, there.clerk).open(f"/cooperative/orders/{order_id}/ship")
    assert "演示冷库 · 武江区 · 0–4 ℃" in page
