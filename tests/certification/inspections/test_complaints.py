"""Complaints: lodged by anyone, followed by number and code, answered once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from certification.inspections.models.complaints import ComplaintStatus
from certification.inspections.rules.tasks import COMPLAINTS
from kernel import clock
from tests.builders import certification as build
from tests.builders import inspections as make
from tests.builders import registry
from tests.builders.inspections import NOW
from tests.conftest import Client

PATH = "/api/v1/complaints"
CONTACT = "13800009876"
SAID: dict[str, Any] = {"text": "包装与产地不符", "contact": CONTACT}
MOVES = {("received", "in_hand"), ("in_hand", "answered")}


@pytest.fixture(autouse=True)
def stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOW):
        yield


def lodge(client: Client, address: str, **said: Any) -> TestResponse:
    return client.post(PATH, json=SAID | said, environ_base={"REMOTE_ADDR": address})


def follow(client: Client, number: str, code: str, address: str) -> TestResponse:
    path = f"{PATH}/{number}/tracking"
    return client.post(path, json={"code": code}, environ_base={"REMOTE_ADDR": address})


def test_a_complaint_is_followed_to_its_answer(client: Client, db_session: Session) -> None:
    certificate = build.certificate()
    lodged = lodge(client, "198.51.100.1", certificate_number=certificate.number).json
    assert lodged is not None
    assert lodged["number"].startswith("BF-CP-2026-440203-")
    assert lodged["due_on"] == "2026-12-08"
    raw = db_session.execute(text("SELECT code_digest, contact FROM complaint")).one()
    assert CONTACT.encode() not in bytes(raw.contact)
    assert lodged["code"].encode() not in bytes(raw.code_digest)
    token = registry.token_of(make.office().people[0])
    (seen,) = client.get(PATH, token=token).json["items"]  # type: ignore[index]
    assert CONTACT not in str(seen)
    at = f"{PATH}/{seen['id']}"
    assert client.post(f"{at}/answer", json={"reply": "好"}, token=token).status_code == 409
    assert client.post(f"{at}/take", token=token).json["status"] == "in_hand"  # type: ignore[index]
    opened = client.post(f"{at}/inspection", json={"reason": "核查产地"}, token=token)
    assert opened.status_code == 200
    told = follow(client, lodged["number"], lodged["code"], "198.51.100.1").json
    assert told is not None
    assert (told["status"], told["reply"]) == ("in_hand", None)
    assert "task_id" not in told, "whether an inspection follows is not told"
    shown = client.post(f"{at}/contact", json={"purpose": "回访"}, token=token).json
    assert shown is not None
    assert shown["contact"] == CONTACT
    answered = client.post(f"{at}/answer", json={"reply": "已核实并整改"}, token=token)
    assert answered.status_code == 200
    told = follow(client, lodged["number"], lodged["code"], "198.51.100.1").json
    assert told is not None
    assert told["reply"] == "已核实并整改"
    assert client.post(f"{at}/answer", json={"reply": "再答"}, token=token).status_code == 409


def test_a_wrong_number_and_a_wrong_code_look_the_same_and_guesses_end(client: Client) -> None:
    lodged = lodge(client, "198.51.100.2", region_code=registry.WUJIANG).json
    assert lodged is not None
    first = follow(client, lodged["number"], "guess", "198.51.100.3")
    other = follow(client, "BF-CP-2026-440203-999999", "guess", "198.51.100.3")
    assert (first.status_code, other.status_code) == (401, 401)
    codes = [
        follow(client, lodged["number"], f"guess{i}", "198.51.100.3").status_code for i in range(12)
    ]
    assert codes[-1] == 429


def test_an_address_lodges_only_so_many(client: Client) -> None:
    codes = [
        lodge(client, "198.51.100.4", region_code=registry.WUJIANG).status_code for _ in range(31)
    ]
    assert codes == [201] * 30 + [429]


def test_a_complaint_names_something_there_is(client: Client) -> None:
    for said in ({}, {"certificate_number": "BF-C-none"}, {"region_code": "999999"}):
        assert lodge(client, "198.51.100.5", **said).status_code == 422
    told = lodge(
        client, "198.51.100.5", region_code=registry.WUJIANG, text="身份证 110101199003078515"
    )
    assert told.status_code == 422


def test_an_office_of_elsewhere_sees_no_complaint(client: Client) -> None:
    lodge(client, "198.51.100.6", region_code=registry.WUJIANG)
    token = registry.token_of(make.office(registry.XINGGUO).people[0])
    assert client.get(PATH, token=token).json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(("state", "wanted"), list(product(ComplaintStatus, repeat=2)))
def test_a_complaint_moves_only_along_its_table(
    state: ComplaintStatus, wanted: ComplaintStatus
) -> None:
    assert (wanted in COMPLAINTS[state]) == ((state.value, wanted.value) in MOVES)
