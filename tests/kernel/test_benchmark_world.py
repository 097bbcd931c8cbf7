"""The worlds that measurements trade in are true ones: every promise of the house holds there."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from benchmarks.world import Size, build
from kernel import clock
from kernel.operations import judge

SMALL = Size(units=2, buyers_per_unit=1, cooperatives=2, listings_per_cooperative=2)


def _broken(app: Flask) -> dict[str, list[str]]:
    found = judge(app.extensions["bangfu.invariants"])
    return {one.code: list(one.rows) for one in found if not one.holds}


def test_a_trading_world_keeps_every_promise(app: Flask, db_session: Session) -> None:
    build(SMALL, now=clock.now())
    db_session.flush()
    assert _broken(app) == {}
