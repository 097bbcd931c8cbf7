"""Pages of ordering by a weekly menu and a head count."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.canteen.api.looking import choices, or_none, rekeyed, today_year, units_in_sight
from console.canteen.api.shop import BASKET
from console.canteen.rules import Basket, dense
from console.widgets.asking import Form, ask, listed, may
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

menus = Blueprint("canteen_menus", __name__, url_prefix="/canteen")
STATES = {"pause": ("campaigns.pause", "active"), "resume": ("campaigns.resume", "paused"),
          "end": ("campaigns.end", "active paused")}  # fmt: skip
SPARE = 5


@menus.get("/menus")
@page(menus, allow="campaigns.index", menu=(N_("采购"), N_("周菜单采购")))
def index() -> str:
    """List the menus by which orders are placed week after week."""
    found = listed("campaigns.index")
    return render_template("canteen/menus.html", found=found)


@menus.route("/menus/new", methods=["GET", "POST"])
@page(menus, allow="campaigns.start")
def start() -> Response | str:
    """Order every week what a menu and a head count want."""
    form, rows = _form("campaigns.start", {"year": today_year()})
    if done := form.sent():
        said = _("菜单已启用，到点自动下单。")
        return to_page("canteen_menus.show", standing_order_id=done.answer["id"], said=said)
    rekeyed(rows)
    goods = goods_to_choose()
    return render_template(
        "canteen/menu_form.html",
        form=form,
        goods=goods,
        units=choices(units_in_sight()),
        spare=SPARE,
    )


@menus.route("/menus/<uuid:standing_order_id>", methods=["GET", "POST"])
@page(menus, allow="campaigns.show")
def show(standing_order_id: UUID) -> Response | str:
    """Show a menu with what became of its weeks; pause it, go on, end it."""
    shown = ask("campaigns.show", standing_order_id=standing_order_id)
    forms = [
        (name, Form(door, start=shown, standing_order_id=standing_order_id))
        for name, (door, states) in STATES.items()
        if shown["status"] in states and may(door)
    ]
    if any(form.sent() for _name, form in forms):
        path = {"standing_order_id": standing_order_id}
        return to_page("canteen_menus.show", said=_("已办理。"), **path)
    return render_template(
        "canteen/menu.html",
        menu_of=shown, forms=forms,
        titles=titles_of([line["listing_id"] for line in shown["menu"]]),
        weeks=ask("campaigns.index_weeks", standing_order_id=standing_order_id),
    )  # fmt: skip


@menus.route("/menus/<uuid:standing_order_id>/change", methods=["GET", "POST"])
@page(menus, allow="campaigns.change")
def change(standing_order_id: UUID) -> Response | str:
    """Change heads, menu, lead or place from the next week on."""
    shown = ask("campaigns.show", standing_order_id=standing_order_id)
    place = {name: shown[f"delivery_{name}"] for name in ("address", "contact", "note")}
    begun = {**shown, "delivery": place}
    form, rows = _form("campaigns.change", begun, standing_order_id=standing_order_id)
    if form.sent():
        said = _("已修改，从下一周起生效。")
        return to_page("canteen_menus.show", standing_order_id=standing_order_id, said=said)
    rekeyed(rows)
    goods = goods_to_choose([line["listing_id"] for line in shown["menu"]])
    return render_template(
        "canteen/menu_form.html", form=form, goods=goods, units=[], spare=len(shown["menu"]) + 2
    )


def _form(door: str, begun: dict[str, Any], **path: Any) -> tuple[Form, Any]:
    rows = dense(request.form, "menu", wanted=("listing_id",), keeps=("grams_per_head",),
                 lists=("weekdays",))  # fmt: skip
    for body in rows.bodies:
        body["weekdays"] = [int(one) for one in body.get("weekdays", []) if one.isdecimal()]
        grams = body.get("grams_per_head", "")
        body["grams_per_head"] = int(grams) if grams.isdecimal() else grams
    return Form(door, start=begun, fixed={"menu": rows.bodies}, **path), rows


def titles_of(listing_ids: list[str]) -> dict[str, str]:
    """Give what listings are called, as far as they are still on sale."""
    found = {key: or_none("listings.show", listing_id=UUID(key)) for key in listing_ids}
    return {key: one["title"] if one else _("（已不在售）") for key, one in found.items()}


def goods_to_choose(listing_ids: list[str] | None = None) -> list[tuple[str, str]]:
    """Give goods to choose from: those named, the basket's, and what the search finds."""
    basket = Basket.read(request.cookies.get(BASKET, "")).lines
    named = [*(listing_ids or []), *(str(key) for key, _quantity in basket)]
    found = ask("listings.search", query={"q": request.args.get("q"), "limit": "50"})["items"]
    goods = titles_of(named) | {
        one["id"]: f"{one['title']} · {one['supplier']}" for one in found
    }  # fmt: skip
    return list(goods.items())
