"""Pages of who watches: each step of a matter has a page of its own, each figure its rows."""

from __future__ import annotations

import re

from kernel import clock
from tests.builders import procurement
from tests.conftest import Client
from tests.console.visitor import Visitor

FIGURE = re.compile(r'<p class="value">(?:<a href="([^"]*)">)?(.*?)(?:</a>)?</p>')


def _figures_open(by: Visitor, page: str, amount: str) -> None:
    """Open every figure of a page: each leads to rows, of the instant that the page is of."""
    figures = FIGURE.findall(page)
    assert amount in [one for _, one in figures]
    for address, _ in figures:
        assert f"as_of={procurement.NOW:%Y-%m-%dT%H}" in address
        shown = by.open(address)
        assert amount in shown or "没有记录" in shown


def test_a_matter_takes_its_steps_and_figures_open_to_rows(client: Client) -> None:
    people = procurement.cast_of()
    finance = Visitor.of(client, people.supervisor)
    with clock.stopped(procurement.NOW):
        wanted = {"unit_id": str(people.unit.id), "year": procurement.YEAR, "cause": "other"}
        told = client.post(
            "/api/v1/procurement/matters",
            json=wanted | {"demand": "补签合同"},
            headers={"Idempotency-Key": "matter"},
            token=finance.token,
        )
        path = f"/monitor/matters/{told.get_json()['id']}"
        page = finance.open(path)
        assert f'href="{path}/remind"' in page
        assert f'href="{path}/record_talk"' not in page
        assert "补签合同" in finance.open(f"{path}/remind")
        assert 'href="#f-text"' in finance.send(f"{path}/remind", "matters.remind", 422)
        assert finance.send(f"{path}/remind", "matters.remind", text="请尽快补签") == path
        talk = {"kind": "reminder_talk", "office": "后勤处", "reason": "合同",
                "planned_on": "2026-03-09"}  # fmt: skip
        assert finance.send(f"{path}/call_talk", "matters.call_talk", **talk) == path
        assert f'href="{path}/record_talk"' in finance.open(path)
        Visitor.of(client, people.admin).open(f"{path}/dance", 404)
        procurement.confirmed(people, procurement.contents())
        unit = finance.open(f"/monitor/units/{people.unit.id}?by=fund")
        assert "figure=reserved" in unit
        for page in (unit, finance.open("/monitor/")):
            _figures_open(finance, page, "300,000.00 元")
