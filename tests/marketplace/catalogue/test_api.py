"""The doors to listings, and what a certificate's news does to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from certification.certificates.commands.changes import change_certificate, expire_certificates
from certification.certificates.models.certificates import ChangeKind
from certification.events import CertificateSuspended
from kernel.audit import AuditRow
from kernel.identity import new_id
from kernel.quantity import Unit
from marketplace.catalogue.handlers import follow_certificate
from marketplace.catalogue.models.listings import ListingStatus
from registry.accounts.models import Role
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, Scene, listing_of
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of

L = ListingStatus


pytestmark = pytest.mark.usefixtures("stopped")


def body(there: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "certificate_id": str(there.certificate.id),
        "title": "演示脐橙",
        "unit": "jin",
        "step": "0.5",
        "unit_price_fen": 1_200,
        "tiers": [{"min_quantity": "100", "unit_price_fen": 1_000}],
        "description": "一级果",
        **changes,
    }


def test_a_listing_is_drafted_shown_to_its_own_and_published(
    client: Client, there: Scene, clerk: Door
) -> None:
    answer = clerk.post("/listings", body(there))
    made = json_of(answer, 201)
    assert (made["status"], made["version"], answer.headers["ETag"]) == ("draft", 1, '"1"')
    assert made["tiers"] == [{"min_quantity": "100.000", "unit_price_fen": 1_000}]
    path = f"/listings/{made['id']}"
    assert code_of(Door(client).get(path)) == (404, "not_found")
    assert json_of(clerk.post(f"{path}/publish"))["status"] == "listed"
    assert json_of(Door(client).get(path))["title"] == "演示脐橙"
    assert code_of(clerk.post(f"{path}/publish")) == (409, "wrong_state")
    assert json_of(clerk.post(f"{path}/delist"))["status"] == "delisted"
    assert code_of(clerk.post(f"{path}/delist")) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"unit": "box", "step": "1"}, "unit_mismatch", "/unit"),
        ({"step": "0.001"}, "invalid", "/step"),
        ({"step": "0"}, "invalid", "/step"),
        ({"unit_price_fen": 0}, "invalid", "/unit_price_fen"),
        ({"unit_price_fen": 12.5}, "invalid", "/unit_price_fen"),
        (
            {"tiers": [{"min_quantity": "100", "unit_price_fen": 1_200}]},
            "invalid",
            "/tiers/0/unit_price_fen",
        ),
        ({"title": " "}, "invalid", "/title"),
        ({"status": "listed"}, "unknown_field", "/status"),
    ],
)
def test_what_cannot_be_taken_is_named(
    there: Scene, clerk: Door, changes: dict[str, Any], code: str, pointer: str
) -> None:
    assert problem_of(clerk.post("/listings", body(there, **changes))) == (422, code, pointer)


def test_only_own_certificates_in_force_are_offered(there: Scene, clerk: Door) -> None:
    other = certification.certificate()
    for certificate_id in (str(other.id), str(new_id())):
        answer = clerk.post("/listings", body(there, certificate_id=certificate_id))
        assert code_of(answer) == (404, "not_found")
    suspend(there)
    assert code_of(clerk.post("/listings", body(there))) == (409, "certificate_not_in_force")


def suspend(there: Scene, change: ChangeKind = ChangeKind.SUSPENDED) -> None:
    by = registry.actor_of(certification.reviewer_of("county"))
    change_certificate(there.certificate.id, change, reason="抽检", by=by, now=NOW)


def test_an_edit_names_the_version_it_edits(
    there: Scene, clerk: Door, written: Callable[[], list[AuditRow]]
) -> None:
    path = f"/listings/{there.listing_id}"
    assert code_of(clerk.patch(path, {"title": "新米"})) == (428, "precondition_required")
    assert code_of(clerk.patch(path, {"title": "新米"}, version=1)) == (412, "version_stale")
    answer = clerk.patch(
        path, {"title": "新米", "unit_price_fen": 2_900, "description": "", "tiers": []}, version=2
    )
    changed = json_of(answer)
    assert (changed["title"], changed["unit_price_fen"], changed["version"]) == ("新米", 2_900, 3)
    assert answer.headers["ETag"] == '"3"'
    assert problem_of(clerk.patch(path, {"unit": "jin"}, version=3))[1] == "unknown_field"
    assert "listing_changed" in {row.action for row in written()}


def test_a_price_below_its_tiers_is_refused(there: Scene, clerk: Door) -> None:
    made = json_of(clerk.post("/listings", body(there)), 201)
    answer = clerk.patch(f"/listings/{made['id']}", {"unit_price_fen": 1_000}, version=1)
    assert problem_of(answer) == (422, "invalid", "/tiers/0/unit_price_fen")


def test_nobody_else_touches_a_listing(client: Client, there: Scene) -> None:
    path = f"/listings/{there.listing_id}"
    other = Door(client, marketplace.scene().clerk)
    assert code_of(other.patch(path, {"title": "x"}, version=2)) == (404, "not_found")
    assert code_of(other.post(f"{path}/delist")) == (404, "not_found")
    buyer = Door(client, there.buyer)
    assert code_of(buyer.post(f"{path}/delist")) == (403, "forbidden")
    assert code_of(Door(client).post("/listings", {})) == (401, "unauthenticated")
    manager = Door(client, registry.user(there.cooperative, [Role.COOP_MANAGER]))
    assert code_of(manager.post("/listings", {})) == (403, "forbidden")


def test_a_suspended_certificate_blocks_its_listings_and_a_reinstated_one_brings_them_back(
    there: Scene, clerk: Door
) -> None:
    by = there.by("clerk")
    delisted = marketplace.listing(there.certificate, by=by, unit=Unit.JIN)
    clerk.post(f"/listings/{delisted}/delist")
    news = CertificateSuspended(certificate_id=there.certificate.id)
    suspend(there)
    for _ in range(2):
        follow_certificate(news, now=NOW)
    assert listing_of(there.listing_id).status is L.BLOCKED
    assert listing_of(delisted).status is L.DELISTED
    path = f"/listings/{there.listing_id}"
    assert code_of(clerk.post(f"{path}/publish")) == (409, "certificate_not_in_force")
    suspend(there, ChangeKind.REINSTATED)
    follow_certificate(news, now=NOW)
    assert listing_of(there.listing_id).status is L.LISTED
    assert listing_of(delisted).status is L.DELISTED


def test_a_certificate_past_its_last_day_blocks_its_listings(there: Scene) -> None:
    later = NOW + timedelta(days=365)
    expire_certificates(now=later)
    follow_certificate(CertificateSuspended(certificate_id=there.certificate.id), now=later)
    assert listing_of(there.listing_id).status is L.BLOCKED
