"""Circulars in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from kernel.fields import EnumField, Instant, Key, RegionCode, Schema, Text, Year
from kernel.paging import PageQuery, page_schema
from procurement.supervision.commands.drawing import NewCircular
from procurement.supervision.models.circulars import CircularStatus, CircularView, PeriodKind
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


def _title(view: CircularView) -> str:
    """Say what it is of, as its contents say it, also before there are any."""
    found = view.found
    period = {"kind": found.period_kind, "year": found.year, "number": found.period}
    return title({"region": {"name": view.region_name}, "period": period})


class CircularItemOut(Schema):
    """A circular in a list; `done` of `rows` units so far, `rows` null until they are counted."""

    id = Key(required=True, attribute="found.id")
    number = Text(required=True, allow_none=True, attribute="found.number")
    title = fields.Function(_title, required=True)
    region_code = RegionCode(required=True, attribute="found.region_code")
    organisation_id = Key(required=True, attribute="found.organisation_id")
    year = Year(required=True, attribute="found.year")
    period_kind = EnumField(PeriodKind, required=True, attribute="found.period_kind")
    period = fields.Integer(required=True, attribute="found.period")
    as_of = Instant(required=True, attribute="found.as_of")
    status = EnumField(CircularStatus, required=True, attribute="found.status")
    reason = Text(required=True, allow_none=True, attribute="found.reason")
    rows = fields.Integer(required=True, allow_none=True)
    done = fields.Integer(required=True)
    attempts = fields.Integer(required=True)
    issued_at = Instant(required=True, allow_none=True, attribute="found.issued_at")
    withdrawal_reason = Text(required=True, allow_none=True, attribute="found.withdrawal_reason")


def _digest(view: CircularView) -> str | None:
    return None if view.found.digest is None else view.found.digest.hex()


def _with_rates(view: CircularView) -> dict[str, Any] | None:
    """Give the frozen amounts, with the rates that they make beside them."""
    if view.found.contents is None:
        return None
    contents = dict(view.found.contents)
    for part in ("regions", "units"):
        contents[part] = [{**one, "rate": rate(one)} for one in contents[part]]
    whole = {one["code"]: one["value"] for one in contents["figures"]}
    return {**contents, "rate": rate(whole)}


class CircularOut(CircularItemOut):
    """A circular with its contents; null until it is drawn up."""

    digest = fields.Function(_digest, required=True)
    contents = fields.Function(_with_rates, required=True)


class ComparisonOut(Schema):
    """Whether a circular drawn up again from its as-of date is the same."""

    same = fields.Boolean(required=True)
    digest = Text(required=True)
    digest_now = Text(required=True)


CIRCULAR_PAGE = page_schema(CircularItemOut)
