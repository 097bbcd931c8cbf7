"""Pages of accounts: whoever keeps accounts has the same ones, each for what is in their sight."""

from __future__ import annotations

import re

from console.admin.rules import SELLER, UNIT, roles_offered
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.conftest import Client
from tests.console.visitor import Visitor

ACCOUNTS = "/admin/accounts/"


def test_roles_are_offered_as_far_as_they_may_be_handed_out() -> None:
    assert roles_offered({"unit_admin"}, known=()) == list(UNIT)
    assert roles_offered({"coop_manager"}, known=()) == list(SELLER)
    assert roles_offered({"platform_admin"}, known=["monitor"]) == ["monitor"]
    assert roles_offered({"auditor"}, known=["monitor"]) == []


def test_accounts_are_invited_reset_and_closed(client: Client) -> None:
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    buyer = registry.user(unit, [Role.CANTEEN_BUYER])
    admin = Visitor.of(client, registry.user(unit, [Role.UNIT_ADMIN]))
    given = admin.send(f"{ACCOUNTS}invite", "accounts.invite", 200, roles="unit_finance")
    assert re.search(r"<code>\S{20,}</code>", given)
    page = admin.open(ACCOUNTS)
    assert buyer.username in page
    assert "尚未使用的邀请" in page
    (invitation,) = admin.ask("/invitations")["items"]
    revoked = f"{ACCOUNTS}invitations/{invitation['id']}/revoke"
    assert admin.send(revoked, "accounts.revoke_invitation") == ACCOUNTS
    assert "尚未使用的邀请" not in admin.open(ACCOUNTS)
    path = f"{ACCOUNTS}{buyer.id}"
    assert "<code>" in admin.send(f"{path}/reset", "accounts.issue_reset", 200)
    admin.send(f"{path}/close", "accounts.close_account")
    assert admin.ask(f"/users/{buyer.id}")["closed_at"] is not None
    assert "已停用" in admin.open(ACCOUNTS)
    Visitor.of(client, registry.user(unit, [Role.UNIT_FINANCE])).open(ACCOUNTS, 403)


def test_a_manager_looks_after_the_own_cooperative_and_nobody_after_oneself(
    client: Client,
) -> None:
    there = registry.organisation(OrganisationKind.COOPERATIVE)
    head = registry.user(there, [Role.COOP_MANAGER])
    manager = Visitor.of(client, head)
    page = manager.open(f"{ACCOUNTS}invite")
    assert "合作社办事员" in page
    assert "单位财务" not in page
    assert "停用账号" not in manager.open(f"{ACCOUNTS}{head.id}")
    refused = manager.send(f"{ACCOUNTS}invite", "accounts.invite", 422)
    assert 'href="#f-roles"' in refused
    assert manager.ask("/invitations")["items"] == []
    stranger = registry.user(registry.organisation(), [Role.CANTEEN_BUYER])
    manager.open(f"{ACCOUNTS}{stranger.id}", 404)


def test_the_platform_invites_into_any_organisation(client: Client) -> None:
    bureau = registry.organisation(OrganisationKind.FINANCE_BUREAU)
    keeper = Visitor.of(client, registry.administrator())
    invite = f"{ACCOUNTS}invite?organisation_id={bureau.id}"
    assert f'href="{invite}"' in keeper.open(f"/admin/organisations/{bureau.id}")
    assert "邀请码" in keeper.send(invite, "accounts.invite", 200, roles="finance_supervisor")
    (one,) = keeper.ask("/invitations")["items"]
    assert (one["organisation_id"], one["roles"]) == (str(bureau.id), ["finance_supervisor"])
