"""What buyers and suppliers say of goods that were taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed, check_version
from kernel.identity import new_id
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.catalogue.models.ratings import ListingRating, RatingId
from marketplace.catalogue.queries.ratings import lock_received_rating, lock_said_rating
from marketplace.catalogue.rules import ratings as rules
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class Marks:
    """One to five for the goods and for the service, and words that everybody may read."""

    goods: int
    service: int
    text: str = ""


def rate_goods(
    marks: Marks,
    *,
    source: tuple[str, UUID],
    listing_id: ListingId,
    supplier_id: OrganisationId,
    by: Actor,
    now: datetime,
) -> ListingRating:
    """Write down what a buyer thinks of what `source` names, once (RatedAlready).

    Whether the goods were taken in is for the caller to know. Refuses IdentityInText.
    """
    if by.organisation_id is None:
        raise NotAllowed
    check_clear_of_identity(marks.text, pointer="/text")
    rating = ListingRating(
        id=RatingId(new_id()),
        listing_id=listing_id,
        supplier_id=supplier_id,
        buyer_id=OrganisationId(by.organisation_id),
        author_id=UserId(by.user_id),
        source=source[0],
        source_id=source[1],
        goods=marks.goods,
        service=marks.service,
        text=marks.text,
        created_at=now,
        open_until=rules.open_until(now),
    )
    db.session.add(rating)
    return _written(rating, "goods_rated", counted=1, before=(0, 0), by=by, now=now)


def change_rating(
    rating_id: RatingId, marks: Marks, *, expected_version: int | None, by: Actor, now: datetime
) -> ListingRating:
    """Say something else of the same goods (RatingClosed, RatingAnswered, IdentityInText)."""
    rating = lock_said_rating(by, rating_id)
    check_version(rating.version, expected_version)
    rules.check_open(rating, now=now)
    check_clear_of_identity(marks.text, pointer="/text")
    before = (rating.goods, rating.service)
    rating.goods, rating.service, rating.text = marks.goods, marks.service, marks.text
    rating.changed_at = now
    return _written(rating, "rating_changed", counted=0, before=before, by=by, now=now)


def answer_rating(rating_id: RatingId, reply: str, *, by: Actor, now: datetime) -> ListingRating:
    """Answer a rating of own goods, once (RatingAnswered, IdentityInText)."""
    rating = lock_received_rating(by, rating_id)
    rules.check_unanswered(rating)
    check_clear_of_identity(reply, pointer="/reply")
    rating.reply, rating.replied_at, rating.replied_by = reply, now, UserId(by.user_id)
    marks = (rating.goods, rating.service)
    return _written(rating, "rating_answered", counted=0, before=marks, by=by, now=now)


def _written(
    rating: ListingRating,
    action: str,
    *,
    counted: int,
    before: tuple[int, int],
    by: Actor,
    now: datetime,
) -> ListingRating:
    """Write a rating, and what it adds to the sums of its listing."""
    db.session.flush()
    goods, service = rating.goods - before[0], rating.service - before[1]
    after = {"goods": rating.goods, "service": rating.service, "listing": str(rating.listing_id)}
    audit.write(action, subject=("rating", rating.id), by=by, now=now, after=after)
    if counted or goods or service:
        db.session.execute(
            update(Listing)
            .where(Listing.id == rating.listing_id)
            .values(
                goods_sum=Listing.goods_sum + goods,
                service_sum=Listing.service_sum + service,
                rating_count=Listing.rating_count + counted,
            )
            .execution_options(synchronize_session=False)
        )
    return rating
