"""The register's tests happen on Monday 2 March 2026, at nine in Shanghai."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from kernel import clock

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """Stop the clock, so that no test depends on the day it runs on."""
    with clock.stopped(NOW):
        yield
