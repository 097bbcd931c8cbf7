"""Every test of the reserved share runs at noon of one day, unless it moves the clock itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel import clock
from tests.builders.procurement import NOW


@pytest.fixture(autouse=True)
def stopped_clock() -> Iterator[None]:
    """Stop the clock at the builders' NOW."""
    with clock.stopped(NOW):
        yield
