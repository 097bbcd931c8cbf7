"""What operators and monitors ask the house itself: health, readiness, figures, invariants."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint as PlainBlueprint
from flask import Flask, Response, current_app, g, request
from marshmallow import fields
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from sqlalchemy import func, select, text

from kernel import clock, ledger
from kernel.database import db
from kernel.errors import Busy
from kernel.events import Delivery, EventRow
from kernel.fields import Schema
from kernel.http import Allowed, Blueprint, endpoint
from kernel.identity import new_id
from kernel.logs import request_id
from kernel.package import Invariant
from kernel.patience import Patience, patience
from kernel.unit_of_work import OutcomeUnknown, run

REQUESTS = Counter("bangfu_requests_total", "Requests answered", ["endpoint", "status"])
SECONDS = Histogram("bangfu_request_seconds", "Time to answer", ["endpoint"])
MAX_ROWS_SHOWN = 20
health = PlainBlueprint("health", __name__)
operations = Blueprint("operations", __name__, url_prefix="/api/v1")

INVARIANTS = (
    Invariant("I1", "每笔划转借贷相等 / every transfer balances", ledger.unbalanced_transfers()),
    Invariant(
        "I4",
        "保存的应答都对应已占用的幂等键 / every stored answer belongs to a claimed key",
        text(
            "SELECT principal_id, key FROM idempotency_key WHERE (status IS NULL) <> (body IS NULL)"
        ),
    ),
    Invariant(
        "I10",
        "每件事实两分钟内办妥，否则列为待查 /"
        " every fact has its receipts after two minutes, or is parked in sight",
        text(
            "SELECT d.event_id, d.handler"
            " FROM event_delivery d JOIN event_log e ON e.id = d.event_id"
            " WHERE d.handled_at IS NULL AND d.parked_at IS NULL"
            " AND e.recorded_at < CAST(:now AS timestamptz) - interval '120 s'"
        ),
    ),
)


class FindingOut(Schema):
    """One invariant and what it found; no rows means that it holds."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    holds = fields.Boolean(required=True)
    violations = fields.Integer(required=True)
    rows = fields.List(fields.String(), required=True)
    milliseconds = fields.Integer(required=True)


class FindingsOut(Schema):
    """All invariants, judged in one snapshot."""

    holds = fields.Boolean(required=True)
    as_of = fields.AwareDateTime(required=True)
    invariants = fields.List(fields.Nested(FindingOut), required=True)


@dataclass(frozen=True)
class Finding:
    """One invariant and the first rows that break it."""

    code: str
    name: str
    violations: int
    rows: Sequence[str]
    milliseconds: int

    @property
    def holds(self) -> bool:
        """Say whether nothing breaks it."""
        return self.violations == 0


def judge(invariants: Sequence[Invariant]) -> list[Finding]:
    """Run every invariant; the caller's transaction is one snapshot."""
    now = clock.now()
    findings = []
    for one in invariants:
        began = time.monotonic()
        bound = {"now": now} if ":now" in str(one.statement) else {}
        rows = db.session.execute(one.statement, bound).all()
        shown = [", ".join(str(value) for value in row) for row in rows[:MAX_ROWS_SHOWN]]
        spent = int((time.monotonic() - began) * 1000)
        findings.append(Finding(one.code, one.name, len(rows), shown, spent))
    return findings


JUDGES = Allowed({"auditor", "monitor"})


@operations.get("/invariants")
@endpoint(operations, allow=JUDGES, returns=FindingsOut(), snapshot=True)
def invariants() -> dict[str, Any]:
    """Judge every invariant now, in one snapshot."""
    findings = judge(current_app.extensions["bangfu.invariants"])
    return {
        "holds": all(one.holds for one in findings),
        "as_of": clock.now(),
        "invariants": findings,
    }


@health.get("/healthz")
def healthz() -> Response:
    """Say that this process answers."""
    return Response('{"status":"ok"}', content_type="application/json")


@health.get("/readyz")
def readyz() -> tuple[dict[str, Any], int]:
    """Say whether database and schema are ready, and how far deliveries lag behind."""
    try:
        migrations, oldest = run(_look)
    except OutcomeUnknown as error:
        raise Busy from error
    lag = (clock.now() - oldest).total_seconds() if oldest else 0.0
    ready = migrations == current_app.extensions["bangfu.head"]
    status = "ready" if ready else "not ready"
    seen = {"migrations": migrations, "delivery_lag_seconds": round(max(lag, 0.0), 1)}
    return {"status": status, **seen}, 200 if ready else 503


def _look() -> tuple[str | None, datetime | None]:
    """Read the schema's revision, and when the oldest fact was recorded that waits."""
    revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    oldest = db.session.scalar(
        select(func.min(EventRow.recorded_at))
        .join(Delivery, Delivery.event_id == EventRow.id)
        .where(Delivery.handled_at.is_(None), Delivery.parked_at.is_(None))
    )
    return revision, oldest


@health.get("/metrics")
def metrics() -> Response:
    """Give the figures of all processes to Prometheus."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def observe(app: Flask) -> None:
    """Give every request an id and patience, count it, time it, and keep browsers safe."""

    @app.before_request
    def begin() -> None:
        asked = request.headers.get("X-Request-Id", "")
        request_id.set(asked if asked.isalnum() and len(asked) <= 64 else new_id().hex)  # noqa: PLR2004
        g.began = time.perf_counter()
        patience.set(Patience.since(clock.came.get() or time.monotonic()))

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id.get()
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        if request.path != "/api/docs":
            response.headers.setdefault(
                "Content-Security-Policy",
                "default-src 'self'; frame-ancestors 'none'; object-src 'none'",
            )
        endpoint_name = request.endpoint or "none"
        REQUESTS.labels(endpoint_name, str(response.status_code)).inc()
        SECONDS.labels(endpoint_name).observe(time.perf_counter() - g.began)
        return response

    @app.teardown_request
    def lose_patience(_: BaseException | None) -> None:
        # a thread of the server keeps it: its connection is given back after this, by a ROLLBACK
        # that may be waited for, and the next request brings its own
        if clock.came.get() is None:
            patience.set(None)
