"""C6: PostgreSQL, Valkey and Stripe are slow, cut off or silent; every request ends in time."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from benchmarks import http_load
from benchmarks.world import order_body
from demo.stripe_double.server import running
from demo.stripe_double.state import State
from kernel.errors import Busy
from tests.builders.stripe import KEY, SECRET
from tests.faults.callers import (
    HEALTH_SECONDS,
    LONGEST_SECONDS,
    RIGHT,
    Ask,
    Seen,
    asking,
    asks_of,
    health,
    seconds_until_right,
)
from tests.faults.conftest import Say, Site
from tests.faults.cutting_proxy import CuttingProxy, Fault
from tests.faults.detours import DATABASE, QUEUE, STRIPE, before, through
from tests.faults.flows import wait_until_handled
from tests.faults.judgement import broken_invariants
from tests.faults.timers import start_beat, start_worker
from tests.faults.traffic import BUSY, Traffic, post
from tests.kernel.test_files import bucket_at, bucket_server

pytestmark = pytest.mark.faults

FAULTS = [fault for fault in Fault if fault is not Fault.NONE]
CLIENTS = 24
"""More than the sixteen threads of the web, so that some wait for others."""
FAULT_SECONDS = 15.0
RECOVERY_SECONDS = 10.0
QUIET_SECONDS = 180.0
UPSTREAMS = (DATABASE, QUEUE, STRIPE)
BUCKET, PAPER = "FILES_ENDPOINT", bytes(3_000)


@dataclass
class Net:
    """A site whose web, worker and timers reach everything through proxies."""

    site: Site
    proxies: dict[str, CuttingProxy]
    environ: dict[str, str]
    traffic: Traffic
    order: str = ""

    def payment(self) -> bytes:
        """Write a small payment by card, of the order that is to be paid."""
        body = {"method": "stripe", "amount_fen": 10, "way": "card"}
        return http_load.request(
            "POST",
            f"/api/v1/orders/{self.order}/payments",
            token=self.site.world.payers[0].token,
            key=secrets.token_hex(12),
            body=json.dumps(body).encode(),
        )

    def settle(self) -> None:
        """Let an order be placed and taken on, large enough for all payments."""
        world, buyer = self.site.world, self.site.world.buyers[0]
        body = order_body(world, buyer, world.listings[0][:1], address="演示路1号", quantity="500")
        for person, path, given in (
            (buyer, "/orders", body | {"pay_mode": "pay_first"}),
            (world.managers[0], "/orders/{}/confirm", {}),
        ):
            status, answer = post(self.site.port, person, path.format(self.order), given)
            assert status < 300, answer
            self.order = self.order or str(answer["id"])
        assert not any(wrong := [_wrongly(name, ask) for name, ask in self.asks.items()]), wrong

    @property
    def asks(self) -> dict[str, Ask]:
        """Give what clients ask here."""
        return asks_of(self.traffic, self.payment)


@pytest.fixture
def net(tcp_site: Site, tmp_path: Path) -> Iterator[Net]:
    """Give a site behind proxies, with a Stripe that answers; nothing is started yet."""
    with ExitStack() as stack:
        double = stack.enter_context(running(State(secret_key=KEY, webhook_secret=SECRET)))
        known = {**tcp_site.stand.environ, STRIPE: double.url}
        proxies = {name: stack.enter_context(before(known, name)) for name in UPSTREAMS}
        environ = {
            **through(known, proxies),
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "BANGFU_ADDRESS_FAILURES": "1000000",
        }
        traffic = Traffic(tcp_site.world, port=tcp_site.port, folder=tmp_path)
        yield Net(tcp_site, proxies, environ, traffic)


def _wrongly(name: str, ask: Ask) -> object:
    """Give an answer that is not the true one, if it is not."""
    status, answer = ask()
    return answer if status != RIGHT[name] else None


@dataclass(frozen=True)
class Cell:
    """What one fault of one upstream did to all clients."""

    seen: Seen
    recovered: float

    def wrong(self) -> list[str]:
        """Say what took too long, or was not answered truly."""
        late = {
            "an answer": self.seen.longest() - LONGEST_SECONDS,
            "health": self.seen.longest("health") - HEALTH_SECONDS,
            "recovery": self.recovered - RECOVERY_SECONDS,
        }
        slow = [f"{name} is late by {by:.1f} s" for name, by in late.items() if by > 0]
        return [*slow, *self.seen.defects]

    def __str__(self) -> str:
        return (
            f"{len(self.seen.answers)} answers, {self.seen.count(BUSY)} of them 503, longest"
            f" {self.seen.longest():.1f} s, health {self.seen.longest('health'):.2f} s,"
            f" right again after {self.recovered:.1f} s"
        )


def failing(net: Net, upstream: str, fault: Fault) -> Cell:
    """Let one fault befall one upstream under all clients."""
    proxy = net.proxies[upstream]
    with asking(net.asks, port=net.site.port, clients=CLIENTS) as seen:
        time.sleep(0.5)
        proxy.befall(fault)
        time.sleep(FAULT_SECONDS)
        proxy.heal()
        recovered = seconds_until_right(seen, seconds=3 * RECOVERY_SECONDS)
    return Cell(seen, recovered)


def test_every_request_ends_in_time_whatever_becomes_of_the_wire(net: Net, say: Say) -> None:
    net.site.stand.web(net.site.port, environ=net.environ)
    start_worker(net.site.stand, environ=net.environ)
    start_beat(net.site.stand, environ=net.environ)
    net.settle()
    wrong: dict[str, list[str]] = {}
    for upstream, fault in product(UPSTREAMS, FAULTS):
        cell = failing(net, upstream, fault)
        say(**{f"{upstream} {fault}": cell})
        wrong |= {f"{upstream} {fault}": found for found in [cell.wrong()] if found}
    assert wrong == {}
    assert wait_until_handled(net.site.stand, seconds=QUIET_SECONDS) == 0
    verdict = net.traffic.judged(net.site.stand)
    say(acknowledged=verdict.acknowledged, unknown=verdict.unknown)
    assert verdict.harmless, verdict
    assert broken_invariants(net.site.stand) == []


def test_a_bucket_gives_the_paper_or_is_busy_whatever_becomes_of_the_wire(say: Say) -> None:
    with bucket_server() as endpoint, before({BUCKET: endpoint}, BUCKET) as proxy:
        store = bucket_at(through({BUCKET: endpoint}, {BUCKET: proxy})[BUCKET])
        store.put("paper", PAPER)
        for fault in FAULTS:
            proxy.befall(fault)
            began = time.monotonic()
            with suppress(Busy):
                assert store.get("paper") == PAPER
            took = time.monotonic() - began
            proxy.heal()
            say(**{f"{BUCKET} {fault}": f"{took:.1f} s"})
            assert took <= LONGEST_SECONDS, fault
            began = time.monotonic()
            assert store.get("paper") == PAPER
            assert time.monotonic() - began <= RECOVERY_SECONDS, fault


@pytest.mark.parametrize(("upstream", "name"), [(DATABASE, "list"), (QUEUE, "sign in")])
def test_without_time_outs_a_request_hangs(net: Net, say: Say, upstream: str, name: str) -> None:
    environ = {**net.environ, "BANGFU_TEST_BROKEN": "patience"}
    net.site.stand.web(net.site.port, module="tests.faults.broken:app", environ=environ)
    assert net.asks[name]()[0] == RIGHT[name]
    net.proxies[upstream].befall(Fault.BLACK_HOLE)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        net.asks[name]()
    say(hangs_longer_than=round(time.monotonic() - began))
    assert time.monotonic() - began > LONGEST_SECONDS
    assert health(net.site.port)[0] == RIGHT["health"]
