"""JSON of bank accounts and statement lines, and the statement as a sheet."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Flag, Instant, Key, Money, PositiveMoney, Schema
from kernel.fields import Text as TextField
from kernel.masks import mask
from kernel.paging import PageQuery, page_schema
from kernel.sheets.columns import Column, Kind, Sheet
from marketplace.settlement.commands.accounts import NewBankAccount
from marketplace.settlement.commands.matching import LinePart
from marketplace.settlement.commands.statements import StatementRow
from marketplace.settlement.models.statements import LineState, Outcome
from marketplace.settlement.queries.statements import LineFilter

MOST_PARTS = 100
SHOWN_ENDS = 4
"""So many digits of an account are shown."""
ACCOUNT_NUMBER = ma.validate.Regexp(r"^[0-9]{8,32}\Z")


class BankAccountIn(Schema):
    """An account whose statements will be handed in."""

    makes = NewBankAccount

    bank_name = TextField(max=100, required=True)
    holder_name = TextField(max=100, required=True)
    number = fields.String(required=True, validate=ACCOUNT_NUMBER)


class BankAccountOut(Schema):
    """An account; of its number only the end."""

    id = Key(required=True)
    organisation_id = Key(required=True)
    bank_name = fields.String(required=True)
    holder_name = fields.String(required=True)
    number = fields.Function(
        lambda one: mask(one.number, first=0, last=SHOWN_ENDS), metadata={"type": "string"}
    )
    collects = Flag(required=True)
    opened_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class MatchOut(Schema):
    """So much of a line, and the payment it confirmed."""

    payment_id = Key(required=True)
    order_id = Key(required=True)
    amount_fen = Money(required=True)
    at = Instant(required=True)


class BankLineOut(Schema):
    """A line of a statement, what matching made of it, and what is left of it."""

    id = Key(required=True, attribute="line.id")
    account_id = Key(required=True, attribute="line.account_id")
    booked_on = Day(required=True, attribute="line.booked_on")
    amount_fen = fields.Integer(
        required=True, attribute="line.amount_fen", metadata={"description": "fen, below 0: out"}
    )
    payer_name = fields.String(required=True, allow_none=True, attribute="line.payer_name")
    remark = fields.String(required=True, allow_none=True, attribute="line.remark")
    bank_reference = fields.String(required=True, allow_none=True, attribute="line.bank_reference")
    state = EnumField(LineState, required=True, attribute="line.state")
    outcome = EnumField(Outcome, required=True, attribute="line.outcome")
    matched_fen = Money(required=True, attribute="line.matched_fen")
    returned_fen = Money(required=True, attribute="line.returned_fen")
    left_fen = Money(required=True)
    reverses_id = Key(required=True, allow_none=True, attribute="line.reverses_id")
    reason = fields.String(required=True, allow_none=True, attribute="line.reason")
    matches = fields.List(fields.Nested(MatchOut), required=True)
    version = fields.Integer(required=True, attribute="line.version")


class BankLineQuery(PageQuery):
    """Which lines to list; `reversible_by` names a line that took money back, and asks whose."""

    account_id = Key(load_default=None)
    state = EnumField(LineState, load_default=None)
    outcome = EnumField(Outcome, load_default=None)
    reversible_by = Key(load_default=None)

    @ma.post_load
    def gather(self, asked: dict[str, Any], **_: object) -> dict[str, Any]:
        """Give the filter as one value."""
        names = ("account_id", "state", "outcome", "reversible_by")
        wanted = LineFilter(*(asked.pop(name) for name in names))
        return {**asked, "wanted": wanted}


class LinePartIn(Schema):
    """So much of a line for one order."""

    makes = LinePart

    order_id = Key(required=True)
    amount_fen = PositiveMoney(required=True)


class LineMatchIn(Schema):
    """Which orders a line pays; several split it."""

    parts = fields.List(
        fields.Nested(LinePartIn),
        required=True,
        validate=ma.validate.Length(min=1, max=MOST_PARTS),
    )


class LineReasonIn(Schema):
    """Why a line is set aside or sent back."""

    reason = TextField(max=500, required=True)


class LineReversalIn(Schema):
    """Which line this one takes back."""

    reverses_id = Key(required=True)


class StatementRowIn(Schema):
    """A line as a bank writes it."""

    makes = StatementRow

    booked_on = Day(required=True)
    credit_fen = Money(load_default=None, allow_none=True)
    debit_fen = Money(load_default=None, allow_none=True)
    payer_name = TextField(max=200, load_default=None)
    payer_account = Code(load_default=None)
    remark = TextField(max=500, load_default=None)
    bank_reference = Code(load_default=None)
    account_number = fields.String(load_default=None, validate=ACCOUNT_NUMBER)


CREDIT = Column("credit_fen", "收入金额", "Credit", Kind.YUAN)
DEBIT = Column("debit_fen", "支出金额", "Debit", Kind.YUAN)
BOOKED = Column("booked_on", "交易日期", "Date", Kind.DAY)
REFERENCE = Column("bank_reference", "流水号", "Reference", Kind.CODE, width=26)
PAYER = Column("payer_name", "对方户名", "Counterparty", personal=True, width=30)
REMARK = Column("remark", "附言", "Remark", personal=True, width=40)

BANK_STATEMENT = Sheet(
    name="bank_statement",
    zh="银行流水",
    en="Bank statement",
    columns=(
        BOOKED,
        CREDIT,
        DEBIT,
        PAYER,
        Column("payer_account", "对方账号", "Counterparty account", Kind.IDENTITY, personal=True),
        REMARK,
        REFERENCE,
        Column("account_number", "本方账号", "Own account", Kind.IDENTITY, personal=True),
    ),
    schema=StatementRowIn(),
    repeats=True,
)

BANK_LINES = Sheet(
    name="bank_lines",
    zh="流水认领表",
    en="Statement lines",
    columns=(
        BOOKED,
        Column("amount_fen", "金额（元）", "Amount (yuan)", Kind.YUAN),
        PAYER,
        REMARK,
        REFERENCE,
        Column("state", "状态", "State"),
        Column("outcome", "匹配结果", "Outcome"),
        Column("matched_fen", "已认领（元）", "Matched (yuan)", Kind.YUAN),
        Column("left_fen", "未认领（元）", "Left (yuan)", Kind.YUAN),
        Column("reason", "说明", "Reason", width=40),
    ),
)

BANK_LINE_PAGE = page_schema(BankLineOut)
