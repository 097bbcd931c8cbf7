"""Order traffic from several threads, every intent and answer kept by the oracle."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks import http_load
from benchmarks.rows import Person
from benchmarks.stand import Stand
from benchmarks.world import World, order_body
from tests.faults.oracle import Answer, Oracle, Verdict, judge

ORDERS_BY_KEY = (
    "SELECT delivery_note, array_agg(id::text) FROM purchase_order"
    " WHERE delivery_note IS NOT NULL GROUP BY delivery_note"
)
RETRY_SECONDS = 300.0
PAUSE_SECONDS = 0.05
IN_FLIGHT = 409
BUSY = 503


DEFECTS = range(500, 600)


class Defective(Exception):
    """An answer that nobody may get: 5xx but for 503 that says when to come again."""


def call(port: int, message: bytes) -> tuple[int, dict[str, Any]]:
    """Send one request and read status and JSON; raises OSError where no answer came."""
    answer = http_load.send(port, message)
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head[9:12])
    if status in DEFECTS and not (status == BUSY and b"\r\nRetry-After: " in head):
        raise Defective(answer)
    read: dict[str, Any] = json.loads(body) if body else {}
    return status, read


def post(
    port: int, person: Person, path: str, body: Mapping[str, Any], *, key: str = ""
) -> tuple[int, dict[str, Any]]:
    """Post one body as somebody, under a key of its own unless one is given."""
    message = http_load.request(
        "POST",
        f"/api/v1{path}",
        token=person.token,
        key=key or secrets.token_hex(12),
        body=json.dumps(body).encode(),
    )
    return call(port, message)


class Traffic:
    """Threads that place orders as fast as they are answered, until the block ends."""

    def __init__(self, world: World, *, port: int, folder: Path, threads: int = 8) -> None:
        self.world = world
        self.port = port
        self.oracle = Oracle(folder / f"oracle-{secrets.token_hex(4)}.jsonl")
        self.defects: list[Defective] = []
        self.busy = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._order, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(http_load.TIMEOUT_SECONDS + 5)

    def _order(self) -> None:
        chance = random.Random(secrets.randbits(32))
        while not self._stop.is_set():
            try:
                self.busy += self.place(chance) == BUSY
            except Defective as defect:
                self.defects.append(defect)
            except OSError:
                time.sleep(PAUSE_SECONDS)

    def place(self, chance: random.Random) -> int:
        """Place an order that the oracle knows of; gives the status."""
        buyer = chance.randrange(len(self.world.buyers))
        key = f"{buyer}-{secrets.token_hex(12)}"
        body = json.dumps(noted_body(self.world, chance, buyer=buyer, note=key))
        self.oracle.intend(key, body.encode())
        answer = self.send(key, body)
        self.oracle.answered(key, answer)
        return answer.status

    def send(self, key: str, body: str) -> Answer:
        """Send an intent, the first time or again, as the buyer that the key names."""
        buyer = self.world.buyers[int(key.partition("-")[0])]
        message = http_load.request(
            "POST", "/api/v1/orders", token=buyer.token, key=key, body=body.encode()
        )
        status, answer = call(self.port, message)
        return Answer(status, str(answer.get("id", "")))

    def retry(self, key: str, body: str) -> Answer:
        """Send an intent once more; where it is in flight, or nobody answers yet, wait for it."""
        end = time.monotonic() + RETRY_SECONDS
        while True:
            try:
                answer = self.send(key, body)
            except OSError:
                answer = Answer(BUSY, "")
            if answer.status not in {IN_FLIGHT, BUSY} or time.monotonic() > end:
                return answer
            time.sleep(PAUSE_SECONDS)

    def judged(self, stand: Stand) -> Verdict:
        """Compare what was promised with what exists; call it after the block."""
        return judge(self.oracle, rows=lambda: orders_by_key(stand), retry=self.retry)


def orders_by_key(stand: Stand) -> dict[str, list[str]]:
    """List the ids of the orders that exist by the key their note carries."""
    return {str(key): list(ids) for key, ids in stand.query(ORDERS_BY_KEY)}  # type: ignore[call-overload]


def noted_body(world: World, chance: random.Random, *, buyer: int, note: str) -> dict[str, Any]:
    """Write an order of two lines of one supplier that carries its key as its note."""
    listings = chance.sample(chance.choice(world.listings), 2)
    return order_body(world, world.buyers[buyer], listings, address="演示路1号", note=note)
