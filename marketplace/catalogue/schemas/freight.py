"""Freight plans as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import (
    Instant,
    Key,
    Money,
    PositiveMoney,
    QuantityField,
    RegionCode,
    Schema,
    Text,
)
from marketplace.catalogue.commands.freight import FreightPlanWish
from marketplace.catalogue.rules.freight import Zone

MAX_ZONES = 50
MAX_REGIONS = 100


class ZoneIn(Schema):
    """What freight costs in regions; 000000 is everywhere. Without a step it is fixed."""

    makes = Zone

    region_codes = fields.List(
        RegionCode(), required=True, validate=ma.validate.Length(1, MAX_REGIONS)
    )
    base_fen = Money(required=True)
    base_kg = QuantityField(zero=True, allow_none=True)
    step_kg = QuantityField(allow_none=True)
    step_fen = PositiveMoney(allow_none=True)
    free_from_fen = PositiveMoney(allow_none=True)


class FreightPlanIn(Schema):
    """A plan: its name and zones; of the zones around a place the narrowest holds."""

    makes = FreightPlanWish

    name = Text(required=True, max=60)
    zones = fields.List(
        fields.Nested(ZoneIn), required=True, validate=ma.validate.Length(1, MAX_ZONES)
    )


class ZoneOut(Schema):
    """What freight costs in regions."""

    region_codes = fields.List(fields.String(), required=True)
    base_fen = Money(required=True)
    base_kg = QuantityField(zero=True, required=True, allow_none=True)
    step_kg = QuantityField(required=True, allow_none=True)
    step_fen = PositiveMoney(required=True, allow_none=True)
    free_from_fen = PositiveMoney(required=True, allow_none=True)


class FreightPlanOut(Schema):
    """A freight plan."""

    id = Key(required=True)
    name = fields.String(required=True)
    zones = fields.List(fields.Nested(ZoneOut), required=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)
