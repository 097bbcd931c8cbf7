"""Pages of red flags: the list, a flag with its rows, the rules, and each thing to do about one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from kernel import clock
from kernel.database import db
from marketplace.oversight.commands.searching import look_for
from marketplace.oversight.models import FlagRule, FlagStatus, RedFlag
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, Scene
from tests.conftest import Client
from tests.console.visitor import Visitor

LATER = NOW + timedelta(days=40)


@pytest.fixture
def there(client: Client) -> Iterator[Scene]:
    """Ship an order that nobody accepts, and come back forty days later."""
    del client
    with clock.stopped(NOW):
        made = marketplace.scene()
        order_id = marketplace.confirmed(made, "10").order.id
        marketplace.ship(made, order_id, "10")
    with clock.stopped(LATER):
        yield made


def found() -> RedFlag:
    """Look for what was never accepted; give the flag."""
    look_for(FlagRule.NEVER_ACCEPTED, now=LATER)
    return db.session.execute(select(RedFlag)).scalar_one()


def finance_of(client: Client, there: Scene) -> Visitor:
    """Let somebody of the finance bureau in."""
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU, there.unit.region_code)
    return Visitor.of(client, registry.user(bureau, [Role.FINANCE_SUPERVISOR]))


def test_without_flags_the_page_says_where_to_look(client: Client, there: Scene) -> None:
    finance = finance_of(client, there)
    page = finance.open("/monitor/flags/")
    assert "没有符合条件的疑点" in page
    rules = finance.open("/monitor/flags/rules")
    assert "尚未查找" in rules
    for rule in FlagRule:
        look_for(rule, now=LATER)
    assert "尚未查找" not in finance.open("/monitor/flags/rules")
    assert "多批次订单可能尚待下一批" in rules
    assert "发货后超过 30 天" in rules


def test_a_flag_shows_its_rows_and_is_explained(client: Client, there: Scene) -> None:
    flag, finance = found(), finance_of(client, there)
    path = f"/monitor/flags/{flag.id}"
    listed = finance.open("/monitor/flags/?status=open&rule=never_accepted")
    assert path in listed
    assert "40 天" in listed
    assert path not in finance.open("/monitor/flags/?status=explained")
    page = finance.open(path)
    order = f"/canteen/orders/{flag.rows[0][1]}"
    assert order in page
    finance.open(order)
    assert f"{path}/inspect" not in page
    assert finance.send(f"{path}/explain", "red_flags.explain", reason="分批到货") == path
    shown = finance.open(path)
    assert "分批到货" in shown
    assert f"{path}/explain" not in shown


def test_the_first_page_and_the_unit_s_show_what_waits_today(client: Client, there: Scene) -> None:
    flag, finance = found(), finance_of(client, there)
    path, unit = f"/monitor/flags/{flag.id}", f"/monitor/units/{there.unit.id}"
    every = f"/monitor/flags/?status=open&organisation_id={there.unit.id}"
    assert path in finance.open("/monitor/")
    shown = finance.open(unit)
    assert path in shown
    assert every in shown
    assert path not in finance.open(f"/monitor/?region={there.unit.region_code}")
    assert path not in finance.open(f"{unit}?on=2026-01-31")
    leads = re.findall(rf'"({unit}\?[^"]+as_of=[^"]+)"', finance.open("/monitor/"))
    assert path in finance.open(leads[0])
    of_unit = finance.open(every)
    assert path in of_unit
    assert f"只看：{there.unit.name}" in of_unit
    other = registry.organisation(OrganisationKind.FINANCE_BUREAU, there.unit.region_code).id
    assert path not in finance.open(f"/monitor/flags/?organisation_id={other}")
    finance.open("/monitor/flags/?organisation_id=nobody", 422)
    finance.send(f"{path}/explain", "red_flags.explain", reason="分批到货")
    assert path not in finance.open("/monitor/")


def test_a_demand_leads_to_its_matter(client: Client, there: Scene) -> None:
    flag, finance = found(), finance_of(client, there)
    path = f"/monitor/flags/{flag.id}"
    said = {"unit_id": str(there.unit.id), "demand": "请尽快验收"}
    assert "请尽快验收" not in finance.open(f"{path}/demand")
    assert finance.send(f"{path}/demand", "red_flags.demand", **said) == path
    matter = f"/monitor/matters/{db.session.execute(select(RedFlag.case_id)).scalar_one()}"
    assert matter in finance.open(path)
    assert "请尽快验收" in finance.open(matter)


def test_a_reviewer_opens_an_inspection_of_the_goods(client: Client, there: Scene) -> None:
    flag, county = found(), Visitor.of(client, certification.reviewer_of("county"))
    path = f"/monitor/flags/{flag.id}"
    assert there.certificate.number in county.open(f"{path}/inspect")
    said = {"certificate_id": str(there.certificate.id), "reason": "核对发货"}
    assert county.send(f"{path}/inspect", "red_flags.inspect", **said) == path
    status = db.session.execute(select(RedFlag.status)).scalar_one()
    assert status is FlagStatus.INSPECTED


def test_the_platform_sets_a_number_and_the_rules_show_it(client: Client, there: Scene) -> None:
    del there
    admin = Visitor.of(client, registry.administrator())
    path = "/rules/numbers/flags"
    assert "/rules/numbers/" in admin.open("/admin/organisations/")
    assert path in admin.open("/monitor/flags/rules")
    form = admin.open(f"{path}?code=unaccepted_days")
    assert '<option value="unaccepted_days" selected' in form
    assert "发货后长期未验收 · 发货后超过" in form
    said = {"value": "45", "source": "测试办法第 1 号"}
    assert admin.send(f"{path}?code=unaccepted_days", "red_flags.set_term", **said) == (
        "/rules/numbers/?of=flags"
    )
    rules = admin.open("/monitor/flags/rules")
    assert "发货后超过 45 天" in rules
    assert "测试办法第 1 号" in rules


def test_who_sells_or_buys_sees_no_flags(client: Client, there: Scene) -> None:
    flag = found()
    for user in (there.clerk, there.buyer):
        Visitor.of(client, user).open(f"/monitor/flags/{flag.id}", 403)
    Visitor(client).open("/monitor/flags/", 303)
