"""The public search: words anywhere, filters, order, pages, and nothing that is not sold."""

from __future__ import annotations

from typing import Any

import pytest

from certification.certificates.commands.changes import change_certificate
from certification.certificates.models.certificates import ChangeKind
from kernel.actor import Actor
from marketplace.catalogue.commands.following import set_available
from marketplace.catalogue.commands.listings import ListingChange, change_listing, delist_listing
from marketplace.catalogue.models.listings import ListingId
from registry.regions.models import OriginKind
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, Scene
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

TITLES = ("赣南脐橙 精品果", "石岭丝苗米", "高山香菇（干）", "ABC 有机番茄_100%")


pytestmark = pytest.mark.usefixtures("stopped")


@pytest.fixture
def stock() -> str:
    return "0"


@pytest.fixture
def shop(client: Client, there: Scene) -> Door:
    """Put four more products on sale at 10, 20, 30 and 40 yuan."""
    by = there.by("clerk")
    for position, title in enumerate(TITLES):
        listing_id = marketplace.listing(there.certificate, by=by)
        change = ListingChange(title=title, unit_price_fen=(position + 1) * 1_000)  # type: ignore[arg-type]
        change_listing(listing_id, change, expected_version=None, by=by, now=NOW)
    return Door(client)


def titles(shop: Door, **query: Any) -> list[str]:
    return [one["title"] for one in json_of(shop.get("/listings", **query))["items"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("橙", TITLES[0]),
        ("脐橙", TITLES[0]),
        ("南脐橙", TITLES[0]),
        ("赣南 精品", TITLES[0]),
        ("丝苗", TITLES[1]),
        ("香菇", TITLES[2]),
        ("ａｂｃ", TITLES[3]),
        ("100%", TITLES[3]),
        ("茄_1", TITLES[3]),
        ("gannanqicheng", TITLES[0]),
        ("gnqc", TITLES[0]),
        ("sl", TITLES[1]),
        ("smm", TITLES[1]),
        ("XIANGGU", TITLES[2]),
    ],
)
def test_words_are_found_anywhere_inside_longer_words(shop: Door, words: str, found: str) -> None:
    assert found in titles(shop, q=words)


@pytest.mark.parametrize(
    "words", ["橙脐", "苗丝", "南橙", "赣南 香菇", "茄%1", "%", "脐橙脐橙", "qcgn"]
)
def test_words_that_are_not_there_are_not_found(shop: Door, words: str) -> None:
    assert not set(titles(shop, q=words)) & {TITLES[0], TITLES[1], TITLES[2]}
    assert words == "%" or TITLES[3] not in titles(shop, q=words)


def test_a_listing_is_found_by_its_product_supplier_and_origin(shop: Door, there: Scene) -> None:
    for words in (there.certificate.product_name, there.cooperative.name, "石岭村"):
        assert len(titles(shop, q=words)) == 5


def test_an_item_says_what_a_buyer_needs(shop: Door, there: Scene) -> None:
    [item] = json_of(shop.get("/listings", q="脐橙"))["items"]
    item.pop("id")
    assert item == {
        "title": TITLES[0],
        "status": "listed",
        "blocked_for": None,
        "unit": "kg",
        "step": "1.000",
        "unit_price_fen": 1_000,
        "available_quantity": "0.000",
        "certificate_number": there.certificate.number,
        "category_code": "grain",
        "origin": "演示石岭村",
        "origin_region_code": registry.VILLAGE,
        "origin_kind": "provincial_village",
        "supplier": there.cooperative.name,
        "supplier_id": str(there.cooperative.id),
        "storage_band": "ambient",
        "pay_modes": ["goods_first", "pay_first"],
        "season_months": [],
        "rating": {"count": 0, "goods": None, "service": None},
        "cover_id": None,
    }


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"category": "grain"}, 5),
        ({"category": "fruit"}, 0),
        ({"region": "440000"}, 5),
        ({"region": "440203"}, 5),
        ({"region": registry.VILLAGE}, 5),
        ({"region": "440204"}, 0),
        ({"region": "000000"}, 5),
        ({"origin_kind": "provincial_village"}, 5),
        ({"origin_kind": "national_832"}, 0),
    ],
)
def test_filters_narrow(shop: Door, query: dict[str, str], number: int) -> None:
    assert len(titles(shop, **query)) == number


def test_the_order_is_what_was_asked_for(shop: Door) -> None:
    by_price = titles(shop, sort="price")
    assert by_price[:2] == [TITLES[0], TITLES[1]]
    assert titles(shop, sort="-price")[0] == TITLES[3]
    found = json_of(shop.get("/listings", q="香菇"))["items"][0]["id"]
    set_available({ListingId(found): 5})  # type: ignore[dict-item]
    assert titles(shop, sort="available")[0] == TITLES[2]


@pytest.mark.parametrize("sort", ["price", "-price", "-created_at", "available", "-rating"])
def test_pages_give_everything_once(shop: Door, sort: str) -> None:
    found: list[str] = []
    cursor = None
    while True:
        query: dict[str, str] = {} if cursor is None else {"cursor": cursor}
        page = json_of(shop.get("/listings", sort=sort, limit=2, **query))
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert (len(found), len(set(found))) == (5, 5)


def test_a_wrong_question_is_refused(shop: Door) -> None:
    assert problem_of(shop.get("/listings", sort="name")) == (422, "invalid", "/sort")
    assert problem_of(shop.get("/listings", region="44")) == (422, "invalid", "/region")
    assert problem_of(shop.get("/listings", limit=1_000)) == (422, "invalid", "/limit")
    assert problem_of(shop.get("/listings", page="2")) == (422, "unknown_field", "/page")
    cursor = json_of(shop.get("/listings", limit=1))["next_cursor"]
    assert code_of(shop.get("/listings", limit=1, q="橙", cursor=cursor)) == (422, "invalid")


def test_what_is_not_sold_is_not_shown_to_the_public(
    client: Client, shop: Door, there: Scene
) -> None:
    by: Actor = there.by("clerk")
    delist_listing(there.listing_id, expected_version=None, by=by, now=NOW)
    assert len(titles(shop)) == 4
    assert code_of(shop.get(f"/listings/{there.listing_id}")) == (404, "not_found")
    assert json_of(Door(client, there.clerk).get(f"/listings/{there.listing_id}"))
    assert code_of(Door(client, there.buyer).get(f"/listings/{there.listing_id}"))[0] == 404
    reviewer = registry.actor_of(certification.reviewer_of("county"))
    change_certificate(
        there.certificate.id, ChangeKind.SUSPENDED, reason="抽检", by=reviewer, now=NOW
    )
    assert titles(shop) == []


def test_a_supplier_lists_the_own_in_every_state(client: Client, shop: Door, there: Scene) -> None:
    other = certification.certificate(there.cooperative, origin_kind=OriginKind.OTHER)
    marketplace.listing(other, by=there.by("clerk"))
    delist_listing(there.listing_id, expected_version=None, by=there.by("clerk"), now=NOW)
    mine = json_of(Door(client, there.clerk).get("/listings", mine="true"))["items"]
    assert sorted(one["status"] for one in mine) == ["delisted"] + ["listed"] * 5
    assert json_of(shop.get("/listings", mine="true"))["items"] == []
