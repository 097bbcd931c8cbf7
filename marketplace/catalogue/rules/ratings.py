"""Who may rate goods, when, and how marks are told."""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.catalogue.models.ratings import ListingRating
from marketplace.errors.catalogue import RatingAnswered, RatingClosed

OPEN_DAYS = 15
"""How long a buyer may change what was said, a configured default and no rule of law."""


def open_until(now: datetime) -> datetime:
    """Give the instant from which a rating stays as it is."""
    return now + timedelta(days=OPEN_DAYS)


def check_open(rating: ListingRating, *, now: datetime) -> None:
    """Refuse to change what is too old or was answered (RatingClosed, RatingAnswered)."""
    if rating.reply is not None:
        raise RatingAnswered
    if now >= rating.open_until:
        raise RatingClosed(until=rating.open_until)


def check_unanswered(rating: ListingRating) -> None:
    """Refuse a second answer (RatingAnswered)."""
    if rating.reply is not None:
        raise RatingAnswered
