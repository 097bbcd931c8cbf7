"""Doors to what is said of goods; rating itself stands behind their receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery, page_schema
from marketplace.catalogue.commands import ratings as commands
from marketplace.catalogue.commands.ratings import Marks
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.models.ratings import ListingRating, RatingId
from marketplace.catalogue.queries.ratings import get_supplier_marks, list_ratings
from marketplace.catalogue.schemas.listings import MarksOut
from marketplace.catalogue.schemas.ratings import MarksIn, RatingOut, RatingReplyIn
from registry.accounts.models import Role
from registry.organisations.models import OrganisationId

ratings = Blueprint("ratings", __name__, url_prefix="/api/v1")
RATES = frozenset({Role.CANTEEN_BUYER, Role.CONTRACTOR_BUYER, Role.UNION_OFFICER})
ANSWERS = frozenset({Role.COOP_CLERK, Role.COOP_MANAGER})


@ratings.get("/listings/<uuid:listing_id>/ratings")
@endpoint(
    ratings, allow=PUBLIC, accepts=PageQuery(), location="query", returns=page_schema(RatingOut)
)
def list_of(query: dict[str, Any], listing_id: UUID) -> Page[ListingRating]:
    """List what buyers said of a listing, the newest first."""
    today = shanghai_day(clock.now())
    return list_ratings(current_actor(), ListingId(listing_id), today=today, **query)


@ratings.get("/organisations/<uuid:organisation_id>/rating")
@endpoint(ratings, allow=PUBLIC, returns=MarksOut())
def of_supplier(organisation_id: UUID) -> Mapping[str, Any]:
    """Show what buyers think of a supplier."""
    return get_supplier_marks(current_actor(), OrganisationId(organisation_id))


@ratings.patch("/ratings/<uuid:rating_id>")
@endpoint(ratings, allow=RATES, accepts=MarksIn(), returns=RatingOut(), etag=True)
def change(body: Marks, rating_id: UUID) -> ListingRating:
    """Say something else, while the rating is open and unanswered."""
    return commands.change_rating(
        RatingId(rating_id),
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@ratings.post("/ratings/<uuid:rating_id>/reply")
@endpoint(ratings, allow=ANSWERS, accepts=RatingReplyIn(), returns=RatingOut())
def reply(body: dict[str, str], rating_id: UUID) -> ListingRating:
    """Answer what was said of own goods, once."""
    return commands.answer_rating(
        RatingId(rating_id), body["reply"], by=current_actor(), now=clock.now()
    )
