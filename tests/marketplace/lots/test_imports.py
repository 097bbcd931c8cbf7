"""Deliveries of households as a sheet: a lot for each harvest, or faults by their cells."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from kernel import clock
from kernel.identity import new_id
from kernel.sheets.writing import write
from marketplace.lots.queries import list_lots
from marketplace.lots.schemas import LOT_CONTRIBUTIONS
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market
from tests.conftest import Client


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


def row(code: str, quantity: str, harvested_on: str = "2026-06-01") -> dict[str, Any]:
    return {
        "harvested_on": harvested_on,
        "expires_on": None,
        "unit": "kg",
        "household_code": code,
        "quantity": quantity,
        "farm_price_fen": 1_850,
    }


def handed_in(client: Client, there: Market, rows: list[dict[str, Any]], listing: Any) -> Any:
    into = BytesIO()
    write(into, LOT_CONTRIBUTIONS, rows, format="csv")
    into.seek(0)
    return client.post(
        "/api/v1/imports",
        data={
            "list": LOT_CONTRIBUTIONS.name,
            "subject_id": str(listing),
            "file": (into, "交售.csv"),
        },
        token=registry.token_of(there.clerk),
        headers={"Idempotency-Key": str(new_id())},
        content_type="multipart/form-data",
    )


def test_a_sheet_of_deliveries_becomes_a_lot_for_each_harvest(client: Client) -> None:
    there = market()
    first, second, _ = there.households
    rows = [row(first.code, "12.5"), row(second.code, "7"), row(first.code, "3", "2026-05-30")]
    made = handed_in(client, there, rows, there.listing_id)
    assert made.status_code == 201, made.json
    assert made.json["faults"] == []
    token = registry.token_of(there.clerk)
    done = client.post(f"/api/v1/imports/{made.json['id']}/commit", token=token)
    assert done.status_code == 200, done.json
    found = list_lots(there.by("clerk"), listing_id=there.listing_id, limit=9, cursor=None).items
    assert sorted(str(one.lot.total) for one in found) == ["19.500", "3.000", "40.000", "80.000"]


def test_a_stranger_and_a_harvest_to_come_are_faults_by_their_cells(client: Client) -> None:
    there = market()
    stranger = registry.household()
    rows = [
        row(stranger.code, "1"),
        row("BF-H-0", "1"),
        row(there.households[0].code, "1", "2027-01-01"),
    ]
    made = handed_in(client, there, rows, there.listing_id)
    faults = [(one["row"], one["column"]) for one in made.json["faults"]]
    assert len({line for line, _ in faults}) == 3, made.json["faults"]
    other = handed_in(client, there, rows, market().listing_id)
    assert other.status_code == 404
