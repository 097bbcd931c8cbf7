"""The whole life of an order through HTTP, step by step: `python -m benchmarks.life`.

One client, one step after the other: ordered, taken on, sent, taken in, paid, and the money seen to
come. What follows from it later (attribution, totals of statistics) is a worker's and not in it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from benchmarks import report
from benchmarks.rows import Person
from benchmarks.stand import LISTENING_PORTS, Stand
from benchmarks.statements import counting
from benchmarks.world import Size, World
from tests.faults.flows import Purchases

WARMING, COUNTED = 20, 40
PERCENTILES = 20


class Life(Purchases):
    """Purchases one by one, each step of them timed."""

    def __init__(self, world: World, *, port: int) -> None:
        super().__init__(world, port=port, threads=0)
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.sent: dict[str, int] = defaultdict(int)
        self.since_last: Callable[[], int] = lambda: 0

    def buy(self, times: int) -> None:
        """Let so many purchases take their whole course."""
        chance = random.Random(times)
        for _ in range(times):
            self._purchase(chance)

    def _step(self, person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
        began = time.perf_counter()
        answer = super()._step(person, path, body)
        parts = path.strip("/").split("/")
        name = " ".join([parts[0], *parts[2:]])
        self.seconds[name].append(time.perf_counter() - began)
        self.sent[name] += self.since_last()
        return answer


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    options = parser.parse_args()
    port = random.choice(LISTENING_PORTS)
    with Stand() as stand:
        world = stand.settle(Size())
        stand.web(port)
        Life(world, port=port).buy(WARMING)
        timed, counted = Life(world, port=port), Life(world, port=port)
        timed.buy(options.orders)
        with counting(stand) as counted.since_last:
            counted.buy(COUNTED)
        print(f"\n# The life of {options.orders} orders of two lines, one client\n")
        print(report.machine(stand))
        print("\n| step | statements | p50 ms | p95 ms |\n| --- | --: | --: | --: |")
        for name, took in timed.seconds.items():
            p95 = statistics.quantiles(took, n=PERCENTILES)[-1]
            cells = (counted.sent[name] / COUNTED, statistics.median(took) * 1000, p95 * 1000)
            print(f"| POST {name} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")
        whole = sum(counted.sent.values()) / COUNTED
        print(f"\n{whole:.1f} statements in all, BEGIN and COMMIT counted.")


if __name__ == "__main__":
    main()
