"""Pages of a village: they show what the API gives, masked, do what it lets do, keep refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from console.village.rules import step_of, takes, urgency
from console.widgets.formats import yuan
from kernel import clock
from registry.accounts.models import AppUser, Role
from registry.organisations.models import OrganisationKind
from tests.builders import payouts, registry
from tests.builders.marketplace import NOW
from tests.conftest import Client
from tests.console.visitor import Visitor

COUNTY = registry.VILLAGE[:6]


@pytest.fixture(autouse=True)
def _stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOW):
        yield


def of_office(role: Role, region_code: str = registry.VILLAGE) -> AppUser:
    """Open an account in an office of a region."""
    office = registry.organisation(OrganisationKind.AUTHORITY, region_code)
    return registry.user(office, [role])


def test_the_village_shows_its_households_masked_to_its_own(client: Client) -> None:
    one = registry.household()
    cadre = Visitor.of(client, of_office(Role.VILLAGE_CADRE))
    path = f"/village/households/{one.id}"
    for page in (cadre.open("/village/households"), cadre.open(path)):
        assert one.code in page
        assert "何示一" not in page
    totals = cadre.ask(f"/household-coverage/totals?region={registry.VILLAGE}")
    assert f"{totals['people']} 人" in cadre.open("/village")
    for address in ("gaps", "order", "incomes", "cases", "payouts", "pairings", "leaders"):
        assert "<h1>" in cadre.open(f"/village/{address}")
    strange = of_office(Role.VILLAGE_CADRE, registry.XINGGUO)
    Visitor.of(client, strange).open(path, 404)
    Visitor.of(client, registry.user(registry.organisation(), [Role.CANTEEN_BUYER])).open(path, 403)
    client.delete_cookie("bangfu_session")
    assert "/sign-in" in client.get("/village").headers["Location"]


def test_a_household_is_registered_and_a_wrong_number_is_refused_at_its_field(
    client: Client,
) -> None:
    registry.village()
    cadre = Visitor.of(client, of_office(Role.VILLAGE_CADRE))
    new = "/village/households/new"
    typed: dict[str, Any] = {"village_code": registry.VILLAGE, "head_name": "何示二",
                             "id_number": "440203195003120000", "members": "3",
                             "able_labour": "1", "class": "registered",
                             "willing": "true"}  # fmt: skip
    refused = cadre.send(new, "households.register", 422, **typed)
    assert "f-id_number-error" in refused
    assert 'value="何示二"' in refused
    assert cadre.ask("/households")["items"] == []
    typed["id_number"] = registry.id_number(registry.VILLAGE)
    made = cadre.send(new, "households.register", **typed)
    (known,) = cadre.ask("/households")["items"]
    assert made.endswith(known["id"])
    cadre.send(f"{made}/edit", "households.edit", members="4", able_labour="2", willing="true")
    cadre.send(f"{made}/phone", "households.edit", phone="13800005678")
    known = cadre.ask(f"/households/{known['id']}")
    assert (known["members"], known["phone"][-4:]) == (4, "5678")
    page = cadre.send(f"{made}/reveal", "households.reveal", 200, purpose="上门核对")
    assert "何示二" in page
    found = cadre.send("/village/households/look-up", "households.look_up",
                       id_number=typed["id_number"])  # fmt: skip
    assert found == made


def test_an_income_is_recorded_in_a_few_taps_and_taken_back(client: Client) -> None:
    one = registry.household()
    cadre = Visitor.of(client, of_office(Role.VILLAGE_CADRE))
    path = f"/village/households/{one.id}"
    typed: dict[str, Any] = {"year": "2026", "kind": "wage", "note": "合作社务工"}
    refused = cadre.send(f"{path}/incomes/new", "household_incomes.record", 422, **typed,
                         amount_fen="很多")  # fmt: skip
    assert 'value="很多"' in refused
    cadre.send(f"{path}/incomes/new", "household_incomes.record", **typed, amount_fen="1200.50")
    year = cadre.ask(f"/households/{one.id}/income-year?year=2026")
    page = cadre.open(path)
    assert yuan(year["total_fen"]) == yuan(120_050)
    assert yuan(year["total_fen"]) in page
    (income,) = cadre.ask(f"/households/{one.id}/incomes")["items"]
    reverse = f"{path}/incomes/{income['id']}/reverse"
    cadre.send(reverse, "household_incomes.reverse", reason="记重了")
    assert cadre.ask(f"/households/{one.id}/income-year?year=2026")["total_fen"] == 0


def test_a_case_goes_from_a_clue_to_the_town(client: Client) -> None:
    one = registry.household()
    cadre = Visitor.of(client, of_office(Role.VILLAGE_CADRE))
    typed: dict[str, Any] = {"kind": "removal", "source": "cadre_visit", "clue": "收入已稳定"}
    refused = cadre.send("/village/cases/new", "household_cases.report", 422,
                         kind="removal", household_id=str(one.id))  # fmt: skip
    assert "f-clue-error" in refused
    made = cadre.send("/village/cases/new", "household_cases.report", **typed,
                      household_id=str(one.id))  # fmt: skip
    case = cadre.ask(f"/household-cases/{made.rpartition('/')[2]}")
    page = cadre.open("/village")
    assert case["number"] in page
    assert f"{made}/step" in page
    cadre.send(f"{made}/step", "household_cases.take_step", decision="pass", opinion="属实",
               guarantees_safe="true")  # fmt: skip
    page = cadre.open(made)
    assert "属实" in page
    assert "这一步由其他人员办理" in page
    county = Visitor.of(client, of_office(Role.COUNTY_REVIEWER, COUNTY))
    assert f"{made}/step" in county.open(made)
    cadre.send(f"{made}/withdraw", "household_cases.withdraw")
    assert cadre.ask(f"/household-cases/{case['id']}")["status"] == "withdrawn"


def test_a_household_answers_by_code_without_an_account(client: Client) -> None:
    stage = payouts.paying()
    list_id = payouts.paid_out(stage)
    cadre = Visitor.of(client, stage.cadre)
    line = payouts.lines_of(stage, list_id)[0]
    key = next(
        one["id"]
        for one in cadre.ask("/attribution/payout-lines")["items"]
        if one["number"] == line.line.number
    )
    address = f"/village/payouts/lines/{key}/code"
    page = cadre.send(address, "payouts.hand_out", 200)
    code = page.partition("<dt>确认码</dt><dd>")[2].partition("<")[0]
    public = Visitor(client)
    refused = public.send(
        "/household", "payouts.answer", 409, number=line.line.number, code="00000000",
        received="true",
    )  # fmt: skip
    assert "确认码不正确" in refused
    unsaid = public.send("/household", "payouts.answer", 422, number=line.line.number, code=code)
    assert "请选择钱收到没有。" in unsaid
    noted = public.send(
        "/household", "payouts.answer", 200, number=line.line.number, code=code, received="false"
    )
    assert yuan(line.line.amount_fen) in noted
    assert "已记下您没有收到" in noted
    (denied,) = cadre.ask("/attribution/payout-lines?status=denied")["items"]
    assert denied["id"] == key


def test_pairings_and_leaders_are_registered_and_ended(client: Client) -> None:
    registry.village()
    helper = registry.organisation(OrganisationKind.BUDGET_UNIT)
    cadre = Visitor.of(client, of_office(Role.VILLAGE_CADRE))
    typed: dict[str, Any] = {"kind": "designated_aid", "helper_id": str(helper.id),
             "village_code": registry.VILLAGE, "since_on": "2026-01-01",
             "source": "县文件"}  # fmt: skip
    cadre.send("/village/pairings/new", "pairings.pair", **typed)
    (pairing,) = cadre.ask("/pairings")["items"]
    assert helper.name in cadre.open("/village/pairings")
    cadre.send(f"/village/pairings/{pairing['id']}/end", "pairings.end", until_on="2026-05-31")
    assert cadre.ask("/pairings")["items"][0]["until_on"] == "2026-05-31"
    typed = {"village_code": registry.VILLAGE, "name": "何示三", "trade": "香菇",
             "id_number": registry.id_number(), "since_on": "2026-01-01"}  # fmt: skip
    cadre.send("/village/leaders/new", "village_leaders.add_leader", **typed)
    page = cadre.open("/village/leaders")
    assert "香菇" in page
    assert "何示三" not in page


def test_whose_step_it_is_and_how_soon() -> None:
    clue = {"status": "clue"}
    assert (step_of(clue), step_of({"status": "decided"})) == ("visit", None)
    assert takes(clue, {"village_cadre"})
    assert not takes(clue, {"town_checker"})
    on = date(2026, 6, 1)
    days = (None, "2026-05-31", "2026-06-04", "2026-06-05")
    assert [urgency(one, on=on) for one in days] == ["fine", "late", "soon", "fine"]
