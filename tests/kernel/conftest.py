"""Tests of the kernel may make applications of their own; the process stays the house's."""

from __future__ import annotations

from collections.abc import Iterator

import celery
import pytest

from kernel import clock


@pytest.fixture(autouse=True)
def own_process() -> Iterator[None]:
    """Give clock and tasks back to the application that had them."""
    before = celery.current_app._get_current_object()  # noqa: SLF001 - there is no other way
    yield
    before.set_current()
    before.set_default()
    clock.follow_offset(None)
