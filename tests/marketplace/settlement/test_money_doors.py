"""The doors of accounts, statements, payouts, invoices and treasury orders, as clients use them."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from kernel import clock
from kernel.identity import new_id
from kernel.sheets.writing import write
from marketplace.orders.models.orders import PayMode
from marketplace.settlement.commands.matching import match_lines
from marketplace.settlement.models.statements import BankAccountId
from marketplace.settlement.schemas.statements import BANK_STATEMENT
from tests.builders import registry
from tests.builders.remittances import collected, platform
from tests.builders.settlement import (
    NOW,
    Market,
    market,
    order_of,
    ordered,
    received,
    shipped,
)
from tests.builders.statements import number_of
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of

ACCOUNT = {"bank_name": "演示银行", "holder_name": "演示合作社", "number": "6222000200000017"}
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


def row(amount: int, remark: str, *, account: str | None = None) -> dict[str, Any]:
    names = ("credit_fen", "debit_fen", "payer_name", "payer_account", "bank_reference")
    return {
        "booked_on": "2026-06-01",
        **dict.fromkeys(names),
        "credit_fen": amount,
        "remark": remark,
        "account_number": account,
    }


def handed_in(client: Client, there: Market, rows: list[dict[str, Any]], account: str) -> Any:
    """Hand a statement in as XLSX and have it written; give the answer to the first step."""
    into, token = BytesIO(), registry.token_of(there.manager)
    write(into, BANK_STATEMENT, rows, format="xlsx")
    into.seek(0)
    made = client.post(
        "/api/v1/imports",
        data={"list": BANK_STATEMENT.name, "subject_id": account, "file": (into, "流水.xlsx")},
        token=token,
        headers={"Idempotency-Key": str(new_id())},
        content_type="multipart/form-data",
    )
    assert made.json is not None
    client.post(f"/api/v1/imports/{made.json['id']}/commit", token=token)
    return made


def test_a_statement_is_handed_in_looked_at_and_worked_off(client: Client) -> None:
    there = market()
    manager, other = Door(client, there.manager), Door(client, market().manager)
    account = json_of(manager.post("/bank-accounts", ACCOUNT), 201)
    assert (account["number"], account["collects"]) == ("************0017", False)
    assert code_of(other.post("/bank-accounts", ACCOUNT)) == (409, "bank_account_taken")
    assert code_of(other.get(f"/bank-accounts/{account['id']}"))[0] == 404
    order_id = ordered(there, "10")
    typed = number_of(order_id).translate(WIDE).replace("-", " ")
    rows = [row(30_000, f"货款{typed}"), row(100, "伙食"), row(100, "伙食")]
    assert handed_in(client, there, rows, account["id"]).json["faults"] == []
    match_lines(BankAccountId(account["id"]), now=NOW)
    assert order_of(order_id).paid_fen == 30_000
    queue = json_of(manager.get("/bank-lines", state="open"))["items"]
    assert [(one["amount_fen"], one["outcome"]) for one in queue] == [(100, "unknown")] * 2
    door = f"/bank-lines/{queue[0]['id']}"
    assert code_of(manager.post(f"{door}/park", {"reason": "等"}, version=99))[0] == 412
    parked = json_of(manager.post(f"{door}/park", {"reason": "等"}, version=queue[0]["version"]))
    assert parked["state"] == "parked"
    assert code_of(other.post(f"{door}/resume"))[0] == 404
    assert json_of(other.get("/bank-lines"))["items"] == []
    shown = openpyxl.load_workbook(BytesIO(manager.get("/bank-lines/export").data)).active
    assert shown is not None
    assert shown.max_row == 4


def test_a_line_of_another_account_or_without_an_amount_is_a_fault(client: Client) -> None:
    there = market()
    account = json_of(Door(client, there.manager).post("/bank-accounts", ACCOUNT), 201)
    rows = [row(1, "x", account="6222000200009999"), row(0, "x"), row(1, "x")]
    made = handed_in(client, there, rows, account["id"])
    assert [one["code"] for one in made.json["faults"]] == [
        "wrong_bank_account",
        "statement_amount",
    ]
    closed = Door(client, there.manager).post(f"/bank-accounts/{account['id']}/close")
    assert json_of(closed)["closed_at"] is not None


def test_a_payout_goes_through_two_people_and_tells_the_bank(client: Client) -> None:
    at = platform()
    collected(at)
    drawer, second = Door(client, at.drawer), Door(client, at.second)
    funds = json_of(Door(client, at.there.manager).get("/seller-funds"))["items"]
    assert [one["available_fen"] for one in funds] == [30_000]
    drawn = json_of(drawer.post("/remittances", {}), 201)
    door = f"/remittances/{drawn['id']}"
    assert code_of(second.get(f"{door}/bank-list")) == (409, "wrong_state")
    assert code_of(drawer.post(f"{door}/release")) == (409, "same_person")
    assert json_of(second.post(f"{door}/release"))["status"] == "released"
    sheet = openpyxl.load_workbook(BytesIO(second.get(f"{door}/bank-list").data)).active
    assert sheet is not None
    told = [cell.value for cell in next(sheet.iter_rows(min_row=2))]
    assert (str(told[4])[:4], told[5], told[6]) == ("6222", "300.00", drawn["number"])
    line = f"/remittance-lines/{drawn['lines'][0]['id']}"
    assert json_of(drawer.post(f"{line}/confirm", {"bank_reference": "P1"}))["status"] == "settled"


def test_an_invoice_is_issued_printed_listed_and_checked(client: Client) -> None:
    there = market()
    order_id = ordered(there, "1", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (1, None))
    received(there, order_id, "1")
    clerk, finance = Door(client, there.clerk), Door(client, there.finance)
    body = {"number": "24400001", "issued_on": "2026-06-01"}
    made = json_of(clerk.post(f"/orders/{order_id}/invoices", body), 201)
    assert (made["amount_fen"], made["lines"][0]["amount_fen"]) == (3_000, 3_000)
    again = clerk.post(f"/orders/{order_id}/invoices", body)
    assert code_of(again) == (409, "nothing_to_invoice")
    assert finance.get(f"/invoices/{made['id']}/paper").data.startswith(b"%PDF-")
    listed = openpyxl.load_workbook(BytesIO(finance.get("/invoices/export").data)).active
    assert listed is not None
    assert listed.max_row == 2
    assert json_of(finance.post(f"/invoices/{made['id']}/check"))["status"] == "checked"
    assert json_of(finance.get(f"/orders/{order_id}/payment-clock"))["due_on"] == "2026-07-01"
