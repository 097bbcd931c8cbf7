"""On what terms a listing is sold: when, how it is kept, how it is paid, where else it is sold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from kernel.errors import Invalid
from kernel.money import Fen
from marketplace.catalogue.models.freight import FreightPlanId
from marketplace.catalogue.models.listings import Channel, Listing, PayMode, StorageBand
from marketplace.errors.catalogue import (
    ChannelNotUsed,
    DeliveryOutsideWindow,
    OutOfSeason,
    PayModeNotOffered,
)

MONTHS = range(1, 13)
COOLED = frozenset({StorageBand.CHILLED, StorageBand.FROZEN})


@dataclass(frozen=True)
class ChannelUse:
    """Where else a product is sold: under which number, at which price, and whether now."""

    channel: Channel
    external_id: str | None = None
    unit_price_fen: Fen | None = None
    is_open: bool = True


@dataclass(frozen=True)
class Terms:
    """What an offer says besides its price; the season is of the day of delivery."""

    freight_plan_id: FreightPlanId | None = None
    unit_weight_kg: Decimal | None = None
    season_months: Sequence[int] = ()
    lead_days: int = 0
    latest_days: int | None = None
    storage_band: StorageBand = StorageBand.AMBIENT
    storage_min_c: int | None = None
    storage_max_c: int | None = None
    pay_modes: Sequence[PayMode] = tuple(PayMode)
    channels: Sequence[ChannelUse] = ()


def check_terms(terms: Terms) -> None:
    """Refuse terms that say two things at once, or half of one (Invalid)."""
    if terms.latest_days is not None and terms.latest_days < terms.lead_days:
        reason = "最晚送达早于最早送达 / the latest day is before the first"
        raise Invalid(reason=reason, pointer="/latest_days")
    low, high = terms.storage_min_c, terms.storage_max_c
    if terms.storage_band in COOLED and (low is None or high is None):
        reason = "冷藏、冷冻商品须注明温度 / cooled goods say between which degrees"
        raise Invalid(reason=reason, pointer="/storage_min_c")
    if low is not None and high is not None:
        check_degrees(low, high, pointer="/storage_max_c")
    names = [use.channel for use in terms.channels]
    if len(set(names)) < len(names):
        reason = "同一渠道只能出现一次 / a channel is named once"
        raise Invalid(reason=reason, pointer="/channels")


def check_degrees(low: int, high: int, *, pointer: str) -> None:
    """Refuse degrees from more up to less (Invalid)."""
    if low > high:
        reason = "最低温度高于最高温度 / from more degrees than up to"
        raise Invalid(reason=reason, pointer=pointer)


def check_wanted(
    terms: Terms, *, title: str, pay_mode: PayMode, on: date | None, today: date
) -> None:
    """Refuse an order that the terms do not allow: how it is paid, then when it is delivered.

    Without a wished day the first possible one counts. Refuses PayModeNotOffered,
    DeliveryOutsideWindow, OutOfSeason.
    """
    check_pay_mode(terms, title=title, pay_mode=pay_mode)
    first = today + timedelta(days=terms.lead_days)
    latest = None if terms.latest_days is None else today + timedelta(days=terms.latest_days)
    wished = first if on is None else on
    if wished < first or (latest is not None and wished > latest):
        raise DeliveryOutsideWindow(
            title=title, first_on=first, latest_on=latest or "不限 / open", pointer="/delivery/on"
        )
    if terms.season_months and wished.month not in terms.season_months:
        months = "、".join(str(month) for month in sorted(terms.season_months))
        raise OutOfSeason(title=title, month=wished.month, months=months, pointer="/delivery/on")


def check_pay_mode(terms: Terms, *, title: str, pay_mode: PayMode) -> None:
    """Refuse a way of paying that is not offered (PayModeNotOffered)."""
    if pay_mode not in terms.pay_modes:
        raise PayModeNotOffered(title=title, pay_mode=pay_mode, pointer="/pay_mode")


def check_channel(terms: Terms, *, title: str, channel: Channel | None) -> None:
    """Refuse a channel that the product is not sold through now (ChannelNotUsed)."""
    used = {one.channel for one in terms.channels if one.is_open}
    if channel is not None and channel not in used:
        raise ChannelNotUsed(title=title, channel=channel, pointer="/channel")


def terms_of(listing: Listing) -> Terms:
    """Read the terms a listing is sold on."""
    return Terms(
        freight_plan_id=listing.freight_plan_id,
        unit_weight_kg=listing.unit_weight_kg,
        season_months=tuple(listing.season_months),
        lead_days=listing.lead_days,
        latest_days=listing.latest_days,
        storage_band=listing.storage_band,
        storage_min_c=listing.storage_min_c,
        storage_max_c=listing.storage_max_c,
        pay_modes=tuple(PayMode(mode) for mode in listing.pay_modes),
        channels=channels_of(listing.channels),
    )


def channels_of(uses: Iterable[Mapping[str, Any]]) -> list[ChannelUse]:
    """Read where else a product is sold, as a listing keeps it."""
    return [ChannelUse(**{**use, "channel": Channel(use["channel"])}) for use in uses]


def tags_of(listing: Listing) -> list[str]:
    """Give what a listing is filtered and counted by: `kind:value`, once each, sorted."""
    place = listing.origin_region_code
    tags = {
        f"category:{listing.category_code}",
        f"origin:{listing.origin_kind}",
        f"place:{place[:2]}0000",
        f"place:{place[:6]}",
        f"band:{listing.storage_band}",
        *(f"pay:{mode}" for mode in listing.pay_modes),
        *(f"month:{month}" for month in listing.season_months or MONTHS),
        *(f"channel:{use['channel']}" for use in listing.channels if use["is_open"]),
    }
    return sorted(tags)
