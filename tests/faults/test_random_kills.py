"""Web, workers and the timers' beat are killed at random points of whole purchases, 50 times."""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from typing import Any

import pytest

from benchmarks.rows import Person
from kernel.processes import Program
from tests.faults.conftest import Say, Site
from tests.faults.flows import Purchases, wait_until_handled, wrongly_attributed
from tests.faults.judgement import broken_invariants
from tests.faults.processes import kill_at_work, kill_one, serving
from tests.faults.timers import start_beat, start_worker
from tests.faults.traffic import BUSY, PAUSE_SECONDS, RETRY_SECONDS, orders_by_key, post

pytestmark = pytest.mark.faults

KILLS = 50
WORKERS = 2
QUIET_SECONDS = 120.0
ENDED = "SELECT id::text FROM purchase_order WHERE order_status = 'completed'"
AGAIN = {"idempotency_in_flight", "busy"}


class Stubborn(Purchases):
    """Purchases that send again, under the same key, whatever got no answer."""

    unanswered = 0

    def _step(self, person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
        key, end = secrets.token_hex(12), time.monotonic() + RETRY_SECONDS
        while time.monotonic() < end:
            try:
                status, answer = post(self.port, person, path, body, key=key)
            except OSError:
                self.unanswered += 1
                status, answer = BUSY, {"code": "busy"}
            if status < 300:
                return answer
            if answer.get("code") not in AGAIN:
                raise RuntimeError(f"{path}: {status} {answer.get('code')}")
            time.sleep(PAUSE_SECONDS)
        raise RuntimeError(f"{path}: nobody answers")


def kill_something(web: Program, worker: Program, beat: Program, chance: random.Random) -> str:
    """Kill one of the processes that carry the load; say which, or nothing where none could be."""
    kind = chance.choice(["web", "web", "worker", "pool", "beat"])
    if kind == "web":
        return kind if len(serving(web)) == WORKERS and kill_one(web) else ""
    if kind == "beat":
        beat.kill()
        beat.start()
    else:
        kill_at_work(worker, tree=kind == "worker")
    return kind


def test_killed_at_random_points_nothing_is_lost_and_nothing_happens_twice(
    site: Site, say: Say
) -> None:
    seed = random.randrange(10**6)
    chance, killed = random.Random(seed), Counter[str]()
    web, worker = site.stand.web(site.port), start_worker(site.stand)
    beat = start_beat(site.stand)
    with Stubborn(site.world, port=site.port, threads=4) as purchases:
        while killed.total() < KILLS:
            time.sleep(chance.uniform(0.2, 1.2))
            if kind := kill_something(web, worker, beat, chance):
                killed[kind] += 1
    if not worker.alive:
        worker.start()
    say(seed=seed, **killed, purchases=len(purchases.finished), unanswered=purchases.unanswered)
    assert purchases.defects == []
    assert len(purchases.finished) > KILLS
    assert purchases.unanswered > 0, "no request was hit: the kills did not happen under load"
    assert wait_until_handled(site.stand, seconds=QUIET_SECONDS) == 0
    ended = {str(row[0]) for row in site.stand.query(ENDED)}
    assert set(purchases.finished) <= ended
    assert [key for key, found in orders_by_key(site.stand).items() if len(found) > 1] == []
    assert wrongly_attributed(site.stand) == ([], [])
    assert broken_invariants(site.stand) == []
