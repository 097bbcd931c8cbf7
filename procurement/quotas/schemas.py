"""Quotas and their entries in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from kernel.fields import EnumField, Instant, Key, Money, Schema, Year
from kernel.holds import EntryKind
from kernel.paging import page_schema
from procurement.filings.schemas import FilingOut
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, Quota
from registry.regions.models import OriginKind

DIFFERENCE = {"description": "difference, fen (分)"}


class QuotaQuery(Schema):
    """Which quota to show; without a unit, the own."""

    unit_id = Key(load_default=None)
    year = Year(required=True)
    fund = EnumField(Fund, load_default=Fund.CANTEEN)


class QuotaOut(Schema):
    """A unit's approved money of a year and fund."""

    quota_id = Key(attribute="id", required=True)
    unit_id = Key(required=True)
    year = fields.Integer(required=True)
    fund = EnumField(Fund, required=True)
    ceiling_fen = Money(required=True)
    floor_fen = Money(required=True)
    held_fen = Money(required=True)
    spent_fen = Money(required=True)
    available_fen = Money(required=True)
    entries_url = fields.Method("entries_of", required=True)

    def entries_of(self, quota: Quota) -> str:
        """Say where the entries are listed."""
        return f"/api/v1/procurement/quotas/{quota.id}/entries"


class QuotaEntryOut(Schema):
    """What happened to a quota; amounts are differences."""

    position = fields.Integer(required=True)
    kind = EnumField(EntryKind, required=True)
    held_fen = fields.Integer(required=True, metadata=DIFFERENCE)
    spent_fen = fields.Integer(required=True, metadata=DIFFERENCE)
    accepted_fen = fields.Integer(required=True, metadata=DIFFERENCE)
    ceiling_fen = fields.Integer(required=True, metadata=DIFFERENCE)
    floor_fen = fields.Integer(required=True, metadata=DIFFERENCE)
    at = Instant(required=True)
    order_id = Key(required=True, allow_none=True)
    origin_kind = EnumField(OriginKind, required=True, allow_none=True)
    order_kind = EnumField(OrderKind, required=True, allow_none=True)


ENTRY_PAGE = page_schema(QuotaEntryOut)


class ConfirmedFilingOut(FilingOut):
    """A promise after a confirmation; `quotas` is empty until the last one."""

    quotas = fields.List(fields.Nested(QuotaOut), required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Read the promise's own fields from the promise."""
        of = obj if attr == "quotas" else obj.filing
        return super().get_attribute(of, attr, default)
