"""Codes of other times resolve by date, and lists of places are taken whole or reported on."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM
from kernel.database import db
from kernel.sheets.writing import write
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from registry.regions.models import Designation, DesignationKind, Region, RegionLevel
from registry.regions.queries import list_successors
from registry.regions.rules import Standing, blocks, judge_member
from registry.regions.schemas import DESIGNATIONS
from tests.builders import registry as build
from tests.conftest import Client

LIST = Path(__file__).parents[4] / "shared" / "data" / "national_832.csv"
IMPORTS = "/api/v1/imports"
_keys = count(1)
PROVINCES = {
    "河北省": 45, "山西省": 36, "内蒙古自治区": 31, "吉林省": 8, "黑龙江省": 20, "安徽省": 20,
    "江西省": 24, "河南省": 38, "湖北省": 28, "湖南省": 40, "广西壮族自治区": 33, "海南省": 5,
    "重庆市": 14, "四川省": 66, "贵州省": 66, "云南省": 88, "西藏自治区": 74, "陕西省": 56,
    "甘肃省": 58, "青海省": 42, "宁夏回族自治区": 8, "新疆维吾尔自治区": 32,
}  # fmt: skip


@pytest.fixture
def admin(db_session: Session) -> str:
    del db_session
    platform = build.organisation(OrganisationKind.PLATFORM, "000000")
    return build.token_of(build.user(platform, [Role.PLATFORM_ADMIN]))


def _row(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "key_county",
        "region_code": code,
        "name_at_listing": name,
        "name_confirmed": False,
        "valid_from_on": "2014-01-01",
        "valid_until_on": None,
        "partner_code": None,
        "source": "公布名单",
        **more,
    }


def _hand_in(client: Client, token: str, *rows: dict[str, Any]) -> Any:
    into = BytesIO()
    write(into, DESIGNATIONS, rows, format="csv")
    answer = client.post(
        IMPORTS,
        data={"list": "designations", "file": (BytesIO(into.getvalue()), "list.csv")},
        headers={"Idempotency-Key": f"list-{next(_keys)}"},
        token=token,
    )
    assert answer.status_code == 201, answer.json
    return answer.json


def _faults(made: Any) -> list[tuple[int, str, str]]:
    return [(one["row"], one["column"], one["code"]) for one in made["faults"]]


def _commit(client: Client, token: str, made: Any) -> Any:
    assert made["state"] == "checked", made["faults"]
    return client.post(f"{IMPORTS}/{made['id']}/commit", token=token).json


def _written() -> int:
    of_list = Designation.kind == DesignationKind.KEY_COUNTY
    return db.session.scalar(select(func.count()).where(of_list)) or 0


@pytest.mark.parametrize(
    ("code", "on", "stands_for"),
    [
        ("540422", date(2022, 6, 1), ["540422"]),
        ("540422", date(2024, 6, 1), ["540481"]),
        ("540530", date(2024, 6, 1), ["540581"]),
        ("540481", date(2024, 6, 1), ["540481"]),
        ("140202", date(2018, 6, 1), ["140202"]),
        ("140202", date(2024, 6, 1), []),
        ("999999", date(2024, 6, 1), []),
    ],
)
def test_a_code_abolished_in_2023_is_its_successor_from_then_on(
    db_session: Session, code: str, on: date, stands_for: list[str]
) -> None:
    del db_session
    assert [one.code for one in list_successors(SYSTEM, code, on=on)] == stands_for


def test_a_code_that_was_split_is_ambiguous_until_one_asks_for_an_earlier_day(
    client: Client, admin: str
) -> None:
    for successor in ("140213", "140214"):
        body = {
            "code": "140202",
            "successor_code": successor,
            "since_on": "2018-02-01",
            "source": "测试文件",
        }
        assert client.post("/api/v1/region-successors", json=body, token=admin).status_code == 201
        again = client.post("/api/v1/region-successors", json=body, token=admin)
        assert (again.json or {})["code"] == "region_successor_taken"
    path = "/api/v1/regions/140202/resolution"
    now = client.get(path).json
    assert now is not None
    assert [one["code"] for one in now["items"]] == ["140213", "140214"]
    assert now["in_force"] is False
    before = client.get(f"{path}?on=2017-01-01").json
    assert before is not None
    assert ([one["code"] for one in before["items"]], before["in_force"]) == (["140202"], True)
    made = _hand_in(client, admin, _row("140202", "城区"))
    assert _faults(made) == [(2, "B", "region_ambiguous")]
    assert "140213" in made["faults"][0]["zh"]
    assert "140214" in made["faults"][0]["zh"]


def test_several_codes_may_have_one_successor(db_session: Session) -> None:
    del db_session
    many: dict[str, int] = {}
    for code in db.session.scalars(
        select(Region.successor_code).where(Region.successor_code.is_not(None))
    ):
        many[str(code)] = many.get(str(code), 0) + 1
    shared = [code for code, number in many.items() if number > 1]
    assert shared
    for code in db.session.scalars(select(Region.code).where(Region.successor_code == shared[0])):
        found = list_successors(SYSTEM, code, on=date(2026, 1, 1))
        assert shared[0] in {one.code for one in found} or len(found) == 1


def _region(code: str, name: str) -> Region:
    return Region(code=code, name=name, level=RegionLevel.COUNTY)


def test_what_a_row_means() -> None:
    here, there = _region("360704", "赣县区"), _region("540481", "米林市")
    assert judge_member("赣县", region=None, live=[]) == (Standing.UNKNOWN, None)
    assert judge_member("赣县", region=here, live=[]) == (Standing.AMBIGUOUS, None)
    assert judge_member("赣县", region=here, live=[here, there]) == (Standing.AMBIGUOUS, None)
    assert judge_member("赣县", region=here, live=[here]) == (Standing.TAKEN, "360704")
    old = _region("540422", "米林县")
    assert judge_member("米林县", region=old, live=[there]) == (Standing.SUCCEEDED, "540481")
    assert judge_member("冷湖行委", region=here, live=[here]) == (Standing.NAME_DIFFERS, "360704")
    assert [blocks(one, names_confirmed=False) for one in Standing] == [False, False] + [True] * 3
    assert not blocks(Standing.NAME_DIFFERS, names_confirmed=True)


def test_a_list_is_taken_whole_or_not_at_all(client: Client, admin: str) -> None:
    good, bad = _row("360732", "兴国县"), _row("999999", "无此县")
    made = _hand_in(client, admin, good, bad)
    assert (made["state"], _faults(made)) == ("faulty", [(3, "B", "region_unknown")])
    refused = client.post(f"{IMPORTS}/{made['id']}/commit", token=admin)
    assert (refused.status_code, _written()) == (409, 0)
    made = _hand_in(client, admin, good)
    assert _written() == 0
    assert _commit(client, admin, made)["state"] == "committed"
    assert _written() == 1
    again = _hand_in(client, admin, good, _row("540422", "米林县"))
    assert _commit(client, admin, again)["state"] == "committed"
    codes = select(Designation.region_code, Designation.name_at_listing).where(
        Designation.kind == DesignationKind.KEY_COUNTY
    )
    assert {tuple(one) for one in db.session.execute(codes)} == {
        ("360732", "兴国县"),
        ("540481", "米林县"),
    }


def test_another_name_is_taken_once_somebody_looked_at_it(client: Client, admin: str) -> None:
    made = _hand_in(client, admin, _row("360732", "大同县"))
    assert _faults(made) == [(2, "C", "region_name_differs")]
    made = _hand_in(client, admin, _row("360732", "大同县", name_confirmed=True))
    assert _commit(client, admin, made)["state"] == "committed"


def test_a_row_is_refused_that_cannot_be(client: Client, admin: str) -> None:
    office = build.organisation(OrganisationKind.AUTHORITY, "440000")
    province = build.token_of(build.user(office, [Role.PROVINCE_REVIEWER]))
    here, there = _row("440203", "武江区"), _row("360732", "兴国县")
    assert _faults(_hand_in(client, province, here, there)) == [(3, "B", "forbidden")]
    for more, fault in (
        ({"partner_code": "999999"}, (2, "G", "region_unknown")),
        ({"valid_until_on": "2013-01-01"}, (2, "F", "period_backwards")),
        ({"kind": None}, (2, "A", "missing_value")),
    ):
        assert _faults(_hand_in(client, admin, {**here, **more})) == [fault]
    assert _written() == 0


if LIST.exists():

    def test_the_published_list_is_read_with_its_known_faults(client: Client, admin: str) -> None:
        with LIST.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        counted = {row["province"]: 0 for row in rows}
        for row in rows:
            counted[row["province"]] += 1
        assert (len(rows), counted) == (832, PROVINCES)
        codes = {row["name_at_listing"]: row["region_code"] for row in rows}
        assert {name for name, code in codes.items() if not code} == {"冷湖行委", "大柴旦行委"}
        listed = [_row(row["region_code"] or "999999", row["name_at_listing"]) for row in rows]
        made = _hand_in(client, admin, *listed)
        assert (made["state"], made["rows"]) == ("faulty", 832)
        report = client.get(f"{IMPORTS}/{made['id']}/faults", token=admin)
        found: dict[str, set[str]] = {}
        for one in csv.DictReader(report.data.decode("utf-8-sig").splitlines()):
            name = listed[int(one["行"]) - 2]["name_at_listing"]
            found.setdefault(one["代码"], set()).add(name)
        assert set(found) == {"region_unknown", "region_name_differs"}
        assert found["region_unknown"] == {"冷湖行委", "大柴旦行委"}
        assert {"大同县", "上饶县", "那曲县"} <= found["region_name_differs"]
        codes |= {"冷湖行委": "632803", "大柴旦行委": "632800"}
        mended = [
            _row(codes[name], name, name_confirmed=True)
            for name in (row["name_at_listing"] for row in rows)
        ]
        for place, row in zip(mended, rows, strict=True):
            place["region_code"] = row["region_code"] or place["region_code"]
        done = _commit(client, admin, _hand_in(client, admin, *mended))
        assert (done["state"], _written()) == ("committed", 832)
