"""How long a list of a hundred thousand households takes: `python -m benchmarks.imports`."""

from __future__ import annotations

import argparse
import random
import resource
import time
from io import BytesIO

from flask import Flask
from sqlalchemy import text
from stdnum.cn import ric

from benchmarks.stand import Stand
from benchmarks.world import Size
from kernel import clock
from kernel.database import db
from kernel.imports.commands import NewImport, advance_import, commit_import, receive_import
from kernel.sheets.writing import Format, write
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.schemas.sheets import HOUSEHOLDS
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build


def households(count: int, *, first: int = 0, kind: Format = "xlsx") -> bytes:
    """Write a list of so many invented households, from the first of them on."""
    chance = random.Random(11)
    rows = (
        {
            "village_code": build.VILLAGE,
            "head_name": "何示" + chance.choice("甲乙丙丁"),
            "id_number": _id_number(number),
            "members": 4,
            "able_labour": 2,
            "class": "registered",
            "willing": True,
            "phone": f"138{number:08d}",
            "bank_card": f"622848{number:013d}",
        }
        for number in range(first, first + count)
    )
    into = BytesIO()
    write(into, HOUSEHOLDS, rows, format=kind)
    return into.getvalue()


def _id_number(number: int) -> str:
    day = f"{1940 + number // 1000 % 60}{1 + number // 60_000 % 12:02d}12"
    body = f"440203{day}{number % 1000:03d}"
    return str(body + ric.calc_check_digit(body + "0"))


def measure(app: Flask, *, count: int) -> dict[str, float]:
    """Import so many households as the task does; gives seconds of each step and the peak."""
    content = households(count)
    figures: dict[str, float] = {"rows": count, "file_bytes": len(content)}
    with app.app_context():
        build.village()
        office = build.organisation(OrganisationKind.AUTHORITY)
        actor = build.actor_of(build.user(office, [Role.COUNTY_REVIEWER]))
        db.session.commit()
        begun = time.monotonic()
        new = NewImport(file=content, list="households")
        made = run(lambda: receive_import(new, by=actor, now=clock.now()).id)
        figures["receive_seconds"] = time.monotonic() - begun
        begun = time.monotonic()
        run(lambda: advance_import(now=clock.now()))
        figures["check_seconds"] = time.monotonic() - begun
        run(lambda: commit_import(made, by=actor, now=clock.now()))
        begun = time.monotonic()
        run(lambda: advance_import(now=clock.now()))
        figures["write_seconds"] = time.monotonic() - begun
        there = db.session.execute(text("SELECT count(*) FROM household")).scalar_one()
        figures["households"] = float(there)
    figures["peak_kb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return figures


def main() -> None:
    """Measure and print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    count = parser.parse_args().count
    with Stand() as stand:
        stand.settle(Size(units=1, buyers_per_unit=1, cooperatives=1, listings_per_cooperative=1))
        for name, figure in measure(stand.app(), count=count).items():
            print(f"{name}: {figure:,.1f}")


if __name__ == "__main__":
    main()
