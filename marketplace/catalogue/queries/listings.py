"""What is shown of listings, and to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
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
_IN_FORCE = CertificateStatus.IN_FORCE


def list_shown(actor: Actor, *, today: date) -> Select[Any]:
    """Select what is shown of listings, joined with their certificate and its successor.

    A successor that has begun is what the listing is sold under, whether or not it was moved.
    """
    del actor  # whom it is shown to, the caller says
    return (
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
        .join(Certificate, Certificate.id == Listing.certificate_id)
        .outerjoin(
            _Later, and_(_Later.renews_id == Listing.certificate_id, _Later.valid_from_on <= today)
        )
        .join(Organisation, Organisation.id == Listing.supplier_id)
        .join(Region, Region.code == Listing.origin_region_code)
    )


def on_sale(today: date) -> ColumnElement[bool]:
    """Say, of listings as they are shown, that the public may see and buy them today.

    The supplier lives, and the certificate or the successor that has begun is in force with its
    papers. As an alternative and not as one value, so that the planner knows how many listings
    that is true of.
    """
    return and_(
        Listing.status == ListingStatus.LISTED,
        Organisation.ended_on.is_(None),
        or_(
            and_(
                Certificate.status == _IN_FORCE,
                Certificate.valid_from_on <= today,
                Certificate.valid_until_on > today,
                _has_papers(Certificate.papers_until_on, today),
            ),
            and_(
                _Later.status == _IN_FORCE,
                _Later.valid_until_on > today,
                _has_papers(_Later.papers_until_on, today),
            ),
        ),
    )


def _has_papers(until_on: Any, today: date) -> ColumnElement[bool]:
    return or_(until_on.is_(None), until_on > today)


def get_listing_view(actor: Actor, listing_id: ListingId, *, today: date) -> ListingView:
    """Get a listing that is on sale today or belongs to an organisation in the actor's sight.

    With the marks that its product bears.
    """
    statement = list_shown(actor, today=today).where(
        Listing.id == listing_id, or_(on_sale(today), visible(actor))
    )
    row = db.session.execute(statement).one_or_none()
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
