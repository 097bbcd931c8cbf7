"""Lists taken in by real workers: watched by their clerk, killed in the middle (X2).

HTTP, PostgreSQL, Valkey, beat and a worker with its pool, as the product starts them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from kernel.processes import Program
from tests.faults.conftest import Say, Site
from tests.faults.judgement import broken_invariants
from tests.faults.lists import Clerk, clerk_of, stands_behind
from tests.faults.processes import children_of
from tests.faults.timers import start_beat, start_worker
from tests.kernel.trees import kill_child

KILLS = 50
KILLS_A_LIST = 5
"""Below the attempts after which an import is given up."""
LEAST_IN_THE_MIDDLE = 40
ROWS = 3000
CHECKED, WRITTEN = {"checked", "faulty", "failed"}, {"committed", "faulty", "failed"}
PATIENCE_SECONDS = 90.0
MINUTES = 10 * 60.0


@pytest.fixture
def clerk(site: Site) -> Iterator[Clerk]:
    """Give a clerk of the site, who asks no more when the test is over."""
    with Clerk(site.port, clerk_of(site.stand)) as signed_in:
        yield signed_in


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        pytest.param(ROWS, "csv", marks=pytest.mark.faults),
        pytest.param(100_000, "xlsx", marks=pytest.mark.soak),
    ],
)
def test_a_list_is_checked_and_written_by_the_workers_while_its_clerk_watches(
    site: Site, clerk: Clerk, say: Say, rows: int, kind: str
) -> None:
    site.stand.web(site.port)
    start_worker(site.stand)
    start_beat(site.stand)
    begun = time.monotonic()
    made = clerk.hand_in(rows, kind="xlsx" if kind == "xlsx" else "csv")
    assert (made["state"], made["preview"]) == ("received", [])
    received = time.monotonic()
    looks = list(clerk.watch(made["id"], until=CHECKED, seconds=MINUTES))
    checked = time.monotonic()
    assert (looks[-1]["state"], looks[-1]["rows"], looks[-1]["fault_count"]) == ("checked", rows, 0)
    assert len(looks[-1]["preview"]) == 10
    assert clerk.commit(made["id"])["state"] == "accepted"
    looks = list(clerk.watch(made["id"], until=WRITTEN, seconds=MINUTES))
    written = time.monotonic()
    shown = [one["done"] for one in looks if one["attempts"]]
    assert (looks[-1]["state"], looks[-1]["done"]) == ("committed", rows)
    assert shown == sorted(shown)
    assert len(set(shown)) > 2, "no progress was seen"
    assert stands_behind(site.stand, made["id"]) == ("committed", rows, rows, rows)
    say(
        rows=rows,
        received_seconds=round(received - begun, 1),
        checked_seconds=round(checked - received, 1),
        written_seconds=round(written - checked, 1),
        steps_seen=len(set(shown)),
    )
    assert broken_invariants(site.stand) == []


def kill_in_the_middle(clerk: Clerk, worker: Program, key: str, *, tree: bool) -> bool:
    """Kill the pool, or the whole worker, while a list is written; False where it is too late."""
    for seen in clerk.watch(key, until=WRITTEN, seconds=PATIENCE_SECONDS):
        if 0 < seen["done"] < seen["rows"] and seen["state"] == "accepted":
            break
    else:
        return False
    time.sleep(random.uniform(0, 0.3))
    if tree or not worker.alive:
        worker.kill()
        worker.start()
    else:
        for child in children_of(worker):
            kill_child(child)
    return True


@pytest.mark.faults
def test_a_killed_worker_leaves_all_or_nothing_and_the_next_one_finishes(
    site: Site, clerk: Clerk, say: Say
) -> None:
    site.stand.web(site.port)
    worker = start_worker(site.stand)
    start_beat(site.stand)
    kills, in_the_middle, lists = 0, 0, 0
    while kills < KILLS:
        made = clerk.hand_in(ROWS)
        clerk.last(made["id"], until=CHECKED, seconds=PATIENCE_SECONDS)
        assert clerk.commit(made["id"])["state"] == "accepted"
        lists += 1
        for number in range(min(KILLS_A_LIST, KILLS - kills)):
            if not kill_in_the_middle(clerk, worker, made["id"], tree=number % 2 == 0):
                break
            kills += 1
            state, there, audited, committed = stands_behind(site.stand, made["id"])
            assert (there, audited) == (committed, committed), "half a list is there"
            assert committed == ROWS * (lists if state == "committed" else lists - 1)
            assert clerk.look(made["id"])["done"] <= ROWS
            in_the_middle += state == "accepted"
        done = clerk.last(made["id"], until=WRITTEN, seconds=PATIENCE_SECONDS)
        assert (done["state"], done["done"]) == ("committed", ROWS)
    say(kills=kills, in_the_middle=in_the_middle, lists=lists, households=lists * ROWS)
    assert in_the_middle >= LEAST_IN_THE_MIDDLE
    assert stands_behind(site.stand, made["id"])[1:] == (ROWS * lists,) * 3
    assert broken_invariants(site.stand) == []


@pytest.mark.faults
def test_a_worker_that_commits_in_pieces_leaves_half_a_list(
    site: Site, clerk: Clerk, say: Say
) -> None:
    site.stand.web(site.port)
    broken = {"BANGFU_TEST_BROKEN": "pieces"}
    worker = start_worker(site.stand, module="tests.faults.broken", environ=broken)
    start_beat(site.stand)
    made = clerk.hand_in(ROWS)
    clerk.last(made["id"], until=CHECKED, seconds=PATIENCE_SECONDS)
    clerk.commit(made["id"])
    kill_in_the_middle(clerk, worker, made["id"], tree=True)
    _, there, _, committed = stands_behind(site.stand, made["id"])
    say(half=there)
    assert 0 < there != committed, "the test would see nothing"
