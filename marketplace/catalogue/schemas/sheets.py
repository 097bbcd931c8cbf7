"""Listings as sheets: the list that a supplier hands in, and the list as it stands."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Code, EnumField, PositiveMoney, QuantityField, Schema, Text
from kernel.quantity import UNIT_LABELS, Unit
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from marketplace.catalogue.commands.imports import ListingRow
from marketplace.catalogue.models.listings import ListingStatus, StorageBand
from marketplace.catalogue.schemas.listings import DAYS, DEGREES, DESCRIPTION_LENGTH

UNITS = labels_of(Unit, **UNIT_LABELS)
BANDS = labels_of(
    StorageBand,
    ambient=("常温", "ambient"),
    cool=("阴凉", "cool"),
    chilled=("冷藏", "chilled"),
    frozen=("冷冻", "frozen"),
)
STATUSES = labels_of(
    ListingStatus,
    draft=("草稿", "draft"),
    listed=("在售", "on sale"),
    delisted=("已下架", "taken down"),
    blocked=("已冻结", "blocked"),
)

CERTIFICATE = Column("certificate_number", "证书编号", "Certificate", Kind.CODE, width=28)
TITLE = Column("title", "商品名称", "Title", width=30)
MEASURES = (
    Column("unit", "计量单位", "Unit", Kind.CHOICE, labels=UNITS),
    Column("step", "起订步长", "Step", Kind.QUANTITY),
    Column("unit_price_fen", "单价（元）", "Unit price (yuan)", Kind.YUAN),
)
BAND = Column("storage_band", "储运条件", "Storage", Kind.CHOICE, labels=BANDS)


class ListingRowIn(Schema):
    """A row of listings to draft."""

    makes = ListingRow

    certificate_number = Code(required=True)
    title = Text(required=True, max=100)
    unit = EnumField(Unit, required=True)
    step = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)
    description = Text(max=DESCRIPTION_LENGTH, allow_none=True)
    storage_band = EnumField(StorageBand, allow_none=True)
    storage_min_c = fields.Integer(strict=True, validate=DEGREES, allow_none=True)
    storage_max_c = fields.Integer(strict=True, validate=DEGREES, allow_none=True)
    unit_weight_kg = QuantityField(allow_none=True)
    lead_days = fields.Integer(strict=True, validate=DAYS, allow_none=True)
    latest_days = fields.Integer(strict=True, validate=DAYS, allow_none=True)


LISTINGS = Sheet(
    name="listings",
    zh="上架商品",
    en="Listings",
    columns=(
        CERTIFICATE,
        TITLE,
        *MEASURES,
        Column("description", "商品说明", "Description", width=40),
        BAND,
        Column("storage_min_c", "最低温度（℃）", "From (°C)", Kind.WHOLE),
        Column("storage_max_c", "最高温度（℃）", "To (°C)", Kind.WHOLE),
        Column("unit_weight_kg", "单件重量（千克）", "Weight of one (kg)", Kind.QUANTITY),
        Column("lead_days", "最早送达（天）", "Lead (days)", Kind.WHOLE),
        Column("latest_days", "最晚送达（天）", "Latest (days)", Kind.WHOLE),
    ),
    schema=ListingRowIn(),
    unique=("certificate_number", "title"),
)

LISTINGS_SHOWN = Sheet(
    name="listings",
    zh="上架商品",
    en="Listings",
    columns=(
        CERTIFICATE,
        TITLE,
        Column("status", "状态", "Status", Kind.CHOICE, labels=STATUSES),
        *MEASURES,
        Column("available_quantity", "可售数量", "Available", Kind.QUANTITY),
        Column("category_code", "类别", "Category"),
        Column("origin", "产地", "Origin"),
        Column("origin_region_code", "产地代码", "Origin code"),
        Column("supplier", "供应商", "Supplier", width=30),
        BAND,
        Column("rating.count", "评价数", "Ratings", Kind.WHOLE),
        Column("rating.goods", "商品评分", "Goods"),
        Column("rating.service", "服务评分", "Service"),
    ),
)
