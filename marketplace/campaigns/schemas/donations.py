"""Campaigns, their price lists, wishes and hand-out lists as JSON and as a sheet."""

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
from kernel.paging import PageQuery, page_schema
from kernel.quantity import Unit
from kernel.sheets.columns import Column, Kind, Sheet
from marketplace.campaigns.commands.donations import NewCampaign, NewWish
from marketplace.campaigns.models.donations import (
    CampaignStatus,
    HandOut,
)
from marketplace.campaigns.rules.purchases import Asked
from marketplace.campaigns.schemas.standing import StandingDeliveryIn
from procurement.quotas.models import Fund

MAX_PRODUCTS = 100
MAX_NAMED = 200


class AskedIn(Schema):
    """A product of a campaign, and what the market pays for it by which source."""

    makes = Asked

    listing_id = Key(required=True)
    market_fen = PositiveMoney(required=True)
    market_source = Text(required=True, max=300)


class DedicationIn(Schema):
    """The villages or households a purchase instead of a donation is for, by code."""

    village_codes = fields.List(RegionCode(), validate=ma.validate.Length(1, MAX_NAMED))
    household_codes = fields.List(Code(), validate=ma.validate.Length(1, MAX_NAMED))

    @ma.validates_schema
    def _names_somebody(self, data: dict[str, object], **_: object) -> None:
        if not data:
            raise ma.ValidationError("必须注明村或户 / name a village or a household")


class CampaignIn(Schema):
    """A campaign to open."""

    makes = NewCampaign

    title = Text(required=True, max=100)
    bound_unit_id = Key(required=True)
    fund = EnumField(Fund, required=True)
    dedication = fields.Nested(DedicationIn, required=True)
    delivery = fields.Nested(StandingDeliveryIn, required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    prices = fields.List(
        fields.Nested(AskedIn), required=True, validate=ma.validate.Length(1, MAX_PRODUCTS)
    )


class WishIn(Schema):
    """How much of a product a participant wants, by code; nothing takes a wish back."""

    makes = NewWish

    branch = Text(required=True, max=100)
    participant_code = Code(required=True)
    listing_id = Key(required=True)
    quantity = QuantityField(zero=True, required=True)


class CampaignQueryIn(PageQuery):
    """Which campaigns to list."""

    status = EnumField(CampaignStatus, load_default=None)


class CampaignOut(Schema):
    """A campaign; once gathered, its orders are found by `checkout_id`."""

    id = Key(required=True)
    title = fields.String(required=True)
    buyer_id = Key(required=True)
    author_id = Key(required=True)
    bound_unit_id = Key(required=True)
    fund = EnumField(Fund, required=True)
    dedication = fields.Dict(required=True)
    delivery_address = fields.String(required=True)
    delivery_note = fields.String(required=True, allow_none=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    status = EnumField(CampaignStatus, required=True)
    checkout_id = Key(required=True, allow_none=True)
    created_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class CampaignPriceOut(Schema):
    """What a campaign asks for a product, and what the market pays by which source."""

    listing_id = Key(required=True)
    unit_price_fen = PositiveMoney(required=True)
    market_fen = PositiveMoney(required=True)
    market_source = fields.String(required=True)


class CampaignPricesOut(Schema):
    """The price list of a campaign."""

    items = fields.List(fields.Nested(CampaignPriceOut), required=True)


class WishOut(Schema):
    """What a participant wants of a product."""

    id = Key(required=True)
    branch = fields.String(required=True)
    participant_code = fields.String(required=True)
    listing_id = Key(required=True)
    quantity = QuantityField(zero=True, required=True)
    written_at = Instant(required=True)


class HandOutOut(Schema):
    """What a participant gets of a product, to be ticked off by hand."""

    branch = fields.String(required=True)
    participant_code = fields.String(required=True)
    title = fields.String(required=True)
    quantity = QuantityField(required=True)
    unit = EnumField(Unit, required=True)

    def get_attribute(self, obj: HandOut, attr: str, default: object) -> object:
        """Read what is the product's own from the product inside the row."""
        inside = obj.goods if attr in {"title", "unit"} else obj.wish
        return super().get_attribute(inside, attr, default)


CAMPAIGN_PAGE = page_schema(CampaignOut)
HAND_OUT_PAGE = page_schema(HandOutOut)
HAND_OUTS = Sheet(
    name="hand_outs",
    zh="发放清单",
    en="Hand-out list",
    columns=(
        Column("branch", "分会", "Branch", width=26),
        Column("participant_code", "参与人编号", "Participant", width=20),
        Column("title", "商品", "Product", width=30),
        Column("quantity", "数量", "Quantity", Kind.QUANTITY),
        Column("unit", "单位", "Unit"),
    ),
)
