"""JSON and sheet of payout lists and their lines; persons are masked."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Flag, Instant, Key, Money, Schema, Text
from kernel.paging import PageQuery, page_schema
from kernel.sheets.columns import Column, Kind, Sheet, labels_of
from marketplace.attribution.commands.codes import CODE_DIGITS
from marketplace.attribution.commands.payouts import NewPayout
from marketplace.attribution.models.payouts import PayoutLineStatus, PayoutListStatus

MOST_LINES = 5000
ALL_DIGITS = ma.validate.Regexp(rf"^[0-9]{{{CODE_DIGITS}}}\Z")
"""What a code looks like that the village hands to a household."""

LINE_STATES = labels_of(
    PayoutLineStatus,
    listed=("待发放", "listed"),
    paid=("已发放", "paid"),
    confirmed=("农户已确认", "confirmed"),
    denied=("农户称未收到", "denied"),
    returned=("已退回", "returned"),
)


class PayoutListQuery(PageQuery):
    """Which lists."""

    status = EnumField(PayoutListStatus, load_default=None)


class PayoutListOut(Schema):
    """A list: what is on it, what of that was paid out, and what households confirmed."""

    id = Key(attribute="list.id", required=True)
    number = fields.String(attribute="list.number", required=True)
    cooperative_id = Key(attribute="list.cooperative_id", required=True)
    status = EnumField(PayoutListStatus, attribute="list.status", required=True)
    households = fields.Integer(required=True)
    total_fen = Money(attribute="list.total_fen", required=True)
    paid_out_fen = Money(required=True)
    confirmed_fen = Money(required=True)
    denied_fen = Money(required=True)
    returned_fen = Money(required=True)
    created_at = Instant(attribute="list.created_at", required=True)
    issued_at = Instant(attribute="list.issued_at", required=True, allow_none=True)
    cancel_reason = fields.String(attribute="list.cancel_reason", required=True, allow_none=True)
    version = fields.Integer(attribute="list.version", required=True)


class PayoutCancelIn(Schema):
    """Why a list is called off, or a line taken back."""

    reason = Text(required=True, max=500)


class PayoutIn(Schema):
    """That lines were paid, and the paper that proves it; without names all that wait."""

    makes = NewPayout

    paid_on = Day(required=True)
    document_id = Key(required=True)
    line_ids = fields.List(
        Key(), load_default=None, validate=ma.validate.Length(min=1, max=MOST_LINES)
    )


class PayoutAccountOut(Schema):
    """Where a line is to be paid, in clear."""

    number = fields.String(required=True)
    household_code = fields.String(required=True)
    head_name = fields.String(required=True)
    bank_card = fields.String(required=True, allow_none=True)
    amount_fen = Money(required=True)


class PayoutAccountsOut(Schema):
    """All accounts that a list is still to be paid to."""

    items = fields.List(fields.Nested(PayoutAccountOut), required=True)


class PayoutLineQuery(PageQuery):
    """Which lines."""

    list_id = Key(load_default=None)
    household_id = Key(load_default=None)
    status = EnumField(PayoutLineStatus, load_default=None)


class PayoutLineOut(Schema):
    """A household's money on a list, the household by code and masked."""

    id = Key(attribute="line.id", required=True)
    number = fields.String(attribute="line.number", required=True)
    list_id = Key(attribute="line.list_id", required=True)
    list_number = fields.String(required=True)
    household_id = Key(attribute="line.household_id", required=True)
    household_code = fields.String(required=True)
    village_code = fields.String(required=True)
    head_name = fields.String(required=True)
    bank_card = fields.String(required=True, allow_none=True)
    amount_fen = Money(attribute="line.amount_fen", required=True)
    status = EnumField(PayoutLineStatus, attribute="line.status", required=True)
    paid_on = Day(attribute="line.paid_on", required=True, allow_none=True)
    document_id = Key(attribute="line.document_id", required=True, allow_none=True)
    answered_at = Instant(attribute="line.answered_at", required=True, allow_none=True)
    return_reason = fields.String(attribute="line.return_reason", required=True, allow_none=True)


class HandedCodeOut(Schema):
    """A code for a household, shown once."""

    number = fields.String(required=True)
    code = fields.String(required=True)
    until_at = Instant(required=True)


class PayoutAnswerIn(Schema):
    """A household's word: the number on its slip, its code, and whether the money came."""

    number = Code(required=True)
    code = fields.String(required=True, validate=ALL_DIGITS)
    received = Flag(load_default=True)


class PayoutAnswerOut(Schema):
    """What was written down."""

    number = fields.String(attribute="line.number", required=True)
    status = EnumField(PayoutLineStatus, attribute="line.status", required=True)
    amount_fen = Money(attribute="line.amount_fen", required=True)
    answered_at = Instant(attribute="line.answered_at", required=True)


PAYOUT_LIST_PAGE = page_schema(PayoutListOut)
PAYOUT_LINE_PAGE = page_schema(PayoutLineOut)

PAYOUT_LINES = Sheet(
    name="payout_lines",
    zh="农户发放清单",
    en="Payouts to households",
    columns=(
        Column("number", "发放编号", "Number", width=32),
        Column("household_code", "户编号", "Household code", width=26),
        Column("village_code", "村编码", "Village code", width=16),
        Column("head_name", "户主（脱敏）", "Head of household, masked"),
        Column("bank_card", "收款账号（脱敏）", "Account, masked", width=24),
        Column("amount_fen", "金额（元）", "Amount (yuan)", Kind.YUAN),
        Column("status", "状态", "State", Kind.CHOICE, labels=LINE_STATES),
        Column("paid_on", "发放日期", "Paid on", Kind.DAY),
    ),
)
