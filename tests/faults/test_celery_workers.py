"""C2: Celery workers and their pool are killed; every fact takes effect exactly once."""

from __future__ import annotations

import random
import time

import pytest

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
from tests.faults.processes import kill_one
from tests.faults.timers import start_beat, start_worker

pytestmark = pytest.mark.faults

KILLS = 20
KILLS_OF_THE_CONTROL = 60
HANDLING_SECONDS = 90.0
QUIET_SECONDS = 90.0
LAST_CHANCE_SECONDS = 15.0


def kill_trees(stand: Stand, worker: Program, *, kills: int) -> None:
    """Kill a worker with its whole pool while it handles facts, and start it again."""
    for _ in range(kills):
        assert wait_until_handling(stand, seconds=HANDLING_SECONDS)
        time.sleep(random.uniform(0, 0.3))
        worker.kill()
        worker.start()


def kill_pool_children(stand: Stand, worker: Program, *, kills: int) -> None:
    """Kill one process of the pool while it handles facts; the worker itself replaces it."""
    done = 0
    while done < kills:
        if not worker.alive:
            worker.start()
        assert wait_until_handling(stand, seconds=HANDLING_SECONDS)
        time.sleep(random.uniform(0, 0.3))
        done += kill_one(worker)


def test_killed_celery_workers_lose_and_double_no_effect(site: Site, say: Say) -> None:
    site.stand.web(site.port)
    worker = start_worker(site.stand)
    start_beat(site.stand)
    with Purchases(site.world, port=site.port) as purchases:
        kill_trees(site.stand, worker, kills=KILLS)
        kill_pool_children(site.stand, worker, kills=KILLS)
    say(trees_killed=KILLS, pool_processes_killed=KILLS, purchases=len(purchases.finished))
    assert purchases.defects == []
    assert len(purchases.finished) > KILLS
    if not worker.alive:
        worker.start()
    assert wait_until_handled(site.stand, seconds=QUIET_SECONDS) == 0
    assert wrongly_attributed(site.stand) == ([], [])
    assert broken_invariants(site.stand) == []


def test_early_acknowledged_facts_without_a_sweeper_are_lost(site: Site, say: Say) -> None:
    broken = {"BANGFU_TEST_BROKEN": "early"}
    site.stand.web(site.port)
    worker = start_worker(site.stand, module="tests.faults.broken", environ=broken)
    start_beat(site.stand)
    kills, lost = 0, 0
    while not lost and kills < KILLS_OF_THE_CONTROL:
        with Purchases(site.world, port=site.port):
            kill_trees(site.stand, worker, kills=KILLS // 2)
        kills += KILLS // 2
        lost = wait_until_handled(site.stand, seconds=LAST_CHANCE_SECONDS)
    say(kills=kills, lost=lost)
    assert lost, f"{kills} kills lost nothing: the test would see nothing"
