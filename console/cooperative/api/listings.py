"""Pages of what a cooperative sells: on sale or not, prices, pictures, freight, ratings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.cooperative.api.choices import certificates_of_own, provinces
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, filters_of, may
from console.widgets.formats import yuan
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term
from kernel.errors import NotFound
from kernel.forms import rows_of

listings = Blueprint("cooperative_listings", __name__, url_prefix="/cooperative")
INDEX = "cooperative_listings.index"
SHOW = "cooperative_listings.show"
ROLES = frozenset({"coop_clerk", "coop_manager"})
PUBLISH = Act(
    "listings.publish",
    N_("上架"),
    N_("商品已上架。"),
    N_("上架后采购单位即可下单；证书须在有效期内。"),
)
DELIST = Act(
    "listings.delist",
    N_("下架"),
    N_("商品已下架。"),
    N_("下架后不能再下单；已成立的订单照常履行。"),
)
ACTS = {"publish": PUBLISH, "delist": DELIST}
REPLY = Act(
    "ratings.reply", N_("回复评价"), N_("回复已发布。"), N_("回复公开可见。"),
    (Entry("reply", N_("回复"), rows=4),),
)  # fmt: skip
REMOVE = Act(
    "pictures.remove", N_("移除图片"), N_("图片已移除。"), N_("移除后不能恢复，可重新上传。")
)


@listings.get("/listings")
@page(listings, allow=ROLES, menu=(N_("合作社"), N_("商品")))
def index() -> str:
    """List what the cooperative sells, on sale or not."""
    query = {**filters_of("listings.search"), "mine": "true"}
    return render_template("cooperative/listings.html", found=ask("listings.search", query=query))


@listings.route("/listings/new", methods=["GET", "POST"])
@page(listings, allow="listings.create")
def create() -> Response | str:
    """Describe something new to sell; it is a draft until it is put on sale."""
    form = Form("listings.create", start=asked("certificate_id"))
    if done := form.sent():
        return to_page(SHOW, listing_id=done.answer["id"], said=_("商品已保存为草稿。"))
    return _form(form, listing=None)


@listings.route("/listings/<uuid:listing_id>/change", methods=["GET", "POST"])
@page(listings, allow="listings.change")
def change(listing_id: UUID) -> Response | str:
    """Change a listing; a new price is kept beside the old ones."""
    listing = ask("listings.show", listing_id=listing_id)
    fixed: dict[str, Any] = (
        {"tiers": []} if request.method == "POST" and not rows_of(request.form, "tiers") else {}
    )
    form = Form("listings.change", start=listing, fixed=fixed, listing_id=listing_id)
    if form.sent():
        return to_page(SHOW, listing_id=listing_id, said=_("商品已修改。"))
    return _form(form, listing=listing)


def _form(form: Form, *, listing: dict[str, Any] | None) -> str:
    certificates = [
        (one["id"], f"{one['product_name']} {one['specification']} · {one['number']}")
        for one in certificates_of_own()
        if one["status"] == "in_force"
    ]
    plans = ask("freight.list_own", query={"limit": "100"})["items"]
    return render_template(
        "cooperative/listing_form.html", form=form, listing=listing, certificates=certificates,
        plans=[(one["id"], one["name"]) for one in plans],
        months=[(month, _("%(month)s月", month=month)) for month in range(1, 13)],
        pay_modes=[(mode, term(mode, "pay_mode").text) for mode in ("goods_first", "pay_first")],
    )  # fmt: skip


@listings.route("/listings/<uuid:listing_id>", methods=["GET", "POST"])
@page(listings, allow=ROLES)
def show(listing_id: UUID) -> Response | str:
    """Show a listing with prices, pictures, lots and ratings; add a picture."""
    listing = ask("listings.show", listing_id=listing_id)
    picture = Form("pictures.add", listing_id=listing_id)
    if picture.sent():
        return to_page(SHOW, listing_id=listing_id, said=_("图片已上传。"))
    lots = {"listing_id": listing_id, "limit": "20"}
    return render_template(
        "cooperative/listing.html", listing=listing, picture=picture,
        prices=ask("listings.prices", listing_id=listing_id)["items"],
        pictures=ask("pictures.list_of", listing_id=listing_id)["items"],
        ratings=ask("ratings.list_of", listing_id=listing_id)["items"],
        lots=ask("lots.index", query=lots)["items"],
    )  # fmt: skip


@listings.route("/listings/<uuid:listing_id>/<any(publish, delist):slug>", methods=["GET", "POST"])
@page(listings, allow="listings.publish")
def act_on(listing_id: UUID, slug: str) -> Response | str:
    """Put a listing on sale, or take it off."""
    listing = ask("listings.show", listing_id=listing_id)
    form = Form(ACTS[slug].door, start=listing, listing_id=listing_id)
    facts = [(_("产品"), listing["title"]), (_("单价"), yuan(listing["unit_price_fen"])),
             (_("认定证书"), listing["certificate_number"])]  # fmt: skip
    return act_page(ACTS[slug], form, then=Place(SHOW, {"listing_id": listing_id}), facts=facts)


@listings.route("/listings/<uuid:listing_id>/pictures/<uuid:picture_id>/remove",
                methods=["GET", "POST"])  # fmt: skip
@page(listings, allow="pictures.remove")
def remove_picture(listing_id: UUID, picture_id: UUID) -> Response | str:
    """Show a picture no longer."""
    form = Form(REMOVE.door, listing_id=listing_id, picture_id=picture_id)
    return act_page(REMOVE, form, then=Place(SHOW, {"listing_id": listing_id}))


@listings.route("/listings/<uuid:listing_id>/ratings/<uuid:rating_id>", methods=["GET", "POST"])
@page(listings, allow="ratings.reply")
def reply(listing_id: UUID, rating_id: UUID) -> Response | str:
    """Answer what a buyer said."""
    ratings = ask("ratings.list_of", listing_id=listing_id)["items"]
    said = [(_("评价"), one["text"] or "—") for one in ratings if one["id"] == str(rating_id)]
    form = Form(REPLY.door, rating_id=rating_id)
    return act_page(REPLY, form, then=Place(SHOW, {"listing_id": listing_id}), facts=said)


@listings.route("/freight", methods=["GET", "POST"])
@page(listings, allow="freight.list_own")
def freight() -> Response | str:
    """List freight plans, and make another."""
    form = Form("freight.create")
    if may("freight.create") and form.sent():
        return to_page("cooperative_listings.freight", said=_("运费模板已保存。"))
    plans = ask("freight.list_own", query={"limit": "100"})["items"]
    return render_template(
        "cooperative/freight.html", form=form, plans=plans, plan=None, places=provinces()
    )


@listings.route("/freight/<uuid:freight_plan_id>", methods=["GET", "POST"])
@page(listings, allow="freight.change")
def change_freight(freight_plan_id: UUID) -> Response | str:
    """Change a freight plan; orders that stand keep their freight."""
    plans = ask("freight.list_own", query={"limit": "100"})["items"]
    plan = next((one for one in plans if one["id"] == str(freight_plan_id)), None)
    if plan is None:
        raise NotFound
    form = Form("freight.change", start=plan, freight_plan_id=freight_plan_id)
    if form.sent():
        return to_page("cooperative_listings.freight", said=_("运费模板已保存。"))
    return render_template(
        "cooperative/freight.html", form=form, plans=[], plan=plan, places=provinces()
    )
