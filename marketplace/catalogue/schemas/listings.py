"""Listings as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import (
    Code,
    EnumField,
    Instant,
    Key,
    PositiveMoney,
    QuantityField,
    RegionCode,
    Schema,
    Text,
)
from kernel.paging import PageQuery
from kernel.quantity import Unit
from marketplace.catalogue.commands.listings import ListingChange, NewListing
from marketplace.catalogue.models.listings import BlockReason, ListingStatus
from marketplace.catalogue.queries.listings import ListingSort
from marketplace.catalogue.rules.listings import Tier
from registry.regions.models import OriginKind

MAX_TIERS = 10
DESCRIPTION_LENGTH = 4000


class TierIn(Schema):
    """A lower price from a quantity on."""

    makes = Tier

    min_quantity = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)


class ListingIn(Schema):
    """A certified product to offer."""

    makes = NewListing

    certificate_id = Key(required=True)
    title = Text(required=True, max=100)
    unit = EnumField(Unit, required=True)
    step = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)
    tiers = fields.List(fields.Nested(TierIn), validate=ma.validate.Length(max=MAX_TIERS))
    description = Text(min=0, max=DESCRIPTION_LENGTH)


class ListingChangeIn(Schema):
    """What of a listing is to be different."""

    makes = ListingChange

    title = Text(max=100)
    description = Text(min=0, max=DESCRIPTION_LENGTH)
    unit_price_fen = PositiveMoney()
    tiers = fields.List(fields.Nested(TierIn), validate=ma.validate.Length(max=MAX_TIERS))


class ListingQueryIn(PageQuery):
    """What to look for; `mine` lists the own organisation's, in every state."""

    q = Text(max=50, load_default=None)
    category = Code(load_default=None)
    region = RegionCode(load_default=None)
    origin_kind = EnumField(OriginKind, load_default=None)
    mine = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
    sort = EnumField(ListingSort, load_default=ListingSort.NEWEST)


class TierOut(Schema):
    """A lower price from a quantity on."""

    min_quantity = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)


class ListingItemOut(Schema):
    """A listing in a list; `blocked_for` says what a blocked one is blocked for."""

    id = Key(required=True)
    title = fields.String(required=True)
    status = EnumField(ListingStatus, required=True)
    blocked_for = EnumField(BlockReason, required=True, allow_none=True)
    unit = EnumField(Unit, required=True)
    step = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)
    available_quantity = QuantityField(zero=True, required=True)
    certificate_number = fields.String(required=True)
    category_code = fields.String(required=True)
    origin = fields.String(required=True)
    origin_region_code = fields.String(required=True)
    origin_kind = EnumField(OriginKind, required=True)
    supplier = fields.String(required=True)
    supplier_id = Key(required=True)


class ListingOut(ListingItemOut):
    """A listing with everything there is to say."""

    description = fields.String(required=True)
    tiers = fields.List(fields.Nested(TierOut), required=True)
    certificate_id = Key(required=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)
