"""C3: PostgreSQL is killed: one backend, all at once by its own stop, or the whole tree."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.stand import Stand
from kernel import places
from tests.faults.conftest import Say, Site
from tests.faults.judgement import broken_invariants
from tests.faults.kills import KINDS, kill_tree
from tests.faults.traffic import Traffic

pytestmark = pytest.mark.faults

KILLS = 20
THREADS = 4
LOST = 100
"""Orders that were acknowledged and are gone, in at most as many kills of a careless database."""
READY_SECONDS = 10.0
"""From the moment of a kill until an order is accepted again, without any human hand."""
LAZY = {"PGOPTIONS": "-c synchronous_commit=off"}


def wait_for_orders(traffic: Traffic, *, seconds: float) -> None:
    """Wait until an order is accepted that was sent since; each thread may have had one on its way.

    Waits no longer than so many seconds.
    """
    wanted = len(traffic.oracle.acknowledged) + THREADS + 1
    begun = time.monotonic()
    while len(traffic.oracle.acknowledged) < wanted and time.monotonic() - begun < seconds:
        time.sleep(0.02)


def checked_pages(stand: Stand) -> str:
    """Stop PostgreSQL in order, and let its own tool check every page; gives what it says."""
    stand.postgres.stop()
    account = stand.postgres._account  # noqa: SLF001 - a test may look
    place = places.place_of(stand.home.absolute(), account=account)
    tool = places.postgres_binaries(place, account=account) / "pg_checksums"
    return subprocess.check_output([tool, "--check", "-D", place / "postgres"], text=True)  # noqa: S603 - ours


def test_killed_under_orders_it_comes_back_by_itself_and_nothing_is_lost(
    site: Site, tmp_path: Path, say: Say
) -> None:
    site.stand.web(site.port)
    waits: list[float] = []
    with Traffic(site.world, port=site.port, folder=tmp_path, threads=THREADS) as traffic:
        for kill in random.sample(KINDS * KILLS, KILLS * len(KINDS)):
            time.sleep(random.uniform(0.1, 0.5))
            at = time.monotonic()
            kill(site.stand)
            wait_for_orders(traffic, seconds=3 * READY_SECONDS)
            waits.append(time.monotonic() - at)
    verdict = traffic.judged(site.stand)
    say(kills=len(waits), of_each=KILLS, longest_seconds=round(max(waits), 1))
    say(acknowledged=verdict.acknowledged, unknown=verdict.unknown, answered_503=traffic.busy)
    assert traffic.defects == []
    assert verdict.harmless, verdict
    assert verdict.unknown > 0, "no request was hit: the kills did not happen under traffic"
    assert max(waits) <= READY_SECONDS
    assert broken_invariants(site.stand) == []
    assert "Bad checksums:  0" in checked_pages(site.stand)


def test_where_commits_are_acknowledged_early_orders_are_lost(
    site: Site, tmp_path: Path, say: Say
) -> None:
    site.stand.web(site.port, environ=LAZY)
    lost, kills = 0, 0
    while lost < LOST and kills < KILLS:
        with Traffic(site.world, port=site.port, folder=tmp_path, threads=THREADS) as traffic:
            time.sleep(random.uniform(1.0, 2.0))
            kill_tree(site.stand)
            wait_for_orders(traffic, seconds=3 * READY_SECONDS)
        assert traffic.defects == [], "it went on with numbers of a commit that is lost"
        lost, kills = lost + len(traffic.judged(site.stand).lost), kills + 1
    say(kills=kills, lost=lost)
    assert lost >= LOST, f"{kills} kills lost {lost}: the test would see little"
