"""Pictures of listings: drawn anew, small ones beside them, shown to who sees the listing."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from kernel import clock
from kernel.identity import new_id
from marketplace.catalogue.commands.listings import delist_listing
from registry.accounts.models import AppUser
from tests.builders import marketplace, registry
from tests.builders.marketplace import NOW, Scene
from tests.builders.offers import picture
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

COLOURS = ("red", "green", "blue", "white", "black", "grey", "pink", "brown", "gold", "navy")


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def there(client: Client) -> Scene:
    del client  # it brings the transaction
    return marketplace.scene(stock="0")


def send(client: Client, there: Scene, content: bytes, by: AppUser | None = None) -> TestResponse:
    return client.post(
        f"/api/v1/listings/{there.listing_id}/pictures",
        data={"file": (BytesIO(content), "x.jpg")},
        content_type="multipart/form-data",
        token=registry.token_of(by or there.clerk),
    )


def test_a_picture_is_drawn_anew_with_a_small_one(client: Client, there: Scene) -> None:
    exif: Any = Image.Exif()
    exif[0x010E] = "where it was taken"
    made = json_of(send(client, there, picture(exif=exif)), 201)
    assert (made["position"], made["width"], made["height"]) == (1, 640, 480)
    anybody = Door(client)
    whole = anybody.get(f"/pictures/{made['id']}")
    assert b"where it was taken" not in whole.data
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    small = Image.open(BytesIO(anybody.get(f"/pictures/{made['id']}/thumbnail").data))
    assert (small.format, small.size) == ("JPEG", (320, 240))
    shown = json_of(anybody.get(f"/listings/{there.listing_id}"))
    assert shown["cover_id"] == made["id"]


def test_what_is_no_sound_picture_is_refused(client: Client, there: Scene) -> None:
    for content in (b"%PDF-1.4 obj /Root %%EOF", b"GIF89a", picture()[:400], b"\x89PNG\r\n\x1a\n1"):
        assert problem_of(send(client, there, content)) == (422, "invalid", "/file")
    path = f"/listings/{there.listing_id}/pictures"
    assert json_of(Door(client).get(path))["items"] == []


def test_ten_pictures_are_shown_and_each_once(client: Client, there: Scene) -> None:
    made = [json_of(send(client, there, picture(colour, (8, 8))), 201) for colour in COLOURS]
    assert code_of(send(client, there, picture("olive", (8, 8)))) == (409, "too_many_pictures")
    clerk = Door(client, there.clerk)
    path = f"/listings/{there.listing_id}/pictures"
    left = json_of(clerk.post(f"{path}/{made[0]['id']}/remove"))["items"]
    assert [one["position"] for one in left] == list(range(2, 11))
    assert code_of(clerk.post(f"{path}/{made[0]['id']}/remove")) == (404, "not_found")
    assert code_of(send(client, there, picture("green", (8, 8)))) == (409, "picture_known")
    assert json_of(send(client, there, picture("olive", (8, 8))), 201)["position"] == 1


def test_who_does_not_see_the_listing_does_not_see_its_pictures(
    client: Client, there: Scene
) -> None:
    made = json_of(send(client, there, picture()), 201)
    other = marketplace.scene(stock="0").clerk
    assert code_of(send(client, there, picture("red"), by=other)) == (404, "not_found")
    assert code_of(send(client, there, picture("red"), by=there.buyer)) == (403, "forbidden")
    delist_listing(there.listing_id, expected_version=None, by=there.by("clerk"), now=NOW)
    for path in (f"/pictures/{made['id']}", f"/pictures/{made['id']}/thumbnail"):
        assert code_of(Door(client).get(path)) == (404, "not_found")
        assert Door(client, there.clerk).get(path).status_code == 200
    assert code_of(Door(client).get(f"/pictures/{new_id()}")) == (404, "not_found")
