"""Web, workers and the timers' beat are killed at random points of whole purchases, 50 times."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from tests.faults.conftest import Say, Site
from tests.faults.flows import Stubborn, losses, wait_until_handling
from tests.faults.parts import AT_WORK_SECONDS, Parts

pytestmark = pytest.mark.faults

KILLS = {"web": 17, "worker": 9, "pool": 8, "beat": 16}
"""Fifty: web, worker (all of it, or its pool) and beat in equal parts, in any order."""


def test_killed_at_random_points_nothing_is_lost_and_nothing_happens_twice(
    site: Site, say: Say
) -> None:
    seed = random.randrange(10**6)
    chance, killed = random.Random(seed), Counter[str]()
    parts = Parts.start(site.stand, site.port)
    kinds = [kind for kind, times in KILLS.items() for _ in range(times)]
    chance.shuffle(kinds)
    with Stubborn(site.world, port=site.port, threads=4) as purchases:
        for kind in kinds:
            time.sleep(chance.uniform(0.2, 1.2))
            parts.keep_alive()
            if kind in {"worker", "pool"}:
                wait_until_handling(site.stand, seconds=AT_WORK_SECONDS)
            killed[kind] += parts.kill(kind)
    parts.keep_alive()
    say(seed=seed, **killed, purchases=len(purchases.finished), unanswered=purchases.unanswered)
    assert killed == KILLS
    assert purchases.defects == []
    assert len(purchases.finished) > sum(KILLS.values())
    assert purchases.unanswered > 0, "no request was hit: the kills did not happen under load"
    assert losses(site.stand, purchases) == {}
