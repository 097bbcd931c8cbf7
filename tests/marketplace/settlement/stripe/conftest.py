"""An installation that offers Stripe, and the double that it asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from demo.stripe_double.server import running
from demo.stripe_double.state import State
from tests.builders.stripe import KEY, SECRET, Double


@pytest.fixture
def double(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """Give a double, and the application keys to it."""
    with running(State(secret_key=KEY, webhook_secret=SECRET)) as there:
        double = Double(there)
        offered = double.settings(app.extensions["bangfu.settings"])
        monkeypatch.setitem(app.extensions, "bangfu.settings", offered)
        yield double
