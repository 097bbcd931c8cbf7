"""Pages of what stands along the way of goods: routes and what they cost, points, cold stores."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, may, one_of
from console.widgets.names import COUNTY, NATION, region_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term
from kernel.http import PUBLIC

ways = Blueprint("public_ways", __name__)
INDEX = "public_ways.index"
KEEPS = "places.open_point"
SHOWN, MOST = "50", "100"
NAME = Entry("name", N_("名称"))
ADDRESS = Entry("address", N_("地址"), N_("写到门牌；不要写个人姓名和电话。"))
SINCE = Entry("since_on", N_("启用日期"))
UNTIL = Entry("until_on", N_("停用日期"), N_("从这一天起不再使用。"))
ENDS = N_("停用后不能恢复；要改价格、库容或地址，请停用后重新登记。")
LISTS = {
    "points": "places.list_points",
    "routes": "places.list_routes",
    "facilities": "places.list_facilities",
}
NAMES = {"points": "point_id", "routes": "route_id", "facilities": "facility_id"}
OPEN = {
    "points": Act(
        KEEPS, N_("登记自提点"), N_("自提点已登记。"),
        N_("登记后任何人都能看到。名称在同一乡镇内不能重复。"),
        (NAME, Entry("region_code", N_("所在乡镇")), ADDRESS, SINCE),
    ),
    "facilities": Act(
        "places.open_facility", N_("登记冷链设施"), N_("冷链设施已登记。"),
        N_("登记后任何人都能看到，发出冷藏、冷冻货物时可以选用。一处既有冷藏又有冷冻的，分两条登记。"),
        (NAME, Entry("region_code", N_("所在地")), ADDRESS, Entry("tonnes", N_("库容（吨）")),
         Entry("storage_band", N_("温区")), Entry("min_c", N_("最低温度（℃）")),
         Entry("max_c", N_("最高温度（℃）")), SINCE),
    ),
}  # fmt: skip
END = {
    "points": Act("places.end_point", N_("停用自提点"), N_("自提点已停用。"), ENDS, (UNTIL,)),
    "routes": Act("places.end_route", N_("停用线路"), N_("线路已停用。"), ENDS, (UNTIL,)),
    "facilities": Act(
        "places.end_facility", N_("停用冷链设施"), N_("冷链设施已停用。"), ENDS, (UNTIL,)
    ),
}  # fmt: skip


@ways.get("/delivery")
@page(ways, allow=PUBLIC, menu=(N_("公开查询"), N_("配送与冷链")))
def index() -> str:
    """Show what delivery to a place costs by each route, and its points and cold stores."""
    place = asked("region")
    routes = ask(LISTS["routes"], query={**place, **asked("weight_kg", "cursor")})
    return render_template(
        "public/ways.html", routes=routes, is_own=_is_own,
        points=ask(LISTS["points"], query={**place, "limit": SHOWN}),
        facilities=ask(LISTS["facilities"], query={**place, "limit": SHOWN}),
    )  # fmt: skip


@ways.get("/delivery/cold-stores/file")
@page(ways, allow="places.export_list_facilities")
def file() -> Response:
    """Give the cold stores of a region as Excel."""
    given: Response = ask("places.export_list_facilities", query=asked("region"))
    return given


@ways.route("/delivery/<any(points, facilities):kind>/new", methods=["GET", "POST"])
@page(ways, allow=KEEPS)
def register(kind: str) -> Response | str:
    """Register a pick-up point or a cold store."""
    form = Form(OPEN[kind].door)
    options = {
        "region_code": _towns() if kind == "points" else _around(),
        "storage_band": [(band, term(band, "storage_band").text) for band in ("chilled", "frozen")],
    }
    return act_page(OPEN[kind], form, then=Place(INDEX), options=options)


@ways.route("/delivery/routes/new", methods=["GET", "POST"])
@page(ways, allow="places.publish_route")
def publish() -> Response | str:
    """Publish a route with its stops."""
    form = Form("places.publish_route")
    if form.sent():
        return to_page(INDEX, said=_("线路已公布。"))
    points = ask(LISTS["points"], query={"region": _county(), "limit": MOST})["items"]
    return render_template(
        "public/route_form.html", form=form, places=_around(),
        points=[(one["id"], f"{one['region']} {one['name']}") for one in points],
        regions=[(NATION, _("全国")), *_regions(NATION), *_around()],
    )  # fmt: skip


@ways.route("/delivery/<any(points, routes, facilities):kind>/<uuid:place_id>/end",
            methods=["GET", "POST"])  # fmt: skip
@page(ways, allow=KEEPS)
def end(kind: str, place_id: UUID) -> Response | str:
    """End what the own organisation runs, or stands in the own county."""
    one = one_of(LISTS[kind], place_id, {"region": request.args.get("region")})
    path: dict[str, Any] = {NAMES[kind]: place_id}
    form = Form(END[kind].door, start={"version": one["version"]}, **path)
    facts = [(_("名称"), one["name"]), (_("所在地"), one["region"])]
    return act_page(END[kind], form, then=Place(INDEX), facts=facts)


def _is_own(one: dict[str, Any]) -> bool:
    """Say whether who looks may end it."""
    actor = g.actor
    is_office = actor.has("county_reviewer") and one["region_code"].startswith(actor.region_prefix)
    return may(KEEPS) and (is_office or one["operator_id"] == str(actor.organisation_id))


def _county() -> str:
    return str(g.actor.region_code)[:COUNTY]


def _regions(parent: str) -> list[tuple[str, str]]:
    found = ask("regions.list_regions", query={"parent": parent, "limit": MOST})["items"]
    return [(one["code"], one["name"]) for one in found]


def _towns() -> list[tuple[str, str]]:
    return _regions(_county())


def _around() -> list[tuple[str, str]]:
    """Give the own county and its townships."""
    return [(_county(), region_of(_county())), *_towns()]
