"""JSON of the split of an order and of statements."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Day, EnumField, Instant, Key, Money, Schema
from kernel.paging import PageQuery, page_schema
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from marketplace.attribution.models.payouts import PayoutLineStatus
from marketplace.attribution.models.postings import AttributionStatus, PartyKind
from marketplace.attribution.schemas.payouts import LINE_STATES

KEY = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
PARTY = rf"^((household|cooperative|unit|order):{KEY}|village:[0-9]{{12}}|county:[0-9]{{6}})\Z"


class SumsOut(Schema):
    """What was posted, what of it was reversed, and what stands."""

    amount_fen = Money(required=True)
    gross_fen = Money(required=True)
    reversed_fen = Money(required=True)


class FiguresOut(Schema):
    """Three figures of the households' part: theirs, paid out to them, confirmed by them."""

    attributed_fen = fields.Integer(required=True, metadata={"description": "fen (分), signed"})
    paid_out_fen = fields.Integer(required=True, metadata={"description": "fen (分), signed"})
    confirmed_fen = fields.Integer(required=True, metadata={"description": "fen (分), signed"})


class ShareOut(SumsOut):
    """What a party has of a line; a household is known by its code only."""

    party_kind = EnumField(PartyKind, required=True)
    party_id = Key(required=True)
    party_code = fields.String(required=True)


class LineSplitOut(SumsOut):
    """The split of one line; the shares add up to it."""

    order_line_id = Key(required=True)
    shares = fields.List(fields.Nested(ShareOut), required=True)


class OrderSplitOut(SumsOut):
    """The split of an order; pending until earned money is posted."""

    order_id = Key(required=True)
    status = EnumField(AttributionStatus, required=True)
    lines = fields.List(fields.Nested(LineSplitOut), required=True)
    households = fields.Nested(FiguresOut, required=True)


class StatementQuery(PageQuery):
    """Whose statement, and for which Shanghai days `[from, to)`."""

    party = fields.String(required=True, validate=ma.validate.Regexp(PARTY))
    from_on = Day(data_key="from", load_default=None)
    until_on = Day(data_key="to", load_default=None)


class EntryOut(Schema):
    """One share; the amount is negative in a reversal."""

    attribution_id = Key(required=True)
    order_id = Key(required=True)
    order_number = fields.String(required=True)
    order_line_id = Key(required=True)
    title = fields.String(required=True)
    party_kind = EnumField(PartyKind, required=True)
    party_id = Key(required=True)
    party_code = fields.String(required=True)
    amount_fen = fields.Integer(required=True, metadata={"description": "fen (分), signed"})
    reverses_id = Key(required=True, allow_none=True)
    rule_version = fields.String(required=True)
    posted_at = Instant(required=True)
    payout_number = fields.String(required=True, allow_none=True)
    payout_status = EnumField(PayoutLineStatus, required=True, allow_none=True)
    payout_document_id = Key(required=True, allow_none=True)


class StatementOut(Schema):
    """The totals of the whole period and one page of its entries, the newest first."""

    party = fields.String(required=True)
    totals = fields.Nested(SumsOut, required=True)
    households = fields.Nested(FiguresOut, required=True)
    entries = fields.List(fields.Nested(EntryOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


ENTRY_PAGE = page_schema(EntryOut)
PARTIES = labels_of(
    PartyKind, household=("农户", "household"), cooperative=("合作社", "cooperative")
)

ENTRIES = Sheet(
    name="attribution_entries",
    zh="分账明细",
    en="Statement of attribution",
    columns=(
        Column("posted_at", "入账时间", "Posted at", width=28),
        Column("order_number", "订单编号", "Order", width=28),
        Column("title", "商品", "Product", width=24),
        Column("party_kind", "归属类别", "Kind", Kind.CHOICE, labels=PARTIES),
        Column("party_code", "归属编号", "Party", width=26),
        Column("amount_fen", "金额（元）", "Amount (yuan)", Kind.YUAN),
        Column("payout_number", "发放编号", "Payout", width=32),
        Column("payout_status", "发放状态", "State of the payout", Kind.CHOICE, labels=LINE_STATES),
    ),
)
