"""Quotas and their entries in JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from kernel.fields import Code, Day, EnumField, Flag, Instant, Key, Money, Schema, Text, Year
from kernel.holds import EntryKind
from kernel.paging import page_schema
from procurement.filings.models import FilingStatus
from procurement.filings.schemas.filings import MAX_REASONS, FilingOut, FilingReasonIn
from procurement.policies.models import OrderKind
from procurement.quotas.commands.allocations import AllocationPart, NewAllocation
from procurement.quotas.commands.closings import NewReopening
from procurement.quotas.commands.decisions import BatchDecision, Decision
from procurement.quotas.commands.opening import NewStaffLimit
from procurement.quotas.commands.settings import NewSetting
from procurement.quotas.models import Fund, MoveKind, Quota, SettingKind
from registry.regions.models import OriginKind

MAX_BATCH = 200
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
    closed_at = Instant(required=True, allow_none=True)
    reopened_until = Instant(required=True, allow_none=True)
    entries_url = fields.Method("entries_of", required=True)

    def entries_of(self, quota: Quota) -> str:
        """Say where the entries are listed."""
        return f"/api/v1/procurement/quotas/{quota.id}/entries"


class StaffLimitIn(Schema):
    """Up to which amount the staff buy in a year; `source` names the decision it rests on."""

    makes = NewStaffLimit

    year = Year(required=True)
    limit_fen = Money(required=True)
    source = Text(max=500, required=True)


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
    move_kind = EnumField(MoveKind, required=True, allow_none=True)
    move_source = fields.String(required=True, allow_none=True)


ENTRY_PAGE = page_schema(QuotaEntryOut)


class ConfirmedFilingOut(FilingOut):
    """A promise after a confirmation; `quotas` is empty until the last one."""

    quotas = fields.List(fields.Nested(QuotaOut), required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Read the promise's own fields from the promise."""
        of = obj if attr == "quotas" else obj.filing
        return super().get_attribute(of, attr, default)


class FilingDecisionIn(Schema):
    """A decision on one promise of many, with its own opinion; a return may name fields."""

    makes = BatchDecision

    filing_id = Key(required=True)
    decision = EnumField(Decision, required=True)
    opinion = Text(max=1000, required=True)
    reasons = fields.List(
        fields.Nested(FilingReasonIn), load_default=list, validate=validate.Length(max=MAX_REASONS)
    )


class FilingBatchIn(Schema):
    """Decisions on many promises: all or none, or each for itself."""

    items = fields.List(
        fields.Nested(FilingDecisionIn),
        required=True,
        validate=validate.Length(min=1, max=MAX_BATCH),
    )
    atomic = Flag(load_default=True)


class FilingOutcomeOut(Schema):
    """What became of one item: its status now, or the code of the refusal."""

    filing_id = Key(required=True)
    status = EnumField(FilingStatus, required=True, allow_none=True)
    code = Code(attribute="refusal.code", required=True, allow_none=True, dump_default=None)


class FilingBatchOut(Schema):
    """What became of each item, in the order asked."""

    items = fields.List(fields.Nested(FilingOutcomeOut), required=True)


class QuotaShownOut(QuotaOut):
    """A quota, and whether what is held and spent has reached its warning level."""

    warning_bp = fields.Integer(required=True, allow_none=True)
    nearly_used = fields.Boolean(required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Read the quota's own fields from the quota."""
        of = obj if attr in {"warning_bp", "nearly_used"} else obj.quota
        return super().get_attribute(of, attr, default)

    def entries_of(self, shown: Any) -> str:
        """Say where the entries are listed."""
        return super().entries_of(shown.quota)


class AllocationPartIn(Schema):
    """What one unit is given, or what is taken back from it."""

    makes = AllocationPart

    unit_id = Key(required=True)
    ceiling_fen = Money(required=True)
    floor_fen = Money(required=True)


class AllocationIn(Schema):
    """Parts for units under the one that gives, all or none, and the document behind it."""

    makes = NewAllocation

    parts = fields.List(
        fields.Nested(AllocationPartIn), required=True, validate=validate.Length(1, MAX_BATCH)
    )
    source = Text(max=500, required=True)


class AllocatedOut(Schema):
    """The quota that gave or took back, and the other ones, as they stand now."""

    quota = fields.Nested(QuotaOut, required=True)
    quotas = fields.List(fields.Nested(QuotaOut), required=True)


class ClosingIn(Schema):
    """Which year to close for the units in sight."""

    year = Year(required=True)


class ClosingOut(Schema):
    """How many quotas were closed just now, and how many are left for the next call."""

    year = fields.Integer(required=True)
    closed = fields.Integer(required=True)
    left = fields.Integer(required=True)


class ReopeningIn(Schema):
    """Until when a closed year is open again, and why."""

    makes = NewReopening

    until_at = Instant(required=True)
    source = Text(max=500, required=True)


class QuotaMoveOut(Schema):
    """Why entries of one or two quotas were written together."""

    id = Key(required=True)
    kind = EnumField(MoveKind, required=True)
    from_id = Key(required=True, allow_none=True)
    to_id = Key(required=True, allow_none=True)
    order_id = Key(required=True, allow_none=True)
    source = fields.String(required=True)
    moved_by = Key(required=True)
    at = Instant(required=True)


class QuotaSettingIn(Schema):
    """A dated setting: a unit's own warning level, or what finance's region carries over."""

    makes = NewSetting

    kind = EnumField(SettingKind, required=True)
    value_bp = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10_000))
    source = Text(max=500, required=True)
    from_on = Day(load_default=None)


class QuotaSettingOut(Schema):
    """A dated setting of a unit's tree or of a region, in basis points."""

    id = Key(required=True)
    kind = EnumField(SettingKind, required=True)
    unit_id = Key(required=True, allow_none=True)
    region_code = fields.String(required=True, allow_none=True)
    value_bp = fields.Integer(required=True)
    from_on = Day(required=True)
    source = fields.String(required=True)
    author_id = Key(required=True, allow_none=True)
    created_at = Instant(required=True)


MOVE_PAGE = page_schema(QuotaMoveOut)
SETTING_PAGE = page_schema(QuotaSettingOut)
