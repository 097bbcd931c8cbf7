"""Web, workers and the timers' beat are killed at random points of whole purchases, 50 times."""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from benchmarks.rows import Person
from benchmarks.stand import Stand
from kernel.processes import Program
from tests.faults.conftest import Say, Site
from tests.faults.flows import (
    Purchases,
    wait_until_handled,
    wait_until_handling,
    wrongly_attributed,
)
from tests.faults.judgement import broken_invariants
from tests.faults.processes import kill_at_work, kill_serving
from tests.faults.timers import start_beat, start_worker
from tests.faults.traffic import BUSY, PAUSE_SECONDS, RETRY_SECONDS, orders_by_key, post

pytestmark = pytest.mark.faults

KILLS = {"web": 17, "worker": 9, "pool": 8, "beat": 16}
"""Fifty: web, worker (all of it, or its pool) and beat in equal parts, in any order."""
AT_WORK_SECONDS = 60.0
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


@dataclass(frozen=True)
class Parts:
    """What carries the load: web, the worker that relays facts, and the timers' beat."""

    stand: Stand
    web: Program
    worker: Program
    beat: Program

    def kill(self, kind: str) -> bool:
        """Kill a part at its work; False where the web did not serve by all its workers in time."""
        if kind == "web":
            return kill_serving(self.web, workers=WORKERS, seconds=AT_WORK_SECONDS)
        if kind == "beat":
            self.beat.kill()
            self.beat.start()
            return True
        if not self.worker.alive:
            self.worker.start()
        wait_until_handling(self.stand, seconds=AT_WORK_SECONDS)
        kill_at_work(self.worker, tree=kind == "worker")
        return True


def test_killed_at_random_points_nothing_is_lost_and_nothing_happens_twice(
    site: Site, say: Say
) -> None:
    seed = random.randrange(10**6)
    chance, killed = random.Random(seed), Counter[str]()
    web, worker = site.stand.web(site.port), start_worker(site.stand)
    parts = Parts(site.stand, web, worker, start_beat(site.stand))
    kinds = [kind for kind, times in KILLS.items() for _ in range(times)]
    chance.shuffle(kinds)
    with Stubborn(site.world, port=site.port, threads=4) as purchases:
        for kind in kinds:
            time.sleep(chance.uniform(0.2, 1.2))
            killed[kind] += parts.kill(kind)
    if not worker.alive:
        worker.start()
    say(seed=seed, **killed, purchases=len(purchases.finished), unanswered=purchases.unanswered)
    assert killed == KILLS
    assert purchases.defects == []
    assert len(purchases.finished) > sum(KILLS.values())
    assert purchases.unanswered > 0, "no request was hit: the kills did not happen under load"
    assert wait_until_handled(site.stand, seconds=QUIET_SECONDS) == 0
    ended = {str(row[0]) for row in site.stand.query(ENDED)}
    assert set(purchases.finished) <= ended
    assert [key for key, found in orders_by_key(site.stand).items() if len(found) > 1] == []
    assert wrongly_attributed(site.stand) == ([], [])
    assert broken_invariants(site.stand) == []
