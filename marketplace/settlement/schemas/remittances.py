"""JSON of payouts to sellers, and the list that the bank is given."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from kernel.fields import Code, EnumField, Instant, Key, Money, Schema
from kernel.fields import Text as TextField
from kernel.sheets.columns import Column, Kind, Sheet
from marketplace.settlement.models.remittances import RemittanceLineStatus, RemittanceStatus

MOST_SELLERS = 1000


class SellerFundsOut(Schema):
    """What the platform collected for a seller, what went back, was paid out and is short."""

    supplier_id = Key(required=True)
    received_fen = Money(required=True)
    refunded_fen = Money(required=True)
    remitted_fen = Money(required=True)
    short_fen = Money(required=True)
    available_fen = Money(required=True)


class RemittanceIn(Schema):
    """Whom to pay; without sellers, everybody for whom money lies there."""

    supplier_ids = fields.List(
        Key(), load_default=(), validate=ma.validate.Length(max=MOST_SELLERS)
    )


class RemittanceLineOut(Schema):
    """One seller's payout."""

    id = Key(required=True)
    supplier_id = Key(required=True)
    account_id = Key(required=True)
    amount_fen = Money(required=True)
    status = EnumField(RemittanceLineStatus, required=True)
    bank_reference = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)


class RemittanceOut(Schema):
    """A list of payouts and how far the bank is with it."""

    id = Key(required=True, attribute="remittance.id")
    number = fields.String(required=True, attribute="remittance.number")
    status = EnumField(RemittanceStatus, required=True, attribute="remittance.status")
    total_fen = Money(required=True, attribute="remittance.total_fen")
    drawn_by = Key(required=True, attribute="remittance.drawn_by")
    drawn_at = Instant(required=True, attribute="remittance.drawn_at")
    released_by = Key(required=True, allow_none=True, attribute="remittance.released_by")
    released_at = Instant(required=True, allow_none=True, attribute="remittance.released_at")
    version = fields.Integer(required=True, attribute="remittance.version")
    lines = fields.List(fields.Nested(RemittanceLineOut), required=True)


class RemittancePaidIn(Schema):
    """The bank's reference of a payout."""

    bank_reference = Code(required=True)


class RemittanceFailedIn(Schema):
    """Why the bank could not pay."""

    reason = TextField(max=500, required=True)


BANK_LIST = Sheet(
    name="bank_list",
    zh="付款清单",
    en="Payouts",
    columns=(
        Column("supplier", "收款单位", "Seller", width=30),
        Column("credit_code", "统一社会信用代码", "Credit code", width=22),
        Column("bank_name", "开户行", "Bank", width=30),
        Column("holder_name", "户名", "Account holder", width=30),
        Column("number", "账号", "Account", Kind.IDENTITY, width=26),
        Column("amount_fen", "金额（元）", "Amount (yuan)", Kind.YUAN),
        Column("note", "附言", "Note", width=26),
    ),
)
