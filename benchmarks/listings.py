"""Twenty of 10,000 listings, filtered, beside their floor: `python -m benchmarks.listings`."""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Callable, Iterator

from benchmarks import floor, http_load, report, statements
from benchmarks.clients import Prepare, Round, drive
from benchmarks.goods import CATEGORIES
from benchmarks.stand import LISTENING_PORTS, Stand
from benchmarks.world import Size

PSYCOPG, HTTP = "floor (psycopg)", "Bangfu"
FOUND = 200
COUNTED_PAGES = 40


def pages(port: int) -> Prepare:
    """Prepare clients that read the newest 20 listings of one category after another."""

    def messages(number: int) -> Iterator[bytes]:
        chance = random.Random(number)
        wanted = [_page(chance.choice(CATEGORIES)) for _ in range(100)]
        return itertools.islice(itertools.cycle(wanted), 100_000)

    return http_load.posting(port, messages=messages, status=FOUND)


def _page(category: str) -> bytes:
    return http_load.request("GET", f"/api/v1/listings?category={category}&limit=20")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 16])
    options = parser.parse_args()
    port = random.choice(LISTENING_PORTS)
    with Stand() as stand:
        stand.settle(Size())
        floor.build(stand.dsn)
        stand.web(port)
        measured: dict[str, Callable[[int], Round]] = {
            PSYCOPG: lambda clients: drive(
                floor.listings(stand.dsn), clients=clients, seconds=options.seconds
            ),
            HTTP: lambda clients: drive(pages(port), clients=clients, seconds=options.seconds),
        }
        results = report.alternating(
            measured, clients=options.clients, rounds=options.rounds, load="filtered"
        )
        cost = statements.per_request(stand, lambda: _read(port), times=COUNTED_PAGES)
        print("\n# Twenty of 10,000 listings of one category, newest first\n")
        print(report.machine(stand))
        print(f"- SQL statements a page: {cost:.1f} (floor 1)")
        print(f"- Rounds of {options.seconds:g} s, medians of {options.rounds}, alternating\n")
        print(report.table(results, floors=(PSYCOPG,)))
        report.check(results)


def _read(port: int) -> None:
    http_load.send(port, _page(CATEGORIES[0]))


if __name__ == "__main__":
    main()
