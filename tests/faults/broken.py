"""The product with one guard taken out: what a negative control runs instead of `wsgi`.

Only this module reads BANGFU_TEST_BROKEN, and settings refuse the name in production.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from certification.certificates.commands.capacities import CAPACITY_GATE
from kernel import idempotency, patience, relay, visits
from kernel.actor import Actor
from kernel.database import db
from kernel.exports import commands as exports
from kernel.exports.lists import Exported
from kernel.exports.models import ExportState, SheetExport
from kernel.gates import Gate
from kernel.imports import commands as imports
from kernel.imports.running import Run
from marketplace.lots.commands.stock import STOCK_GATE
from procurement.quotas.commands.holds import GATE as QUOTA_GATE
from tests.racing import only
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


def read_then_write(gate: Gate) -> None:
    """Let one gate read what is left, wait a moment, and write; the others let everybody pass."""
    Gate.take = only(gate, guarded=False)  # type: ignore[method-assign]


def write_in_pieces() -> None:
    """Commit a list piece by piece, as a loop over its rows would."""

    def write(_: Any, running: Run) -> None:
        for chunk in running.rest:
            running.importer.write(chunk.rows)
            db.session.commit()
            time.sleep(0.3)

    vars(imports)["write"] = write


def ready_before_made() -> None:
    """Call an export ready, and commit that, before its file is made."""
    make = vars(exports)["make"]

    def hasty(found: SheetExport, exported: Exported, *, by: Actor) -> None:
        found.state, found.pieces = ExportState.READY, 1
        found.ready_at = found.expires_at = found.asked_at + exports.KEPT
        db.session.commit()
        make(found, exported, by=by)

    vars(exports)["make"] = hasty


def wait_for_ever() -> None:
    """Wait for the database and for Redis as long as they please, as libraries do by default."""
    patience.PATIENCE_SECONDS = float("inf")
    patience.WIRE.clear()
    patience.OF_REQUESTS.clear()
    storage: Any = visits.limiter.storage
    storage.storage.connection_pool.connection_kwargs.update(
        socket_timeout=None, socket_connect_timeout=None
    )


BROKEN: dict[str, Callable[[], None]] = {
    "stock": partial(read_then_write, STOCK_GATE),
    "capacity": partial(read_then_write, CAPACITY_GATE),
    "quota": partial(read_then_write, QUOTA_GATE),
    "keys": forget_keys,
    "sweeper": queue_once,
    "early": acknowledge_early,
    "pieces": write_in_pieces,
    "ready": ready_before_made,
    "patience": wait_for_ever,
}

BROKEN[os.environ["BANGFU_TEST_BROKEN"]]()
