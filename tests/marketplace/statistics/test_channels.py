"""Channels actually used: what each brought, its share, as of any instant, in sight only."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from console.monitor.rules import narrowed
from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from marketplace.catalogue.models.listings import Channel, Listing
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.statistics.models import SalesAxis, SalesQuestion
from marketplace.statistics.queries import list_channel_sales
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market, ordered, paid
from tests.conftest import Client
from tests.console.visitor import Visitor

HALL = {"channel": "hall", "external_id": None, "unit_price_fen": None, "is_open": True}
LATER = NOW + timedelta(days=40)
Told = list[tuple[str, Channel | None, int, int, str | None]]


@pytest.fixture
def there(db_session: object) -> Market:
    """Sell for 300 yuan in a hall, of which 100 go back in July, and for 150 yuan here."""
    del db_session  # it brings the transaction
    made = market()
    db.session.get_one(Listing, made.listing_id).channels = [HALL]
    db.session.flush()
    in_hall = paid(made, ordered(made, "10", channel=Channel.HALL), 30_000)
    paid(made, ordered(made, "5"), 15_000)
    back = NewRefund(Fen(10_000), "退货")
    refund_payment(back, payment_id=in_hall.id, by=made.by("manager"), now=LATER)
    return made


def told(actor: Actor, **asked: Any) -> Told:
    found = list_channel_sales(actor, SalesQuestion(**asked), limit=20, cursor=None).items
    shares = [None if one.share is None else str(one.share) for one in found]
    return [
        (one.key, one.channel, one.orders, one.paid_fen, share)
        for one, share in zip(found, shares, strict=True)
    ]


def test_each_channel_has_what_it_brought_and_its_share(there: Market) -> None:
    by = there.by("manager")
    assert told(by) == [
        ("", None, 1, 15_000, "0.4286"),
        ("", Channel.HALL, 1, 20_000, "0.5714"),
    ]
    assert told(by, as_of=NOW) == [
        ("", None, 1, 15_000, "0.3333"),
        ("", Channel.HALL, 1, 30_000, "0.6667"),
    ]
    assert told(by, as_of=NOW - timedelta(seconds=1)) == []
    assert told(by, from_on=date(2026, 7, 1)) == [("", Channel.HALL, 1, -10_000, None)]
    assert [one[0] for one in told(by, by=SalesAxis.MONTH)] == ["2026-06", "2026-06", "2026-07"]


def test_it_is_parted_by_product_category_village_and_county(there: Market) -> None:
    by, certificate = there.by("manager"), there.certificate
    keys = {
        SalesAxis.PRODUCT: certificate.number,
        SalesAxis.VILLAGE: certificate.origin_region_code,
        SalesAxis.COUNTY: certificate.origin_region_code[:6],
    }
    for axis, key in keys.items():
        assert [one[0] for one in told(by, by=axis)] == [key, key]
    (category,) = {one[0] for one in told(by, by=SalesAxis.CATEGORY)}
    assert len(told(by, category_code=category)) == 2
    assert told(by, category_code="none") == []
    assert len(told(by, region=certificate.origin_region_code[:6])) == 2
    assert told(by, region="360000") == []
    first = list_channel_sales(by, SalesQuestion(), limit=1, cursor=None)
    second = list_channel_sales(by, SalesQuestion(), limit=1, cursor=first.next_cursor)
    assert [one.share for one in (*first.items, *second.items)] == [
        Decimal("0.4286"),
        Decimal("0.5714"),
    ]


def test_nobody_is_told_of_orders_out_of_sight(there: Market, client: Client) -> None:
    door = "/api/v1/statistics/channels"
    authority = OrganisationKind.AUTHORITY
    near, far = (
        registry.user(registry.organisation(authority, code), [Role.MONITOR])
        for code in (there.unit.region_code, "360000")
    )
    stranger = registry.user(registry.organisation(), [Role.COOP_MANAGER])
    seen = {
        user.id: client.get(door, token=registry.token_of(user)).get_json()["items"]
        for user in (there.finance, near, far, stranger)
    }
    assert [len(found) for found in seen.values()] == [2, 2, 0, 0]
    answer = client.get(f"{door}/export?format=csv&by=county", token=registry.token_of(near))
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[-2:] for row in rows[1:]] == [["150.00", "0.4286"], ["200.00", "0.5714"]]


def test_every_figure_is_the_sum_of_its_orders(there: Market) -> None:
    by = there.by("manager")
    (hall,) = told(by, by=SalesAxis.ORDER, channel=Channel.HALL)
    (here,) = told(by, by=SalesAxis.ORDER, direct=True)
    assert (hall[3], here[3]) == (20_000, 15_000)
    assert hall[0].startswith("BF-O-")
    number = there.certificate.number
    assert told(by, by=SalesAxis.ORDER, certificate_number=number) == [hall, here]
    assert told(by, certificate_number="none") == []


def test_a_figure_opens_to_its_orders_alone() -> None:
    about = {
        "by": "month",
        "as_of": "2026-08-01T00:00:00+08:00",
        "from": "2026-07-05",
        "cursor": "x",
    }
    opened = narrowed({"key": "2026-07", "channel": "hall"}, about | {"cursor": "next"})
    assert opened == {
        "by": "order", "as_of": about["as_of"], "channel": "hall",
        "from": "2026-07-05", "to": "2026-08-01",
    }  # fmt: skip
    assert narrowed({"key": "360700", "channel": None}, {"by": "county"}) == {
        "by": "order", "direct": "true", "region": "360700",
    }  # fmt: skip
    assert narrowed({"key": "", "channel": None}, {"by": "category"}) is None
    assert narrowed({"key": "BF-O-1", "channel": None}, {"by": "order"}) is None


def test_monitors_and_reviewers_follow_a_figure_to_its_order(there: Market, client: Client) -> None:
    bureau = registry.organisation(OrganisationKind.AUTHORITY, there.unit.region_code)
    for role in (Role.MONITOR, Role.COUNTY_REVIEWER):
        visitor = Visitor.of(client, registry.user(bureau, [role]))
        shown = visitor.open("/monitor/channels")
        assert "200.00 元" in shown
        assert "57.14%" in shown
        (opened,) = set(re.findall(r'href="(/monitor/channels\?[^"]*channel=hall[^"]*)"', shown))
        (order,) = re.findall(r'href="(/canteen/orders/[^"]*)"', visitor.open(opened))
        assert "300.00 元" in visitor.open(order)
        assert "没有到账的销售" in visitor.open("/monitor/channels?region=360000")
        file = client.get("/monitor/channels/file?format=csv&by=county")
        assert file.get_data(as_text=True).count("200.00") == 1
    Visitor.of(client, there.finance).open("/monitor/channels", 403)
