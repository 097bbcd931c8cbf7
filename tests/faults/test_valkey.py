"""C4: Valkey is killed; orders go on meanwhile, and no fact is missing afterwards."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from benchmarks.stand import LISTENING_PORTS, Stand
from tests.faults.conftest import SMALL, Say, Site
from tests.faults.flows import Purchases, wait_until_handled, wrongly_attributed
from tests.faults.judgement import broken_invariants
from tests.faults.kills import flush_valkey, kill_valkey
from tests.faults.parts import keep_alive
from tests.faults.timers import start_beat, start_worker

pytestmark = pytest.mark.faults

KILLS = 20
FLUSHES = 5
KILLS_OF_THE_CONTROL = 30
ORDER_SECONDS = 10.0
QUIET_SECONDS = 90.0
LAST_CHANCE_SECONDS = 10.0


@pytest.fixture
def forgetful_site() -> Iterator[Site]:
    """Give a site whose Valkey keeps nothing on disk."""
    with Stand(persist=False) as stand:
        yield Site(stand, stand.settle(SMALL), random.choice(LISTENING_PORTS))


def order_placed_since(purchases: Purchases, moment: float) -> bool:
    """Wait until an order was accepted after a moment, which must not take long."""
    end = moment + ORDER_SECONDS
    while time.monotonic() < end:
        if purchases.placed_since(moment):
            return True
        time.sleep(0.05)
    return False


def test_orders_go_on_without_valkey_and_no_fact_is_missing_afterwards(
    site: Site, say: Say
) -> None:
    site.stand.web(site.port)
    programs = (start_worker(site.stand), start_beat(site.stand))
    with Purchases(site.world, port=site.port) as purchases:
        for _ in range(KILLS):
            time.sleep(random.uniform(0.5, 1.5))
            kill_valkey(site.stand)
            assert order_placed_since(purchases, time.monotonic()), "no order without Valkey"
            site.stand.valkey.start()
            keep_alive(*programs)
        for _ in range(FLUSHES):
            time.sleep(random.uniform(0.5, 1.5))
            flush_valkey(site.stand)
            keep_alive(*programs)
    say(kills=KILLS, flushes=FLUSHES, purchases=len(purchases.finished))
    assert purchases.defects == []
    assert len(purchases.finished) > KILLS
    keep_alive(*programs)
    quiet_since = time.monotonic()
    assert wait_until_handled(site.stand, seconds=QUIET_SECONDS) == 0
    say(handled_after_seconds=round(time.monotonic() - quiet_since, 1))
    assert wrongly_attributed(site.stand) == ([], [])
    assert broken_invariants(site.stand) == []


def test_facts_queued_once_only_are_lost_with_valkey(forgetful_site: Site, say: Say) -> None:
    site = forgetful_site
    broken = {"BANGFU_TEST_BROKEN": "sweeper"}
    site.stand.web(site.port)
    programs = (
        start_worker(site.stand, module="tests.faults.broken", environ=broken),
        start_beat(site.stand),
    )
    kills, lost = 0, 0
    while not lost and kills < KILLS_OF_THE_CONTROL:
        with Purchases(site.world, port=site.port):
            for _ in range(KILLS // 4):
                time.sleep(random.uniform(1.0, 2.5))
                kill_valkey(site.stand)
                site.stand.valkey.start()
                keep_alive(*programs)
        kills += KILLS // 4
        time.sleep(LAST_CHANCE_SECONDS)
        keep_alive(*programs)
        lost = wait_until_handled(site.stand, seconds=LAST_CHANCE_SECONDS)
    say(kills=kills, lost=lost)
    assert lost, f"{kills} kills lost nothing: the test would see nothing"
