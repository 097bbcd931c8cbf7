"""Pick-up points, routes and cold stores as JSON, and the list of cold stores as a sheet."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Key, Money, QuantityField, RegionCode, Schema, Text
from kernel.paging import PageQuery
from kernel.sheets.columns import Column, Kind, Sheet
from marketplace.catalogue.models.listings import StorageBand
from marketplace.catalogue.schemas.listings import DEGREES
from marketplace.catalogue.schemas.sheets import BAND
from marketplace.deliveries.commands.places import NewFacility, NewPoint, NewRoute
from marketplace.deliveries.rules.cold_chain import COOLED
from marketplace.deliveries.rules.places import Stop
from registry.regions.rules import NATION

MAX_STOPS = 50


class PlaceFields(Schema):
    """What every place says; without an operator it is the own organisation's."""

    name = Text(required=True, max=60)
    region_code = RegionCode(required=True)
    since_on = Day(required=True)
    until_on = Day(allow_none=True)
    operator_id = Key(allow_none=True)


class PickUpPointIn(PlaceFields):
    """A pick-up point of a township."""

    makes = NewPoint

    address = Text(required=True, max=200)


class StopIn(Schema):
    """Where a route comes to: a pick-up point, or all of a region (000000 is everywhere)."""

    makes = Stop

    point_id = Key(allow_none=True)
    region_code = RegionCode(allow_none=True)


class DeliveryRouteIn(PlaceFields):
    """A route that begins in `region_code`, at so many fen a kilogram."""

    makes = NewRoute

    per_kg_fen = Money(required=True)
    stops = fields.List(
        fields.Nested(StopIn), required=True, validate=ma.validate.Length(1, MAX_STOPS)
    )


class FacilityIn(PlaceFields):
    """A cold store; its degrees are those that it keeps."""

    makes = NewFacility

    address = Text(required=True, max=200)
    tonnes = QuantityField(required=True)
    storage_band = EnumField(StorageBand, required=True, validate=ma.validate.OneOf(list(COOLED)))
    min_c = fields.Integer(required=True, strict=True, validate=DEGREES)
    max_c = fields.Integer(required=True, strict=True, validate=DEGREES)


class PlaceEndIn(Schema):
    """The first day without it."""

    until_on = Day(required=True)


class PointsQuery(PageQuery):
    """Of which region, on which day; today without one."""

    region = RegionCode(load_default=NATION)
    on = Day(load_default=None)


class FacilitiesQuery(PointsQuery):
    """Which cold stores to list."""

    storage_band = EnumField(StorageBand, load_default=None)


class RoutesQuery(PageQuery):
    """Which routes: those that come to a region, or a point; `weight_kg` is priced by each."""

    region = RegionCode(load_default=None)
    point_id = Key(load_default=None)
    weight_kg = QuantityField(load_default=None)
    on = Day(load_default=None)


class PlaceOut(Schema):
    """What every place says."""

    id = Key(attribute="row.id", required=True)
    name = fields.String(attribute="row.name", required=True)
    region_code = fields.String(attribute="row.region_code", required=True)
    region = fields.String(required=True)
    operator_id = Key(attribute="row.operator_id", required=True)
    operator = fields.String(required=True)
    since_on = Day(attribute="row.since_on", required=True)
    until_on = Day(attribute="row.until_on", required=True, allow_none=True)
    version = fields.Integer(attribute="row.version", required=True)


class PickUpPointOut(PlaceOut):
    """A pick-up point."""

    address = fields.String(attribute="row.address", required=True)


class StopOut(Schema):
    """Where a route comes to; of a point `region_code` is its township."""

    region_code = fields.String(required=True)
    point_id = Key(required=True, allow_none=True)


class DeliveryRouteOut(PlaceOut):
    """A route; `cost_fen` is what the asked weight costs by it."""

    per_kg_fen = Money(attribute="row.per_kg_fen", required=True)
    stops = fields.List(fields.Nested(StopOut), required=True)
    cost_fen = Money(required=True, allow_none=True)


class FacilityOut(PlaceOut):
    """A cold store."""

    address = fields.String(attribute="row.address", required=True)
    tonnes = QuantityField(attribute="row.tonnes", required=True)
    storage_band = EnumField(StorageBand, attribute="row.storage_band", required=True)
    min_c = fields.Integer(attribute="row.min_c", required=True)
    max_c = fields.Integer(attribute="row.max_c", required=True)


FACILITIES = Sheet(
    name="cold_chain_facilities",
    zh="冷链设施",
    en="Cold stores",
    columns=(
        Column("region_code", "区划代码", "Region code", Kind.CODE),
        Column("region", "所在地", "Region"),
        Column("name", "设施名称", "Cold store", width=24),
        Column("operator", "运营单位", "Operator", width=30),
        Column("address", "地址", "Address", width=36),
        Column("tonnes", "库容（吨）", "Tonnes", Kind.QUANTITY),
        BAND,
        Column("min_c", "最低温度（℃）", "From (°C)", Kind.WHOLE),
        Column("max_c", "最高温度（℃）", "To (°C)", Kind.WHOLE),
        Column("since_on", "启用日期", "Since", Kind.DAY),
        Column("until_on", "停用日期", "Until", Kind.DAY),
    ),
)
