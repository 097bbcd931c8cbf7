"""R6: a match by hand × the look that places a line by itself, one paused before each statement."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from kernel.database import db
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands.matching import LinePart, match_by_hand, match_lines
from marketplace.settlement.models.statements import BankAccountId, BankLine, BankLineId
from marketplace.settlement.queries import statements as queries
from marketplace.settlement.queries.promises import PROMISES
from tests.builders.settlement import NOW, Market, market, order_of, ordered
from tests.builders.statements import bank_account, credit, lines_on, number_of, read
from tests.promises import broken
from tests.racing import interleave

Outcome = tuple[object, ...]


class Stage:
    """A cooperative with an account, whose clerk takes a line for another order than it names."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.there: Market = run(market)
        self.by = self.there.by("manager")
        self.account_id: BankAccountId = run(lambda: bank_account(self.by).id)

    def line(self) -> tuple[BankLineId, OrderId, OrderId]:
        """Commit two orders, and a line that names the first."""

        def unit() -> tuple[BankLineId, OrderId, OrderId]:
            named, meant = ordered(self.there, "0.5"), ordered(self.there, "0.5")
            account = queries.get_account(self.by, self.account_id)
            read(account, [credit(1_500, number_of(named))], by=self.by)
            return lines_on(account)[-1].id, named, meant

        return run(unit)

    def acts(self, line_id: BankLineId, meant: OrderId) -> list[Callable[[], object]]:
        """Give the look, and the match by hand."""
        parts = [LinePart(meant, Fen(1_500))]

        def hand() -> object:
            return match_by_hand(line_id, parts, expected_version=None, by=self.by, now=NOW)

        return [lambda: match_lines(self.account_id, now=NOW), hand]


def state_of(line_id: BankLineId, *orders: OrderId) -> Outcome:
    db.session.rollback()
    line = db.session.get_one(BankLine, line_id)
    found = (line.state, line.matched_fen, *(order_of(one).paid_fen for one in orders))
    db.session.rollback()
    return found


def outcomes(stage: Stage, *, points: range) -> list[Outcome]:
    """Pause each of the two before some of its statements while the other runs."""
    found: list[Outcome] = []
    for hand_first in (False, True):
        for at in points:
            line_id, named, meant = stage.line()
            first, second = stage.acts(line_id, meant)[:: -1 if hand_first else 1]
            if interleave(stage.app, first, second, at=at) is None:
                break
            found.append(state_of(line_id, named, meant))
    return found


SERIAL = {("matched", 1_500, 1_500, 0), ("matched", 1_500, 0, 1_500)}


def test_whatever_the_point_a_line_is_placed_once(fresh: Flask) -> None:
    with fresh.app_context():
        stage = Stage(fresh)
        found = outcomes(stage, points=range(1, 60, 7))
        assert len(found) >= 4
        assert set(found) <= SERIAL
        assert run(lambda: broken(PROMISES)) == []


def test_control_without_the_lines_lock_it_is_not(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(actor: object, line_id: BankLineId) -> BankLine:
        del actor
        return db.session.get_one(BankLine, line_id)

    monkeypatch.setattr(queries, "lock_line", unlocked)
    with fresh.app_context():
        stage = Stage(fresh)
        for at in range(3, 20, 4):
            line_id, _, meant = stage.line()
            look, hand = stage.acts(line_id, meant)
            told = interleave(fresh, hand, look, at=at)
            if told is not None and set(told) != {"done", "wrong_state"}:
                break
        else:
            pytest.fail("the lock was not missed")
