"""Listings as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import marshmallow as ma
from marshmallow import fields

from certification.certificates.schemas.marks import MarkShownOut
from kernel.fields import (
    Code,
    EnumField,
    Flag,
    Instant,
    Key,
    PositiveMoney,
    QuantityField,
    RegionCode,
    Schema,
    Text,
)
from kernel.money import MAX_FEN
from kernel.paging import PageQuery
from kernel.quantity import Unit
from marketplace.catalogue.commands.listings import ListingChange, NewListing
from marketplace.catalogue.models.listings import (
    BlockReason,
    Channel,
    ListingStatus,
    PayMode,
    StorageBand,
)
from marketplace.catalogue.queries.search import ListingSort
from marketplace.catalogue.rules.listings import Tier
from marketplace.catalogue.rules.terms import ChannelUse, Terms
from marketplace.catalogue.schemas.freight import ZoneOut
from registry.regions.models import OriginKind

MAX_TIERS = 10
DESCRIPTION_LENGTH = 4000
TERMS = {one.name for one in dataclasses.fields(Terms)}
DAYS = ma.validate.Range(0, 730)
DEGREES = ma.validate.Range(-80, 60)
PRICE = ma.validate.Range(0, MAX_FEN)
MONTH = fields.Integer(strict=True, validate=ma.validate.Range(1, 12))


class Mark(fields.Decimal):
    """A mean mark, as text of two places."""

    def __init__(self, **given: Any) -> None:
        super().__init__(as_string=True, places=2, metadata={"type": "string"}, **given)


class TierIn(Schema):
    """A lower price from a quantity on."""

    makes = Tier

    min_quantity = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)


class ChannelUseIn(Schema):
    """Where else a product is sold, under which number and at which price."""

    makes = ChannelUse

    channel = EnumField(Channel, required=True)
    external_id = Text(max=64, allow_none=True)
    unit_price_fen = PositiveMoney(allow_none=True)
    is_open = Flag()


class TermsIn(Schema):
    """What an offer says besides its price; months are those of delivery, none means all.

    `lead_days` and `latest_days` count from the order to the delivery; cooled goods say between
    which degrees Celsius; `unit_weight_kg` is what one of counted goods weighs.
    """

    freight_plan_id = Key(allow_none=True)
    unit_weight_kg = QuantityField(allow_none=True)
    season_months = fields.List(MONTH, validate=ma.validate.Length(max=12))
    lead_days = fields.Integer(strict=True, validate=DAYS)
    latest_days = fields.Integer(strict=True, validate=DAYS, allow_none=True)
    storage_band = EnumField(StorageBand)
    storage_min_c = fields.Integer(strict=True, validate=DEGREES, allow_none=True)
    storage_max_c = fields.Integer(strict=True, validate=DEGREES, allow_none=True)
    pay_modes = fields.List(EnumField(PayMode), validate=ma.validate.Length(min=1, max=2))
    channels = fields.List(
        fields.Nested(ChannelUseIn), validate=ma.validate.Length(max=len(Channel))
    )


def new_listing(**given: Any) -> NewListing:
    """Make a listing of a body, its terms apart."""
    return NewListing(**_terms_apart(given, Terms))


def listing_change(**given: Any) -> ListingChange:
    """Make a change of a body: of the terms only those that it names."""
    return ListingChange(**_terms_apart(given, dict))


def _terms_apart(given: dict[str, Any], made: Callable[..., Any]) -> dict[str, Any]:
    terms = {name: given.pop(name) for name in TERMS & given.keys()}
    return {**given, "terms": made(**terms)}


class ListingIn(TermsIn):
    """A certified product to offer."""

    makes = new_listing

    certificate_id = Key(required=True)
    title = Text(required=True, max=100)
    unit = EnumField(Unit, required=True)
    step = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)
    tiers = fields.List(fields.Nested(TierIn), validate=ma.validate.Length(max=MAX_TIERS))
    description = Text(min=0, max=DESCRIPTION_LENGTH)


class ListingChangeIn(TermsIn):
    """What of a listing is to be different."""

    makes = listing_change

    title = Text(max=100)
    description = Text(min=0, max=DESCRIPTION_LENGTH)
    unit_price_fen = PositiveMoney()
    tiers = fields.List(fields.Nested(TierIn), validate=ma.validate.Length(max=MAX_TIERS))


class FacetsQueryIn(Schema):
    """What to look for; `mine` lists the own organisation's, in every state.

    Words are in Chinese, or in pinyin whole or by initials; `month` is one of delivery.
    """

    q = Text(max=50, load_default=None)
    category = Code(load_default=None)
    region = RegionCode(load_default=None)
    origin_kind = EnumField(OriginKind, load_default=None)
    supplier_id = Key(load_default=None)
    storage_band = EnumField(StorageBand, load_default=None)
    pay_mode = EnumField(PayMode, load_default=None)
    channel = EnumField(Channel, load_default=None)
    month = fields.Integer(load_default=None, validate=ma.validate.Range(1, 12))
    price_from_fen = fields.Integer(load_default=None, validate=PRICE)
    price_to_fen = fields.Integer(load_default=None, validate=PRICE)
    in_stock = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
    mine = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


class ListingQueryIn(FacetsQueryIn, PageQuery):
    """What to look for, in which order, and how much at once."""

    sort = EnumField(ListingSort, load_default=ListingSort.NEWEST)


class TierOut(Schema):
    """A lower price from a quantity on."""

    min_quantity = QuantityField(required=True)
    unit_price_fen = PositiveMoney(required=True)


class ChannelUseOut(Schema):
    """Where else a product is sold."""

    channel = fields.String(required=True)
    external_id = fields.String(required=True, allow_none=True)
    unit_price_fen = PositiveMoney(required=True, allow_none=True)
    is_open = fields.Boolean(required=True)


class MarksOut(Schema):
    """What buyers think of goods and service, from 1 to 5; null where nobody rated."""

    count = fields.Integer(required=True)
    goods = Mark(required=True, allow_none=True)
    service = Mark(required=True, allow_none=True)


class FacetOut(Schema):
    """How many have a value; places have a name."""

    value = fields.String(required=True)
    count = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True)


class FacetsOut(Schema):
    """Counts by kind, the most frequent first; of all, or of the `counted` that were looked at."""

    counted = fields.Integer(required=True)
    is_whole = fields.Boolean(required=True)
    facets = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Nested(FacetOut)), required=True
    )


class ListingPriceOut(Schema):
    """What a listing cost from an instant on, until the next."""

    unit_price_fen = PositiveMoney(required=True)
    tiers = fields.List(fields.Nested(TierOut), required=True)
    from_at = Instant(required=True)


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
    storage_band = EnumField(StorageBand, required=True)
    pay_modes = fields.List(fields.String(), required=True)
    season_months = fields.List(fields.Integer(), required=True)
    rating = fields.Nested(MarksOut, required=True)
    cover_id = Key(required=True, allow_none=True)


class ListingOut(ListingItemOut):
    """A listing with everything there is to say, and the marks that its product bears today."""

    description = fields.String(required=True)
    tiers = fields.List(fields.Nested(TierOut), required=True)
    certificate_id = Key(required=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)
    freight_plan_id = Key(required=True, allow_none=True)
    freight_zones = fields.List(fields.Nested(ZoneOut), required=True, allow_none=True)
    unit_weight_kg = QuantityField(required=True, allow_none=True)
    lead_days = fields.Integer(required=True)
    latest_days = fields.Integer(required=True, allow_none=True)
    storage_min_c = fields.Integer(required=True, allow_none=True)
    storage_max_c = fields.Integer(required=True, allow_none=True)
    channels = fields.List(fields.Nested(ChannelUseOut), required=True)
    marks = fields.List(fields.Nested(MarkShownOut), required=True)
