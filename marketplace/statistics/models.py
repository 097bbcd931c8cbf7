"""What sales are asked about and told by."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from kernel.money import Fen
from marketplace.catalogue.models.listings import Channel
from marketplace.orders.models.orders import OrderId


class SalesAxis(StrEnum):
    """What sales are parted by."""

    WHOLE = "whole"
    PRODUCT = "product"
    """By the number of the certificate."""
    CATEGORY = "category"
    VILLAGE = "village"
    """By the place of origin as the certificate names it."""
    COUNTY = "county"
    MONTH = "month"
    """By the Shanghai month in which the money came or went."""
    ORDER = "order"
    """By the number of the order: the rows that every other figure is made of."""


@dataclass(frozen=True)
class SalesQuestion:
    """Which sales: of goods from a region, of a category, on the Shanghai days from `from_on` on.

    The day `until_on` is not among them. Nothing after `as_of` counts; without it, all does.
    Through one channel, or with `direct` through none but this platform itself.
    """

    as_of: datetime | None = None
    by: SalesAxis = SalesAxis.WHOLE
    region: str | None = None
    category_code: str | None = None
    certificate_number: str | None = None
    channel: Channel | None = None
    direct: bool = False
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChannelSales:
    """What came in by one channel (None: this platform itself) under one key.

    `paid_fen` is confirmed money for goods, without freight, less what went back; `share` is its
    part of all that came under the key, None where nothing is left. `order_id` is told where the
    key is the number of an order.
    """

    key: str
    order_id: OrderId | None
    channel: Channel | None
    orders: int
    listings: int
    paid_fen: Fen
    share: Decimal | None
