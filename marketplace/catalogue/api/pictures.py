"""Doors to pictures of listings."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.files import read_file
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.papers import JPEG
from marketplace.catalogue.commands import pictures as commands
from marketplace.catalogue.commands.pictures import NewPicture
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.models.pictures import ListingPicture, PictureId
from marketplace.catalogue.queries import pictures as queries
from marketplace.catalogue.schemas.pictures import PictureIn, PictureOut, PicturesOut
from registry.accounts.models import Role

pictures = Blueprint("pictures", __name__, url_prefix="/api/v1")
SHOWS = frozenset({Role.COOP_CLERK})


@pictures.post("/listings/<uuid:listing_id>/pictures")
@endpoint(
    pictures, allow=SHOWS, accepts=PictureIn(), location="files", returns=PictureOut(), status=201
)
def add(form: NewPicture, listing_id: UUID) -> ListingPicture:
    """Show a picture of an own listing; it is drawn anew, without where and when it was taken."""
    return commands.add_picture(
        form, listing_id=ListingId(listing_id), by=current_actor(), now=clock.now()
    )


@pictures.get("/listings/<uuid:listing_id>/pictures")
@endpoint(pictures, allow=PUBLIC, returns=PicturesOut())
def list_of(listing_id: UUID) -> dict[str, list[ListingPicture]]:
    """List the pictures of a listing, the cover first."""
    today = shanghai_day(clock.now())
    return {"items": queries.list_pictures(current_actor(), ListingId(listing_id), today=today)}


@pictures.post("/listings/<uuid:listing_id>/pictures/<uuid:picture_id>/remove")
@endpoint(pictures, allow=SHOWS, returns=PicturesOut())
def remove(listing_id: UUID, picture_id: UUID) -> dict[str, list[ListingPicture]]:
    """Show a picture no longer; gives those that stay."""
    left = commands.remove_picture(
        PictureId(picture_id),
        listing_id=ListingId(listing_id),
        by=current_actor(),
        now=clock.now(),
    )
    return {"items": left}


@pictures.get("/pictures/<uuid:picture_id>")
@endpoint(pictures, allow=PUBLIC)
def give(picture_id: UUID) -> Response:
    """Give a picture itself."""
    picture = _seen(picture_id)
    return _image(picture.sha256, picture.media_type)


@pictures.get("/pictures/<uuid:picture_id>/thumbnail")
@endpoint(pictures, allow=PUBLIC)
def give_small(picture_id: UUID) -> Response:
    """Give the small JPEG of a picture."""
    return _image(_seen(picture_id).thumbnail_sha256, JPEG)


def _seen(picture_id: UUID) -> ListingPicture:
    today = shanghai_day(clock.now())
    return queries.get_picture(current_actor(), PictureId(picture_id), today=today)


def _image(digest: str, media_type: str) -> Response:
    return Response(
        read_file(digest),
        content_type=media_type,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'",
            "Cache-Control": "private, max-age=300",
        },
    )
