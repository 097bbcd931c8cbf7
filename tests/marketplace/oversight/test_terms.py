"""The numbers that rules measure by: dated, with their source, set by the platform."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from kernel import clock
from kernel.audit import AuditRow
from kernel.database import db
from kernel.journal import write_journal
from kernel.terms import NewTerm
from marketplace.oversight.commands import terms
from marketplace.oversight.commands.searching import look_for
from marketplace.oversight.commands.terms import set_flag_term
from marketplace.oversight.models import FlagRule, FlagTerm, FlagTermCode
from marketplace.oversight.rules import COUNTS, LIMITS
from tests.builders import marketplace, registry
from tests.builders.marketplace import NOW, TODAY, Scene
from tests.conftest import Client

LATER = NOW + timedelta(days=40)
DOOR = "/api/v1/red-flags/terms"
SAID: dict[str, Any] = {"code": "unaccepted_days", "value": 60, "source": "测试办法第 1 号"}


@pytest.fixture
def there(client: Client) -> Scene:
    """Ship an order that nobody will accept."""
    del client
    made = marketplace.scene()
    marketplace.ship(made, marketplace.confirmed(made, "10").order.id, "10")
    return made


def test_the_platform_sets_a_number_from_a_day_on_and_says_why(
    client: Client, there: Scene
) -> None:
    del there
    with clock.stopped(LATER):
        token = registry.token_of(registry.administrator())
        soon = (TODAY + timedelta(days=50)).isoformat()
        answer = client.post(DOOR, json=SAID | {"from_on": soon}, token=token)
        assert (answer.status_code, answer.get_json()) == (201, SAID | {"from_on": soon})
        assert look_for(FlagRule.NEVER_ACCEPTED, now=LATER) == 1
        write_journal()
        listed = client.get(DOOR, token=token).get_json()["items"]
        assert listed[0] == SAID | {"from_on": soon}
        assert len(listed) == 20  # a page of them
        row = db.session.execute(select(AuditRow).where(AuditRow.action == "set_flag_term")).one()
        assert row[0].subject_kind == "flag_term"
    assert look_for(FlagRule.NEVER_ACCEPTED, now=LATER + timedelta(days=11)) == 0
    assert look_for(FlagRule.NEVER_ACCEPTED, now=LATER + timedelta(days=30)) == 1


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"from_on": (TODAY - timedelta(days=1)).isoformat()}, 422, "term_backdated"),
        ({"value": 0}, 422, "term_unfit"),
        ({"value": 3_661}, 422, "term_unfit"),
        ({"value": "60"}, 422, "invalid"),
        ({"code": "unknown"}, 422, "invalid"),
        ({"source": ""}, 422, "invalid"),
        ({"source": f"经办人 {registry.id_number()}"}, 422, "identity_in_text"),
    ],
)
def test_a_number_that_does_not_fit_changes_nothing(
    client: Client, wrong: dict[str, Any], status: int, code: str
) -> None:
    with clock.stopped(NOW):
        answer = client.post(
            DOOR, json=SAID | wrong, token=registry.token_of(registry.administrator())
        )
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert db.session.scalar(select(func.count(FlagTerm.id))) == len(terms.DEFAULTS)


def test_one_number_begins_on_one_day(client: Client) -> None:
    with clock.stopped(NOW):
        token = registry.token_of(registry.administrator())
        assert client.post(DOOR, json=SAID, token=token).status_code == 201
        again = client.post(DOOR, json=SAID | {"value": 70}, token=token)
        assert (again.status_code, again.get_json()["code"]) == (409, "term_taken")


@pytest.mark.parametrize("code", FlagTermCode)
def test_every_rule_can_be_asked_with_the_least_and_the_most(there: Scene, code: str) -> None:
    del there
    by = registry.actor_of(registry.administrator())
    for days, value in enumerate(LIMITS.get(code.rpartition("_")[2], COUNTS)):
        now = LATER + timedelta(days=days)
        set_flag_term(NewTerm(FlagTermCode(code), value, "测试"), by=by, now=now)
        for rule in FlagRule:
            look_for(rule, now=now)


def test_loading_the_numbers_twice_changes_nothing(there: Scene) -> None:
    del there
    before = db.session.scalar(select(func.count(FlagTerm.id)))
    terms.load_flag_terms(LATER)
    assert before == db.session.scalar(select(func.count(FlagTerm.id))) == len(terms.DEFAULTS)
