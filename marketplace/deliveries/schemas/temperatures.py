"""Readings beside cooled goods as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import EnumField, Instant, Key, Schema, Text
from marketplace.catalogue.models.listings import StorageBand
from marketplace.deliveries.commands.measuring import NewReadings
from marketplace.deliveries.rules.cold_chain import Reading
from marketplace.deliveries.schemas.goods import ColdChainOut

MAX_READINGS = 1_000
TENTHS = ma.validate.Range(-999, 999)


class ReadingIn(Schema):
    """What a thermometer said, in tenths of a degree Celsius."""

    makes = Reading

    device = Text(required=True, max=100)
    read_at = Instant(required=True)
    tenths_c = fields.Integer(required=True, strict=True, validate=TENTHS)
    storage_band = EnumField(StorageBand, allow_none=True)


class ReadingsIn(Schema):
    """Readings that were read out together."""

    makes = NewReadings

    readings = fields.List(
        fields.Nested(ReadingIn), required=True, validate=ma.validate.Length(1, MAX_READINGS)
    )


class ColdChainsOut(Schema):
    """How the cooled goods of a shipment fare."""

    items = fields.List(fields.Nested(ColdChainOut), required=True)


class TemperatureOut(Schema):
    """A reading that was kept."""

    cold_chain_id = Key(required=True)
    device = fields.String(required=True)
    read_at = Instant(required=True)
    tenths_c = fields.Integer(required=True)
    recorded_at = Instant(required=True)
