"""The product with one guard taken out: what a negative control runs instead of `wsgi`.

Only this module reads BANGFU_TEST_BROKEN, and settings refuse the name in production.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from kernel import idempotency, relay
from wsgi import app, celery

__all__ = ["app", "celery"]

NEVER_AGAIN = timedelta(days=365)


def forget_keys() -> None:
    """Let every request with a key take effect, as if no key had ever been stored."""

    def claim(*_: Any, **__: Any) -> None:
        return None

    def store(*_: Any, **__: Any) -> None:
        return None

    idempotency.claim = claim
    idempotency.store = store


def queue_once() -> None:
    """Queue every delivery once and never again: no receipt is waited for."""
    relay.RING_AGAIN_AFTER = NEVER_AGAIN


def acknowledge_early() -> None:
    """Acknowledge a delivery before it is handled, as Celery does by default."""
    queue_once()
    deliver = celery.tasks["kernel.deliver"]
    deliver.acks_late = False
    deliver.reject_on_worker_lost = False


BROKEN = {
    "keys": forget_keys,
    "sweeper": queue_once,
    "early": acknowledge_early,
}

BROKEN[os.environ["BANGFU_TEST_BROKEN"]]()
