"""What is known before an order is placed, in one statement: the unit, its money, the offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, Date, Row, Uuid, and_, any_, bindparam, func, select, true
from sqlalchemy.orm import aliased

from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import Certificate
from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.terms import term_in_force
from marketplace.catalogue.models.freight import FreightPlan
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.catalogue.rules.terms import Terms, channels_of
from marketplace.lots.models import Lot
from marketplace.lots.queries import sellable
from marketplace.lots.rules import Remaining
from marketplace.orders.models.offers import Offer
from procurement.approvals.models import ApprovalTerm, TermCode
from procurement.approvals.queries import bands_in_force
from procurement.quotas.models import Fund, Quota, QuotaId
from procurement.supervision.queries.terms import payment_term_in_force
from registry.organisations.models import Organisation, OrganisationId

LOTS_SEEN = 8
"""How many lots of a listing are looked at first; the gate's second look takes in all."""


@dataclass(frozen=True, slots=True)
class BoundUnit:
    """The unit an order is for: where it stands, its quota, and the bands of its approvals.

    `free_fen` is what was seen of its quota that is neither held nor spent.

    `payment_term` is the law in force on paying sellers: standard and longest days, and source.
    What has ended has its day, and an heir where something took its place.
    """

    id: OrganisationId
    lineage: str
    region_code: str
    quota_id: QuotaId | None
    free_fen: Fen | None
    bands: Mapping[str, list[Any]] | None
    wait_hours: int
    payment_term: Sequence[Any] | None
    ended_on: date | None
    heir_id: OrganisationId | None
    heir_name: str | None
    heir_lineage: str | None

    @property
    def places(self) -> list[dict[str, Any]]:
        """Where one may stand to name the unit: who buys for the heir learns that there is one."""
        own = {"unit_id": self.id, "unit_lineage": self.lineage}
        if self.heir_id is None:
            return [own]
        return [own, {"unit_id": self.heir_id, "unit_lineage": self.heir_lineage}]


@dataclass(frozen=True, slots=True)
class Ground:
    """What an order is decided on.

    Lots, quota and capacity are seen, not locked: the gate has the last word. Unit and suppliers
    are kept from ending until the order is placed.
    """

    unit: BoundUnit | None
    offers: Mapping[ListingId, Offer]
    lots: Mapping[ListingId, Sequence[Remaining]]

    def has_more(self, listing_id: ListingId) -> bool:
        """Say whether a listing may have more lots than were looked at."""
        return len(self.lots[listing_id]) >= LOTS_SEEN


_TODAY = bindparam("today", type_=Date())
_Supplier, _Heir = aliased(Organisation, name="seller"), aliased(Organisation, name="heir")
_Later = aliased(Certificate, name="later")
_KEPT = {"read": True, "key_share": True}
"""The lock that the order's references to these rows take anyway: nobody ends them meanwhile."""
_UNIT = (
    select(
        Organisation.id,
        Organisation.lineage,
        Organisation.region_code,
        Quota.id.label("quota_id"),
        (Quota.ceiling_fen - Quota.held_fen - Quota.spent_fen).label("free_fen"),
        bands_in_force(_TODAY).label("bands"),
        term_in_force(ApprovalTerm, TermCode.WAIT_HOURS, _TODAY).label("wait_hours"),
        payment_term_in_force(_TODAY).label("payment_term"),
        Organisation.ended_on,
        _Heir.id.label("heir_id"),
        _Heir.name.label("heir_name"),
        _Heir.lineage.label("heir_lineage"),
    )
    .select_from(Organisation)
    .outerjoin(
        Quota,
        and_(
            Quota.unit_id == Organisation.id,
            Quota.year == bindparam("year"),
            Quota.fund == bindparam("fund"),
        ),
    )
    .outerjoin(_Heir, _Heir.id == Organisation.successor_id)
    .where(Organisation.id == bindparam("unit_id"))
    .with_for_update(of=Organisation, **_KEPT)
    .cte("unit")
    .prefix_with("MATERIALIZED")
)
_LOTS = (
    select(
        Lot.id,
        Lot.unit,
        (Lot.total - Lot.held - Lot.shipped).label("free"),
        Lot.expires_on,
        Lot.harvested_on,
    )
    .where(Lot.listing_id == Listing.id, sellable(_TODAY))
    .order_by(Lot.expires_on, Lot.harvested_on, Lot.id)
    .limit(LOTS_SEEN)
    .lateral("seen")
)
_OFFER = (
    Listing.id,
    Listing.title,
    Listing.status,
    Listing.supplier_id,
    Listing.unit,
    Listing.step,
    Listing.unit_price_fen,
    Listing.tiers,
    Certificate.id,
    Certificate.number,
    Certificate.status,
    Certificate.unit,
    Certificate.valid_from_on,
    Certificate.valid_until_on,
    Certificate.origin_kind,
    Listing.origin_region_code,
    Capacity.id,
    Capacity.is_open,
    Capacity.declared - Capacity.held - Capacity.sold,
    _Supplier.ended_on,
    Certificate.category_code,
    Certificate.papers_until_on,
)
_TERMS = (
    Listing.freight_plan_id,
    Listing.unit_weight_kg,
    Listing.season_months,
    Listing.lead_days,
    Listing.latest_days,
    Listing.pay_modes,
    Listing.channels,
    FreightPlan.zones,
)
_SOLD_UNDER = func.coalesce(
    select(_Later.id)
    .where(_Later.renews_id == Listing.certificate_id, _Later.valid_from_on <= _TODAY)
    .scalar_subquery(),
    Listing.certificate_id,
)
"""The listing's certificate, or from its first day on the one that took its place."""
_GROUND = (
    select(*_OFFER, *_TERMS, *_LOTS.c, *_UNIT.c)
    .select_from(Listing)
    .join(_Supplier, _Supplier.id == Listing.supplier_id)
    .join(Certificate, Certificate.id == _SOLD_UNDER)
    .outerjoin(FreightPlan, FreightPlan.id == Listing.freight_plan_id)
    .outerjoin(
        Capacity,
        and_(
            Capacity.certificate_id == Certificate.id,
            Capacity.from_on <= _TODAY,
            Capacity.until_on > _TODAY,
        ),
    )
    .outerjoin(_LOTS, true())
    .outerjoin(_UNIT, true())
    .where(Listing.id == any_(bindparam("listing_ids", type_=ARRAY(Uuid))))
    .with_for_update(of=_Supplier, **_KEPT)
)
_TERMS_AT = len(_OFFER)
_LOT_AT = _TERMS_AT + len(_TERMS)
_UNIT_AT = _LOT_AT + len(_LOTS.c)


def find_ground(
    actor: Actor,
    listing_ids: Sequence[ListingId],
    *,
    unit_id: OrganisationId,
    year: int,
    fund: Fund,
    today: date,
) -> Ground:
    """Read listings with certificate, capacity and lots, and the unit with quota and bands.

    Suppliers and unit stay what they are until the transaction is over: one that is ending is
    waited for.
    Listings that do not exist are missing; without any, so is the unit. Whether the actor may
    buy for the unit is for the rules to say.
    """
    del actor
    rows = db.session.execute(
        _GROUND,
        {
            "listing_ids": list(set(listing_ids)),
            "unit_id": unit_id,
            "year": year,
            "fund": fund,
            "today": today,
        },
    ).all()
    offers: dict[ListingId, Offer] = {}
    lots: dict[ListingId, list[Remaining]] = {}
    for row in rows:
        listing_id = row[0]
        if listing_id not in offers:
            offers[listing_id], lots[listing_id] = _offer(row), []
        if row[_LOT_AT] is not None:
            lots[listing_id].append(Remaining(*row[_LOT_AT:_UNIT_AT]))
    found = bool(rows) and rows[0][_UNIT_AT] is not None
    return Ground(BoundUnit(*rows[0][_UNIT_AT:]) if found else None, offers, lots)


def _offer(row: Row[Any]) -> Offer:
    """Read an offer with its terms off the columns of the ground."""
    plan_id, weight, months, lead, latest, modes, channels, zones = row[_TERMS_AT:_LOT_AT]
    used = channels_of(channels)
    terms = Terms(plan_id, weight, months, lead, latest, pay_modes=modes, channels=used)
    return Offer(*(*row[:_TERMS_AT], terms, zones))
