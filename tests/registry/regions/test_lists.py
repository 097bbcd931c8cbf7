"""Codes of other times resolve by date, and lists of places are taken whole or reported on."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM
from kernel.database import db
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from registry.regions.models import Designation, DesignationKind, Region, RegionLevel
from registry.regions.queries import list_successors
from registry.regions.rules import Standing, blocks, judge_member
from tests.builders import registry as build
from tests.conftest import Client

LIST = Path(__file__).parents[4] / "shared" / "data" / "national_832.csv"
IMPORTS = "/api/v1/designations/imports"
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


def _send(client: Client, admin: str, content: bytes, **more: str) -> tuple[int, Any]:
    form: dict[str, Any] = {
        "file": (io.BytesIO(content), "list.csv"),
        "kind": "key_county",
        "valid_from_on": "2014-01-01",
        "source": "公布名单",
        **more,
    }
    answer = client.post(IMPORTS, data=form, token=admin)
    return answer.status_code, answer.json


def _csv(*rows: tuple[str, str]) -> bytes:
    lines = ["region_code,name_at_listing", *(",".join(row) for row in rows)]
    return "\n".join(lines).encode()


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
    status, report = _send(client, admin, _csv(("140202", "城区")), commit="true")
    assert (status, report["is_taken"], report["standings"]["ambiguous"]) == (200, False, 1)
    assert report["to_check"][0]["candidates"] == ["140213", "140214"]


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
    good, bad = ("360732", "兴国县"), ("999999", "无此县")
    _, report = _send(client, admin, _csv(good, bad), commit="true")
    assert (report["is_taken"], report["written"], _written()) == (False, 0, 0)
    assert [(one["line"], one["standing"]) for one in report["to_check"]] == [(3, "unknown")]
    _, report = _send(client, admin, _csv(good))
    assert (report["is_taken"], _written()) == (False, 0)
    _, report = _send(client, admin, b"\xef\xbb\xbf" + _csv(good), commit="true")
    assert (report["is_taken"], report["written"], _written()) == (True, 1, 1)
    _, report = _send(client, admin, _csv(good), commit="true")
    assert (report["is_taken"], report["written"], _written()) == (True, 0, 1)


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"region_code,name_at_listing\n", b'"']
)
def test_what_is_no_list_is_unacceptable(client: Client, admin: str, content: bytes) -> None:
    status, refused = _send(client, admin, content)
    assert (status, refused["code"]) == (422, "invalid")


if LIST.exists():

    def test_the_published_list_is_read_with_its_known_faults(client: Client, admin: str) -> None:
        content = LIST.read_bytes()
        with LIST.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        counted = {row["province"]: 0 for row in rows}
        for row in rows:
            counted[row["province"]] += 1
        assert (len(rows), counted) == (832, PROVINCES)
        _, report = _send(client, admin, content, commit="true")
        assert report["rows"] == 832
        assert report["is_taken"] is False
        by_standing: dict[str, set[str]] = {}
        for one in report["to_check"]:
            by_standing.setdefault(one["standing"], set()).add(one["name"])
        assert by_standing["unknown"] == {"冷湖行委", "大柴旦行委"}
        assert by_standing["succeeded"] == {"米林县", "错那县"}
        assert {"大同县", "上饶县", "那曲县"} <= by_standing["name_differs"]
        mended = content.decode("utf-8-sig")
        for name, code in (("冷湖行委", "632803"), ("大柴旦行委", "632800")):
            mended = mended.replace(f"\n,{name}", f"\n{code},{name}")
        _, report = _send(client, admin, mended.encode(), commit="true", names_confirmed="true")
        assert (report["is_taken"], report["written"]) == (True, 832)
