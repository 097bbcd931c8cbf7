"""JSON and sheet of surplus runs and their shares."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import EnumField, Instant, Key, Money, PositiveMoney, Schema, Text, Year
from kernel.money import BASIS_POINTS
from kernel.paging import PageQuery, page_schema
from kernel.sheets.columns import Column, Kind, Sheet
from marketplace.attribution.commands.dividends import NewFundDividend, NewShareDividend
from marketplace.attribution.commands.surpluses import Capital, NewVolumeReturn
from marketplace.attribution.models.surpluses import SurplusKind, SurplusStatus

MOST_HOUSEHOLDS = 5000
MOST_MEMBERS = 100_000


def basis_points(**kwargs: object) -> fields.Integer:
    """Give a field of basis points up to the whole."""
    whole = ma.validate.Range(0, BASIS_POINTS)
    return fields.Integer(strict=True, validate=whole, **kwargs)  # type: ignore[arg-type]


class CapitalIn(Schema):
    """A household's part of capital and reserves."""

    makes = Capital

    household_id = Key(required=True)
    capital_fen = Money(required=True)


class VolumeReturnIn(Schema):
    """A surplus to divide by volume and capital."""

    makes = NewVolumeReturn

    year = Year(required=True)
    surplus_fen = PositiveMoney(required=True)
    by_volume_bp = basis_points(required=True)
    source = Text(required=True, max=500)
    document_id = Key(required=True)
    capital = fields.List(
        fields.Nested(CapitalIn), load_default=(), validate=ma.validate.Length(max=MOST_HOUSEHOLDS)
    )
    subsidy_fen = Money(load_default=0)
    other_members = fields.Integer(
        strict=True, load_default=0, validate=ma.validate.Range(0, MOST_MEMBERS)
    )
    other_volume_fen = Money(load_default=0)
    other_capital_fen = Money(load_default=0)


class FundDividendIn(Schema):
    """A profit that a public fund has a part in."""

    makes = NewFundDividend

    year = Year(required=True)
    profit_fen = Money(required=True)
    own_assets_fen = Money(required=True)
    fund_fen = PositiveMoney(required=True)
    floor_bp = basis_points(required=True)
    source = Text(required=True, max=500)
    document_id = Key(required=True)
    household_ids = fields.List(
        Key(), required=True, validate=ma.validate.Length(min=1, max=MOST_HOUSEHOLDS)
    )
    preferred_ids = fields.List(
        Key(), load_default=(), validate=ma.validate.Length(max=MOST_HOUSEHOLDS)
    )
    preferred_bp = basis_points(load_default=0)


class ShareDividendIn(Schema):
    """A profit in which an asset worked that stands as shares."""

    makes = NewShareDividend

    share_asset_id = Key(required=True)
    year = Year(required=True)
    profit_fen = Money(required=True)
    own_assets_fen = Money(required=True)
    source = Text(required=True, max=500)
    document_id = Key(required=True)


class SurplusCancelIn(Schema):
    """Why a run is called off."""

    reason = Text(required=True, max=500)


class SurplusRunOut(Schema):
    """A run with its terms."""

    id = Key(required=True)
    number = fields.String(required=True)
    cooperative_id = Key(required=True)
    year = fields.Integer(required=True)
    kind = EnumField(SurplusKind, required=True)
    status = EnumField(SurplusStatus, required=True)
    surplus_fen = Money(required=True)
    by_volume_fen = Money(required=True)
    own_assets_fen = Money(required=True)
    fund_fen = Money(required=True)
    fund_bp = fields.Integer(required=True)
    floor_bp = fields.Integer(required=True)
    floor_fen = Money(required=True)
    preferred_bp = fields.Integer(required=True)
    total_fen = Money(required=True)
    share_asset_id = Key(required=True, allow_none=True)
    shares = fields.Integer(required=True, allow_none=True)
    source = fields.String(required=True)
    document_id = Key(required=True)
    created_at = Instant(required=True)
    approved_at = Instant(required=True, allow_none=True)
    cancel_reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class SurplusQuery(PageQuery):
    """Of which year."""

    year = Year(load_default=None)


class SurplusSharesQuery(PageQuery):
    """A page of a run's shares."""


class SurplusShareOut(Schema):
    """A share, the household by code."""

    household_id = Key(attribute="share.household_id", required=True, allow_none=True)
    household_code = fields.String(required=True, allow_none=True)
    volume_fen = Money(attribute="share.volume_fen", required=True)
    first_fen = Money(attribute="share.first_fen", required=True)
    second_fen = Money(attribute="share.second_fen", required=True)
    amount_fen = Money(attribute="share.amount_fen", required=True)
    shares = fields.Integer(attribute="share.shares", required=True, allow_none=True)


SURPLUS_PAGE = page_schema(SurplusRunOut)
SURPLUS_SHARE_PAGE = page_schema(SurplusShareOut)

SURPLUS_SHARES = Sheet(
    name="surplus_shares",
    zh="盈余分配明细",
    en="Shares of a surplus",
    columns=(
        Column("household_code", "户编号", "Household code", width=26),
        Column("shares", "股数", "Shares", Kind.WHOLE),
        Column("volume_fen", "交易额（元）", "Volume (yuan)", Kind.YUAN),
        Column("first_fen", "按交易量或优先（元）", "By volume or preferred (yuan)", Kind.YUAN),
        Column("second_fen", "按股份或均分（元）", "By capital or alike (yuan)", Kind.YUAN),
        Column("amount_fen", "合计（元）", "Together (yuan)", Kind.YUAN),
    ),
)
