"""Work lists and application lists at 10,000 and 100,000: `python -m benchmarks.work_lists`."""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import event

from benchmarks import http_load, report
from benchmarks.clients import Prepare, drive
from benchmarks.rows import Person, Writer
from benchmarks.stand import LISTENING_PORTS, Stand
from benchmarks.world import Size
from certification.applications.queries.applications import list_applications
from certification.applications.queries.work_lists import list_waiting
from kernel import clock
from kernel.actor import Actor, Sight
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind

FOUND = 200
COUNTY = "360732"
BUSY_SHARE = 5
"""Every fifth application waits in one county: its own list grows tenfold with all of them."""
SERIAL = 900_000
PATHS = {
    "work list": "/api/v1/certification/work-list?limit=20",
    "late work": "/api/v1/certification/work-list?limit=20&overdue=true",
    "county's list": "/api/v1/certification/applications?limit=20",
}
FILL = """
INSERT INTO application (id, number, scheme_id, holder_id, author_id, product_name, category_code,
  specification, unit, origin_region_code, yearly_quantity, goods_value_fen, unit_price_fen,
  pledge, status, round, notice_id, submitted_by_id, submitted_at, waiting_region_code, due_on,
  created_at, updated_at, version)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'BF-A-B-' || n, scheme_id,
  holder_id, author_id, product_name || n, category_code, specification, unit, place.code,
  yearly_quantity, goods_value_fen, unit_price_fen, true, 'town_checked', 1, NULL,
  submitted_by_id, submitted_at, place.code, current_date - 30 + n % 60, created_at, updated_at, 1
FROM generate_series({first}, {last}) n
CROSS JOIN (SELECT * FROM application ORDER BY id LIMIT 1) one
CROSS JOIN LATERAL (SELECT CASE WHEN n % {busy} = 0 THEN '{county}'
  ELSE (ARRAY(SELECT code FROM region WHERE level = 'county' AND code <> '{county}'
    ORDER BY code LIMIT 2000))[1 + n % 2000] END AS code) place
"""


def pages(port: int, *, path: str, person: Person) -> Prepare:
    """Prepare clients that read one page again and again."""

    def messages(number: int) -> Iterator[bytes]:
        del number
        return itertools.repeat(http_load.request("GET", path, token=person.token), 100_000)

    return http_load.posting(port, messages=messages, status=FOUND)


def plans(stand: Stand, act: Callable[[], object]) -> list[str]:
    """Run a query of the program, and give the plans of what it asked."""
    asked: list[tuple[str, Any]] = []

    def keep(*arguments: Any) -> None:
        asked.append((arguments[2], arguments[3]))

    with stand.app().app_context():
        event.listen(db.engine, "before_cursor_execute", keep)
        run(act)
        event.remove(db.engine, "before_cursor_execute", keep)
        with db.engine.connect() as connection:
            return [
                "\n".join(
                    row[0] for row in connection.exec_driver_sql(f"EXPLAIN (ANALYZE) {sql}", values)
                )
                for sql, values in asked
            ]


def people(stand: Stand) -> Person:
    """Open the account of the busy county's reviewer."""
    now = clock.now()
    with stand.app().app_context():

        def unit() -> Person:
            writer = Writer(now)
            writer.serial = SERIAL
            office = writer.organisation(
                OrganisationKind.AUTHORITY, region_code=COUNTY, region_prefix=COUNTY
            )
            return writer.person(office, Role.COUNTY_REVIEWER)[0]

        return run(unit)


def show_plans(stand: Stand) -> None:
    """Print the plan of each list, and say aloud where one reads a whole table."""
    on = shanghai_day(clock.now())
    sight: dict[str, Any] = {
        "user_id": UUID(int=SERIAL),
        "region_code": COUNTY,
        "region_prefix": COUNTY,
        "sight": Sight.REGION,
    }
    actor = Actor(**sight)
    acts: dict[str, Callable[[], object]] = {
        "work list": lambda: list_waiting(actor, overdue=None, today=on, limit=20, cursor=None),
        "late work": lambda: list_waiting(actor, overdue=True, today=on, limit=20, cursor=None),
        "county's list": lambda: list_applications(actor, status=None, limit=20, cursor=None),
    }
    for name, act in acts.items():
        for plan in plans(stand, act):
            verdict = "SEQUENTIAL SCAN" if "Seq Scan" in plan else "no sequential scan"
            print(f"\n{name}: {verdict}\n\n```\n{plan}\n```")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    options = parser.parse_args()
    port = random.choice(LISTENING_PORTS)
    figures: dict[str, list[float]] = {name: [] for name in PATHS}
    with Stand() as stand:
        stand.settle(Size(units=2, cooperatives=2))
        reviewer = people(stand)
        stand.web(port)
        first = 1
        for size in options.sizes:
            stand.query(FILL.format(first=first, last=size, busy=BUSY_SHARE, county=COUNTY))
            stand.query("VACUUM ANALYZE")
            first = size + 1
            for name, path in PATHS.items():
                reading = pages(port, path=path, person=reviewer)
                found = [
                    drive(reading, clients=options.clients, seconds=options.seconds)
                    for _ in range(options.rounds)
                ]
                figures[name].append(sorted(one.percentile(0.95) for one in found)[len(found) // 2])
        print("\n# Twenty of a county's applications, p95 in milliseconds\n")
        print(report.machine(stand))
        print(f"\n| list | {' | '.join(f'{size:,}' for size in options.sizes)} | ratio |")
        print(f"| --- |{' ---: |' * len(options.sizes)} ---: |")
        for name, row in figures.items():
            told = " | ".join(f"{one:.1f}" for one in row)
            print(f"| {name} | {told} | {row[-1] / row[0]:.2f} |")
        show_plans(stand)


if __name__ == "__main__":
    main()
