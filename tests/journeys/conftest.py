"""A world in which the whole story was told, inside this process."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bootstrap import open_first_account
from demo import story
from demo.summary import Summary
from kernel import clock
from kernel.database import db
from kernel.numbers import forget_spare_numbers
from kernel.relay import run_due_deliveries
from kernel.unit_of_work import unit_of_work
from tests.builders import (
    campaigns,
    deliveries,
    flags,
    inspections,
    marketplace,
    offers,
    payouts,
    places,
    plots,
    procurement,
    registered,
    remittances,
    stripe,
)
from tests.conftest import Clone, engine_beside, swap

TABLES = {
    "order_id": "purchase_order",
    "listing_id": "listing",
    "freight_plan_id": "freight_plan",
    "fee_report_id": "fee_report",
    "picture_id": "listing_picture",
    "rating_id": "listing_rating",
    "lot_id": "lot",
    "application_id": "application",
    "certificate_id": "certificate",
    "mark_id": "product_mark",
    "filing_id": "filing",
    "household_id": "household",
    "benefit_link_id": "benefit_link",
    "document_id": "document",
    "notice_id": "notice",
    "objection_id": "objection",
    "payment_id": "payment",
    "quota_id": "quota",
    "waiver_id": "share_waiver",
    "organisation_id": "organisation",
    "user_id": "app_user",
    "shipment_id": "shipment",
    "receipt_id": "receipt",
    "scope_change_id": "scope_change",
    "plan_id": "draw_plan",
    "task_id": "inspection_task",
    "finding_id": "finding",
    "complaint_id": "complaint",
    "import_id": "sheet_import",
    "export_id": "sheet_export",
    "entry_id": "credit_entry",
    "token_id": "access_token",
    "invitation_id": "invitation",
    "consent_id": "household_consent",
    "case_id": "household_case",
    "member_id": "household_member",
    "leader_id": "village_leader",
    "income_id": "household_income",
    "reconciliation_id": "reconciliation",
    "difference_id": "reconciliation_difference",
    "pairing_id": "pairing",
    "production_id": "production",
    "matter_id": "supervision_matter",
    "circular_id": "circular",
    "rebinding_id": "rebinding",
    "standing_order_id": "standing_order",
    "donation_campaign_id": "donation_campaign",
    "farming_commission_id": "farming_commission",
    "farming_milestone_id": "farming_milestone",
    "delegation_id": "approval_delegation",
    "account_id": "bank_account",
    "line_id": "bank_line",
    "remittance_id": "remittance",
    "invoice_id": "invoice",
    "money_report_id": "money_report",
    "treasury_order_id": "treasury_order",
    "remittance_line_id": "remittance_line",
    "movement_id": "stripe_movement",
    "payout_list_id": "payout_list",
    "payout_line_id": "payout_line",
    "question_id": "household_question",
    "substitution_id": "substitution",
    "surplus_run_id": "surplus_run",
    "share_asset_id": "share_asset",
    "base_id": "assistance_base",
    "adjustment_id": "lot_adjustment",
    "point_id": "pick_up_point",
    "place_id": "pick_up_point",
    "route_id": "delivery_route",
    "facility_id": "cold_chain_facility",
    "slot_id": "display_slot",
    "red_flag_id": "red_flag",
}


@dataclass(frozen=True)
class World:
    """The application on the story's database, who can sign in, and one id of each thing."""

    app: Flask
    tokens: dict[str, str]
    """A token for each role of the story."""
    ids: dict[str, str]
    """An id for each name of a path parameter."""
    home: Path
    """Where the story's accounts are written."""


@contextmanager
def standing(app: Flask, database: str) -> Iterator[None]:
    """Have the application stand on a database, with the relay beside it."""
    engine = engine_beside(app, database)
    before = swap(app, engine)
    forget_spare_numbers()
    done = threading.Event()
    relay = threading.Thread(target=_relay, args=(app, done))
    relay.start()
    try:
        yield
    finally:
        done.set()
        relay.join()
        clock.follow_offset(None)
        with app.app_context():
            db.session.remove()
        swap(app, before)
        engine.dispose()
        forget_spare_numbers()


@contextmanager
def telling(
    app: Flask, database: str, home: Path, *, begins: timedelta = timedelta(0)
) -> Iterator[Summary]:
    """Tell the whole story on a database; the block stands after it.

    `begins` is how far from now the story's clock starts.
    """
    with standing(app, database):
        yield _tell(app, home, begins=begins)


@pytest.fixture(scope="session")
def told(app: Flask, clone: Clone, tmp_path_factory: Any) -> tuple[str, World, timedelta]:
    """Tell the whole story once: its database, who and what is in it, and when it ended."""
    home: Path = tmp_path_factory.mktemp("told")
    database = clone()
    with telling(app, database, home):
        made = World(app, _tokens(app, home), _ids(app), home)
        return database, made, timedelta(seconds=clock.now().timestamp() - time.time())


@pytest.fixture(scope="module")
def world(told: tuple[str, World, timedelta], clone: Clone) -> Iterator[World]:
    """Stand, for the module, where the story ended."""
    database, made, offset = told
    with standing(made.app, clone(database)):
        clock.follow_offset(lambda: offset)
        yield made


def _relay(app: Flask, done: threading.Event) -> None:
    with app.app_context():
        while not done.wait(0.2):
            run_due_deliveries()
            db.session.remove()


def _tell(app: Flask, home: Path, *, begins: timedelta) -> Summary:
    offset = begins

    def travel(by: timedelta) -> None:
        nonlocal offset
        offset += by

    clock.follow_offset(lambda: offset)
    with app.app_context():
        admin = open_first_account()
        db.session.remove()
    transport = httpx.WSGITransport(app=app)
    return story.run("http://localhost", admin=admin, home=home, travel=travel, transport=transport)


def _tokens(app: Flask, home: Path) -> dict[str, str]:
    client = FlaskClient(app)
    found = {}
    for account in json.loads((home / "demo-accounts.json").read_text(encoding="utf-8")):
        body = {"username": account["username"], "password": account["password"]}
        if account["role"] not in found:
            answer = client.post("/api/v1/auth/tokens", json=body)
            found[account["role"]] = answer.get_json()["token"]
    return found


def _ids(app: Flask) -> dict[str, str]:
    with app.app_context(), unit_of_work():
        inspections.inspect_something()
        registered.register_something()
        marketplace.ask_for_rebinding()
        campaigns.eat_something()
        plots.farm_something()
        offers.say_something()
        payouts.pay_something()
        deliveries.offer_something()
        procurement.waive_something()
        remittances.settle_something()
        procurement.delegate_something()
        procurement.supervise_something()
        stripe.collect_something()
        places.mark_something()
        flags.flag_something()
        ids = {
            name: str(db.session.scalar(text(f"SELECT id FROM {table} ORDER BY id LIMIT 1")))  # noqa: S608
            for name, table in TABLES.items()
        }
        number = db.session.scalar(text("SELECT number FROM certificate ORDER BY number LIMIT 1"))
    return {**ids, "number": str(number), "code": "360732"}
