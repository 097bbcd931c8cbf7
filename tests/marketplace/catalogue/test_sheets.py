"""Listings as files: drafts that a supplier hands in, and the list as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from kernel import clock
from kernel.database import db
from kernel.sheets.writing import write
from marketplace.catalogue.models.listings import Listing, ListingStatus, StorageBand
from marketplace.catalogue.schemas.sheets import LISTINGS
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, Scene
from tests.conftest import Client
from tests.marketplace.doors import Door
from tests.registry.households.test_imports import hand_in


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def there(client: Client) -> Scene:
    del client  # it brings the transaction
    return marketplace.scene(stock="0")


def handed_in(client: Client, there: Scene, **fields: Any) -> Any:
    row = {column.name: None for column in LISTINGS.columns} | {
        "certificate_number": there.certificate.number,
        "title": "演示冻菌",
        "unit": "kg",
        "step": "0.5",
        "unit_price_fen": 1_250,
        "storage_band": "frozen",
        "storage_min_c": -20,
        "storage_max_c": -18,
    }
    into = BytesIO()
    write(into, LISTINGS, [row | fields], format="xlsx")
    return hand_in(client, registry.token_of(there.clerk), into.getvalue(), "listings")


def test_a_supplier_hands_in_drafts(client: Client, there: Scene) -> None:
    made = handed_in(client, there)
    assert (made.status_code, made.get_json()["faults"]) == (201, []), made.text
    path = f"/api/v1/imports/{made.get_json()['id']}/commit"
    done = client.post(path, token=registry.token_of(there.clerk))
    assert done.get_json()["state"] == "committed"
    listing = db.session.scalars(select(Listing).where(Listing.title == "演示冻菌")).one()
    assert (listing.status, listing.unit_price_fen) == (ListingStatus.DRAFT, 1_250)
    assert (listing.storage_band, listing.storage_min_c) == (StorageBand.FROZEN, -20)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"certificate_number": "BF-C-9"}, "not_found"),
        ({"unit": "jin", "step": "0.001"}, "invalid"),
        ({"storage_min_c": None}, "invalid"),
        ({"unit": "box", "step": "1"}, "unit_mismatch"),
    ],
)
def test_a_row_that_cannot_be_offered_is_named(
    client: Client, there: Scene, fields: dict[str, Any], code: str
) -> None:
    made = handed_in(client, there, **fields)
    assert made.status_code == 201, made.text
    assert {one["code"] for one in made.get_json()["faults"]} == {code}, made.text


def test_anothers_certificate_is_not_found(client: Client, there: Scene) -> None:
    other = certification.certificate()
    made = handed_in(client, there, certificate_number=other.number)
    assert [one["code"] for one in made.get_json()["faults"]] == ["not_found"]


def test_the_list_is_given_out_as_it_is_shown(client: Client, there: Scene) -> None:
    told = Door(client, there.buyer).get("/listings/export", format="csv", q="丝苗")
    assert told.status_code == 200, told.text
    text = told.data.decode("utf-8-sig")
    assert there.certificate.number in text
    assert there.cooperative.name in text
