"""C1: gunicorn workers are killed under order traffic; orders are neither lost nor doubled."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from kernel.processes import Program
from tests.faults.conftest import Say, Site
from tests.faults.judgement import broken_invariants
from tests.faults.oracle import Verdict
from tests.faults.processes import kill_serving
from tests.faults.traffic import Traffic

pytestmark = pytest.mark.faults

KILLS = 20
KILLS_OF_THE_CONTROL = 200
WORKERS = 2
RESPAWN_SECONDS = 60.0
UNHEARD = "I10"
"""No worker hears the news here, and a run may take longer than news may lie unheard."""


def kill_workers(web: Program, *, kills: int) -> int:
    """Kill one worker after another at random moments, each once both serve again."""
    done = 0
    for _ in range(kills):
        time.sleep(random.uniform(0.1, 0.6))
        done += kill_serving(web, workers=WORKERS, seconds=RESPAWN_SECONDS)
    return done


def under_traffic(site: Site, web: Program, *, kills: int, folder: Path) -> Verdict:
    with Traffic(site.world, port=site.port, folder=folder) as traffic:
        assert kill_workers(web, kills=kills) == kills
    return traffic.judged(site.stand)


def test_killed_web_workers_neither_lose_nor_double_an_order(
    site: Site, tmp_path: Path, say: Say
) -> None:
    web = site.stand.web(site.port)
    verdict = under_traffic(site, web, kills=KILLS, folder=tmp_path)

    say(kills=KILLS, acknowledged=verdict.acknowledged, unknown=verdict.unknown)
    say(of_them_committed=verdict.unknown_committed)
    assert verdict.harmless, verdict
    assert verdict.acknowledged > KILLS
    assert verdict.unknown > 0, "no request was hit: the kills did not happen under traffic"
    assert [one for one in broken_invariants(site.stand) if one.code != UNHEARD] == []


def test_without_stored_keys_a_retry_doubles_an_order(site: Site, tmp_path: Path, say: Say) -> None:
    broken = {"BANGFU_TEST_BROKEN": "keys"}
    web = site.stand.web(site.port, module="tests.faults.broken:app", environ=broken)
    kills = 0
    doubled: tuple[str, ...] = ()
    while not doubled and kills < KILLS_OF_THE_CONTROL:
        doubled = under_traffic(site, web, kills=KILLS, folder=tmp_path).doubled
        kills += KILLS
    say(kills=kills, doubled=len(doubled))
    assert doubled, f"{kills} kills without a double order: the test would see nothing"
