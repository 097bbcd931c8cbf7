"""What is shown of listings, and to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from certification.certificates.models.certificates import (
    Certificate,
    CertificateId,
    CertificateStatus,
)
from certification.certificates.models.marks import ProductMark
from certification.certificates.queries.standing import list_valid_marks
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.freight import FreightPlan, FreightPlanId
from marketplace.catalogue.models.listings import (
    BlockReason,
    Listing,
    ListingId,
    ListingStatus,
    StorageBand,
)
from marketplace.catalogue.models.pictures import ListingPicture, PictureId
from marketplace.catalogue.models.ratings import marks_of
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible
from registry.regions.models import OriginKind, Region


@dataclass(frozen=True)
class ListingView:
    """A listing as it is shown; quantities in `unit`, prices in fen for one unit."""

    id: ListingId
    title: str
    description: str
    status: ListingStatus
    blocked_for: BlockReason | None
    unit: Unit
    step: Decimal
    unit_price_fen: Fen
    tiers: Sequence[Mapping[str, Any]]
    available_quantity: Decimal
    certificate_id: CertificateId
    certificate_number: str
    category_code: str
    origin_region_code: str
    origin_kind: OriginKind
    supplier_id: OrganisationId
    created_at: datetime
    version: int
    supplier: str
    origin: str
    freight_plan_id: FreightPlanId | None
    unit_weight_kg: Decimal | None
    season_months: Sequence[int]
    lead_days: int
    latest_days: int | None
    storage_band: StorageBand
    storage_min_c: int | None
    storage_max_c: int | None
    pay_modes: Sequence[str]
    channels: Sequence[Mapping[str, Any]]
    goods_sum: int
    service_sum: int
    rating_count: int
    cover_id: PictureId | None
    freight_zones: Sequence[Mapping[str, Any]] | None
    marks: Sequence[ProductMark] = ()

    @property
    def rating(self) -> Mapping[str, Any]:
        """Give what buyers think of goods and service, from 1 to 5, and how many they are."""
        return marks_of(self.goods_sum, self.service_sum, self.rating_count)


_TERMS = (
    Listing.freight_plan_id,
    Listing.unit_weight_kg,
    Listing.season_months,
    Listing.lead_days,
    Listing.latest_days,
    Listing.storage_band,
    Listing.storage_min_c,
    Listing.storage_max_c,
    Listing.pay_modes,
    Listing.channels,
    Listing.goods_sum,
    Listing.service_sum,
    Listing.rating_count,
)
_COVER = (
    select(ListingPicture.id)
    .where(ListingPicture.listing_id == Listing.id)
    .order_by(ListingPicture.position)
    .limit(1)
    .scalar_subquery()
)
_ZONES = (
    select(FreightPlan.zones).where(FreightPlan.id == Listing.freight_plan_id).scalar_subquery()
)
_Later = aliased(Certificate, name="later")
_TODAY = bindparam("today", type_=Date)


_SHOWN = (
    select(
        Listing.id,
        Listing.title,
        Listing.description,
        Listing.status,
        Listing.blocked_for,
        Listing.unit,
        Listing.step,
        Listing.unit_price_fen,
        Listing.tiers,
        Listing.available_quantity,
        func.coalesce(_Later.id, Listing.certificate_id),
        func.coalesce(_Later.number, Listing.certificate_number),
        Listing.category_code,
        Listing.origin_region_code,
        func.coalesce(_Later.origin_kind, Listing.origin_kind),
        Listing.supplier_id,
        Listing.created_at,
        Listing.version,
        Organisation.name,
        Region.name,
        *_TERMS,
        _COVER,
        _ZONES,
    )
    .outerjoin(
        _Later, and_(_Later.renews_id == Listing.certificate_id, _Later.valid_from_on <= _TODAY)
    )
    .join(Organisation, Organisation.id == Listing.supplier_id)
    .join(Region, Region.code == Listing.origin_region_code)
)
"""What is shown of listings, with the successor of their certificate and their supplier.

A successor that has begun is what the listing is sold under, whether or not it was moved.
"""
_SHOWN_OF_KEYS = _SHOWN.where(Listing.id == func.any(bindparam("keys", type_=ARRAY(Uuid))))


def list_views(actor: Actor, keys: Sequence[ListingId], *, today: date) -> list[ListingView]:
    """List what is shown of the listings of these keys, in their order."""
    del actor  # whom it is shown to, the caller found out
    if not keys:
        return []
    rows = db.session.execute(_SHOWN_OF_KEYS, {"keys": list(keys), "today": today})
    found = {row[0]: ListingView(*row) for row in rows}
    return [found[key] for key in keys]


@cache
def on_sale(listing: Any) -> ColumnElement[bool]:
    """Say of a listing that the public may see and buy it; asks for `today`.

    The supplier lives, and the certificate or the successor that has begun is in force with its
    papers. Asked of each listing by itself, from its `status`, `certificate_id` and `supplier_id`:
    a page asks of few, and a join would be planned for all.
    """
    lives = select(Organisation.ended_on.is_(None)).where(Organisation.id == listing.supplier_id)
    return and_(
        listing.status == ListingStatus.LISTED,
        lives.correlate_except(Organisation).scalar_subquery(),
        or_(
            _in_force(Certificate, Certificate.id == listing.certificate_id),
            _in_force(_Later, _Later.renews_id == listing.certificate_id),
        ),
    )


def _in_force(certificate: Any, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say of the one certificate there may be that it is in force today, with its papers."""
    until_on = certificate.papers_until_on
    holds = and_(
        certificate.status == CertificateStatus.IN_FORCE,
        certificate.valid_from_on <= _TODAY,
        certificate.valid_until_on > _TODAY,
        or_(until_on.is_(None), until_on > _TODAY),
    )
    return select(holds).where(which).correlate_except(certificate).scalar_subquery()


def get_listing_view(actor: Actor, listing_id: ListingId, *, today: date) -> ListingView:
    """Get a listing that is on sale today or belongs to an organisation in the actor's sight.

    With the marks that its product bears.
    """
    statement = _SHOWN.where(Listing.id == listing_id, or_(on_sale(Listing), visible(actor)))
    row = db.session.execute(statement, {"today": today}).one_or_none()
    if row is None:
        raise NotFound
    shown = ListingView(*row)
    return replace(shown, marks=list_valid_marks(actor, shown.certificate_id, on=today))


def get_own_listing(actor: Actor, listing_id: ListingId, *, lock: bool = False) -> Listing:
    """Get a listing of the actor's own organisation (NotFound), locked where it is changed."""
    statement = select(Listing).where(
        Listing.id == listing_id, Listing.supplier_id == actor.organisation_id
    )
    if lock:
        statement = statement.with_for_update(key_share=True)
    listing = db.session.scalar(statement.execution_options(populate_existing=True))
    if listing is None:
        raise NotFound
    return listing


def lock_listings_of(actor: Actor, certificate_id: CertificateId) -> list[Listing]:
    """Lock a certificate's listings, in key order."""
    del actor  # only reactions to the certificate ask
    return _lock(Listing.certificate_id == certificate_id)


def lock_listings_of_supplier(actor: Actor, supplier_id: OrganisationId) -> list[Listing]:
    """Lock what a supplier has on sale, or had until its certificate stopped, in key order."""
    del actor  # only reactions to the supplier's end ask
    offered = Listing.status.in_([ListingStatus.LISTED, ListingStatus.BLOCKED])
    return _lock(
        Listing.supplier_id == supplier_id,
        offered,
        Listing.blocked_for.is_distinct_from(BlockReason.SUPPLIER),
    )


def _lock(*conditions: ColumnElement[bool]) -> list[Listing]:
    statement = select(Listing).where(*conditions).order_by(Listing.id)
    statement = statement.with_for_update(key_share=True)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))
