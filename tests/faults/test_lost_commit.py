"""C10: the answer to COMMIT is lost on the wire; a retry with the key gives the one order."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from benchmarks import http_load
from benchmarks.stand import LISTENING_PORTS, Stand
from tests.faults.conftest import SMALL, Say, Site
from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.judgement import broken_invariants
from tests.faults.traffic import call, noted_body, orders_by_key

pytestmark = pytest.mark.faults

CUTS = 100
CUTS_OF_THE_CONTROL = 10


@pytest.fixture
def tcp_site() -> Iterator[Site]:
    """Give a site whose PostgreSQL listens on a port, so that a proxy can stand before it."""
    with Stand(postgres_port=random.choice(LISTENING_PORTS)) as stand:
        yield Site(stand, stand.settle(SMALL), random.choice(LISTENING_PORTS))


@pytest.fixture
def proxy(tcp_site: Site) -> Iterator[CuttingProxy]:
    """Give a running proxy before the site's PostgreSQL."""
    url = make_url(tcp_site.stand.environ["DATABASE_URL"])
    proxy = CuttingProxy((str(url.host), int(url.port or 0)))
    proxy.start()
    yield proxy
    proxy.stop()


def through(proxy: CuttingProxy, stand: Stand) -> dict[str, str]:
    """Give the setting that sends a program's connections through the proxy."""
    url = make_url(stand.environ["DATABASE_URL"]).set(host="127.0.0.1", port=proxy.port)
    return {"DATABASE_URL": url.render_as_string(hide_password=False)}


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
    tcp_site.stand.web(tcp_site.port, environ=through(proxy, tcp_site.stand))
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
    environ = {**through(proxy, tcp_site.stand), "BANGFU_TEST_BROKEN": "keys"}
    tcp_site.stand.web(tcp_site.port, module="tests.faults.broken:app", environ=environ)
    keys = [secrets.token_hex(12) for _ in range(CUTS_OF_THE_CONTROL)]
    for key in keys:
        order_twice(tcp_site, proxy, key=key)
    doubled = [key for key, orders in orders_by_key(tcp_site.stand).items() if len(orders) > 1]
    say(cuts=proxy.cuts, doubled=len(doubled))
    assert sorted(doubled) == sorted(keys)
