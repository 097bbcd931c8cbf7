"""A scene at noon with its people at the doors, as several features' tests need it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel import clock
from tests.builders import marketplace
from tests.builders.marketplace import NOW, Scene
from tests.conftest import Client
from tests.marketplace.doors import Door


@pytest.fixture
def stopped() -> Iterator[None]:
    """Stop the clock at NOW."""
    with clock.stopped(NOW):
        yield


@pytest.fixture
def stock() -> str:
    """Say how many kilograms the scene's listing has; a module may say otherwise."""
    return "100"


@pytest.fixture
def there(client: Client, stopped: None, stock: str) -> Scene:
    """Set the scene up in the client's transaction."""
    del client, stopped
    return marketplace.scene(stock=stock)


@pytest.fixture
def buyer(client: Client, there: Scene) -> Door:
    """Let the school's buyer knock."""
    return Door(client, there.buyer)


@pytest.fixture
def clerk(client: Client, there: Scene) -> Door:
    """Let the cooperative's clerk knock."""
    return Door(client, there.clerk)
