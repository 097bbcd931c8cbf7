"""Stands of the fault tests: durable servers, a small trading world, nothing rolled back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from benchmarks.stand import LISTENING_PORTS, Stand
from benchmarks.world import Size, World

SMALL = Size(units=6, buyers_per_unit=2, cooperatives=6, listings_per_cooperative=4)


@dataclass(frozen=True)
class Site:
    """A stand with its world, and a port for its web server."""

    stand: Stand
    world: World
    port: int


@pytest.fixture
def site() -> Iterator[Site]:
    """Give durable servers with a small world, gone after the test."""
    with Stand() as stand:
        yield Site(stand, stand.settle(SMALL), random.choice(LISTENING_PORTS))
