"""Circulars in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from kernel.fields import EnumField, Instant, Key, RegionCode, Schema, Text, Year
from kernel.paging import PageQuery, page_schema
from procurement.supervision.commands.circulars import NewCircular
from procurement.supervision.models.circulars import CircularStatus, PeriodKind
from procurement.supervision.schemas.words import rate, title


class CircularIn(Schema):
    """Of which region and period a circular is drawn up."""

    makes = NewCircular

    region_code = RegionCode(required=True)
    year = Year(required=True)
    period_kind = EnumField(PeriodKind, required=True)
    period = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=12))


class CircularWithdrawalIn(Schema):
    """Why a circular is taken back."""

    reason = Text(max=1000, required=True)


class CircularQuery(PageQuery):
    """Which circulars to list."""

    year = Year(load_default=None)
    region = RegionCode(load_default=None)


class CircularFileQuery(Schema):
    """In which form a circular is given."""

    format = fields.String(load_default="pdf", validate=validate.OneOf(["pdf", "xlsx"]))


class CircularItemOut(Schema):
    """A circular in a list."""

    id = Key(required=True)
    number = Text(required=True, allow_none=True)
    title = fields.Function(lambda one: title(one.contents), required=True)
    region_code = RegionCode(required=True)
    organisation_id = Key(required=True)
    year = Year(required=True)
    period_kind = EnumField(PeriodKind, required=True)
    period = fields.Integer(required=True)
    as_of = Instant(required=True)
    status = EnumField(CircularStatus, required=True)
    issued_at = Instant(required=True, allow_none=True)
    withdrawal_reason = Text(required=True, allow_none=True)


def _with_rates(circular: Any) -> dict[str, Any]:
    """Give the frozen amounts, with the rates that they make beside them."""
    contents = dict(circular.contents)
    for part in ("regions", "units"):
        contents[part] = [{**one, "rate": rate(one)} for one in contents[part]]
    whole = {one["code"]: one["value"] for one in contents["figures"]}
    return {**contents, "rate": rate(whole)}


class CircularOut(CircularItemOut):
    """A circular with its contents."""

    digest = fields.Function(lambda one: one.digest.hex(), required=True)
    contents = fields.Function(_with_rates, required=True)


class ComparisonOut(Schema):
    """Whether a circular drawn up again from its as-of date is the same."""

    same = fields.Boolean(required=True)
    digest = Text(required=True)
    digest_now = Text(required=True)


CIRCULAR_PAGE = page_schema(CircularItemOut)
