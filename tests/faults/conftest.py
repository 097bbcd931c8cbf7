"""Stands of the fault tests: durable servers, a small trading world, nothing rolled back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
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


Say = Callable[..., None]


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Say:
    """Give a function that keeps a figure of the run for its last lines."""

    def keep(**figures: object) -> None:
        for name, value in figures.items():
            record_property(name, value)

    return keep


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures of every fault test: kills, acknowledged, unknown, lost."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.user_properties:
                figures = ", ".join(f"{name} {value}" for name, value in report.user_properties)
                test = report.nodeid.rpartition("::")[2]
                terminalreporter.write_line(f"{test}: {figures}")


@pytest.fixture
def tcp_site() -> Iterator[Site]:
    """Give a site whose PostgreSQL listens on a port, so that a proxy can stand before it."""
    with Stand(postgres_port=random.choice(LISTENING_PORTS)) as stand:
        yield Site(stand, stand.settle(SMALL), random.choice(LISTENING_PORTS))


@pytest.fixture
def site() -> Iterator[Site]:
    """Give durable servers with a small world, gone after the test."""
    with Stand() as stand:
        yield Site(stand, stand.settle(SMALL), random.choice(LISTENING_PORTS))
