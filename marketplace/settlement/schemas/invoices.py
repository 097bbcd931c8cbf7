"""JSON of invoices and credit notes, their list as a sheet, and a paper to print."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from fpdf.enums import TableBordersLayout
from marshmallow import fields

from kernel.fields import Code, Day, EnumField, Instant, Key, Money, PositiveMoney, Schema
from kernel.fields import Text as TextField
from kernel.money import Fen, yuan
from kernel.paging import PageQuery, page_schema
from kernel.printing import FONT, chinese_page
from kernel.sheets.columns import Column, Kind, Sheet
from marketplace.settlement.commands.invoices import NewCreditNote, NewInvoice
from marketplace.settlement.models.invoices import InvoiceKind, InvoiceStatus
from marketplace.settlement.queries.invoices import InvoiceFilter, InvoiceView
from marketplace.settlement.rules.invoices import Amount

MOST_LINES = 200
MARGIN, LINE = 15, 7
TITLES = {InvoiceKind.INVOICE: "发票记载单", InvoiceKind.CREDIT_NOTE: "红字发票记载单"}
HEAD = ("商品", "计量单位", "单价（元）", "金额（元）")
SIGNED = {"description": "fen, below 0 on a credit note"}


class InvoiceAmountIn(Schema):
    """So much of one order line; no line is the freight."""

    makes = Amount

    order_line_id = Key(required=True, allow_none=True)
    amount_fen = PositiveMoney(required=True)


class PaperIn(Schema):
    """A paper as the seller numbers it, and what of the order's lines stands on it."""

    number = Code(required=True)
    issued_on = Day(required=True)
    lines = fields.List(
        fields.Nested(InvoiceAmountIn),
        load_default=(),
        validate=ma.validate.Length(max=MOST_LINES),
    )


class InvoiceIn(PaperIn):
    """An invoice; without lines, all that was accepted and not billed."""

    makes = NewInvoice


class CreditNoteIn(PaperIn):
    """A credit note and why; without lines, all that is left of the invoice."""

    makes = NewCreditNote

    reason = TextField(max=500, required=True)


class InvoiceDisputeIn(Schema):
    """What is wrong with an invoice."""

    reason = TextField(max=500, required=True)


class InvoiceLineOut(Schema):
    """What of one order line a paper bills; no line is the freight."""

    order_line_id = Key(required=True, allow_none=True)
    title = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    unit_price_fen = Money(required=True, allow_none=True)
    amount_fen = fields.Integer(required=True, metadata=SIGNED)


class InvoiceOut(Schema):
    """A paper as it was issued, and what was said of it."""

    id = Key(required=True, attribute="invoice.id")
    number = fields.String(required=True, attribute="invoice.number")
    kind = EnumField(InvoiceKind, required=True, attribute="invoice.kind")
    status = EnumField(InvoiceStatus, required=True, attribute="invoice.status")
    order_id = Key(required=True, attribute="invoice.order_id")
    corrects_id = Key(required=True, allow_none=True, attribute="invoice.corrects_id")
    seller_id = Key(required=True, attribute="invoice.seller_id")
    seller_name = fields.String(required=True, attribute="invoice.seller_name")
    buyer_name = fields.String(required=True, attribute="invoice.buyer_name")
    buyer_credit_code = fields.String(required=True, attribute="invoice.buyer_credit_code")
    issued_on = Day(required=True, attribute="invoice.issued_on")
    amount_fen = fields.Integer(required=True, attribute="invoice.amount_fen", metadata=SIGNED)
    credited_fen = Money(required=True, attribute="invoice.credited_fen")
    reason = fields.String(required=True, allow_none=True, attribute="invoice.reason")
    dispute = fields.String(required=True, allow_none=True, attribute="invoice.dispute")
    issued_at = Instant(required=True, attribute="invoice.issued_at")
    version = fields.Integer(required=True, attribute="invoice.version")
    lines = fields.List(fields.Nested(InvoiceLineOut), required=True)


class InvoiceQuery(PageQuery):
    """Which papers to list."""

    order_id = Key(load_default=None)
    seller_id = Key(load_default=None)
    status = EnumField(InvoiceStatus, load_default=None)
    kind = EnumField(InvoiceKind, load_default=None)

    @ma.post_load
    def gather(self, asked: dict[str, Any], **_: object) -> dict[str, Any]:
        """Give the filter as one value."""
        names = ("order_id", "seller_id", "status", "kind")
        wanted = InvoiceFilter(**{name: asked.pop(name) for name in names})
        return {**asked, "wanted": wanted}


INVOICE_PAGE = page_schema(InvoiceOut)

INVOICES = Sheet(
    name="invoices",
    zh="发票清单",
    en="Invoices",
    columns=(
        Column("number", "发票号码", "Number", width=24),
        Column("kind", "类别", "Kind"),
        Column("status", "状态", "Status"),
        Column("seller_name", "销售方", "Seller", width=30),
        Column("buyer_name", "购买方", "Buyer", width=30),
        Column("buyer_credit_code", "购买方信用代码", "Buyer's credit code", width=22),
        Column("issued_on", "开票日期", "Issued on", Kind.DAY),
        Column("amount_fen", "金额（元）", "Amount (yuan)", Kind.YUAN),
        Column("credited_fen", "已红冲（元）", "Taken back (yuan)", Kind.YUAN),
        Column("dispute", "异议", "Objection", width=40),
    ),
)


def print_invoice(view: InvoiceView) -> bytes:
    """Print what a paper says: parties, lines, the sum. The same paper is the same bytes."""
    invoice = view.invoice
    title = TITLES[invoice.kind]
    paper = chinese_page(title, margin=MARGIN, made_at=invoice.issued_at)
    paper.set_font(FONT, size=16)
    paper.multi_cell(0, 12, title, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=10)
    for sentence in (
        f"发票号码 {invoice.number}　开票日期 {invoice.issued_on}",
        f"销售方 {invoice.seller_name}（{invoice.seller_credit_code}）",
        f"购买方 {invoice.buyer_name}（{invoice.buyer_credit_code}）",
    ):
        paper.multi_cell(0, LINE, sentence, new_x="LMARGIN", new_y="NEXT")
    with paper.table(
        borders_layout=TableBordersLayout.SINGLE_TOP_LINE, first_row_as_headings=False
    ) as table:
        table.row(HEAD)
        for line in view.lines:
            price = "—" if line.unit_price_fen is None else yuan(line.unit_price_fen)
            unit = "—" if line.unit is None else line.unit.value
            table.row((line.title, unit, price, yuan(Fen(line.amount_fen))))
    paper.multi_cell(0, LINE, f"合计 {yuan(invoice.amount_fen)} 元", align="R", new_x="LMARGIN")
    return bytes(paper.output())
