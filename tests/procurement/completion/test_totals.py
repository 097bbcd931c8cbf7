"""The totals kept beside the entries: always what the entries add up to, and made anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import text
from sqlalchemy.orm import Session

from bootstrap import main
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.unit_of_work import run
from procurement.completion.commands.totals import rebuild_totals
from procurement.completion.queries.totals import count_differences
from procurement.filings.models import FilingId
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds
from procurement.quotas.models import Quota
from registry.regions.models import OriginKind
from tests.builders import procurement
from tests.builders.procurement import NOW

C832, VILLAGE = OriginKind.NATIONAL_832, OriginKind.PROVINCIAL_VILLAGE
NEW_YEAR = datetime(2026, 12, 31, 16, tzinfo=UTC)
"""The first instant of 2027 in Shanghai."""
KEPT = [
    (2026, "", "", 0, 0, 0, 0, 0, 0),
    (2026, "national_832", "reserved_share", 0, 600, 600, 600, 0, 600),
    (2026, "provincial_village", "reserved_share", 0, 300, 300, 0, 0, 0),
    (2027, "national_832", "reserved_share", 0, -50, 0, -50, -50, 0),
    (2027, "provincial_village", "reserved_share", 0, 0, 0, 300, 300, 0),
]


def trade(quota: Quota) -> None:
    """Order, accept, pay and refund goods of two kinds, on both sides of New Year."""
    order_id = new_id()
    parts = [procurement.part(700), procurement.part(300, VILLAGE, OrderKind.RESERVED_SHARE)]
    holds.hold(order_id=order_id, quota_id=quota.id, parts=parts, expires_at=None, now=NOW)
    later = NOW + timedelta(days=40)
    holds.accept(order_id=order_id, amounts={C832: Fen(600), VILLAGE: Fen(300)}, now=later)
    holds.post(order_id=order_id, amounts={C832: Fen(600)}, now=later)
    holds.release(order_id=order_id, amounts={C832: Fen(100)}, now=later)
    holds.post(order_id=order_id, amounts={VILLAGE: Fen(300)}, now=NEW_YEAR)
    holds.refund(order_id=order_id, amounts={C832: Fen(50)}, now=NEW_YEAR)


def years(quota: Quota) -> list[tuple[object, ...]]:
    rows = db.session.execute(
        text("""
            SELECT year, origin_kind, order_kind, reserved_fen, ordered_fen, accepted_fen, paid_fen,
              paid_months[1], paid_months[4] FROM completion_year WHERE quota_id = :id
            ORDER BY 1, 2, 3
        """),
        {"id": quota.id},
    )
    return [tuple(row) for row in rows]


def test_totals_follow_the_entries_in_the_statement_that_writes_them(db_session: Session) -> None:
    del db_session
    quota = procurement.quota(procurement.cast_of().unit)
    trade(quota)
    assert years(quota) == KEPT
    assert count_differences(SYSTEM) == 0


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE completion_year SET paid_fen = paid_fen + 1 WHERE year = 2027",
        "UPDATE completion_year SET paid_months[4] = 0 WHERE paid_fen = 600",
        "UPDATE completion_year SET last_at = now() WHERE paid_fen = 600",
        "UPDATE completion_year SET fund = 'union' WHERE paid_fen = 600",
        "DELETE FROM completion_year WHERE year = 2027",
        "UPDATE completion_month SET accepted_fen = 0 WHERE accepted_fen = 600",
        "DELETE FROM completion_month WHERE month = '2027-01-01'",
    ],
)
def test_a_wrong_total_is_found_and_made_right(db_session: Session, damage: str) -> None:
    quota = procurement.quota(procurement.cast_of().unit)
    trade(quota)
    db_session.execute(text(damage))
    wrong = count_differences(SYSTEM)
    assert wrong > 0
    assert rebuild_totals(now=NOW) == wrong
    assert count_differences(SYSTEM) == 0
    assert years(quota) == KEPT


def promised(session: Session, filing_id: FilingId | None) -> set[tuple[object, ...]]:
    """Let the only quota name a promise, and say what its totals are promised by."""
    session.execute(text("UPDATE quota SET filing_id = :id"), {"id": filing_id})
    kept = text("SELECT policy_id IS NOT NULL, situation, filed_at FROM completion_year")
    return {tuple(row) for row in session.execute(kept)}


def test_totals_carry_the_promise_that_their_quota_names(db_session: Session) -> None:
    filed = procurement.confirmed(procurement.cast_of(), procurement.contents())
    trade(filed.quotas[0])
    assert promised(db_session, None) == {(False, None, None)}
    assert count_differences(SYSTEM) == 0
    assert promised(db_session, filed.filing.id) == {(True, "own", NOW)}
    assert count_differences(SYSTEM) == 0


@pytest.mark.parametrize("table", ["quota_entry", "quota"])
def test_without_the_triggers_the_totals_fall_behind(db_session: Session, table: str) -> None:
    filed = procurement.confirmed(procurement.cast_of(), procurement.contents())
    db_session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER follow"))
    trade(filed.quotas[0])
    promised(db_session, None)
    assert count_differences(SYSTEM) > 0


def test_the_command_line_compares_and_rebuilds(fresh: Flask) -> None:
    def call(*arguments: str) -> tuple[int, str]:
        script = ScriptInfo(create_app=lambda: fresh)
        found = fresh.test_cli_runner().invoke(main, ["completion", *arguments], obj=script)
        return found.exit_code, found.output.split(" ", 1)[0]

    with fresh.app_context():
        run(lambda: trade(procurement.quota(procurement.cast_of().unit)))
        run(db.session.remove)
        assert call("rebuild", "--check") == (0, "0")
        run(lambda: db.session.execute(text("UPDATE completion_year SET paid_fen = 1")))
        assert call("rebuild", "--check") == (1, "5")
        assert call("rebuild") == (0, "5")
        assert call("rebuild", "--check") == (0, "0")
