"""The contract of an order on paper (购销合同) and as what was signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from marshmallow import fields

from kernel.calendar import SHANGHAI
from kernel.fields import Instant, Key, Schema
from kernel.money import yuan
from kernel.printing import print_sheet
from kernel.quantity import UNIT_LABELS
from marketplace.orders.queries.contracts import ContractView

TITLE = "购销合同"
HEAD = ("商品", "认定证书", "数量", "单价（元）", "金额（元）")
SIDES: Mapping[str, str] = MappingProxyType({"buyer": "买方", "supplier": "卖方"})
ACTS: Mapping[str, str] = MappingProxyType(
    {"placed": "下单", "approved": "审批", "confirmed": "确认"}
)
TERMS: Mapping[str, str] = MappingProxyType(
    {"pay_first": "先付款后发货", "goods_first": "先发货后付款"}
)

FAILURES: Mapping[str, str] = MappingProxyType(
    {"refund": "退还货款", "substitute": "以同类产品替代"}
)


class ContractOut(Schema):
    """What both sides signed.

    `signature` is base64 of an Ed25519 signature (RFC 8032) over the UTF-8 bytes of `statement`,
    which is canonical JSON (RFC 8785); `digest` is their SHA-256.
    """

    order_id = Key(required=True)
    statement = fields.String(required=True)
    digest = fields.String(required=True)
    key_id = fields.String(required=True)
    signature = fields.String(required=True)
    signed_at = Instant(required=True)


def print_contract(view: ContractView) -> bytes:
    """Print a contract: parties, lines, amounts, terms, and who signed when.

    The same contract is the same bytes.
    """
    said = view.said
    rows = [
        (
            line["title"],
            line["certificate_number"],
            f"{line['quantity']} {UNIT_LABELS[line['unit']][0]}",
            yuan(line["unit_price_fen"]),
            yuan(line["amount_fen"]),
        )
        for line in said["lines"]
    ]
    return print_sheet(
        TITLE, _parties(said), (HEAD, rows), after=terms_of(view), made_at=view.signed_at
    )


def _parties(said: Mapping[str, Any]) -> list[str]:
    names = {"买方": said["buyer"], "采购单位": said["bound_unit"], "卖方": said["supplier"]}
    return [
        f"合同编号 {said['number']}",
        *(f"{name}：{one['name']}（{one['credit_code']}）" for name, one in names.items()),
    ]


def terms_of(view: ContractView) -> list[str]:
    """Say the terms of a contract, who signed it and when, line by line."""
    said = view.said
    money = [yuan(said[name]) for name in ("goods_fen", "freight_fen", "total_fen")]
    until = "" if said["pay_by"] is None else f"，最迟 {local(said['pay_by'])}"
    day = "" if said["delivery_on"] is None else f"　交货日期 {said['delivery_on']}"
    return [
        f"货款 {money[0]} 元，运费 {money[1]} 元，合计 {money[2]} 元。",
        f"付款方式：{TERMS[said['pay_mode']]}{until}{_term(said)}。",
        f"交货地点：{said['delivery_address']}{day}",
        *_farming(said.get("farming")),
        *(
            f"{SIDES[one['side']]}签署（{ACTS[one['act']]}）："
            f"账号 {view.accounts.get(one['user_id'], one['user_id'])}　{local(one['at'])}"
            for one in said["signatures"]
        ),
        f"内容摘要（SHA-256）：{view.digest}",
        f"平台签名（Ed25519，密钥 {view.key_id}）：{view.signature}",
    ]


def _term(said: Mapping[str, Any]) -> str:
    """Say in how many days goods that are sent first are paid; older contracts are silent on it."""
    days = said.get("payment_term_days")
    return f"，验收合格后 {days} 日内付清" if days and said["pay_mode"] == "goods_first" else ""


def _farming(said: Mapping[str, Any] | None) -> list[str]:
    """Say what is paid for which work on an adopted plot, and the rest at the harvest."""
    if said is None:
        return []
    harvest = f"最迟 {said['harvest_by_on']} 采收"
    return [
        f"代耕代种地块 {said['number']}（{said['area_mu']} 亩），{harvest}。",
        f"失收时{FAILURES[said['on_failure']]}。",
        f"预付款 {yuan(said['prepaid_fen'])} 元",
        *(
            f"节点 {number}：{one['title']}，最迟 {one['due_on']}，{yuan(one['amount_fen'])} 元"
            for number, one in enumerate(said["milestones"], 1)
        ),
        "余款在采收验收后支付。",
    ]


def local(instant: str) -> str:
    """Write an instant as Shanghai reads it."""
    return f"{datetime.fromisoformat(instant).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
