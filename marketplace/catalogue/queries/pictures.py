"""What listings look like, and who may look."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.rows import one
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.models.pictures import ListingPicture, PictureId
from marketplace.catalogue.queries.listings import get_listing_view


def list_pictures(actor: Actor, listing_id: ListingId, *, today: date) -> list[ListingPicture]:
    """List the pictures of a listing in sight (NotFound), the cover first."""
    get_listing_view(actor, listing_id, today=today)
    return list_all_pictures(actor, listing_id)


def list_all_pictures(actor: Actor, listing_id: ListingId) -> list[ListingPicture]:
    """List the pictures of a listing that the actor was let to already, the cover first."""
    del actor
    query = select(ListingPicture).where(ListingPicture.listing_id == listing_id)
    return list(db.session.scalars(query.order_by(ListingPicture.position)))


def get_picture(actor: Actor, picture_id: PictureId, *, today: date) -> ListingPicture:
    """Give a picture of a listing in sight, or NotFound."""
    picture = one(select(ListingPicture).where(ListingPicture.id == picture_id))
    get_listing_view(actor, picture.listing_id, today=today)
    return picture


def get_own_picture(actor: Actor, listing_id: ListingId, picture_id: PictureId) -> ListingPicture:
    """Give a picture of a listing that the actor's own was found to be, or NotFound."""
    for picture in list_all_pictures(actor, listing_id):
        if picture.id == picture_id:
            return picture
    raise NotFound
