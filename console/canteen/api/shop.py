"""Pages of the shop: search, a product, the basket over several suppliers, the order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.canteen.api.looking import (
    choices,
    or_none,
    own_organisation,
    today_year,
    units_in_sight,
)
from console.canteen.rules import Basket, worth_of
from console.widgets.asking import Form, ask, filters_of, listed
from console.widgets.pages import page, set_cookie, to_page
from console.widgets.words import N_, _, terms
from kernel.http import PUBLIC

shop = Blueprint("canteen_shop", __name__, url_prefix="/canteen")
BUYS = "orders.place"
BASKET = "bangfu_basket"
BUYING = N_("采购")
NEWEST = "-created_at"
"""The order of a search that names none."""


@shop.get("/shop")
@page(shop, allow=PUBLIC, menu=(BUYING, N_("产品目录")))
def index() -> str:
    """Search what is on sale, narrowed by facets."""
    asked = filters_of("listings.search")
    facets = listed("listings.facets")
    return render_template(
        "canteen/shop.html", found=ask("listings.search", query=asked), facets=facets, asked=asked,
        first=_first(asked), months=[(str(n), _("%(month)s月", month=n)) for n in range(1, 13)],
        sorts=[(one, said.text) for one, said in terms()["listing_sort"].items() if one != NEWEST],
    )  # fmt: skip


def _first(asked: dict[str, str]) -> list[dict[str, Any]]:
    """Give what the page of a place shows first; a search by anything else shows what it finds."""
    if asked.keys() - {"region"}:
        return []
    window = ask("displays.show", query={"place": asked.get("region")})
    return list(window["items"])


@shop.get("/shop/<uuid:listing_id>")
@page(shop, allow=PUBLIC)
def product(listing_id: UUID) -> str:
    """Show a product with its prices, certificate and pictures."""
    return render_template(
        "canteen/product.html",
        listing=ask("listings.show", listing_id=listing_id),
        prices=ask("listings.prices", listing_id=listing_id),
        pictures=ask("pictures.list_of", listing_id=listing_id),
    )


@shop.post("/basket/<uuid:listing_id>")
@page(shop, allow=BUYS)
def put(listing_id: UUID) -> Response:
    """Put so much of a product into the basket; nothing of it takes it out."""
    basket = Basket.read(request.cookies.get(BASKET, "")).with_line(
        listing_id, request.form.get("quantity", "")
    )
    answer = to_page("canteen_shop.basket", said=_("采购篮已更新。"))
    set_cookie(answer, BASKET, basket.written())
    return answer


@shop.route("/basket", methods=["GET", "POST"])
@page(shop, allow=BUYS, menu=(BUYING, N_("采购篮")))
def basket() -> Response | str:
    """Show the basket by supplier, and order all of it or none."""
    lines = _lines()
    wishes = [_wish(one) for one in lines]
    form = Form("orders.check_out", start=_start(), fixed={"lines": wishes})
    if done := form.sent():
        answer = to_page(
            "canteen_orders.index", checkout_id=done.answer["id"], said=_("订单已提交。")
        )
        answer.delete_cookie(BASKET)
        return answer
    total = sum(one["worth_fen"] for one in lines)
    return render_template(
        "canteen/basket.html", lines=lines, form=form, total_fen=total,
        units=choices(units_in_sight()),
    )  # fmt: skip


def _wish(line: dict[str, Any]) -> dict[str, str]:
    return {"listing_id": line["listing"]["id"], "quantity": line["quantity"]}


def _lines() -> list[dict[str, Any]]:
    """Give what lies in the basket and is still on sale, with what it is worth at today's price."""
    found = []
    for key, quantity in Basket.read(request.cookies.get(BASKET, "")).lines:
        listing = or_none("listings.show", listing_id=key)
        if listing is not None:
            worth = worth_of(listing, Decimal(quantity))
            found.append({"quantity": quantity, "listing": listing, "worth_fen": worth})
    return found


def _start() -> dict[str, Any]:
    """Give what an order begins with: this year, the own unit, the place of the last order."""
    last = ask("orders.index", query={"limit": "1"})["items"]
    delivery = ask("orders.show", order_id=UUID(last[0]["id"]))["delivery"] if last else {}
    return {
        "year": today_year(),
        "bound_unit_id": str(own_organisation()),
        "kind": "reserved_share",
        "delivery": {key: delivery.get(key) for key in ("address", "contact")},
    }
