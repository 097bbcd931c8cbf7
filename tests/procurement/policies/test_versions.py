"""New versions of the rules, past answers that stay, and what the tables refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from kernel import clock
from kernel.database import constraint_of, db
from kernel.events import EventRow
from kernel.identity import new_id
from procurement.errors.constraints import CONSTRAINTS
from procurement.errors.policies import PolicyVersionTaken
from procurement.policies.commands import load_policies
from procurement.policies.models import SharePolicy, UnionRule
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of

LATER = datetime(2026, 4, 1, 4, tzinfo=UTC)
PROVINCE_RULE: dict[str, Any] = {
    "code": "guangdong-2025",
    "replaces_version": 1,
    "region_code": "440000",
    "year_from": 2026,
    "situations": ["own", "outsourced", "shared", "none"],
    "denominator": "canteen_food_total",
    "floor_bp": 3500,
    "encouraged_bp": 4000,
    "counting_origin_kinds": ["national_832"],
    "counting_order_kinds": ["reserved_share"],
    "counting_purchases": ["canteen", "contractor", "union"],
    "filing_deadlines": {"2026": "2026-04-30"},
    "reminder_days": [14, 3],
    "source": "invented for the test",
    "note_zh": "虚构",
    "note_en": "invented",
}


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def finance_of(flow: Flow, region_code: str) -> str:
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU, region_code)
    return flow.token(registry.user(bureau, [Role.FINANCE_SUPERVISOR]))


def resolved(flow: Flow, **query: Any) -> dict[str, Any]:
    asked = {"region": "440203", "year": 2026} | query
    answer = flow.client.get("/api/v1/procurement/policies/resolve", query_string=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_a_new_version_holds_and_a_past_question_keeps_its_answer(flow: Flow) -> None:
    before = resolved(flow)
    with clock.stopped(LATER):
        made = flow.post("/policies", finance_of(flow, "440000"), PROVINCE_RULE)
    assert (made.status_code, made.get_json()["version"]) == (201, 2), made.text
    assert made.get_json()["standing"] == "adopted"
    now = resolved(flow)
    assert (now["version"], now["floor_bp"], now["filing_deadline_on"]) == (2, 3500, "2026-04-30")
    lost = {
        (one["policy"]["code"], one["policy"]["version"]): one["reason"] for one in now["losing"]
    }
    assert lost["guangdong-2025", 1] == "superseded"
    assert resolved(flow, year=2025)["version"] == 1
    assert resolved(flow, as_of="2026-03-31T00:00:00Z") == before
    assert resolved(flow, as_of="2026-04-02T00:00:00Z") == now
    kinds = db.session.scalars(select(EventRow.kind)).all()
    assert kinds == ["ShareRuleAdopted"]


def test_a_version_names_the_newest_one(flow: Flow) -> None:
    token = finance_of(flow, "440000")
    for fields in ({"replaces_version": None}, {"replaces_version": 2}, {"code": "new"}):
        answer = flow.post("/policies", token, PROVINCE_RULE | fields)
        assert code_of(answer) == (409, "policy_version_taken")
    other = {"code": "guangdong-2025", "region_code": "440200"}
    assert code_of(flow.post("/policies", token, PROVINCE_RULE | other)) == (
        422,
        "policy_region_fixed",
    )


def test_an_office_adopts_inside_its_region_only(flow: Flow) -> None:
    own = PROVINCE_RULE | {"code": "wujiang", "replaces_version": None, "region_code": "440203"}
    assert flow.post("/policies", flow.finance, own).status_code == 201
    assert resolved(flow)["code"] == "wujiang"
    assert resolved(flow, region="440204")["code"] == "guangdong-2025"
    assert code_of(flow.post("/policies", flow.finance, PROVINCE_RULE)) == (403, "forbidden")
    assert code_of(flow.post("/policies", flow.admin, own)) == (403, "forbidden")
    admin = flow.token(registry.administrator())
    assert flow.post("/policies", admin, PROVINCE_RULE).status_code == 201


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"floor_bp": 10_001}, "/floor_bp"),
        ({"encouraged_bp": 3499}, "/encouraged_bp"),
        ({"year_until": 2026}, "/year_until"),
        ({"situations": ["hungry"]}, "/situations/0"),
        ({"filing_deadlines": {"2026": "soon"}}, "/filing_deadlines/2026/value"),
        ({"region_code": "440203103"}, "/region_code"),
        ({"buyer_kinds": ["cooperative"]}, "/buyer_kinds/0"),
    ],
)
def test_a_version_that_cannot_be_names_its_field(
    flow: Flow, fields: dict[str, Any], pointer: str
) -> None:
    answer = flow.post("/policies", finance_of(flow, "440000"), PROVINCE_RULE | fields)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer


def test_a_rule_of_the_union_is_adopted_and_shown(flow: Flow) -> None:
    rule = {
        "code": "wujiang-union",
        "region_code": "440203",
        "year_from": 2026,
        "situations": ["own", "none"],
        "head_floor_fen": 500_00,
        "source": "invented for the test",
        "note_zh": "虚构",
        "note_en": "invented",
    }
    assert resolved(flow)["union"]["rule"] is None
    made = flow.post("/union-rules", flow.finance, rule)
    assert made.status_code == 201, made.text
    union = resolved(flow)["union"]
    assert (union["rule"]["head_floor_fen"], union["rule"]["head_cap_fen"]) == (500_00, None)
    assert [(one["rule"]["code"], one["reason"]) for one in union["losing"]] == [
        ("guangdong-union-2021", "year_after")
    ]
    bad = rule | {"code": "other", "head_cap_fen": 499_99}
    assert flow.post("/union-rules", flow.finance, bad).status_code == 422
    listed = flow.get("/union-rules", flow.admin, region="440203").get_json()["items"]
    assert [one["code"] for one in listed] == ["wujiang-union"]


def test_a_floor_a_head_and_a_cap_a_head_are_two_settings(flow: Flow) -> None:
    """P-11: Yichang demands at least 500 yuan a head, Hubei allows at most 500."""
    rows = {one.code: one for one in db.session.scalars(select(UnionRule))}
    hubei, yichang = rows["hubei-union-2021"], rows["yichang-county-union-2025"]
    assert (hubei.head_floor_fen, hubei.head_cap_fen) == (None, 500_00)
    assert (yichang.head_floor_fen, yichang.head_cap_fen) == (500_00, None)
    xinjiang, shaanxi = rows["xinjiang-union-2025"], rows["shaanxi-union"]
    assert (xinjiang.floor_bp, xinjiang.head_cap_fen, xinjiang.warn_once_fen) == (
        3000,
        2_000_00,
        500_00,
    )
    assert (shaanxi.head_floor_fen, shaanxi.head_cap_fen) == (660_00, 2_200_00)
    guangdong = rows["guangdong-union-2021"]
    assert (guangdong.head_cap_fen, guangdong.once_cap_fen) == (2_500_00, 600_00)
    assert resolved(flow, region="420503", year=2025)["union"]["rule"] is None


@pytest.mark.parametrize(
    ("region", "year", "query", "code", "floor_bp", "denominator"),
    [
        ("110101", 2024, {}, "nation-2024", 1000, "canteen_food_total"),
        ("110101", 2023, {"central": "true"}, "central-2023", 1000, "canteen_food_total"),
        ("110101", 2023, {}, "nation-2021", 1000, "canteen_food_total"),
        ("440304", 2023, {}, "guangdong-2022", 3000, "canteen_food_total"),
        ("420106", 2020, {}, "hubei-2020", 1500, "farm_produce_total"),
        ("420106", 2021, {}, "hubei-2020", 1500, "farm_produce_total"),
        ("420106", 2022, {}, "nation-2021", 1000, "canteen_food_total"),
        ("420503", 2025, {}, "nation-2021", 1000, "canteen_food_total"),
        ("141102", 2025, {}, "lvliang-2025", 1500, "canteen_food_total"),
        ("140105", 2025, {}, "nation-2021", 1000, "canteen_food_total"),
        ("652701", 2025, {"situation": "own"}, "bozhou-2025", 1000, "canteen_food_total"),
        ("652701", 2025, {"situation": "none"}, "bozhou-no-canteen-2025", 2000, "union_total"),
        ("340705", 2025, {}, "tongling-2025", 1500, "canteen_food_total"),
        ("620702", 2023, {}, "zhangye-2023", 1500, "canteen_and_union_total"),
        ("411002", 2023, {"situation": "own"}, "xuchang-2023", 1000, "canteen_food_total"),
        (
            "411002",
            2023,
            {"situation": "own", "subsidised": "true"},
            "xuchang-subsidised-2023",
            2000,
            "canteen_food_total",
        ),
    ],
)
def test_the_places_and_years_of_the_table(  # noqa: PLR0917 - a row of the table
    flow: Flow,
    region: str,
    year: int,
    query: dict[str, str],
    code: str,
    floor_bp: int,
    denominator: str,
) -> None:
    """domain.md §3.3, row by row."""
    found = resolved(flow, region=region, year=year, **query)
    assert (found["code"], found["floor_bp"], found["denominator"]) == (code, floor_bp, denominator)


def test_what_is_only_encouraged_is_told_beside_what_is_owed(flow: Flow) -> None:
    shares = {
        region: (found["floor_bp"], found["encouraged_bp"])
        for region, year in (("110101", 2024), ("652701", 2025), ("340705", 2025), ("141102", 2025))
        if (found := resolved(flow, region=region, year=year, situation="own"))
    }
    assert shares == {
        "110101": (1000, 1500),
        "652701": (1000, 1500),
        "340705": (1500, 2000),
        "141102": (1500, None),
    }


def test_filing_days_of_the_table(flow: Flow) -> None:
    days = {
        (region, year): resolved(flow, region=region, year=year, **query)["filing_deadline_on"]
        for region, year, query in (
            ("110101", 2021, {}),
            ("110101", 2023, {"central": "true"}),
            ("440203", 2024, {}),
            ("141102", 2025, {}),
            ("652701", 2025, {"situation": "own"}),
        )
    }
    assert list(days.values()) == [
        "2021-06-30",
        "2023-03-24",
        "2024-02-20",
        "2025-03-26",
        "2025-03-21",
    ]


def test_what_a_later_release_brings_is_not_known_earlier(flow: Flow) -> None:
    db.session.execute(
        insert(SharePolicy).values(
            id=new_id(), code="old", region_code="000000", year_from=2019, year_until=2020,
            situations=["own"], denominator="canteen_food_total", floor_bp=1,
            counting_origin_kinds=[], counting_order_kinds=[], filing_deadlines={},
            source="s", note_zh="", note_en="",
        )
    )  # fmt: skip
    load_policies(LATER)
    assert resolved(flow, year=2019)["code"] == "old"
    assert resolved(flow, year=2026, as_of="2020-01-01T00:00:00Z")["code"] == "guangdong-2025"


def test_the_tables_keep_versions_apart_and_rows_as_they_are(flow: Flow) -> None:
    row = db.session.scalars(select(SharePolicy).where(SharePolicy.code == "nation-2021")).one()
    values = {name: getattr(row, name) for name in SharePolicy.__table__.columns.keys()}  # noqa: SIM118
    with pytest.raises(IntegrityError) as caught, db.session.begin_nested():
        db.session.execute(insert(SharePolicy).values(values | {"id": new_id()}))
    assert CONSTRAINTS[constraint_of(caught.value) or ""] is PolicyVersionTaken
    for change, name in (
        ({"version": 0}, "ck_share_policy_version"),
        ({"version": 2, "encouraged_bp": 999}, "ck_share_policy_encouraged"),
        ({"version": 2, "year_until": 2021}, "ck_share_policy_years"),
    ):
        with pytest.raises(IntegrityError) as caught, db.session.begin_nested():
            db.session.execute(insert(SharePolicy).values(values | {"id": new_id()} | change))
        assert constraint_of(caught.value) == name
    row.floor_bp = 1
    with pytest.raises(DBAPIError, match="append"), db.session.begin_nested():
        db.session.flush()
    assert flow.admin
