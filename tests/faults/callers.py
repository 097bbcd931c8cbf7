"""Clients that ask again and again while something fails, and how each answer came."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmarks import http_load
from tests.faults.traffic import BUSY, Defective, Traffic, call

LONGEST_SECONDS = 15.0
"""A request that is not answered by then hangs."""
HEALTH_SECONDS = 4.0
"""As long as the image's own health check waits."""
BUSY_PAUSE_SECONDS = 0.3
NOBODY = b'{"username":"nobody","password":"x"}'
GLANCE_SECONDS = 0.1
Answer = tuple[int, dict[str, Any]]
Ask = Callable[[], Answer]
RIGHT = {"order": 201, "list": 200, "sign in": 401, "payment": 201, "ready": 200, "health": 200}
"""The true answer to each; nobody signs in here."""


@dataclass
class Seen:
    """Every answer of a time: what was asked, the status, and how long it took."""

    answers: list[tuple[str, int, float, float]] = field(default_factory=list)
    """What, the status, the seconds, and when it was asked."""
    defects: list[str] = field(default_factory=list)

    def note(self, name: str, ask: Ask) -> int:
        """Ask once and write down how it went; what got no true answer is a defect."""
        began = time.monotonic()
        try:
            status, answer = ask()
        except (Defective, OSError) as defect:
            self.defects.append(f"{name}: {defect!r} after {time.monotonic() - began:.1f} s")
            return 0
        self.answers.append((name, status, time.monotonic() - began, began))
        if status not in {RIGHT[name], BUSY}:
            self.defects.append(f"{name}: {status} {answer}")
        return status

    def longest(self, *names: str) -> float:
        """Give the seconds of the slowest answer, of these or of all."""
        return max(
            (took for name, _, took, _ in self.answers if not names or name in names), default=0
        )

    def count(self, status: int) -> int:
        """Count the answers of a status."""
        return sum(one == status for _, one, _, _ in self.answers)

    def right_since(self, moment: float) -> float | None:
        """Give the seconds until each was asked and answered truly; None while one was not."""
        first: dict[str, float] = {}
        for name, status, took, began in list(self.answers):
            if began >= moment and status == RIGHT[name]:
                first.setdefault(name, began + took - moment)
        return max(first.values()) if first.keys() == RIGHT.keys() else None


def asks_of(traffic: Traffic, payment: Callable[[], bytes]) -> dict[str, Ask]:
    """Give what clients ask, by name: it needs the database, and some of it Valkey or Stripe."""
    world, port = traffic.world, traffic.port
    request = http_load.request
    return {
        "order": lambda: (traffic.place(random.Random(secrets.randbits(32))), {}),
        "list": lambda: call(
            port, request("GET", "/api/v1/orders", token=random.choice(world.buyers).token)
        ),
        "sign in": lambda: call(port, request("POST", "/api/v1/auth/tokens", body=NOBODY)),
        "payment": lambda: call(port, payment()),
        "ready": lambda: call(port, request("GET", "/readyz")),
    }


def health(port: int) -> Answer:
    """Ask whether the web lives."""
    return call(port, http_load.request("GET", "/healthz"))


@contextmanager
def asking(asks: dict[str, Ask], *, port: int, clients: int) -> Iterator[Seen]:
    """Let clients ask in turn, and one more look whether the web lives, until the block ends."""
    seen, over = Seen(), threading.Event()
    names = list(asks)

    def client(number: int) -> None:
        while not over.is_set():
            name = names[number % len(names)]
            if seen.note(name, asks[name]) in {0, BUSY}:
                over.wait(BUSY_PAUSE_SECONDS)
            number += 1

    def watch() -> None:
        while not over.wait(GLANCE_SECONDS):
            seen.note("health", partial(health, port))

    threads = [threading.Thread(target=client, args=(n,), daemon=True) for n in range(clients)]
    threads.append(threading.Thread(target=watch, daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join(2 * http_load.TIMEOUT_SECONDS)


def seconds_until_right(seen: Seen, *, seconds: float) -> float:
    """Wait until all is answered truly that is asked from now on; gives the seconds it took."""
    began = time.monotonic()
    while (right := seen.right_since(began)) is None and time.monotonic() - began < seconds:
        time.sleep(GLANCE_SECONDS)
    return seconds if right is None else right
