"""Standings, demands, circulars and late payments through their doors."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.quotas.commands import holds
from procurement.quotas.models import Quota
from procurement.supervision.commands.drawing import advance_circular
from procurement.supervision.commands.matters import tell_overdue_matters
from registry.organisations.models import Organisation, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, YEAR
from tests.procurement.flow import Flow, code_of
from tests.procurement.supervision.conftest import Stage

APRIL = datetime(2026, 4, 20, 4, tzinfo=UTC)
C832 = OriginKind.NATIONAL_832
REGION = registry.WUJIANG


def buys(unit: Organisation, amount: int, *, paid: int, at: datetime = NOW) -> None:
    order_id = new_id()
    quota = db.session.query(Quota).filter_by(unit_id=unit.id, year=YEAR).one()
    part = procurement.part(amount)
    holds.hold(order_id=order_id, quota_id=quota.id, parts=[part], expires_at=None, now=at)
    holds.accept(order_id=order_id, amounts={C832: Fen(amount)}, now=at)
    if paid:
        holds.post(order_id=order_id, amounts={C832: Fen(paid)}, now=at)


def standings(flow: Flow, **query: Any) -> dict[str, Any]:
    asked = {"region": REGION, "year": YEAR} | query
    answer = flow.get("/standings", flow.finance, **asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def stand_of(flow: Flow, unit: Organisation, **query: Any) -> dict[str, Any]:
    items = standings(flow, limit=200, **query)["items"]
    return next(one for one in items if one["unit_id"] == str(unit.id))


def test_a_unit_s_year_is_told_step_by_step_and_for_any_past_instant(flow: Flow) -> None:
    unit = flow.people.unit
    assert stand_of(flow, unit)["standing"] == "not_filed"
    with clock.stopped(NOW + timedelta(hours=1)):
        path = f"/filings/{flow.draft()['id']}"
        flow.post(f"{path}/submit", flow.admin)
        assert stand_of(flow, unit)["standing"] == "unconfirmed"
    with clock.stopped(NOW + timedelta(hours=2)):
        flow.post(f"{path}/confirm", flow.superior)
        flow.post(f"{path}/confirm", flow.finance)
        assert stand_of(flow, unit)["standing"] == "bought_nothing"
    later = NOW + timedelta(hours=3)
    with clock.stopped(later):
        buys(unit, 200_000_00, paid=200_000_00, at=later)
        found = stand_of(flow, unit)
        assert (found["standing"], found["place"]) == ("on_track", 1)
        assert (found["counted_fen"], found["owed_fen"]) == (200_000_00, 100_000_00)
        past = (NOW + timedelta(hours=1, minutes=30)).isoformat()
        assert stand_of(flow, unit, as_of=past)["standing"] == "unconfirmed"


def test_a_unit_without_an_account_is_not_activated_and_pages_add_up(flow: Flow) -> None:
    lone = registry.organisation(OrganisationKind.BUDGET_UNIT, REGION, name="演示无账号学校")
    first = standings(flow, limit=1)
    rest = standings(flow, limit=200, cursor=first["next_cursor"])
    ids = [one["unit_id"] for one in first["items"] + rest["items"]]
    assert len(ids) == len(set(ids)) == sum(one["number"] for one in first["counts"])
    only = standings(flow, standing="not_activated")["items"]
    assert str(lone.id) in {one["unit_id"] for one in only}
    wrong = flow.get(
        "/standings", flow.finance, region=REGION, year=YEAR - 1, cursor=first["next_cursor"]
    )
    assert code_of(wrong) == (422, "invalid")


def test_who_does_not_see_a_region_does_not_see_its_standings(flow: Flow) -> None:
    asked = {"region": "440000", "year": YEAR}
    assert code_of(flow.get("/standings", flow.finance, **asked)) == (404, "not_found")
    assert code_of(flow.get("/payment-delays", flow.finance, region="440000")) == (404, "not_found")


def tell(flow: Flow, **changes: Any) -> dict[str, Any]:
    body = {
        "region_code": REGION, "year": YEAR, "standing": "not_filed", "demand": "请于期限内填报",
    }  # fmt: skip
    answer = flow.post("/standings/demands", flow.finance, body | changes)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_whoever_stands_so_is_told_once_a_day_and_reminded_the_next(flow: Flow) -> None:
    units = {flow.people.unit.id, flow.people.superior.id}
    told = tell(flow)
    assert (told["made"] >= len(units), told["reminded"], told["left"]) == (True, 0, 0)
    assert tell(flow) == {"made": 0, "reminded": 0, "left": 0}
    with clock.stopped(NOW + timedelta(days=1)):
        assert tell(flow) == {"made": 0, "reminded": told["made"], "left": 0}
    mine = flow.get("/matters", flow.admin, year=YEAR).get_json()["items"]
    assert [(one["cause"], one["status"]) for one in mine] == [("not_filed", "open")]
    view = flow.get(f"/matters/{mine[0]['id']}", flow.admin).get_json()
    assert [one["act"] for one in view["steps"]] == ["open", "remind"]


def test_what_is_only_proposed_is_unknown_to_the_unit_until_it_is_taken_up(flow: Flow) -> None:
    tell(flow, proposed=True)
    assert flow.get("/matters", flow.admin).get_json()["items"] == []
    mine = flow.get("/matters", flow.finance, unit_id=str(flow.people.unit.id)).get_json()["items"]
    assert (mine[0]["status"], mine[0]["deadline_on"]) == ("proposed", None)
    flow.post(f"/matters/{mine[0]['id']}/open", flow.finance, {"text": "已核实"})
    assert len(flow.get("/matters", flow.admin).get_json()["items"]) == 1


def test_nothing_is_asked_of_who_is_on_track(flow: Flow) -> None:
    body = {"region_code": REGION, "year": YEAR, "standing": "on_track", "demand": "无"}
    assert code_of(flow.post("/standings/demands", flow.finance, body)) == (422, "invalid")


def test_a_ledger_is_settled_when_each_matter_was_closed(flow: Flow) -> None:
    body = {
        "unit_id": str(flow.people.unit.id), "year": YEAR, "cause": "other", "demand": "补签合同",
    }  # fmt: skip
    made = flow.post("/matters", flow.finance, body).get_json()
    assert made["number"] == f"BF-M-2026-{REGION}-000001"
    assert made["deadline_on"] == "2026-03-24"  # 15 working days after Monday, 2 March

    def ledger() -> dict[str, Any]:
        return dict(flow.get("/matters/ledger", flow.finance, year=YEAR).get_json())

    assert (ledger()["left"], ledger()["settled"]) == (1, False)
    said = {"text": "已补签"}
    assert flow.post(f"/matters/{made['id']}/report", flow.admin, said).status_code == 200
    assert flow.post(f"/matters/{made['id']}/close", flow.finance, said).status_code == 200
    assert (ledger()["left"], ledger()["settled"]) == (0, True)
    assert ledger()["lines"] == [{"cause": "other", "status": "closed", "number": 1}]


def test_a_matter_past_its_deadline_is_told_of_once(flow: Flow, stage: Stage) -> None:
    del stage
    body = {
        "unit_id": str(flow.people.unit.id), "year": YEAR, "cause": "other", "demand": "补签合同",
    }  # fmt: skip
    made = flow.post("/matters", flow.finance, body).get_json()
    on_time = datetime(2026, 3, 23, 15, 59, tzinfo=UTC)  # a minute before the 24th in Shanghai
    assert tell_overdue_matters(now=on_time) == 0
    assert tell_overdue_matters(now=on_time + timedelta(minutes=1)) == 1
    assert tell_overdue_matters(now=on_time + timedelta(days=1)) == 0
    steps = flow.get(f"/matters/{made['id']}", flow.finance).get_json()["steps"]
    assert [one["act"] for one in steps] == ["open", "overdue"]


def test_a_superior_watches_over_its_own_units_and_nobody_over_itself(flow: Flow) -> None:
    body = {"unit_id": str(flow.people.unit.id), "year": YEAR, "cause": "other", "demand": "补签"}
    assert flow.post("/matters", flow.superior, body).status_code == 201
    own = body | {"unit_id": str(flow.people.superior.id)}
    assert code_of(flow.post("/matters", flow.superior, own)) == (403, "own_organisation")
    assert code_of(flow.post("/matters", flow.admin, body)) == (403, "own_organisation")


def test_a_second_matter_of_a_kind_is_refused_while_one_is_under_way(flow: Flow) -> None:
    body = {"unit_id": str(flow.people.unit.id), "year": YEAR, "cause": "behind", "demand": "加快"}
    assert flow.post("/matters", flow.finance, body).status_code == 201
    assert code_of(flow.post("/matters", flow.finance, body)) == (409, "matter_exists")


def drawn(flow: Flow, **changes: Any) -> dict[str, Any]:
    body = {"region_code": REGION, "year": YEAR, "period_kind": "quarter", "period": 1}
    answer = flow.post("/circulars", flow.finance, body | changes)
    assert answer.status_code == 201, answer.text
    assert advance_circular(now=clock.now()) == 1
    return dict(flow.get(f"/circulars/{answer.get_json()['id']}", flow.finance).get_json())


def test_a_circular_freezes_its_figures_and_is_made_again_to_the_byte(flow: Flow) -> None:
    flow.confirmed()
    unit = flow.people.unit
    buys(unit, 90_000_00, paid=60_000_00)
    with clock.stopped(APRIL):
        made = drawn(flow)
        figures = {one["code"]: one["value"] for one in made["contents"]["figures"]}
        assert (figures["reserved_fen"], figures["counted_fen"]) == (300_000_00, 60_000_00)
        line = next(one for one in made["contents"]["units"] if one["id"] == str(unit.id))
        assert (line["place"], line["rate"], line["standing"]) == (1, "20.00%", "behind")
        path = f"/circulars/{made['id']}"
        files = {
            kind: flow.get(f"{path}/file", flow.finance, format=kind).data
            for kind in ("pdf", "xlsx")
        }
        assert files["pdf"].startswith(b"%PDF-")
        assert flow.get(f"{path}/comparison", flow.finance).get_json()["same"] is True
        buys(unit, 100_000_00, paid=100_000_00, at=APRIL)
    with clock.stopped(APRIL + timedelta(days=40)):
        again = drawn(flow)
        assert again["digest"] == made["digest"]
        assert again["contents"] == made["contents"]
        for kind, content in files.items():
            answer = flow.get(f"/circulars/{again['id']}/file", flow.finance, format=kind)
            assert answer.data == content, kind
        assert flow.get(f"{path}/comparison", flow.finance).get_json()["same"] is True


def test_what_was_written_into_the_past_shows_as_a_difference(flow: Flow) -> None:
    flow.confirmed()
    with clock.stopped(APRIL):
        made = drawn(flow)
        buys(flow.people.unit, 5_000_00, paid=5_000_00, at=NOW)
        found = flow.get(f"/circulars/{made['id']}/comparison", flow.finance).get_json()
        assert found["same"] is False
        assert found["digest"] != found["digest_now"]


def test_the_workbook_has_every_unit_and_stores_no_rate_in_the_contents(flow: Flow) -> None:
    with clock.stopped(APRIL):
        made = drawn(flow)
        content = flow.get(f"/circulars/{made['id']}/file", flow.finance, format="xlsx").data
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["总体", "各地", "单位", "逾期未付", "查询依据"]
    rows = book.get_sheet_by_name("单位").to_python()
    assert {row[1] for row in rows[1:]} == {one["name"] for one in made["contents"]["units"]}
    assert {row[4] for row in rows[1:]} == {"未填报"}  # words, neither 0 % nor 100 %
    kept = db.session.execute(text("SELECT contents::text FROM circular")).scalar_one()
    assert "rate" not in kept


@pytest.mark.parametrize(
    ("kind", "period", "wanted"),
    [("month", 3, (409, "period_not_over")), ("quarter", 5, (422, "period_unfit"))],
)
def test_a_circular_looks_back_on_a_period_that_there_was(
    flow: Flow, kind: str, period: int, wanted: tuple[int, str]
) -> None:
    body = {"region_code": REGION, "year": YEAR, "period_kind": kind, "period": period}
    assert code_of(flow.post("/circulars", flow.finance, body)) == wanted


def test_a_period_has_one_circular_out_and_a_withdrawn_one_stays_readable(
    flow: Flow, stage: Stage
) -> None:
    flow = Flow(flow.client, stage.cast)
    colleague = flow.token(stage.colleague)
    with clock.stopped(APRIL):
        first, second = drawn(flow), drawn(flow)
        unit_admin = flow.admin
        path = f"/circulars/{first['id']}"
        assert code_of(flow.get(path, unit_admin)) == (404, "not_found")
        out = flow.post(f"{path}/issue", colleague).get_json()
        assert out["number"] == f"BF-TB-2026-{REGION}-000001"
        assert flow.get(path, unit_admin).status_code == 200
        refused = flow.post(f"/circulars/{second['id']}/issue", colleague)
        assert code_of(refused) == (409, "circular_issued")
        flow.post(f"{path}/withdraw", flow.finance, {"reason": "数据更正"})
        assert flow.post(f"/circulars/{second['id']}/issue", colleague).status_code == 200
        states = [one["status"] for one in flow.get("/circulars", unit_admin).get_json()["items"]]
        assert sorted(states) == ["issued", "withdrawn"]


def test_late_payments_are_shown_with_interest_order_by_order(flow: Flow) -> None:
    flow.confirmed()
    unit = flow.people.unit
    buys(unit, 90_000_00, paid=60_000_00)
    buys(unit, 10_000_00, paid=10_000_00)
    in_time = datetime(2026, 4, 1, 15, tzinfo=UTC)

    def delays(at: datetime, **query: Any) -> dict[str, Any]:
        asked = {"region": REGION, "as_of": at.isoformat()} | query
        return dict(flow.get("/payment-delays", flow.finance, **asked).get_json())

    with clock.stopped(APRIL):
        assert delays(in_time)["overdue_fen"] == 0
        late = delays(in_time + timedelta(days=10))
        assert (late["overdue_fen"], late["interest_fen"]) == (30_000_00, 150_00)
        assert [(one["due_on"], one["days"]) for one in late["items"]] == [("2026-04-01", 10)]
        assert "802" in late["source"]
        assert delays(APRIL, unit_id=str(flow.people.superior.id))["items"] == []


def test_units_do_not_see_what_others_are_behind_with(flow: Flow) -> None:
    for path in ("/standings", "/payment-delays"):
        answer = flow.get(path, flow.admin, region=REGION, year=YEAR)
        assert code_of(answer) == (403, "forbidden")
