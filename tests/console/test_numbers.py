"""Pages of the numbers that the platform sets: every kind, those to come, and who sets none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel import clock
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.marketplace import NOW, TODAY
from tests.conftest import Client
from tests.console.visitor import Visitor

SOON = TODAY + timedelta(days=3)
KINDS = [
    ("approvals", "approvals.set_term", "wait_hours", ("4 小时", "48 小时")),
    ("deliveries", "delivery_terms.set_term", "weight_tolerance_bp", ("0.04%", "1%")),
    ("flags", "red_flags.set_term", "unaccepted_days", ("4 天", "30 天")),
]


@pytest.mark.parametrize(("of", "door", "code", "shown"), KINDS)
def test_a_number_to_come_is_shown_before_its_day_beside_that_of_now(
    client: Client, of: str, door: str, code: str, shown: tuple[str, str]
) -> None:
    with clock.stopped(NOW):
        admin = Visitor.of(client, registry.administrator())
        assert "待生效" not in admin.open(f"/rules/numbers/?of={of}")
        said = {
            "code": code,
            "value": "4",
            "source": "测试办法第 1 号",
            "from_on": SOON.isoformat(),
        }
        path = f"/rules/numbers/{of}"
        assert admin.send(path, door, **said) == f"/rules/numbers/?of={of}"
        page = admin.open(f"/rules/numbers/?of={of}&limit=50")
    for text in (*shown, "待生效", "测试办法第 1 号", "系统默认配置"):
        assert text in page
    with clock.stopped(NOW + timedelta(days=3)):
        assert "待生效" not in admin.open(f"/rules/numbers/?of={of}")


def test_every_number_of_a_flag_can_be_chosen_by_its_rules(client: Client) -> None:
    form = Visitor.of(client, registry.administrator()).open("/rules/numbers/flags")
    for name in (
        "所有规则 · 回看",
        "发货后长期未验收 · 发货后超过",
        "价格明显高于同类、价格明显低于同类 · ",
    ):
        assert name in form


def test_who_watches_sees_the_numbers_and_sets_none(client: Client) -> None:
    office = registry.organisation(OrganisationKind.AUTHORITY)
    monitor = Visitor.of(client, registry.user(office, [Role.MONITOR]))
    assert "设定数值" not in monitor.open("/rules/numbers/?of=approvals")
    monitor.open("/rules/numbers/approvals", 403)


def test_there_is_no_other_kind(client: Client) -> None:
    admin = Visitor.of(client, registry.administrator())
    admin.open("/rules/numbers/?of=prices", 404)
    admin.open("/rules/numbers/prices", 404)
