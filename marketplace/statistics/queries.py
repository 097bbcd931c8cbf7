"""Through which channels goods were sold, and what part of the money each brought."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    Uuid,
    cast,
    distinct,
    func,
    literal_column,
    null,
    select,
    type_coerce,
)

from kernel.actor import Actor
from kernel.calendar import start_of_day
from kernel.money import Fen
from kernel.paging import Page, page
from marketplace.catalogue.models.listings import Channel
from marketplace.orders.models.orders import OrderLine, PurchaseOrder
from marketplace.orders.queries.finding import visible_orders
from marketplace.settlement.models.payments import Allocation
from marketplace.statistics.models import ChannelSales, SalesAxis, SalesQuestion
from procurement.completion.rules.figures import completion_rate
from registry.households.queries.households import inside
from registry.regions.rules import subtree_prefix

KEYS: Mapping[SalesAxis, ColumnElement[str]] = MappingProxyType(
    {
        SalesAxis.WHOLE: literal_column("''", Text),
        SalesAxis.PRODUCT: OrderLine.certificate_number.expression,
        SalesAxis.CATEGORY: func.coalesce(OrderLine.category_code, ""),
        SalesAxis.VILLAGE: OrderLine.origin_region_code.expression,
        SalesAxis.COUNTY: func.left(OrderLine.origin_region_code, 6),
        SalesAxis.MONTH: func.to_char(func.timezone("Asia/Shanghai", Allocation.at), "YYYY-MM"),
        SalesAxis.ORDER: PurchaseOrder.number.expression,
    }
)


def list_channel_sales(
    actor: Actor, wanted: SalesQuestion, *, limit: int, cursor: str | None
) -> Page[ChannelSales]:
    """List what each channel brought of the orders in the actor's sight, by key, then channel."""
    money = _money(actor, wanted).subquery("money")
    total = func.sum(money.c.amount_fen)
    sums = (
        select(
            money.c.key,
            money.c.told_order_id,
            money.c.channel,
            func.count(distinct(money.c.order_id)).label("orders"),
            func.count(distinct(money.c.listing_id)).label("listings"),
            total.label("paid_fen"),
            func.sum(total).over(partition_by=money.c.key).label("whole_fen"),
        )
        .group_by(money.c.key, money.c.told_order_id, money.c.channel)
        .subquery("sums")
    )
    found = page(
        select(sums),
        keys=[(sums.c.key, False), (sums.c.channel, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters=vars(wanted),
    )
    return Page([_told(row) for row in found.items], found.next_cursor)


def _told(row: Row[*tuple[Any, ...]]) -> ChannelSales:
    key, order_id, channel, orders, listings, paid, whole = row
    paid_fen = Fen(int(paid))
    share = completion_rate(paid_fen, Fen(int(whole)))
    used = Channel(channel) if channel else None
    return ChannelSales(key, order_id, used, orders, listings, paid_fen, share)


def _money(actor: Actor, wanted: SalesQuestion) -> Select[*tuple[Any, ...]]:
    """Select the money that came to lie on lines of orders, or left them."""
    channel = func.coalesce(type_coerce(PurchaseOrder.channel, Text), "")
    is_of_orders = wanted.by is SalesAxis.ORDER
    statement = (
        select(
            KEYS[wanted.by].label("key"),
            (OrderLine.order_id if is_of_orders else cast(null(), Uuid)).label("told_order_id"),
            channel.label("channel"),
            OrderLine.order_id,
            OrderLine.listing_id,
            Allocation.amount_fen,
        )
        .join(OrderLine, OrderLine.id == Allocation.order_line_id)
        .join(PurchaseOrder, PurchaseOrder.id == OrderLine.order_id)
        .where(visible_orders(actor))
    )
    if wanted.as_of is not None:
        statement = statement.where(Allocation.at <= wanted.as_of)
    if wanted.region is not None:
        place = subtree_prefix(wanted.region)
        statement = statement.where(inside(OrderLine.origin_region_code, place))
    if wanted.category_code is not None:
        statement = statement.where(OrderLine.category_code == wanted.category_code)
    if wanted.certificate_number is not None:
        statement = statement.where(OrderLine.certificate_number == wanted.certificate_number)
    if wanted.channel is not None or wanted.direct:
        statement = statement.where(channel == (wanted.channel or ""))
    if wanted.from_on is not None:
        statement = statement.where(Allocation.at >= start_of_day(wanted.from_on))
    if wanted.until_on is not None:
        statement = statement.where(Allocation.at < start_of_day(wanted.until_on))
    return statement
