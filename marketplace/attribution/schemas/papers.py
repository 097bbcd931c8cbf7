"""Statements and payout lists on paper: Chinese, A4, households by code or masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kernel.calendar import shanghai_day
from kernel.money import yuan
from kernel.printing import print_sheet
from marketplace.attribution.queries.payouts import PayoutLineView, PayoutListView
from marketplace.attribution.queries.statements import Entry, PartyFilter, Statement
from marketplace.attribution.schemas.payouts import LINE_STATES

PARTIES = {
    "household": "农户",
    "cooperative": "合作社",
    "village": "村",
    "county": "县",
    "unit": "采购单位",
    "order": "订单",
}
ENTRY_HEAD = ("入账日期", "订单编号", "商品", "归属编号", "金额（元）", "发放状态")
LINE_HEAD = ("发放编号", "户编号", "户主", "收款账号", "金额（元）", "状态", "签收")
Row = Sequence[str]


def print_statement(statement: Statement, wanted: PartyFilter, *, made_at: datetime) -> bytes:
    """Print a party's totals, its three figures, and the newest entries."""
    kind, _, key = wanted.party.partition(":")
    title = f"分账对账单（{PARTIES[kind]}）"
    totals, households = statement.totals, statement.households
    said = (
        f"对象：{PARTIES[kind]} {key}",
        f"期间：{wanted.from_on or '期初'} 至 {wanted.until_on or '今日'}（不含末日）",
        (
            f"入账 {yuan(totals.gross_fen)} 元，冲回 {yuan(totals.reversed_fen)} 元，"
            f"净额 {yuan(totals.amount_fen)} 元。"
        ),
        (
            f"其中农户应得 {yuan(households.attributed_fen)} 元，"
            f"已发放 {yuan(households.paid_out_fen)} 元，"
            f"农户已确认 {yuan(households.confirmed_fen)} 元。"
        ),
    )
    note = "" if statement.next_cursor is None else "仅印最近部分明细，全部明细请下载电子表格。"
    rows = [_entry_row(one) for one in statement.entries]
    return _draw(title, (*said, note), (ENTRY_HEAD, rows), made_at=made_at)


def print_payout_list(
    view: PayoutListView, lines: Iterable[PayoutLineView], *, made_at: datetime
) -> bytes:
    """Print a list with a place for each household's signature."""
    said = (
        f"清单编号 {view.list.number}　共 {view.households} 户",
        (
            f"应发 {yuan(view.list.total_fen)} 元，已发放 {yuan(view.paid_out_fen)} 元，"
            f"农户已确认 {yuan(view.confirmed_fen)} 元。"
        ),
    )
    rows = [_line_row(one) for one in lines]
    return _draw("农户款项发放清单", said, (LINE_HEAD, rows), made_at=made_at)


def _entry_row(one: Entry) -> Row:
    state = "—" if one.payout_status is None else LINE_STATES[one.payout_status.value][0]
    day = shanghai_day(one.posted_at).isoformat()
    return day, one.order_number, one.title, one.party_code, yuan(one.amount_fen), state


def _line_row(one: PayoutLineView) -> Row:
    card, state = one.bank_card or "—", LINE_STATES[one.line.status.value][0]
    amount = yuan(one.line.amount_fen)
    return one.line.number, one.household_code, one.head_name, card, amount, state, ""


def _draw(
    title: str, said: Iterable[str], table: tuple[Row, Sequence[Row]], *, made_at: datetime
) -> bytes:
    printed = f"打印日期 {shanghai_day(made_at)}"
    return print_sheet(title, said, table, after=[printed], made_at=made_at)
