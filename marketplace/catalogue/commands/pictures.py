"""What a supplier shows of its goods."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.files import store_file
from kernel.identity import new_id
from kernel.papers import inspect_picture
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.models.pictures import MAX_PICTURES, ListingPicture, PictureId
from marketplace.catalogue.queries.listings import get_own_listing
from marketplace.catalogue.queries.pictures import get_own_picture, list_all_pictures
from marketplace.errors.catalogue import PictureKnown, TooManyPictures
from registry.accounts.models import UserId


@dataclass(frozen=True)
class NewPicture:
    """A picture as it arrives; what it really is, the content says."""

    file: bytes = field(repr=False)


def add_picture(
    new: NewPicture, *, listing_id: ListingId, by: Actor, now: datetime
) -> ListingPicture:
    """Show a picture behind the others of an own listing.

    Refuses NotFound, Invalid (no sound JPEG or PNG), TooManyPictures, PictureKnown. The files are
    written before the row: one without a row harms nobody.
    """
    listing = get_own_listing(by, listing_id, lock=True)
    shown = list_all_pictures(by, listing.id)
    free = sorted(set(range(1, MAX_PICTURES + 1)) - {one.position for one in shown})
    if not free:
        raise TooManyPictures(most=MAX_PICTURES)
    drawn = inspect_picture(new.file)
    kept = store_file(drawn.content)
    if kept in {one.sha256 for one in shown}:
        raise PictureKnown
    picture = ListingPicture(
        id=PictureId(new_id()),
        listing_id=listing.id,
        position=free[0],
        media_type=drawn.media_type,
        sha256=kept,
        thumbnail_sha256=store_file(drawn.small),
        width=drawn.width,
        height=drawn.height,
        size_bytes=len(drawn.content),
        created_by=UserId(by.user_id),
        created_at=now,
    )
    db.session.add(picture)
    db.session.flush()
    _leave_row("picture_added", picture, by=by, now=now)
    return picture


def remove_picture(
    picture_id: PictureId, *, listing_id: ListingId, by: Actor, now: datetime
) -> list[ListingPicture]:
    """Show a picture of an own listing no longer (NotFound); give those that stay."""
    listing = get_own_listing(by, listing_id, lock=True)
    picture = get_own_picture(by, listing.id, picture_id)
    db.session.delete(picture)
    db.session.flush()
    _leave_row("picture_removed", picture, by=by, now=now)
    return list_all_pictures(by, listing.id)


def _leave_row(action: str, picture: ListingPicture, *, by: Actor, now: datetime) -> None:
    after = {"picture": str(picture.id), "sha256": picture.sha256}
    audit.write(action, subject=("listing", picture.listing_id), by=by, now=now, after=after)
