"""Long lists made by real workers that are killed in the middle: none is half there.

HTTP, PostgreSQL, Valkey, beat and a worker with its pool, as the product starts them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from benchmarks import http_load, register
from benchmarks.clients import elsewhere
from benchmarks.stand import Stand
from kernel.processes import Program
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.faults.conftest import Say, Site
from tests.faults.judgement import broken_invariants
from tests.faults.processes import kill_at_work
from tests.faults.timers import start_beat, start_worker

pytestmark = pytest.mark.faults

HOUSEHOLDS = 30_000
KILLS = 5
"""Below the attempts after which an export is given up."""
LEAST_IN_THE_MIDDLE = 7
PATIENCE_SECONDS = 90.0
GLANCE_SECONDS = 0.02
LISTED = f"SELECT count(*) FROM household WHERE village_code LIKE '{register.BUSY}%'"  # noqa: S608
DONE = """
SELECT (SELECT count(*) FROM audit_row WHERE action = 'make_export'),
  (SELECT count(*) FROM sheet_export WHERE state = 'ready')
"""


def reader_of(stand: Stand) -> str:
    """Fill the register; give the token of one who sees the busy county of it."""
    return elsewhere(_filled, stand)


def _filled(stand: Stand) -> str:
    with stand.app().app_context():
        with psycopg.connect(stand.dsn, autocommit=True) as connection:
            register.fill(connection, first=1, last=HOUSEHOLDS)
        office = OrganisationKind.AUTHORITY
        return run(
            lambda: build.token_of(
                build.user(build.organisation(office, register.BUSY), [Role.COUNTY_REVIEWER])
            )
        )


@dataclass(frozen=True)
class Reader:
    """One who asks for the households of the busy county, and how many there are."""

    client: httpx.Client
    listed: int

    def ask(self, kind: str) -> str:
        """Ask for the list as a file."""
        answer = self.client.post(
            "/exports",
            json={"list": "households", "format": kind},
            headers={"Idempotency-Key": secrets.token_hex(12)},
        )
        return str(answer.raise_for_status().json()["id"])

    def look(self, key: str) -> dict[str, Any]:
        """Look how far it is."""
        found: dict[str, Any] = self.client.get(f"/exports/{key}").raise_for_status().json()
        return found

    def file(self, key: str) -> httpx.Response:
        """Fetch it, ready or not."""
        return self.client.get(f"/exports/{key}/file")

    def watch(self, key: str, *, begun: int | None = None) -> dict[str, Any]:
        """Look until it is over, or its attempt number `begun` has written some rows."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            seen = self.look(key)
            in_the_middle = seen["attempts"] == begun and 0 < seen["done"] < self.listed
            if seen["state"] != "asked" or in_the_middle:
                return seen
            time.sleep(GLANCE_SECONDS)
        raise TimeoutError(f"{key} is still {seen}")

    def is_honestly_told(self, key: str) -> bool:
        """Tell whether what is called ready is there whole, and nothing else is given out."""
        file = self.file(key)
        if file.status_code == httpx.codes.CONFLICT:
            return bool(file.json()["code"] == "wrong_state")
        seen = self.look(key)
        return (file.status_code, seen["state"], seen["rows"]) == (200, "ready", self.listed)


@pytest.fixture
def reader(site: Site) -> Iterator[Reader]:
    """Give a reader of the register's lists, who asks no more when the test is over."""
    token = reader_of(site.stand)
    ((listed,),) = site.stand.query(LISTED)
    with httpx.Client(
        base_url=f"http://{http_load.HOST}:{site.port}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE_SECONDS,
    ) as client:
        yield Reader(client, int(str(listed)))


def killed_again_and_again(reader: Reader, worker: Program, key: str) -> tuple[int, int]:
    """Kill whoever makes an export, in the middle; gives kills, and those in the middle."""
    kills, in_the_middle = 0, 0
    for number in range(KILLS):
        if reader.watch(key, begun=number + 1)["state"] != "asked":
            break
        kill_at_work(worker, tree=number % 2 == 0)
        kills += 1
        in_the_middle += reader.look(key)["state"] == "asked"
        assert reader.is_honestly_told(key), "a file is given out that is not made"
    return kills, in_the_middle


def test_a_killed_worker_leaves_no_half_file_and_the_next_one_makes_it_once(
    site: Site, reader: Reader, say: Say
) -> None:
    site.stand.web(site.port)
    worker = start_worker(site.stand)
    start_beat(site.stand)
    kills, in_the_middle = 0, 0
    for kind in ("csv", "xlsx"):
        key = reader.ask(kind)
        more, middle = killed_again_and_again(reader, worker, key)
        kills, in_the_middle = kills + more, in_the_middle + middle
        made = reader.watch(key)
        assert (made["state"], made["rows"], made["attempts"]) == ("ready", reader.listed, more + 1)
        file = reader.file(key).raise_for_status().content
        assert len(file) == made["size_bytes"]
        if kind == "csv":
            at_once = reader.client.get("/households/export", params={"format": kind})
            assert file == at_once.raise_for_status().content
    say(kills=kills, in_the_middle=in_the_middle, rows=reader.listed)
    assert in_the_middle >= LEAST_IN_THE_MIDDLE
    assert site.stand.query(DONE) == [(2, 2)]
    assert broken_invariants(site.stand) == []


def test_a_worker_that_calls_it_ready_before_it_is_made_gives_out_what_is_not_there(
    site: Site, reader: Reader, say: Say
) -> None:
    site.stand.web(site.port)
    broken = {"BANGFU_TEST_BROKEN": "ready"}
    worker = start_worker(site.stand, module="tests.faults.broken", environ=broken)
    start_beat(site.stand)
    key = reader.ask("csv")
    seen = reader.watch(key)
    worker.kill()
    say(rows_when_called_ready=seen["rows"])
    assert not reader.is_honestly_told(key), "the test would see nothing"
