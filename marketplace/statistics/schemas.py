"""JSON and sheet of indicators."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Money, RegionCode, Schema, Text
from kernel.paging import PageQuery, page_schema
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from marketplace.catalogue.models.listings import Channel
from marketplace.statistics.models import SalesAxis
from procurement.completion.schemas import RATE

CHANNELS = labels_of(
    Channel,
    platform_832=("832 平台", "832 platform"),
    provincial_platform=("省级平台", "provincial platform"),
    society_network=("中国社会帮扶网", "society network"),
    supply_cooperative=("供销社", "supply and marketing cooperative"),
    zone=("专区", "zone"),
    counter=("专柜", "counter"),
    hall=("专馆", "hall"),
    broadcast=("广电网络", "broadcast network"),
    live_stream=("直播带货", "live stream"),
    online_shop=("网店", "online shop"),
    fair=("展销会", "fair"),
)


class ChannelSalesQuery(PageQuery):
    """Which sales, parted by what, as of when (RFC 3339; without it, now).

    `direct` leaves what came through no channel but this platform itself.
    """

    by = EnumField(SalesAxis, load_default=SalesAxis.WHOLE)
    region = RegionCode(load_default=None)
    category_code = Text(load_default=None)
    certificate_number = Text(load_default=None)
    channel = EnumField(Channel, load_default=None)
    direct = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
    from_on = Day(data_key="from", load_default=None)
    until_on = Day(data_key="to", load_default=None)
    as_of = Instant(load_default=None)


class ChannelSalesOut(Schema):
    """What one channel brought under one key; no channel is this platform itself.

    Parted by order, the key is the order's number, and `order_id` leads to it.
    """

    key = fields.String(required=True)
    order_id = Key(required=True, allow_none=True)
    channel = EnumField(Channel, required=True, allow_none=True)
    orders = fields.Integer(required=True)
    listings = fields.Integer(required=True)
    paid_fen = Money(required=True)
    share = fields.Decimal(as_string=True, required=True, allow_none=True, metadata=RATE)


CHANNEL_SALES_PAGE = page_schema(ChannelSalesOut)
CHANNEL_SALES = Sheet(
    name="channel_sales",
    zh="销售渠道构成",
    en="Channels of sale",
    columns=(
        Column("key", "分组", "Key", width=28),
        Column(
            "channel",
            "渠道（空为本平台）",
            "Channel (empty: this platform)",
            Kind.CHOICE,
            labels=CHANNELS,
        ),
        Column("orders", "订单数", "Orders", Kind.WHOLE),
        Column("listings", "商品数", "Products", Kind.WHOLE),
        Column("paid_fen", "到账减退款（元）", "Paid less refunds (yuan)", Kind.YUAN),
        Column("share", "占比", "Share"),
    ),
)
