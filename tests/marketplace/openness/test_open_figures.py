"""What anybody may read of a region's year, and what is left unsaid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock
from kernel.actor import SYSTEM
from kernel.calendar import year_bounds
from kernel.money import Fen
from marketplace.openness.queries import sum_given
from marketplace.openness.rules import LEAST, Published, hidden_among, is_open, publish
from tests.builders import procurement
from tests.builders.payouts import SHARES, paying
from tests.builders.procurement import NOW, YEAR
from tests.conftest import Client
from tests.procurement.completion.buying import buys

COUNTIES = st.dictionaries(
    st.sampled_from([f"4402{county:02}" for county in range(1, 12)]), st.integers(1, 12)
)


@pytest.mark.parametrize(
    ("members", "hidden"),
    [
        ({"a": 7, "b": 6}, set()),
        ({"a": 7, "b": 6, "c": 2}, {"b", "c"}),
        ({"a": 7, "b": 3, "c": 2}, {"b", "c"}),
        ({"a": 5, "b": 5, "c": 4}, {"a", "c"}),
        ({"a": 4}, {"a"}),
        ({}, set()),
    ],
)
def test_what_few_stand_behind_is_hidden_with_what_shields_it(
    members: dict[str, int], hidden: set[str]
) -> None:
    assert hidden_among(members) == hidden


@given(COUNTIES)
def test_the_rest_is_of_five_or_more_and_makes_the_whole(members: dict[str, int]) -> None:
    amounts = {code: (Fen(count * 1_00),) for code, count in members.items()}
    found = publish("440200", members=members, amounts=amounts)
    shown = list(found.regions.values())
    assert all((one.members or 0) >= LEAST for one in shown)
    if sum(members.values()) < LEAST:
        assert found.whole == Published(None, None)
        assert (shown, found.rest) == ([], None)
        return
    rest = found.rest or Published(0, (Fen(0),))
    assert rest.members == 0 or (rest.members or 0) >= LEAST
    for one in (found.whole, rest, *shown):
        assert one.amounts == ((one.members or 0) * 1_00,)
    assert found.whole.members == sum(one.members or 0 for one in [rest, *shown])


def test_what_is_hidden_above_says_nothing_on_its_own_page() -> None:
    members = {"440203": 6, "440204": 7, "440205": 2, "450100": 9}
    assert is_open("4402", members)
    assert is_open("440204", members)
    assert not is_open("440203", members)
    assert publish("440203", members=members, amounts={}).whole == Published(None, None)


@pytest.fixture
def six(client: Client) -> None:
    """Let five units of one county and one of another buy for 100 yuan each."""
    del client
    for county in (*["440203"] * LEAST, "440204"):
        people = procurement.cast_of(county)
        procurement.confirmed(people, procurement.contents())
        buys(people.unit, 100_00)


def _asked(client: Client, **query: Any) -> dict[str, Any]:
    with clock.stopped(NOW + timedelta(days=1)):
        answer = client.get("/api/v1/open-figures", query_string={"year": YEAR} | query)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@pytest.mark.usefixtures("six")
def test_anybody_reads_a_province_and_nobody_a_small_county(client: Client) -> None:
    country = _asked(client)
    (province,) = country["regions"]
    assert (province["code"], province["units"], province["paid_fen"]) == ("440000", 6, 600_00)
    assert country["whole"]["counted_fen"] == 600_00
    assert country["rest"] is None
    city = _asked(client, region="440200")
    assert city["regions"] == []
    assert (city["rest"]["units"], city["rest"]["paid_fen"]) == (6, 600_00)
    assert _asked(client, region="440203")["whole"]["units"] is None
    with clock.stopped(NOW + timedelta(days=1)):
        file = client.get("/api/v1/open-figures/file", query_string={"year": YEAR})
        page = client.get("/figures", query_string={"year": YEAR, "region": "440200"})
    assert file.get_data(as_text=True).splitlines()[1].startswith("000000,")
    assert "600.00" in file.get_data(as_text=True)
    assert "其余地区合计" in page.get_data(as_text=True)


def test_what_stands_until_midnight_is_kept_by_whoever_has_it(client: Client) -> None:
    address, noon = f"/api/v1/open-figures?year={YEAR}", NOW.replace(hour=4, minute=0)
    with clock.stopped(noon):
        first = client.get(address)
        assert first.cache_control.max_age == 12 * 3600
        assert first.cache_control.public
        had = {"If-None-Match": first.headers["ETag"]}
        again = client.get(address, headers=had)
        assert (again.status_code, again.data) == (304, b"")
        assert client.get(f"{address}&region=440000", headers=had).status_code == 200
        assert client.get("/figures").headers["Cache-Control"] == "no-store"
    with clock.stopped(noon + timedelta(days=1)):
        assert client.get(address, headers=had).status_code == 200
    with clock.stopped(noon + timedelta(hours=12, minutes=4)):
        assert "ETag" not in client.get(address).headers


@pytest.mark.usefixtures("six")
def test_what_happened_today_is_not_yet_published(client: Client) -> None:
    with clock.stopped(NOW):
        answer = client.get("/api/v1/open-figures", query_string={"year": YEAR}).get_json()
    assert answer["whole"]["units"] is None
    assert answer["as_of"] < NOW.isoformat()


def test_households_are_counted_where_they_live_less_what_went_back(db_session: object) -> None:
    del db_session
    stage = paying(refund=161_00)
    begins, ends = year_bounds(YEAR)
    found = sum_given(SYSTEM, since=begins, until=ends)
    assert sum(count for count, _ in found.values()) == len(SHARES)
    assert 0 < sum(given for _, given in found.values()) < sum(SHARES)
    assert set(found) == {one.village_code for one in stage.there.households}
    assert sum_given(SYSTEM, since=ends, until=ends) == {}
