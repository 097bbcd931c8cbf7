"""Pages of circulars: asked for, watched with a bar until drawn up, issued, taken back, redone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.database import db
from procurement.supervision.models.circulars import CircularProgress
from procurement.supervision.tasks import advance_circulars
from registry.accounts.models import Role
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.conftest import Client
from tests.console.visitor import Visitor

JANUARY = {"region_code": registry.WUJIANG, "year": str(procurement.YEAR), "period": "1",
           "period_kind": "month"}  # fmt: skip
INDEX = "/monitor/circulars/"
REFRESH = '<noscript><meta http-equiv="refresh" content="3"></noscript>'
POLLS = 'hx-trigger="every 2s" hx-select="#job" hx-swap="outerHTML"'


@pytest.fixture
def bureau(client: Client) -> tuple[Visitor, Visitor]:
    """Give two supervisors of a bureau."""
    people = procurement.cast_of()
    procurement.confirmed(people, procurement.contents())
    second = registry.user(people.bureau, [Role.FINANCE_SUPERVISOR])
    return Visitor.of(client, people.supervisor), Visitor.of(client, second)


def noted(shown: str, *, done: int, rows: int) -> None:
    """Write down how far the task is, as it would itself."""
    key = shown.rpartition("/")[2]
    progress = CircularProgress(circular_id=key, rows=rows, done=done, attempts=1, at=NOW)
    db.session.merge(progress)
    db.session.flush()


def test_a_circular_takes_its_steps(bureau: tuple[Visitor, Visitor]) -> None:
    finance, second = bureau
    with clock.stopped(NOW):
        shown = finance.send(INDEX, "circulars.draw", **JANUARY)
        finance.send(f"{shown}/issue", "circulars.issue", 409)
        advance_circulars.run()
        assert "总体" in finance.open(shown)
        finance.send(f"{shown}/issue", "circulars.issue", 409)
        assert second.send(f"{shown}/issue", "circulars.issue") == shown
        assert second.send(f"{shown}/withdraw", "circulars.withdraw", reason="数据有误") == shown


def test_it_is_watched_until_it_is_drawn_up(bureau: tuple[Visitor, Visitor]) -> None:
    finance, second = bureau
    with clock.stopped(NOW):
        shown = finance.send(INDEX, "circulars.draw", **JANUARY)
        page = finance.open(shown)
        assert '<progress id="progress"></progress>' in page
        assert "起草中" in page
        assert "正在排队" in page
        assert REFRESH in page
        assert f'<div id="job" hx-get="{shown}" {POLLS}>' in page
        assert '<p role="status" aria-live="polite">' in page
        assert f"{shown}/file" not in page
        noted(shown, done=2, rows=5)
        page = second.open(shown)
        assert '<progress id="progress" max="5" value="2"></progress>' in page
        assert '<label for="progress" class="hidden">起草进度</label>' in page
        assert "已汇总单位 2 / 5" in page
        assert "已汇总单位 2 / 5" in second.open(INDEX)
        advance_circulars.run()
        page = second.open(shown)
        assert "<progress" not in page
        assert REFRESH not in page
        assert '<div id="job">' in page
        assert f'href="{shown}/issue"' in page
        assert "<progress" not in second.open(INDEX)


def test_it_is_watched_in_english(bureau: tuple[Visitor, Visitor]) -> None:
    finance, _ = bureau
    with clock.stopped(NOW):
        shown = finance.send(INDEX, "circulars.draw", **JANUARY)
        finance.client.set_cookie("bangfu_language", "en")
        assert "Waiting for its turn" in finance.open(shown)
        noted(shown, done=2, rows=5)
        page = finance.open(shown)
        assert "Being drawn up" in page
        assert "Units added up: 2 of 5" in page
        assert '<label for="progress" class="hidden">How far it is drawn up</label>' in page
        assert '<progress id="progress" max="5" value="2"></progress>' in page


def test_what_failed_says_why_and_what_to_do_and_is_drawn_again(
    bureau: tuple[Visitor, Visitor],
) -> None:
    finance, second = bureau
    with clock.stopped(NOW):
        shown = finance.send(INDEX, "circulars.draw", **JANUARY)
        db.session.execute(
            text("UPDATE supervision_rule SET in_force_until_on = in_force_from_on + 1")
        )
        advance_circulars.run()
        page = finance.open(f"{shown}?compare=yes")
        assert "起草失败" in page
        assert "没有生效的督办规则。请平台管理员补上规则，再重新起草。" in page
        assert "<progress" not in page
        assert f'href="{shown}/redraw"' in page
        finance.send(f"{shown}/redraw", "circulars.redraw", 409)
        db.session.execute(text("UPDATE supervision_rule SET in_force_until_on = NULL"))
        assert second.send(f"{shown}/redraw", "circulars.redraw") == shown
        assert "<progress" in second.open(shown)
        advance_circulars.run()
        second.send(f"{shown}/issue", "circulars.issue", 409)
        assert finance.send(f"{shown}/issue", "circulars.issue") == shown


@pytest.mark.parametrize(
    ("reason", "said"),
    [("given_up", "试了多次都没有完成。"), ("region_unfit", "没有起草成（region_unfit）。")],
)
def test_every_reason_has_its_words(
    bureau: tuple[Visitor, Visitor], reason: str, said: str
) -> None:
    finance, _ = bureau
    with clock.stopped(NOW + timedelta(days=1)):
        shown = finance.send(INDEX, "circulars.draw", **JANUARY)
        db.session.execute(
            text("UPDATE circular SET status = 'failed', actor = NULL, reason = :reason"),
            {"reason": reason},
        )
        assert said in finance.open(shown)
