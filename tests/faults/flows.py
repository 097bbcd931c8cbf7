"""Whole purchases from several threads: each ends accepted and paid, and owes an attribution."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from types import TracebackType
from typing import Any, Self

from benchmarks.rows import Person
from benchmarks.stand import Stand
from benchmarks.world import World
from tests.faults.judgement import broken_invariants
from tests.faults.traffic import (
    BUSY,
    PAUSE_SECONDS,
    RETRY_SECONDS,
    noted_body,
    orders_by_key,
    post,
)

OWED = """
SELECT o.id::text, o.accepted_fen, coalesce(sum(a.amount_fen), 0), count(a.id)
FROM purchase_order o LEFT JOIN attribution a ON a.order_id = o.id
WHERE o.accepted_fen > 0 AND o.paid_fen >= o.accepted_fen
GROUP BY o.id
"""
UNHANDLED = "SELECT count(*) FROM event_delivery WHERE handled_at IS NULL"
HANDLED = "SELECT count(*) FROM event_delivery WHERE handled_at IS NOT NULL"
ENDED = "SELECT id::text FROM purchase_order WHERE order_status = 'completed'"
LINES = 2
REST_SECONDS = 0.25
QUIET_SECONDS = 180.0
AGAIN = {"idempotency_in_flight", "busy"}


class Purchases:
    """Threads that buy, deliver and pay again and again until the block ends."""

    def __init__(self, world: World, *, port: int, threads: int = 2) -> None:
        self.world = world
        self.port = port
        self.placed: list[float] = []
        self.finished: list[str] = []
        self.defects: list[BaseException] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._buy, daemon=True) for _ in range(threads)]

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
            thread.join(RETRY_SECONDS)

    def placed_since(self, moment: float) -> int:
        """Count the orders that were accepted since a moment of the monotonic clock."""
        return sum(at >= moment for at in self.placed)

    def _buy(self) -> None:
        chance = random.Random(secrets.randbits(32))
        try:
            while not self._stop.is_set():
                self.finished.append(self._purchase(chance))
                time.sleep(REST_SECONDS)  # leave the workers something of the processor
        except BaseException as defect:  # noqa: BLE001 - a thread's failure is the test's
            self.defects.append(defect)

    def _purchase(self, chance: random.Random) -> str:
        world = self.world
        buyer = chance.randrange(len(world.buyers))
        body = noted_body(world, chance, buyer=buyer, note=secrets.token_hex(8))
        unit = buyer * len(world.payers) // len(world.buyers)
        order = self._step(world.buyers[buyer], "/orders", body)
        self.placed.append(time.monotonic())
        group = next(
            number
            for number, listings in enumerate(world.listings)
            if body["lines"][0]["listing_id"] in map(str, listings)
        )
        path = f"/orders/{order['id']}"
        lines = [line["id"] for line in order["lines"]]
        self._step(world.managers[group], f"{path}/confirm", {})
        shipped = [{"order_line_id": line, "quantity": "2"} for line in lines]
        self._step(world.clerks[group], f"{path}/shipments", {"lines": shipped, "carrier": "自送"})
        received = [
            {"order_line_id": line, "accepted_quantity": "2", "rejected_quantity": "0"}
            for line in lines
        ]
        self._step(world.buyers[buyer], f"{path}/receipts", {"lines": received})
        money = {"method": "bank_transfer", "amount_fen": order["total_fen"]}
        payment = self._step(world.payers[unit], f"{path}/payments", money)
        self._step(world.managers[group], f"/payments/{payment['id']}/confirm", {})
        return str(order["id"])

    def _step(self, person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
        status, answer = post(self.port, person, path, body)
        if status >= 300:
            raise RuntimeError(f"{path}: {status} {json.dumps(answer, ensure_ascii=False)}")
        return answer


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


def losses(stand: Stand, purchases: Purchases) -> dict[str, object]:
    """Give what was lost or happened twice, once all is quiet; nothing where all is well."""
    waiting = wait_until_handled(stand, seconds=QUIET_SECONDS)
    ended = {str(row[0]) for row in stand.query(ENDED)}
    short, double = wrongly_attributed(stand)
    found = {
        "waiting": waiting,
        "not ended": sorted(set(purchases.finished) - ended),
        "placed twice": [key for key, one in orders_by_key(stand).items() if len(one) > 1],
        "attributed too rarely": short,
        "attributed too often": double,
        "broken": broken_invariants(stand),
    }
    return {name: one for name, one in found.items() if one}


def wait_until_handled(stand: Stand, *, seconds: float) -> int:
    """Wait until every fact has all its receipts, while within `seconds` one more gets its last.

    Gives how many still lack one.
    """
    least, end = _count(stand, UNHANDLED), time.monotonic() + seconds
    while least and time.monotonic() < end:
        time.sleep(REST_SECONDS)
        if (left := _count(stand, UNHANDLED)) < least:
            least, end = left, time.monotonic() + seconds
    return least


def wait_until_handling(stand: Stand, *, seconds: float) -> bool:
    """Wait until one more fact is handled than now, so that somebody is at work."""
    end = time.monotonic() + seconds
    before = _count(stand, HANDLED)
    while _count(stand, HANDLED) == before:
        if time.monotonic() > end:
            return False
        time.sleep(REST_SECONDS / 5)
    return True


def _count(stand: Stand, statement: str) -> int:
    ((count,),) = stand.query(statement)
    return int(str(count))


def wrongly_attributed(stand: Stand) -> tuple[list[str], list[str]]:
    """List the orders whose money was split too rarely, and those split too often."""
    short, double = [], []
    for order, accepted, attributed, rows in stand.query(OWED):
        if int(str(attributed)) < int(str(accepted)):
            short.append(str(order))
        elif int(str(attributed)) > int(str(accepted)) or int(str(rows)) != LINES:
            double.append(str(order))
    return short, double
