"""C5: everything fails at random, by a schedule that its seed gives back, under whole purchases."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

import pytest

from benchmarks.stand import Stand
from tests.faults.conftest import Say, Site
from tests.faults.cutting_proxy import CuttingProxy, Fault
from tests.faults.detours import DATABASE, QUEUE, before, through
from tests.faults.flows import Stubborn, losses
from tests.faults.kills import (
    flush_valkey,
    kill_backend,
    kill_tree,
    kill_valkey,
    stop_at_once,
)
from tests.faults.parts import Parts
from tests.faults.processes import kill_one

MINUTES = float(os.environ.get("BANGFU_TEST_MINUTES", "10"))
"""How long; an hour for the long run."""
SEED = int(os.environ.get("BANGFU_TEST_SEED", random.randrange(10**6)))
FAULTS_A_MINUTE = 10
WIRE_FAULTS = [fault for fault in Fault if fault is not Fault.NONE]
Act = Callable[[], object]


def acts_of(
    parts: Parts, proxies: Mapping[str, CuttingProxy], chance: random.Random
) -> dict[str, Act]:
    """Give everything that may happen, by name."""
    stand = parts.stand
    return {
        "web": partial(kill_one, parts.web),
        **{kind: partial(parts.kill, kind) for kind in ("worker", "pool", "beat")},
        "backend": partial(kill_backend, stand),
        "postgres stop": partial(stop_at_once, stand),
        "postgres tree": partial(kill_tree, stand),
        "valkey": partial(kill_and_start, stand),
        "flush": partial(flush_valkey, stand),
        **{f"{name} wire": partial(disturb, proxy, chance) for name, proxy in proxies.items()},
    }


def kill_and_start(stand: Stand) -> None:
    """Kill Valkey, and start it again as the supervisor of the product does."""
    kill_valkey(stand)
    time.sleep(0.5)
    stand.valkey.start()


def disturb(proxy: CuttingProxy, chance: random.Random) -> None:
    """Let a fault befall a wire for some seconds."""
    proxy.befall(chance.choice(WIRE_FAULTS))
    time.sleep(chance.uniform(0.5, 3))
    proxy.heal()


@pytest.mark.soak
def test_nothing_is_lost_whatever_fails_in_whatever_order(tcp_site: Site, say: Say) -> None:
    chance, happened = random.Random(SEED), Counter[str]()
    known = tcp_site.stand.environ
    with before(known, DATABASE) as database, before(known, QUEUE) as queue:
        proxies = {DATABASE: database, QUEUE: queue}
        parts = Parts.start(tcp_site.stand, tcp_site.port, environ=through(known, proxies))
        acts = acts_of(parts, proxies, chance)
        end = time.monotonic() + 60 * MINUTES
        with Stubborn(tcp_site.world, port=tcp_site.port, threads=4) as purchases:
            while time.monotonic() < end:
                time.sleep(chance.uniform(0.2, 2))
                name = chance.choice(list(acts))
                acts[name]()
                happened[name] += 1
                parts.keep_alive()
        say(seed=SEED, minutes=MINUTES, faults=happened.total(), **happened)
        say(purchases=len(purchases.finished), unanswered=purchases.unanswered)
        assert purchases.defects == []
        assert happened.total() >= FAULTS_A_MINUTE * MINUTES
        assert purchases.unanswered > 0, "no request was hit: nothing happened under load"
        assert losses(tcp_site.stand, purchases) == {}
