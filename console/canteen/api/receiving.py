"""Pages at the door: taking goods in line by line, photos, temperatures, substitutes, papers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request
from werkzeug.datastructures import FileStorage

from console.canteen.acts import left_of
from console.canteen.api.looking import named, rekeyed
from console.canteen.rules import Dense, dense
from console.widgets.asking import Form, act, ask
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

receiving = Blueprint("canteen_receiving", __name__, url_prefix="/canteen")
MEASURES = ("accepted_quantity", "rejected_quantity", "weighed_quantity")
TOLD = ("order_line_id", "reason_code", "reason")
PHOTO = {"kind": "rejection_photo", "subject_kind": "delivery"}


@receiving.get("/receiving")
@page(receiving, allow="deliveries.receive", menu=(N_("采购"), N_("收货验收")))
def index() -> str:
    """List what is under way to the own door, wholly or in part."""
    under_way = [
        one
        for state in ("shipped", "partly_shipped")
        for one in named(ask("orders.index", query={"fulfilment_status": state}))["items"]
    ]
    return render_template("canteen/receiving.html", orders=under_way)


@receiving.route("/orders/<uuid:order_id>/receive", methods=["GET", "POST"])
@page(receiving, allow="deliveries.receive")
def receive(order_id: UUID) -> Response | str:
    """Take goods in, or turn them away, line by line, with weight, reason and photos."""
    shown = ask("orders.show", order_id=order_id)
    rows = dense(request.form, "lines", wanted=MEASURES, keeps=TOLD)
    if g.trouble is None and request.method == "POST":
        _hand_in_photos(rows, order_id)
    begun = {"version": shown["version"]}
    form = Form("deliveries.receive", start=begun, fixed={"lines": rows.bodies}, order_id=order_id)
    if form.sent():
        return to_page("canteen_orders.show", order_id=order_id, said=_("验收已登记。"))
    rekeyed(rows)
    return render_template(
        "canteen/receive.html",
        order=shown, form=form,
        lines=[(line, left) for line in shown["lines"] if (left := left_of(line))],
        shipments=ask("deliveries.shipments", order_id=order_id)["items"],
    )  # fmt: skip


def _hand_in_photos(rows: Dense, order_id: UUID) -> None:
    """Hand in the photos that were taken of each row, before what they prove."""
    for body, row in zip(rows.bodies, rows.rows, strict=True):
        photos = [one for one in request.files.getlist(f"lines.{row}.photo") if one.filename]
        if photos:
            body["photo_ids"] = [_hand_in(one, order_id) for one in photos]


def _hand_in(photo: FileStorage, order_id: UUID) -> str:
    found: dict[str, Any] = act(
        "documents.hand_in", body={"file": photo, "subject_id": str(order_id), **PHOTO}
    )
    return str(found["id"])


@receiving.route("/shipments/<uuid:order_id>/<uuid:shipment_id>", methods=["GET", "POST"])
@page(receiving, allow="deliveries.shipments")
def shipment(order_id: UUID, shipment_id: UUID) -> Response | str:
    """Show a shipment with its thermometers; a buyer adds what theirs says at the door."""
    form = Form("deliveries.measure", shipment_id=shipment_id)
    if form.sent():
        return to_page(
            "canteen_receiving.shipment",
            order_id=order_id, shipment_id=shipment_id, said=_("温度已登记。"),
        )  # fmt: skip
    shipments = ask("deliveries.shipments", order_id=order_id)["items"]
    return render_template(
        "canteen/shipment.html",
        order=ask("orders.show", order_id=order_id),
        shipment=next((one for one in shipments if one["id"] == str(shipment_id)), None),
        readings=ask("deliveries.temperatures", shipment_id=shipment_id),
        form=form,
    )


@receiving.route("/orders/<uuid:order_id>/substitutes", methods=["GET", "POST"])
@page(receiving, allow="deliveries.substitutions")
def substitutes(order_id: UUID) -> Response | str:
    """Show what the seller offers instead of what was ordered; take it or turn it down."""
    shown = ask("orders.show", order_id=order_id)
    found = ask("deliveries.substitutions", order_id=order_id)
    offers = [_offer(one, shown) for one in found["items"]]
    for one in offers:
        if one["accept"].sent() or one["refuse"].sent():
            return to_page("canteen_orders.show", order_id=order_id, said=_("已答复供货方。"))
    return render_template("canteen/substitutes.html", order=shown, offers=offers)


def _offer(one: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    key = UUID(one["id"])
    line = next((line for line in order["lines"] if line["id"] == one["order_line_id"]), None)
    return {
        "substitute": one,
        "line": line,
        "listing": ask("listings.show", listing_id=UUID(one["listing_id"])),
        "accept": Form("deliveries.accept", start=one, substitution_id=key),
        "refuse": Form("deliveries.refuse", start=one, substitution_id=key),
    }


@receiving.get("/orders/<uuid:order_id>/contract.pdf")
@page(receiving, allow="deliveries.print_agreement")
def contract(order_id: UUID) -> Response:
    """Give the contract of an order as PDF."""
    found: Response = ask("deliveries.print_agreement", order_id=order_id)
    return found


@receiving.get("/receipts/<uuid:receipt_id>/acceptance.pdf")
@page(receiving, allow="deliveries.print_form")
def acceptance(receipt_id: UUID) -> Response:
    """Give the form of an acceptance as PDF."""
    found: Response = ask("deliveries.print_form", receipt_id=receipt_id)
    return found


@receiving.get("/photos/<uuid:document_id>")
@page(receiving, allow="deliveries.receipts")
def photo(document_id: UUID) -> Response:
    """Give a photo that was taken at the door, to be saved."""
    found: Response = ask("documents.get_content", document_id=document_id)
    return found
