"""Every list goes out as a file without a live formula, and comes in again as it was (X3, X5)."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import fields
from sqlalchemy.orm import Session

from kernel.fields import Day, Flag, Schema
from kernel.fields import Text as TextField
from kernel.sheets.columns import Column, Kind, Sheet
from kernel.sheets.loading import Reading
from kernel.sheets.writing import Format, write
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from registry.organisations.schemas import ORGANISATIONS_SHOWN
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.households.test_imports import hand_in, sheet

EXPORTS = (
    "/households/export", "/benefit-links/export", "/documents/export", "/organisations/export",
    "/regions/export", "/notices/export", "/certification/applications/export",
    "/certificates/export",
)  # fmt: skip
LIVE = "=+-@\t\r＝＋－＠"


class _AnyIn(Schema):
    """A row of everything."""

    text = TextField(required=True, max=60)
    note = TextField(load_default=None, max=60)
    number = fields.Integer(required=True, strict=True)
    on = Day(load_default=None)
    flag = Flag(required=True)


ANY = Sheet(
    name="any",
    zh="清单",
    en="Any",
    columns=(
        Column("text", "文本", "Text"),
        Column("note", "备注", "Note"),
        Column("number", "数", "Number", Kind.WHOLE),
        Column("on", "日期", "Day", Kind.DAY),
        Column("flag", "是否", "Flag", Kind.FLAG),
    ),
    schema=_AnyIn(),
)
MARKS = st.one_of(
    st.sampled_from([*"=+-@＝＋'\"，,", "_x0041_", "𠮷", "😀", "\n", "NULL", "007"]),
    st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cn", "Co"]),
)
TEXTS = st.lists(MARKS, min_size=1, max_size=12).map("".join).map(str.strip).filter(bool)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": TEXTS,
            "note": st.none() | TEXTS,
            "number": st.integers(-(10**12), 10**12),
            "on": st.none() | st.dates().filter(lambda day: 1850 < day.year < 2100),
            "flag": st.booleans(),
        }
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row["text"],
)


def _written(rows: list[dict[str, Any]], kind: Format) -> bytes:
    into = BytesIO()
    write(into, ANY, rows, format=kind)
    return into.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_goes_out_comes_in_as_it_was(kind: Format) -> None:
    @settings(max_examples=150, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(ROWS)
    def attempt(rows: list[dict[str, Any]]) -> None:
        normal = [
            _AnyIn().load({k: _json(v) for k, v in row.items() if v is not None}) for row in rows
        ]
        first = _written(normal, kind)
        chunks = list(Reading(first, ANY).chunks())
        assert [fault.as_json() for one in chunks for fault in one.faults] == []
        again = [row.record for one in chunks for row in one.rows]
        assert again == normal
        if kind == "csv":
            assert _written(again, kind) == first

    attempt()


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _texts(content: bytes, kind: str) -> list[str]:
    if kind == "csv":
        return [cell for row in csv.reader(StringIO(content.decode("utf-8-sig"))) for cell in row]
    page = openpyxl.load_workbook(BytesIO(content)).active
    cells = [cell for row in page.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    return []


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_no_export_holds_a_live_formula(client: Client, kind: str) -> None:
    coop = build.organisation(name="=HYPERLINK(1)")
    build.benefit_link(build.household(head_name="@何示"), coop).terms = "+cmd|' /C calc'!A0"
    office = build.organisation(OrganisationKind.AUTHORITY, name="-1+1")
    clerk = build.user(office, [Role.COUNTY_REVIEWER])
    build.document(office, clerk, "=kind")
    build.notice().rule_source = "＝1"
    token = build.token_of(clerk)
    seen = 0
    for path in EXPORTS:
        answer = client.get(f"/api/v1{path}?format={kind}", token=token)
        assert answer.status_code == 200, (path, answer.text[:200])
        texts = _texts(answer.data, kind)
        assert [text for text in texts if text and text[0] in LIVE] == [], path
        seen += sum(text.startswith("'") for text in texts)
    assert seen >= (5 if kind == "csv" else 0)


def test_a_writer_that_does_not_shield_would_be_seen(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    monkeypatch.setattr("kernel.sheets.writing.shielded", lambda text: text)
    row = {"text": "=1+1", "note": None, "number": 1, "on": None, "flag": True}
    assert any(text.startswith("=") for text in _texts(_written([row], "csv"), "csv"))


def test_organisations_go_out_and_come_in(client: Client, db_session: Session) -> None:
    del db_session
    admin = build.token_of(build.administrator())
    row = {
        "credit_code": build.credit_code(),
        "name": "演示合作社",
        "kind": "cooperative",
        "region_code": build.WUJIANG,
        "supervising_id": None,
    }
    content = sheet([row], kind="csv", of=ORGANISATIONS_SHOWN)
    made: Any = hand_in(client, admin, content, "organisations")
    assert made.json["state"] == "checked", made.json
    done: Any = client.post(f"/api/v1/imports/{made.json['id']}/commit", token=admin)
    assert done.json["state"] == "committed"
    out = client.get("/api/v1/organisations/export?format=csv&kind=cooperative", token=admin)
    assert out.data == content


NEVER_TAKEN_AWAY = {"/api/v1/users", "/api/v1/users/<uuid:user_id>/tokens", "/api/v1/invitations",
                    "/api/v1/me/tokens"}  # fmt: skip
"""Accounts, their sessions and their invitations are looked at, and stay where they are."""


def test_every_list_of_the_register_and_of_certification_goes_out(app: Flask) -> None:
    paths, lists = set(), set()
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        paths.add(rule.rule)
        room = view.__module__.partition(".")[0]
        shape = getattr(getattr(view, "door", None), "returns", None)
        is_list = "GET" in (rule.methods or ()) and "next_cursor" in getattr(shape, "fields", {})
        if room in {"registry", "certification"} and is_list:
            lists.add(rule.rule)
    assert lists >= NEVER_TAKEN_AWAY
    assert {one for one in lists if f"{one}/export" not in paths} == NEVER_TAKEN_AWAY
