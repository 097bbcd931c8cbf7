"""Fees as JSON."""

from __future__ import annotations

from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, PositiveMoney, Schema, Text
from kernel.paging import PageQuery
from marketplace.catalogue.commands.fees import NewFeeReport
from marketplace.catalogue.models.fees import FeeKind


class FeeRulesOut(Schema):
    """What costs a certified product's supplier nothing, what may cost, and who says so."""

    free = fields.List(EnumField(FeeKind), required=True)
    allowed = fields.List(EnumField(FeeKind), required=True)
    source = fields.String(required=True)


class FeeReportIn(Schema):
    """What was charged, by whom, and when."""

    makes = NewFeeReport

    kind = EnumField(FeeKind, required=True)
    amount_fen = PositiveMoney(required=True)
    charged_by = Text(required=True, max=120)
    charged_on = Day(required=True)


class FeeReportsQuery(PageQuery):
    """Which charges to list: errors, and those of which nothing became yet."""

    is_error = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})
    is_open = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})


class FeeResolutionIn(Schema):
    """What became of a charge."""

    resolution = Text(required=True, max=500)


class FeeReportOut(Schema):
    """A charge; of what is free it is an error."""

    id = Key(required=True)
    supplier_id = Key(required=True)
    kind = EnumField(FeeKind, required=True)
    amount_fen = PositiveMoney(required=True)
    charged_by = fields.String(required=True)
    charged_on = Day(required=True)
    is_error = fields.Boolean(required=True)
    reported_at = Instant(required=True)
    resolution = fields.String(required=True, allow_none=True)
    resolved_at = Instant(required=True, allow_none=True)
