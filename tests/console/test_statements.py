"""Pages of bank statements: an account, its lines, what each may pay, and who may say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from console.admin.rules import suggest
from kernel import clock
from registry.accounts.models import Role
from tests.builders import registry, settlement, statements
from tests.builders.settlement import NOW
from tests.conftest import Client
from tests.console.visitor import Visitor


@pytest.fixture(autouse=True)
def _stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOW):
        yield


def order(number: str, total: int, paid: int = 0, buyer: str = "b") -> dict[str, Any]:
    return {"number": number, "total_fen": total, "paid_fen": paid, "buyer_id": buyer,
            "bound_unit_id": buyer}  # fmt: skip


def test_orders_are_suggested_by_number_amount_and_payer_in_this_order() -> None:
    line = {"remark": "货款bf-o 2026 440203 000002", "left_fen": 300, "payer_name": "一小"}
    orders = [
        order("BF-O-2026-440203-000001", 300),
        order("BF-O-2026-440203-000002", 500),
        order("BF-O-2026-440203-000003", 700, buyer="a"),
        order("BF-O-2026-440203-000004", 700),
        order("BF-O-2026-440203-000005", 300, paid=300, buyer="a"),
    ]
    found = suggest(line, orders, names={"a": "一小", "b": "二小"})
    assert [one.order["number"][-1] for one in found] == ["2", "1", "3"]
    assert [one.amount_fen for one in found] == [300, 300, 300]
    silent = {"remark": None, "left_fen": 9, "payer_name": None}
    assert suggest(silent, orders, names={}) == []


def test_a_line_is_matched_at_a_click_split_and_set_aside(client: Client) -> None:
    there = settlement.market()
    manager = there.by("manager")
    first, second = (settlement.ordered(there, "10") for _ in range(2))
    account = statements.bank_account(manager)
    rows = [statements.credit(30_000, "货款"), statements.credit(45_000, "两单货款")]
    lines = statements.looked_at(account, rows, by=manager)
    visitor = Visitor.of(client, there.manager)
    index = visitor.open("/statements/")
    assert index.count("/statements/lines/") == 2
    assert "300.00 元" in index
    path = f"/statements/lines/{lines[0].id}"
    assert "金额正好相等" in visitor.open(path)
    assert visitor.send(path, f"bank_statements.match:{lines[0].id}:{first}") == path
    assert visitor.ask(f"/bank-lines/{lines[0].id}")["left_fen"] == 0
    path = f"/statements/lines/{lines[1].id}"
    split = {"parts__0__order_id": str(second), "parts__0__amount_fen": "500.00"}
    whole = f"bank_statements.match:{lines[1].id}"
    refused = visitor.send(path, whole, 409, on=_only(visitor.open(path), whole), **split)
    assert 'id="errors"' in refused
    assert visitor.ask(f"/bank-lines/{lines[1].id}")["left_fen"] == 45_000
    split["parts__0__amount_fen"] = "300.00"
    assert visitor.send(path, whole, on=_only(visitor.open(path), whole), **split) == path
    assert visitor.ask(f"/bank-lines/{lines[1].id}")["left_fen"] == 15_000
    assert visitor.send(f"{path}/park", "bank_statements.park", reason="再问") == path
    assert "再问" in visitor.open("/statements/?state=parked")
    assert visitor.send(f"{path}/resume", "bank_statements.resume") == path
    other = registry.user(registry.organisation(), [Role.COOP_MANAGER])
    Visitor.of(client, other).open(path, 404)
    Visitor.of(client, there.clerk).open(path, 403)


def _only(page: str, name: str) -> str:
    """Give the page without the forms of single orders, whose names begin alike."""
    return page.replace(f'value="{name}:', 'value="other:')


def test_an_account_is_registered_takes_a_statement_and_is_closed(client: Client) -> None:
    there = settlement.market()
    visitor = Visitor.of(client, there.manager)
    path = "/statements/accounts"
    typed = {"bank_name": "演示银行", "holder_name": "演示社", "number": "6222000100009999"}
    assert visitor.send(f"{path}/new", "bank_statements.open_account", **typed) == path
    (one,) = visitor.ask("/bank-accounts")["items"]
    page = visitor.open(path)
    assert "9999" in page
    assert "6222000100009999" not in page
    own = f"{path}/{one['id']}"
    assert 'href="#f-file"' in visitor.send(own, "imports.receive", 422)
    assert visitor.send(f"{own}/close", "bank_statements.close_account") == path
