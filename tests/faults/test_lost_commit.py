"""C10: the answer to COMMIT is lost on the wire; a retry with the key gives the one order."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator

import pytest

from benchmarks import http_load
from tests.faults.conftest import Say, Site
from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.detours import DATABASE, before, through
from tests.faults.judgement import broken_invariants
from tests.faults.traffic import call, noted_body, orders_by_key

pytestmark = pytest.mark.faults

CUTS = 100
CUTS_OF_THE_CONTROL = 10


@pytest.fixture
def proxy(tcp_site: Site) -> Iterator[CuttingProxy]:
    """Give a running proxy before the site's PostgreSQL."""
    with before(tcp_site.stand.environ, DATABASE, speaks_postgres=True) as proxy:
        yield proxy


def order_twice(site: Site, proxy: CuttingProxy, *, key: str) -> tuple[int, int, str]:
    """Place an order whose COMMIT is cut, then again; gives both statuses and the last id."""
    chance = random.Random(key)
    buyer = chance.randrange(len(site.world.buyers))
    body = json.dumps(noted_body(site.world, chance, buyer=buyer, note=key)).encode()
    message = http_load.request(
        "POST", "/api/v1/orders", token=site.world.buyers[buyer].token, key=key, body=body
    )
    proxy.arm()
    first, _ = call(site.port, message)
    proxy.disarm()
    again, answer = call(site.port, message)
    return first, again, str(answer.get("id", ""))


def test_a_retry_after_a_lost_commit_gives_the_first_order(
    tcp_site: Site, proxy: CuttingProxy, say: Say
) -> None:
    tcp_site.stand.web(tcp_site.port, environ=through(tcp_site.stand.environ, {DATABASE: proxy}))
    keys = [secrets.token_hex(12) for _ in range(CUTS)]
    for key in keys:
        first, again, order_id = order_twice(tcp_site, proxy, key=key)
        assert (first, again) == (503, 201)
        assert orders_by_key(tcp_site.stand)[key] == [order_id]
    say(cuts=proxy.cuts, replayed=len(keys))
    assert proxy.cuts == CUTS
    assert sorted(orders_by_key(tcp_site.stand)) == sorted(keys)
    assert broken_invariants(tcp_site.stand) == []


def test_without_stored_keys_a_retry_after_a_lost_commit_doubles_the_order(
    tcp_site: Site, proxy: CuttingProxy, say: Say
) -> None:
    environ = {**through(tcp_site.stand.environ, {DATABASE: proxy}), "BANGFU_TEST_BROKEN": "keys"}
    tcp_site.stand.web(tcp_site.port, module="tests.faults.broken:app", environ=environ)
    keys = [secrets.token_hex(12) for _ in range(CUTS_OF_THE_CONTROL)]
    for key in keys:
        order_twice(tcp_site, proxy, key=key)
    doubled = [key for key, orders in orders_by_key(tcp_site.stand).items() if len(orders) > 1]
    say(cuts=proxy.cuts, doubled=len(doubled))
    assert sorted(doubled) == sorted(keys)
