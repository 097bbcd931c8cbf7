"""The public directory: found in Chinese, by pinyin, by initials, and by every filter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from certification.certificates.models.certificates import Certificate
from kernel import clock
from kernel.database import db
from registry.organisations.models import Organisation
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER
from tests.conftest import Client

PATH = "/api/v1/certificates"


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOTICE_OVER):
        yield


@pytest.fixture
def shelf(client: Client) -> dict[str, Certificate]:
    """Give certificates of three products, found by their own names and their holders'."""
    del client
    found = {}
    for name in ("演示丝苗米", "演示茶油 5L装", "演示红薯粉丝"):
        made = build.certificate()
        made.product_name = name
        build.make_findable(made, db.session.get_one(Organisation, made.holder_id).name)
        found[name[2:4]] = made
    db.session.flush()
    return found


def numbers(client: Client, **query: str) -> set[str]:
    answer = client.get(PATH, query_string=query)
    assert answer.json is not None
    assert answer.status_code == 200, answer.json
    return {row["number"] for row in answer.json["items"]}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("丝苗", {"丝苗"}),
        ("苗米", {"丝苗"}),
        ("米", {"丝苗"}),
        ("丝", {"丝苗", "红薯"}),
        ("simiaomi", {"丝苗"}),
        ("miaom", {"丝苗"}),
        ("SiMiao", {"丝苗"}),
        ("yssmm", {"丝苗"}),
        ("smm", {"丝苗"}),
        ("chayou", {"茶油"}),
        ("茶油 5l装", {"茶油"}),
        ("５Ｌ装", {"茶油"}),
        ("粉丝 hongshu", {"红薯"}),
        ("油茶", set()),
        ("丝米", set()),
        ("simi aomi 茶", set()),
        ("%", set()),
        ("_", set()),
        ("演示", {"丝苗", "茶油", "红薯"}),
    ],
)
def test_a_product_is_found_by_how_it_is_written_and_spelt(
    client: Client, shelf: dict[str, Certificate], q: str, found: set[str]
) -> None:
    assert numbers(client, q=q) == {shelf[name].number for name in found}


def test_a_granted_certificate_is_found_by_product_holder_and_origin(client: Client) -> None:
    people = build.cast()
    made = build.granted(people).number
    for q in (
        "丝苗",
        "smm",
        people.holder.name,
        "石岭村",
        "shilingcun",
        "一级",
        made,
        made.lower(),
    ):
        assert numbers(client, q=q) == {made}, q
    assert numbers(client, q="BF-C-2026-440203-999999") == set()


def test_filters_narrow_and_a_state_is_that_of_the_day(
    client: Client, shelf: dict[str, Certificate]
) -> None:
    rice = shelf["丝苗"]
    everything = {one.number for one in shelf.values()}
    ended = build.certificate(granted_on=date(2025, 11, 13)).number
    assert numbers(client, holder_id=str(rice.holder_id)) == {rice.number}
    assert numbers(client, category="grain") == everything | {ended}
    assert numbers(client, category="meat") == set()
    assert numbers(client, region=registry.WUJIANG) == everything | {ended}
    assert numbers(client, region=registry.XINGGUO) == set()
    assert numbers(client, status="in_force") == everything
    assert numbers(client, status="expired") == {ended}
    assert numbers(client, status="in_force", q="丝苗", region="440000") == {rice.number}
