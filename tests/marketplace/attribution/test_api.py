"""The split of an order and the statements, as each side and each office sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kernel import clock
from kernel.money import Fen
from marketplace.attribution.commands.posting import post_attribution
from marketplace.orders.models.orders import OrderId, PayMode
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from registry.accounts.models import AppUser, Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.settlement import (
    NOW,
    Market,
    lines_of,
    market,
    ordered,
    paid,
    received,
    shipped,
)
from tests.conftest import Client

STATEMENTS = "/attribution/statements"
OTHER_COUNTY = "440204"


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


class Reader:
    """Reads as anybody."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask(self, user: AppUser, path: str, **query: Any) -> TestResponse:
        """Read a path with parameters."""
        token = registry.token_of(user)
        return self.client.get(f"/api/v1{path}", query_string=query, token=token)

    def get(self, user: AppUser, path: str, **query: Any) -> Any:
        """Read what must be there."""
        answer = self.ask(user, path, **query)
        assert answer.status_code == 200, answer.json
        return answer.json

    def statement(self, user: AppUser, party: str, **query: Any) -> Any:
        """Read a party's statement."""
        return self.get(user, STATEMENTS, party=party, **query)


@pytest.fixture
def reader(client: Client) -> Reader:
    return Reader(client)


@pytest.fixture
def there(client: Client) -> Market:
    del client  # it brings the transaction
    return market()


@pytest.fixture
def order_id(there: Market) -> OrderId:
    """Bring about examples 1 and 6: 300,000 fen split, then 30,000 reversed."""
    return bought(there)


def bought(there: Market) -> OrderId:
    order_id = ordered(there, "100", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (80, there.lots[0]), (20, there.lots[1]))
    received(there, order_id, "100")
    payment = paid(there, order_id, 300_000)
    post_attribution(order_id, now=NOW)
    new = NewRefund(Fen(30_000), "渗漏")
    refund_payment(new, payment_id=payment.id, by=there.by("manager"), now=NOW)
    post_attribution(order_id, now=NOW)
    return order_id


def official(role: Role, region_code: str) -> AppUser:
    return registry.user(registry.organisation(OrganisationKind.AUTHORITY, region_code), [role])


def totals(gross: int, back: int) -> dict[str, int]:
    return {"gross_fen": gross, "reversed_fen": back, "amount_fen": gross - back}


def test_the_split_of_an_order(reader: Reader, there: Market, order_id: OrderId) -> None:
    split = reader.get(there.buyer, f"/orders/{order_id}/attribution")
    first, _, third = there.households
    assert (split["status"], split["order_id"]) == ("posted", str(order_id))
    assert {key: split[key] for key in totals(0, 0)} == totals(300_000, 30_000)
    (line,) = split["lines"]
    assert line["order_line_id"] == str(lines_of(order_id)[0].id)
    assert line["amount_fen"] == sum(share["amount_fen"] for share in line["shares"]) == 270_000
    assert line["shares"][0] == {
        "party_kind": "household",
        "party_id": str(first.id),
        "party_code": first.code,
        **totals(64_000, 6_400),
    }
    assert line["shares"][3] == {
        "party_kind": "cooperative",
        "party_id": str(there.cooperative.id),
        "party_code": there.cooperative.credit_code,
        **totals(139_000, 13_900),
    }
    assert third.head_name not in str(split)


def test_an_order_without_money_is_pending(reader: Reader, there: Market) -> None:
    order_id = ordered(there, "1")
    split = reader.get(there.clerk, f"/orders/{order_id}/attribution")
    assert (split["status"], split["lines"][0]["shares"]) == ("pending", [])


def test_a_stranger_sees_no_split(reader: Reader, order_id: OrderId) -> None:
    answer = reader.ask(market().buyer, f"/orders/{order_id}/attribution")
    assert answer.status_code == 404


@pytest.mark.usefixtures("order_id")
def test_a_household_is_told_apart_by_its_code(reader: Reader, there: Market) -> None:
    first = there.households[0]
    told = reader.statement(there.manager, f"household:{first.id}")
    assert told["totals"] == totals(64_000, 6_400)
    reversal, posting = told["entries"]
    assert (posting["amount_fen"], reversal["amount_fen"]) == (64_000, -6_400)
    assert (posting["party_code"], posting["reverses_id"]) == (first.code, None)
    assert reversal["reverses_id"] == posting["attribution_id"]
    assert posting["rule_version"] == "attribution-1"


def test_each_party_has_its_totals(reader: Reader, there: Market, order_id: OrderId) -> None:
    auditor = registry.user(registry.organisation(OrganisationKind.AUTHORITY), [Role.AUDITOR])
    whole = totals(300_000, 30_000)
    villages = totals(161_000, 16_100)
    expected = {
        f"cooperative:{there.cooperative.id}": totals(139_000, 13_900),
        f"unit:{there.unit.id}": whole,
        f"order:{order_id}": whole,
        f"village:{registry.VILLAGE}": villages,
        f"county:{registry.WUJIANG}": villages,
        f"county:{OTHER_COUNTY}": totals(0, 0),
    }
    for party, sums in expected.items():
        told = reader.statement(auditor, party)
        assert told["totals"] == sums, party
        assert sum(entry["amount_fen"] for entry in told["entries"]) == sums["amount_fen"]


@pytest.mark.usefixtures("order_id")
def test_a_cooperative_sees_only_what_came_through_its_own_orders(
    reader: Reader, there: Market
) -> None:
    other = market()
    registry.benefit_link(there.households[0], other.cooperative)
    household = f"household:{there.households[0].id}"
    assert reader.statement(other.manager, household)["totals"] == totals(0, 0)
    assert reader.statement(other.manager, f"village:{registry.VILLAGE}")["entries"] == []
    own = reader.statement(there.clerk, f"county:{registry.WUJIANG}")
    assert own["totals"] == totals(161_000, 16_100)


def test_a_unit_sees_its_own_orders_and_nothing_else(
    reader: Reader, there: Market, order_id: OrderId
) -> None:
    whole = totals(300_000, 30_000)
    assert reader.statement(there.buyer, f"unit:{there.unit.id}")["totals"] == whole
    assert reader.statement(there.buyer, f"order:{order_id}")["totals"] == whole
    assert reader.statement(there.buyer, f"village:{registry.VILLAGE}")["entries"] == []
    hidden = [f"household:{there.households[0].id}", f"cooperative:{there.cooperative.id}"]
    strange = bought(market())
    hidden += [f"order:{strange}", f"unit:{there.cooperative.id}"]
    for party in hidden:
        assert reader.ask(there.buyer, STATEMENTS, party=party).status_code == 404, party


@pytest.mark.usefixtures("order_id")
def test_offices_see_their_region(reader: Reader, there: Market) -> None:
    cadre = official(Role.VILLAGE_CADRE, registry.VILLAGE)
    assert reader.statement(cadre, f"village:{registry.VILLAGE}")["totals"]["amount_fen"] == 144_900
    household = f"household:{there.households[1].id}"
    assert reader.statement(cadre, household)["totals"] == totals(72_000, 7_200)
    monitor = official(Role.MONITOR, registry.WUJIANG)
    cooperative = f"cooperative:{there.cooperative.id}"
    assert reader.statement(monitor, cooperative)["totals"] == totals(139_000, 13_900)
    stranger = official(Role.MONITOR, OTHER_COUNTY)
    for party in (household, cooperative, f"county:{registry.WUJIANG}"):
        assert reader.ask(stranger, STATEMENTS, party=party).status_code == 404, party


@pytest.mark.usefixtures("order_id")
@pytest.mark.parametrize(
    ("period", "amount"),
    [
        ({"from": "2026-06-01"}, 270_000),
        ({"from": "2026-06-02"}, 0),
        ({"to": "2026-06-01"}, 0),
        ({"from": "2026-06-01", "to": "2026-06-02"}, 270_000),
    ],
)
def test_a_period_holds_its_first_day_and_not_its_last(
    reader: Reader, there: Market, period: dict[str, str], amount: int
) -> None:
    told = reader.statement(there.buyer, f"unit:{there.unit.id}", **period)
    assert told["totals"]["amount_fen"] == amount
    assert (told["entries"] == []) == (amount == 0)


def test_entries_come_in_pages_and_totals_whole(
    reader: Reader, there: Market, order_id: OrderId
) -> None:
    query: dict[str, Any] = {"limit": 3}
    shown: list[int] = []
    while "cursor" not in query or query["cursor"]:
        told = reader.statement(there.buyer, f"order:{order_id}", **query)
        assert told["totals"] == totals(300_000, 30_000)
        shown += [entry["amount_fen"] for entry in told["entries"]]
        query["cursor"] = told["next_cursor"]
    assert len(shown) == 8
    assert sum(shown) == 270_000


@pytest.mark.parametrize(
    "party", ["", "household:1", "village:440203", "county:4402", "person:x", None]
)
def test_a_party_that_cannot_be_read(reader: Reader, there: Market, party: str | None) -> None:
    query = {} if party is None else {"party": party}
    answer = reader.ask(there.buyer, STATEMENTS, **query)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/party"
