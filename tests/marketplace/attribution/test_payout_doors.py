"""Payouts through their doors: who sees which lines, the household's word, sheets and papers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from kernel import clock
from kernel.visits import limiter
from registry.accounts.models import AppUser, Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.payouts import Paying, coded, issued, lines_of, paid_out, paying
from tests.builders.settlement import NOW, TODAY
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of

ROOM = "/attribution"
LISTS, LINES, ANSWERS = f"{ROOM}/payout-lists", f"{ROOM}/payout-lines", f"{ROOM}/payout-answers"
OTHER_COUNTY = "440204"


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def stage(client: Client) -> Paying:
    del client
    return paying()


def official(role: Role, region_code: str) -> AppUser:
    return registry.user(registry.organisation(OrganisationKind.AUTHORITY, region_code), [role])


def figures(door: Door, path: str, **query: Any) -> tuple[int, int, int]:
    told = json_of(door.get(path, **query))["households"]
    return told["attributed_fen"], told["paid_out_fen"], told["confirmed_fen"]


def test_from_the_split_to_the_households_word(client: Client, stage: Paying) -> None:
    clerk, manager = Door(client, stage.there.clerk), Door(client, stage.there.manager)
    drawn = json_of(clerk.post(LISTS), 201)
    assert (drawn["status"], drawn["households"], drawn["total_fen"]) == ("draft", 3, 161_000)
    to = f"{LISTS}/{drawn['id']}"
    assert json_of(manager.post(f"{to}/issue", version=drawn["version"]))["status"] == "issued"
    told = json_of(manager.post(f"{to}/reveal", {"purpose": "批量转账"}))["items"]
    assert {one["bank_card"] for one in told} == {stage.there.households[0].bank_card}
    body = {"paid_on": TODAY.isoformat(), "document_id": str(stage.proof.id)}
    assert json_of(clerk.post(f"{to}/payments", body), 201)["paid_out_fen"] == 161_000
    cadre, nobody = Door(client, stage.cadre), Door(client)
    line = json_of(cadre.get(LINES, list_id=drawn["id"]))["items"][0]
    code = json_of(cadre.post(f"{LINES}/{line['id']}/code"), 201)["code"]
    wrong = {"number": line["number"], "code": "12345678" if code != "12345678" else "0" * 8}
    assert code_of(nobody.post(ANSWERS, wrong)) == (409, "code_wrong")
    said = json_of(nobody.post(ANSWERS, {"number": line["number"], "code": code}))
    assert (said["status"], said["amount_fen"]) == ("confirmed", line["amount_fen"])
    assert set(said) == {"number", "status", "amount_fen", "answered_at"}
    assert json_of(clerk.get(to))["confirmed_fen"] == line["amount_fen"]


def test_wrong_codes_from_one_address_are_shut_out_after_ten(client: Client, stage: Paying) -> None:
    line = lines_of(stage, paid_out(stage))[0]
    handed = coded(stage, line)
    limiter.reset()
    wrong = {"number": handed.number, "code": "12345678" if handed.code != "12345678" else "0" * 8}
    said = [Door(client).post(ANSWERS, wrong).status_code for _ in range(12)]
    assert said == [409] * 10 + [429] * 2
    right = Door(client).post(ANSWERS, {"number": handed.number, "code": handed.code})
    assert right.status_code == 429
    limiter.reset()


def test_attributed_paid_out_and_confirmed_are_shown_for_every_party(
    client: Client, stage: Paying
) -> None:
    there = stage.there
    line = lines_of(stage, paid_out(stage))[0]
    handed = coded(stage, line)
    Door(client).post(ANSWERS, {"number": handed.number, "code": handed.code})
    door = Door(client, official(Role.AUDITOR, registry.WUJIANG))
    whole = (161_000, 161_000, line.line.amount_fen)
    statements = f"{ROOM}/statements"
    assert figures(door, f"/orders/{stage.order_id}/attribution") == whole
    for party in (
        f"cooperative:{there.cooperative.id}",
        f"unit:{there.unit.id}",
        f"order:{stage.order_id}",
        f"village:{registry.VILLAGE}",
        f"county:{registry.WUJIANG}",
    ):
        assert figures(door, statements, party=party) == whole, party
    third = f"household:{there.households[2].id}"
    assert figures(door, statements, party=third) == (25_000, 25_000, 0)
    entry = json_of(door.get(f"{ROOM}/entries", party=third))["items"][0]
    assert (entry["payout_status"], entry["payout_document_id"]) == ("paid", str(stage.proof.id))


def test_the_village_sees_its_households_and_strangers_see_nothing(
    client: Client, stage: Paying
) -> None:
    issued(stage)
    for user, seen in (
        (stage.cadre, 3),
        (stage.there.clerk, 3),
        (official(Role.COUNTY_REVIEWER, registry.WUJIANG), 3),
        (official(Role.VILLAGE_CADRE, OTHER_COUNTY), 0),
        (paying().there.clerk, 0),
    ):
        items = json_of(Door(client, user).get(LINES))["items"]
        assert len(items) == seen
        assert not any(household.head_name in str(items) for household in stage.there.households)


@pytest.mark.parametrize(
    ("path", "query", "starts"),
    [
        ("/statements/paper", "party=order:{order}", b"%PDF-"),
        ("/entries/export", "party=order:{order}", b"PK\x03\x04"),
        ("/payout-lists/{list}/paper", "", b"%PDF-"),
        ("/payout-lines/export", "list_id={list}&format=csv", b"\xef\xbb\xbf"),
    ],
)
def test_sheets_and_papers_hold_no_person(
    client: Client, stage: Paying, path: str, query: str, starts: bytes
) -> None:
    ids = {"order": stage.order_id, "list": issued(stage)}
    asked = dict(parse_qsl(query.format(**ids)))
    answer = Door(client, stage.there.clerk).get(ROOM + path.format(**ids), **asked)
    assert answer.status_code == 200
    content = answer.get_data()
    assert content.startswith(starts)
    first = stage.there.households[0]
    assert first.head_name.encode() not in content
    assert str(first.bank_card).encode() not in content
    if starts.startswith(b"\xef"):
        assert content.decode("utf-8-sig").splitlines()[1].split(",")[5] == "640.00"
