"""Orders of two lines through HTTP, side by side with three floors: `python -m benchmarks.orders`.

Each request opens its own connection to gunicorn (2 workers, 8 threads); every client is a
process in a closed loop. Floor and HTTP rounds alternate, figures are medians of rounds.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks import floor, http_load, pgbench, replay, report, statements
from benchmarks.clients import Prepare, Round, drive
from benchmarks.stand import LISTENING_PORTS, Stand
from benchmarks.world import Size, World, order_body

LOADS = ("uniform", "hot")
FASTEST_PER_SECOND = 1_500
"""No client sends more than that, so that many messages a second are made beforehand."""
COUNTED_ORDERS = 40
WARM_UP_ORDERS = 8
CREATED = 201
PSYCOPG, PGBENCH, ROWS, HTTP = "floor (psycopg)", "floor (pgbench)", "our rows, raw", "Bangfu"
Subject = Callable[[int], Round]

IDENTITIES = """
SELECT l.id::text, l.certificate_id::text, l.certificate_number, c.id::text, t.id::text,
    l.supplier_id::text
FROM listing l JOIN capacity c ON c.certificate_id = l.certificate_id
JOIN lot t ON t.listing_id = l.id
"""
BUYERS = """
SELECT encode(a.digest, 'hex'), a.user_id::text, a.organisation_id::text, q.id::text
FROM access_token a JOIN quota q ON q.unit_id = a.organisation_id
"""


def order_request(world: World, chance: random.Random, *, hot: bool) -> bytes:
    """Write the request of one order: two listings of one supplier, or twice the hot one."""
    buyer = chance.choice(world.buyers)
    listings = [world.listings[0][0]] * 2
    if not hot:
        listings = chance.sample(chance.choice(world.listings), 2)
    body = order_body(world, buyer, listings, address="测量路1号")
    return http_load.request(
        "POST",
        "/api/v1/orders",
        token=buyer.token,
        key=secrets.token_hex(16),
        body=json.dumps(body).encode(),
    )


def http_orders(world: World, port: int, *, hot: bool, seconds: float) -> Prepare:
    """Prepare clients that place orders over HTTP, all requests made beforehand."""

    def messages(number: int) -> Iterator[bytes]:
        chance = random.Random(secrets.randbits(32) + number)
        for _ in range(int((seconds + 1) * FASTEST_PER_SECOND)):
            yield order_request(world, chance, hot=hot)

    return http_load.posting(port, messages=messages, status=CREATED)


def replays(stand: Stand, world: World, port: int, *, hot: bool) -> Prepare:
    """Prepare clients that write the rows of one captured order under other keys."""
    listings = {str(row[0]): [str(value) for value in row] for row in stand.query(IDENTITIES)}
    buyers = [[str(value) for value in row[1:]] for row in stand.query(BUYERS)]
    chance = random.Random(1)
    place = _placing(world, port, hot=hot)
    for _ in range(WARM_UP_ORDERS):
        place()
    message = order_request(world, chance, hot=hot)
    template = replay.capture(stand.dsn, lambda: _wanted(http_load.send(port, message)))
    ordered = [one["listing_id"] for one in json.loads(message.split(b"\r\n\r\n")[1])["lines"]]
    (author,) = (one for one in buyers if any(one[0] in s.values for s in template.statements))
    groups = [[listings[str(one)] for one in group] for group in world.listings]

    def choose(_: int) -> Mapping[str, str]:
        buyer = chance.choice(buyers)
        others = [listings[ordered[0]]] * 2 if hot else chance.sample(chance.choice(groups), 2)
        mapped = dict(zip(author, buyer, strict=True))
        for old, new in zip(ordered, others, strict=True):
            mapped.update(zip(listings[old], new, strict=True))
        return mapped

    return replay.replaying(stand.dsn, template, choose)


def _placing(world: World, port: int, *, hot: bool) -> Callable[[], None]:
    chance = random.Random(2)
    return lambda: _wanted(http_load.send(port, order_request(world, chance, hot=hot)))


def _wanted(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 201 "):
        raise RuntimeError(answer.decode(errors="replace"))


def subjects(
    stand: Stand, world: World, port: int, *, load: str, seconds: float
) -> dict[str, Subject]:
    """Give what is measured under a load, each a round for so many clients."""
    hot = load == "hot"
    raw = replays(stand, world, port, hot=hot)
    measured: dict[str, Subject] = {
        PSYCOPG: lambda clients: drive(
            floor.orders(stand.dsn, hot=hot), clients=clients, seconds=seconds
        ),
        ROWS: lambda clients: drive(raw, clients=clients, seconds=seconds),
        HTTP: lambda clients: drive(
            http_orders(world, port, hot=hot, seconds=seconds), clients=clients, seconds=seconds
        ),
    }
    binary = _pgbench(stand)
    if binary is not None:
        measured[PGBENCH] = lambda clients: pgbench.orders(
            stand.dsn, binary=binary, hot=hot, clients=clients, seconds=seconds
        )
    return measured


def _pgbench(stand: Stand) -> Path | None:
    """Find pgbench beside the server that runs, if it was packaged with it."""
    link = Path(f"/proc/{stand.postgres.pid}/exe")
    binary = link.resolve().parent / "pgbench"
    return binary if binary.exists() else None


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 16])
    parser.add_argument("--loads", nargs="+", choices=LOADS, default=list(LOADS))
    options = parser.parse_args()
    port = random.choice(LISTENING_PORTS)
    with Stand() as stand:
        world = stand.settle(Size())
        floor.build(stand.dsn)
        stand.web(port)
        results: dict[tuple[str, int], list[report.Result]] = {}
        for load in options.loads:
            measured = subjects(stand, world, port, load=load, seconds=options.seconds)
            results |= report.alternating(
                measured, clients=options.clients, rounds=options.rounds, load=load
            )
        costs = {
            load: statements.per_request(
                stand, _placing(world, port, hot=load == "hot"), times=COUNTED_ORDERS
            )
            for load in options.loads
        }
        print("\n# Placing an order of two lines: 10,000 listings, 200 units, 400 buyers\n")
        print(report.machine(stand))
        print(f"- SQL statements an order, BEGIN and COMMIT counted: {_counted(costs)}")
        print(f"- Rounds of {options.seconds:g} s, medians of {options.rounds}, alternating\n")
        print(report.table(results, floors=(PSYCOPG, PGBENCH, ROWS)))
        report.check(results)


def _counted(costs: Mapping[str, float]) -> str:
    floors = f"floor {floor.STATEMENTS_PER_ORDER}"
    return ", ".join([floors, *(f"{load} {count:.1f}" for load, count in costs.items())])


if __name__ == "__main__":
    main()
