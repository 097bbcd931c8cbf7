"""How long each rule of the red flags looks through a year of trade: `python -m benchmarks.flags`.

A few purchases take their whole course over HTTP. Then they are copied with all that hangs on
them, with other buyers and days, until there are as many orders as wanted.
"""

from __future__ import annotations

import argparse
import random
import time
from functools import partial

import psycopg

from benchmarks import report
from benchmarks.flat import settle
from benchmarks.life import Life
from benchmarks.rows import without_indexes
from benchmarks.stand import LISTENING_PORTS, Stand
from benchmarks.world import Size
from kernel import clock
from kernel.unit_of_work import run
from marketplace.oversight.commands.searching import look_for
from marketplace.oversight.models import FlagRule

TOLD, DAYS = 100, 360
COPIED = {
    "purchase_order": (),
    "order_line": ("order_id",),
    "shipment": ("order_id",),
    "shipment_line": ("order_line_id", "shipment_id"),
    "receipt": ("order_id",),
    "receipt_line": ("order_line_id", "receipt_id", "shipment_line_id"),
    "weighing": ("receipt_id", "order_line_id"),
    "invoice": ("order_id",),
    "attribution": ("order_id", "order_line_id"),
    "attribution_share": ("attribution_id",),
}
"""What of a purchase is copied, and which of its keys are those of the copy."""
OTHERWISE = {
    "purchase_order": (
        "'checkout_id', NULL, 'number', r.number || '-' || n,"
        " 'placed_at', r.placed_at - make_interval(days => (n * 7 % {days})),"
        " 'bound_unit_id', (units.ids)[1 + n % cardinality(units.ids)],"
        " 'buyer_id', (units.ids)[1 + n % cardinality(units.ids)]"
    ),
    "shipment": "'shipped_at', r.shipped_at - make_interval(days => (n * 7 % {days}))",
    "receipt": (
        "'received_at', r.received_at - make_interval(days => (n * 7 % {days})) + interval '1 hour'"
    ),
    "attribution": "'transfer_id', md5(r.transfer_id::text || n)::uuid, 'position', 0",
    "invoice": "'number', r.number || '-' || n",
}
COPY = """
INSERT INTO {table} OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(r, jsonb_build_object({changed}))).*
FROM told_{table} r CROSS JOIN generate_series(1, {times}) n,
  (SELECT array_agg(id ORDER BY id) AS ids FROM organisation WHERE kind = 'budget_unit') units
"""


def copy_orders(stand: Stand, *, orders: int) -> None:
    """Copy the purchases with all that hangs on them until there are so many orders."""
    with (
        psycopg.connect(stand.dsn, autocommit=True) as connection,
        without_indexes(connection, COPIED),
    ):
        for table, keys in COPIED.items():
            changed = [f"'{key}', md5(r.{key}::text || n)::uuid" for key in ("id", *keys)]
            if table in OTHERWISE:
                changed.append(OTHERWISE[table].format(days=DAYS))
            told = f"CREATE TEMP TABLE told_{table} AS TABLE {table}"
            connection.execute(told.encode())
            copy = COPY.format(table=table, changed=", ".join(changed), times=orders // TOLD - 1)
            connection.execute(copy.encode())


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=500_000)
    options = parser.parse_args()
    port = random.choice(LISTENING_PORTS)
    with Stand() as stand:
        world = stand.settle(Size(units=200, cooperatives=50))
        stand.web(port)
        Life(world, port=port).buy(TOLD)
        copy_orders(stand, orders=options.orders)
        settle(stand)
        print(f"\n# Red flags among {options.orders:,} orders of a year\n")
        print(report.machine(stand))
        print("\n| rule | flags | seconds |\n| --- | --: | --: |")
        whole = 0.0
        with stand.app().app_context():
            for rule in FlagRule:
                began = time.perf_counter()
                found = run(partial(look_for, rule, now=clock.now()))
                took = time.perf_counter() - began
                whole += took
                print(f"| {rule.value} | {found} | {took:.2f} |", flush=True)
        print(f"\nAll rules one after the other: {whole:.1f} s.")


if __name__ == "__main__":
    main()
