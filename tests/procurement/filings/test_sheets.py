"""Promises as files: what a supervising unit hands in, and the list as it stands."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from kernel.database import db
from kernel.sheets.writing import write
from procurement.filings.models import Filing
from procurement.filings.schemas.sheets import FILINGS
from tests.conftest import Client
from tests.procurement.flow import OWN, Flow
from tests.registry.households.test_imports import hand_in


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def handed_in(flow: Flow, token: str, **fields: Any) -> Any:
    row = {"credit_code": flow.people.unit.credit_code, "union_situation": "own_funds"}
    flags = {"canteen_subsidised": False, "central_unit": False}
    into = BytesIO()
    empty = {column.name: None for column in FILINGS.columns}
    write(into, FILINGS, [empty | OWN | row | flags | fields], format="xlsx")
    return hand_in(flow.client, token, into.getvalue(), "filings")


def test_a_supervising_unit_hands_in_drafts_that_their_units_submit(flow: Flow) -> None:
    made = handed_in(flow, flow.superior)
    assert made.status_code == 201, made.text
    assert (made.get_json()["state"], made.get_json()["faults"]) == ("checked", []), made.text
    path = f"/api/v1/imports/{made.get_json()['id']}/commit"
    assert flow.client.post(path, token=flow.superior).get_json()["state"] == "committed"
    filing = db.session.scalars(select(Filing)).one()
    assert (filing.unit_id, filing.reserved_fen) == (flow.people.unit.id, 300_000_00)
    assert filing.author_id == flow.people.superior_admin.id
    assert flow.post(f"/filings/{filing.id}/submit", flow.admin).status_code == 200
    refused = flow.post(f"/filings/{filing.id}/confirm", flow.superior)
    assert refused.get_json()["code"] == "same_person"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reserved_fen": 299_999_99}, "below_floor"),
        ({"representative_code": "11440203MB2C00003F"}, "credit_code_invalid"),
        ({"year": 2020}, "no_policy_in_force"),
    ],
)
def test_a_row_that_cannot_be_filed_is_named(flow: Flow, fields: dict[str, Any], code: str) -> None:
    made = handed_in(flow, flow.superior, **fields)
    assert made.status_code == 201, made.text
    assert [one["code"] for one in made.get_json()["faults"]] == [code], made.text


def test_nobody_files_for_a_unit_they_do_not_supervise(flow: Flow) -> None:
    other = Flow(flow.client)
    made = handed_in(flow, other.superior)
    assert [one["code"] for one in made.get_json()["faults"]] == ["not_found"], made.text


def test_the_list_goes_out_as_a_file(flow: Flow) -> None:
    filed = flow.draft(note="食堂自营")
    answer = flow.get("/filings/export", flow.finance, format="csv", year=2026)
    assert answer.status_code == 200
    text = answer.get_data().decode("utf-8-sig")
    assert filed["number"] in text
    assert "自营食堂" in text
    assert "300000.00" in text
