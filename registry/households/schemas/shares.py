"""Assets in shares, their moves and holders in JSON; households by code."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Money, PositiveMoney, RegionCode, Schema
from kernel.fields import Text as TextField
from kernel.money import BASIS_POINTS
from kernel.paging import PageQuery
from registry.households.commands.shares import NewShareAsset, NewShareMove
from registry.households.models.households import HouseholdState
from registry.households.models.shares import ShareMoveKind

MOST_SHARES = 100_000_000


def _shares() -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=1, max=MOST_SHARES)
    )


class ShareAssetIn(Schema):
    """An asset of a village that is to stand as shares."""

    makes = NewShareAsset

    village_code = RegionCode(required=True)
    name = TextField(required=True, max=100)
    operator_id = Key(required=True)
    value_fen = PositiveMoney(required=True)
    shares = _shares()
    floor_bp = fields.Integer(
        strict=True, load_default=0, validate=ma.validate.Range(min=0, max=BASIS_POINTS)
    )
    source = TextField(required=True, max=300)


class ShareAssetOut(Schema):
    """An asset that stands as shares; what is not issued waits in the pool."""

    id = Key(required=True)
    number = fields.String(required=True)
    village_code = RegionCode(required=True)
    name = fields.String(required=True)
    operator_id = Key(required=True)
    value_fen = Money(required=True)
    shares = fields.Integer(required=True)
    issued = fields.Integer(required=True)
    floor_bp = fields.Integer(required=True)
    source = fields.String(required=True)
    created_at = Instant(required=True)
    version = fields.Integer(required=True)


class ShareMoveIn(Schema):
    """A move of shares; a party that is not named is the collective, or the pool by the kind."""

    makes = NewShareMove

    kind = EnumField(ShareMoveKind, required=True)
    shares = _shares()
    reason = TextField(required=True, max=300)
    giver_id = Key(load_default=None, allow_none=True)
    taker_id = Key(load_default=None, allow_none=True)


class ShareMoveOut(Schema):
    """A move of shares; `passed_over` households came first and hold none."""

    id = Key(attribute="move.id", required=True)
    kind = EnumField(ShareMoveKind, attribute="move.kind", required=True)
    giver_code = fields.String(required=True, allow_none=True)
    taker_code = fields.String(required=True, allow_none=True)
    shares = fields.Integer(attribute="move.shares", required=True)
    reason = fields.String(attribute="move.reason", required=True)
    passed_over = fields.Integer(attribute="move.passed_over", required=True)
    moved_on = Day(attribute="move.moved_on", required=True)


class ShareMovesQuery(PageQuery):
    """A page of the moves of an asset."""


class HoldersQuery(PageQuery):
    """On which day; today without one."""

    on = Day(load_default=None)


class HolderOut(Schema):
    """What somebody holds: a household by its code and standing, or the village's collective."""

    household_id = Key(required=True, allow_none=True)
    household_code = fields.String(required=True, allow_none=True)
    household_state = EnumField(HouseholdState, required=True, allow_none=True)
    shares = fields.Integer(required=True)
