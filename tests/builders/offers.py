"""What offers say besides their price, as tests need it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from marketplace.catalogue.commands.fees import NewFeeReport, report_fee
from marketplace.catalogue.commands.freight import FreightPlanWish, create_plan
from marketplace.catalogue.commands.listings import ListingChange, change_listing
from marketplace.catalogue.commands.pictures import NewPicture, add_picture
from marketplace.catalogue.commands.ratings import Marks, rate_goods
from marketplace.catalogue.models.fees import FeeKind
from marketplace.catalogue.models.freight import FreightPlanId
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.catalogue.rules.freight import Zone
from marketplace.orders.models.orders import OrderLine, PurchaseOrder
from registry.accounts.models import AppUser
from tests.builders import registry
from tests.builders.marketplace import NOW, Scene

EVERYWHERE = "000000"


def zone(*codes: str, base: int, **more: Any) -> Zone:
    """Say what freight costs in regions; weights as text."""
    weights: dict[str, Any] = {
        name: Decimal(more.pop(name)) for name in ("base_kg", "step_kg") if name in more
    }
    return Zone(region_codes=codes or (EVERYWHERE,), base_fen=Fen(base), **weights, **more)


def plan(*zones: Zone, by: Actor, name: str = "演示运费") -> FreightPlanId:
    """Write down a freight plan."""
    return create_plan(FreightPlanWish(name, zones), by=by, now=NOW).id


def set_terms(there: Scene, listing_id: ListingId | None = None, **terms: Any) -> None:
    """Let a listing of the scene be sold on these terms."""
    change = ListingChange(terms=terms)
    listing_id = listing_id or there.listing_id
    change_listing(listing_id, change, expected_version=None, by=there.by("clerk"), now=NOW)


def bring_for(there: Scene, *zones: Zone) -> None:
    """Let the scene's listing be brought by a plan of these zones."""
    set_terms(there, freight_plan_id=plan(*zones, by=there.by("clerk")))


def picture(colour: str = "green", size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    """Draw a JPEG."""
    into = BytesIO()
    Image.new("RGB", size, colour).save(into, "JPEG", **options)
    return into.getvalue()


def say_something() -> Sequence[object]:
    """Give some order's listing a plan, a picture and a rating."""
    line = db.session.scalars(select(OrderLine).order_by(OrderLine.id).limit(1)).one()
    order = db.session.get_one(PurchaseOrder, line.order_id)
    listing = db.session.get_one(Listing, line.listing_id)
    clerks = select(AppUser).where(AppUser.id == order.confirmed_by)
    seller = registry.actor_of(db.session.scalars(clerks).one())
    buyer = registry.actor_of(db.session.get_one(AppUser, order.author_id))
    return (
        plan(zone(base=800), by=seller),
        report_fee(
            NewFeeReport(FeeKind.PLATFORM, Fen(100), "某平台", NOW.date()), by=seller, now=NOW
        ),
        add_picture(NewPicture(picture()), listing_id=listing.id, by=seller, now=NOW),
        rate_goods(
            Marks(5, 4, "新鲜"),
            source=("order_line", line.id),
            listing_id=listing.id,
            supplier_id=listing.supplier_id,
            by=buyer,
            now=NOW,
        ),
    )
