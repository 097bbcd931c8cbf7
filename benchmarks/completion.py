"""Completion of 5,000 units in 30 regions at 100,000 and 1,000,000 order lines.

`python -m benchmarks.completion`: the monitor's overview and one unit's page through the web
server, beside one raw aggregate over as many order lines in the same run.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from benchmarks import http_load, report
from benchmarks.clients import Prepare, drive
from benchmarks.rows import Person, Writer
from benchmarks.stand import LISTENING_PORTS, Stand
from benchmarks.world import Size
from kernel import clock
from kernel.calendar import shanghai_year
from kernel.identity import new_id
from kernel.money import Fen
from kernel.unit_of_work import run
from procurement.completion.commands.totals import check_totals, rebuild_totals
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds
from procurement.quotas.models import QuotaId
from procurement.quotas.rules import QuotaPart
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from registry.regions.models import OriginKind
from registry.regions.rules import NATION, subtree_prefix

FOUND = 200
SERIAL = 900_000
UNIT = "('0190aaaa-0000-7000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"
QUOTA = "('0190bbbb-0000-7000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"
FILING = "('0190cccc-0000-7000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"
HOLD = "('0190dddd-0000-7000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"
PLACES = f"""
CREATE UNLOGGED TABLE measured_place AS
  SELECT row_number() OVER (ORDER BY code) - 1 AS at, code FROM (
    SELECT min(code) AS code FROM region WHERE level = 'county' AND valid_until_on IS NULL
    GROUP BY left(code, 2) ORDER BY 1 LIMIT 30) r;
INSERT INTO organisation (id, credit_code, name, kind, region_code, region_prefix, lineage,
  created_at, version)
SELECT {UNIT.format(n="n")}, '9200000' || lpad(n::text, 11, '0'), '测量学校 ' || n, 'budget_unit',
  p.code, p.code, '/' || {UNIT.format(n="n")} || '/', now(), 1
FROM generate_series(1, :units) n JOIN measured_place p ON p.at = n % 30;
INSERT INTO filing (id, number, unit_id, year, situation, canteen_total_fen, reserved_fen,
  ceiling_fen, union_situation, policy_id, floor_fen, status, author_id, finance_by, created_at,
  confirmed_at, version)
SELECT {FILING.format(n="n")}, 'BF-F-B-' || n, {UNIT.format(n="n")}, :year, 'own', 10000000,
  3000000, 100000000000, 'no_union_funds', policy.id, 3000000, 'confirmed', people.ids[1],
  people.ids[2], now(), make_timestamptz(:year, 1, 1, 1, 0, 0), 1
FROM generate_series(1, :units) n,
  (SELECT id FROM share_policy WHERE code LIKE 'guangdong-2025%' LIMIT 1) policy,
  (SELECT array_agg(id) AS ids FROM (SELECT id FROM app_user ORDER BY id LIMIT 2) u) people;
INSERT INTO quota (id, unit_id, year, fund, ceiling_fen, floor_fen, held_fen, spent_fen, filing_id)
SELECT {QUOTA.format(n="n")}, {UNIT.format(n="n")}, :year, 'canteen', 100000000000, 3000000, 0, 0,
  {FILING.format(n="n")} FROM generate_series(1, :units) n;
ALTER TABLE quota_entry DISABLE TRIGGER follow;
INSERT INTO quota_entry (id, counter_id, kind, held, spent, ceiling_fen, floor_fen, at)
SELECT gen_random_uuid(), {QUOTA.format(n="n")}, 'adjust', 0, 0, 100000000000, 3000000,
  make_timestamptz(:year, 1, 1, 1, 0, 0) FROM generate_series(1, :units) n;
CREATE UNLOGGED TABLE measured_line (id bigint, unit_id uuid, region_code text, supplier bigint,
  amount_fen bigint, origin_kind text, paid_at timestamptz);
"""  # noqa: S608 - made of the constants above
LINES = f"""
CREATE UNLOGGED TABLE measured_batch AS
SELECT n, 1 + (n::bigint * 7919) % :units AS unit, 100 + (n::bigint * 31) % 2000 AS amount,
  make_timestamptz(:year, 1, 2, 0, 0, 0) + n::float8 / :most * (now() - interval '10 days'
    - make_timestamptz(:year, 1, 2, 0, 0, 0)) AS at,
  (ARRAY['national_832', 'national_832', 'national_832', 'provincial_village', 'other'])
    [1 + n % 5] AS origin,
  (ARRAY['reserved_share', 'reserved_share', 'priority'])[1 + n % 3] AS kind,
  (ARRAY['grain', 'fruit', 'meat', 'tea'])[1 + n % 4] AS category
FROM generate_series(:first, :last) n;
INSERT INTO quota_hold (id, counter_id, source, source_id, held_at, amount, posted, accepted_fen,
  order_id, origin_kind, order_kind, category_code, buyer_kind)
SELECT {HOLD.format(n="n")}, {QUOTA.format(n="unit")}, 'order', {HOLD.format(n="n")}, at, amount,
  amount, amount, {HOLD.format(n="n")}, origin, kind, category, 'budget_unit' FROM measured_batch;
INSERT INTO quota_entry (id, counter_id, hold_id, kind, held, spent, accepted_fen, at)
SELECT gen_random_uuid(), {QUOTA.format(n="unit")}, {HOLD.format(n="n")}, act.kind,
  amount * act.held, amount * act.spent, amount * act.accepted, at + act.later
FROM measured_batch, (VALUES ('hold', 1, 0, 0, interval '0'),
  ('accept', 0, 0, 1, interval '4 days'), ('post', -1, 1, 0, interval '9 days')
  ) act(kind, held, spent, accepted, later);
INSERT INTO measured_line
SELECT n, {UNIT.format(n="unit")}, p.code, n % 3000, amount, origin, b.at + interval '9 days'
FROM measured_batch b JOIN measured_place p ON p.at = unit % 30;
DROP TABLE measured_batch;
UPDATE quota q SET spent_fen = e.spent FROM (SELECT counter_id, sum(spent) AS spent
  FROM quota_entry GROUP BY 1) e WHERE e.counter_id = q.id AND q.spent_fen <> e.spent;
"""  # noqa: S608 - made of the constants above
AGGREGATE = """
SELECT region_code, unit_id, sum(amount_fen), count(DISTINCT supplier),
  sum(amount_fen) FILTER (WHERE origin_kind = 'national_832')
FROM measured_line WHERE paid_at < now()
GROUP BY GROUPING SETS ((region_code), (region_code, unit_id))
"""
ROUNDS = 5
HOLD_ROUNDS = 4
HOLDS = 100


def monitor(stand: Stand) -> Person:
    """Open the account of the nation's monitor, and a second one for the filings' hands."""

    def write() -> Person:
        writer = Writer(clock.now())
        writer.serial = SERIAL
        office = writer.organisation(
            OrganisationKind.AUTHORITY, region_code=NATION, region_prefix=subtree_prefix(NATION)
        )
        writer.person(office, Role.AUDITOR)
        return writer.person(office, Role.MONITOR)[0]

    with stand.app().app_context():
        return run(write)


def fill(stand: Stand, statements: str, **numbers: int) -> None:
    """Run statements one after another, with numbers put in."""
    for name, number in numbers.items():
        statements = statements.replace(f":{name}", str(number))
    for statement in statements.split(";\n"):
        if statement.strip():
            stand.query(f"SET statement_timeout = 0; {statement}")


def within_app(stand: Stand, act: Callable[[], Any]) -> tuple[float, Any]:
    """Run a command of the program and give its seconds with its answer."""
    with stand.app().app_context():
        begun = time.perf_counter()
        answer = run(act)
        return time.perf_counter() - begun, answer


def reading(port: int, path: str, person: Person) -> Prepare:
    """Prepare clients that read one page again and again."""

    def messages(number: int) -> Iterator[bytes]:
        del number
        return itertools.repeat(http_load.request("GET", path, token=person.token), 100_000)

    return http_load.posting(port, messages=messages, status=FOUND)


def milliseconds(stand: Stand, statement: str) -> list[float]:
    """Time a statement at the database."""
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        stand.query(statement)
        found.append(1000 * (time.perf_counter() - begun))
    return found


def measure(
    stand: Stand, *, port: int, person: Person, year: int, seconds: float
) -> dict[str, tuple[float, float]]:
    """Give the median and 95th percentile of every page, and the median of the aggregate."""
    unit = UUID(str(stand.query(f"SELECT {UNIT.format(n=1)}")[0][0]))
    past = f"{date(year, 5, 20).isoformat()}T04:00:00Z"
    base = "/api/v1/procurement/completion"
    pages = {
        "overview: 30 regions, 20 units by rank": f"{base}/overview?year={year}",
        "one unit's page": f"{base}?year={year}&unit_id={unit}",
        "a region's report, 200 units": f"{base}?year={year}",
        "one unit's curve": f"{base}/curve?year={year}&unit_id={unit}",
        "one unit's page on a past day": f"{base}?year={year}&unit_id={unit}&as_of={past}",
        "overview of a past day": f"{base}/overview?year={year}&as_of={past}",
    }
    found = {}
    for name, path in pages.items():
        read = drive(reading(port, path, person), clients=1, seconds=seconds)
        found[name] = (read.percentile(0.5), read.percentile(0.95))
        print(f"  {name}: p50 {found[name][0]:.1f} ms, p95 {found[name][1]:.1f} ms", flush=True)
    raw = milliseconds(stand, AGGREGATE)
    found["raw aggregate with distinct suppliers"] = (statistics.median(raw), max(raw))
    return found


def hold_cost(stand: Stand) -> dict[str, float]:
    """Time the holding of an order's money, a transaction each, with the totals and without.

    Gives the median in milliseconds; both ways alternate.
    """
    quota_id = QuotaId(UUID(str(stand.query(f"SELECT {QUOTA.format(n=1)}")[0][0])))
    part = QuotaPart(OriginKind.NATIONAL_832, OrderKind.PRIORITY, Fen(1), "grain")

    def hold() -> None:
        holds.hold(
            order_id=new_id(), quota_id=quota_id, parts=[part], expires_at=None, now=clock.now()
        )

    found: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    with stand.app().app_context():
        for way in ("ENABLE", "DISABLE") * HOLD_ROUNDS:
            stand.query(f"ALTER TABLE quota_entry {way} TRIGGER follow")
            for _ in range(HOLDS):
                begun = time.perf_counter()
                run(hold)
                found[way].append(1000 * (time.perf_counter() - begun))
    return {way: statistics.median(times) for way, times in found.items()}


def show(sizes: Sequence[int], figures: Sequence[dict[str, tuple[float, float]]]) -> None:
    """Print the table: both sizes, what ten times the lines costs, and the ratio to the raw one."""
    raw = figures[-1]["raw aggregate with distinct suppliers"][0]
    heads = " | ".join(f"{size:,}: p50 ms | p95 ms" for size in sizes)
    print(f"\n| page | {heads} | growth | raw ÷ it |")
    print(f"| --- |{' ---: | ---: |' * len(sizes)} ---: | ---: |")
    for name in figures[0]:
        cells = " | ".join(f"{one[name][0]:.1f} | {one[name][1]:.1f}" for one in figures)
        growth = figures[-1][name][0] / figures[0][name][0]
        print(f"| {name} | {cells} | {growth:.2f} | {raw / figures[-1][name][0]:.0f} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--units", type=int, default=5_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--check", action="store_true", help="Compare the totals as well.")
    options = parser.parse_args()
    port, year = random.choice(LISTENING_PORTS), shanghai_year(clock.now())
    with Stand() as stand:
        stand.settle(Size(units=2, cooperatives=2))
        person = monitor(stand)
        stand.web(port)
        fill(stand, PLACES, units=options.units, year=year)
        figures, first = [], 1
        for size in options.sizes:
            fill(
                stand,
                LINES,
                units=options.units,
                year=year,
                most=max(options.sizes),
                first=first,
                last=size,
            )
            first = size + 1
            spent, _ = within_app(stand, lambda: rebuild_totals(now=clock.now()))
            stand.query("VACUUM ANALYZE")
            checked, wrong = within_app(stand, check_totals) if options.check else (0.0, 0)
            print(
                f"{size:,} lines: rebuilt in {spent:.1f} s, compared in {checked:.1f} s,"
                f" {wrong} totals differed",
                flush=True,
            )
            figures.append(
                measure(stand, port=port, person=person, year=year, seconds=options.seconds)
            )
        cost = hold_cost(stand)
        print(report.machine(stand))
        print(
            f"\nholding an order's money: {cost['ENABLE']:.2f} ms with the totals,"
            f" {cost['DISABLE']:.2f} ms without"
        )
        show(options.sizes, figures)


if __name__ == "__main__":
    main()
