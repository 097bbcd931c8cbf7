"""Another scope of a certificate: two people, signed anew, never below what is promised."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from certification.applications.commands.productions import declare_production
from certification.applications.models import Production
from certification.certificates.commands import capacities, scope
from certification.certificates.commands.capacities import CapacityMove, CapacityWant
from certification.certificates.models.certificates import Certificate
from certification.certificates.models.scope import ScopeChange
from certification.certificates.queries.keys import list_signing_keys
from certification.certificates.rules.scope import Scope
from certification.errors.applications import ProductionExceeded
from certification.errors.certificates import (
    CertificateNotInForce,
    ScopeBelowSold,
    ScopeTooWide,
    ScopeUnchanged,
)
from certification.wiring import INVARIANTS
from kernel.actor import ANYONE
from kernel.database import db
from kernel.errors import OwnOrganisation
from kernel.identity import new_id
from kernel.quantity import Unit
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, NOW, Cast
from tests.conftest import Client
from tests.promises import broken

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def people() -> Cast:
    return build.cast()


def ask(made: Certificate, quantity: str, people: Cast, name: str | None = None) -> ScopeChange:
    wanted = Scope(name or made.product_name, made.specification, Decimal(quantity))
    return scope.request_scope_change(
        made.id, wanted, reason="产量变化", by=people.by, now=NOTICE_OVER
    )


def decide(change: ScopeChange, people: Cast, level: str = "county") -> ScopeChange:
    by = people.reviewer(level)
    return scope.decide_scope_change(change.id, accept=True, opinion="属实", by=by, now=NOTICE_OVER)


def rescope(made: Certificate, quantity: str, people: Cast, name: str | None = None) -> None:
    decide(ask(made, quantity, people, name), people)


def produce(people: Cast, quantity: int, year: int = 2026) -> Production:
    return declare_production(
        category_code="grain",
        county_code=registry.WUJIANG,
        year=year,
        unit=Unit.KG,
        quantity=Decimal(quantity),
        basis="演示",
        by=people.by,
        now=NOW,
    )


def certified(production: Production) -> Decimal | int:
    db.session.refresh(production)
    return production.certified


def test_an_accepted_scope_is_signed_anew_and_keeps_what_it_replaced(people: Cast) -> None:
    made = build.granted(people)
    before, old = made.payload, made.signature
    change = decide(ask(made, "1100", people, "演示新米"), people)
    (key,) = list_signing_keys(ANYONE)
    public_key = Ed25519PublicKey.from_public_bytes(b64decode(key.public_key))
    public_key.verify(made.signature, made.payload.encode())
    said = orjson.loads(made.payload)
    assert (said["product_name"], said["yearly_quantity"]) == ("演示新米", "1100.000")
    assert (said["revision"], made.revision) == (2, 2)
    assert said == {**orjson.loads(before), **{
        name: said[name] for name in ("product_name", "yearly_quantity", "revision")}}  # fmt: skip
    assert change.before is not None
    public_key.verify(bytes.fromhex(change.before["signature"]), change.before["payload"].encode())
    assert (change.before["payload"], change.before["signature"]) == (before, old.hex())
    assert (change.before["revision"], change.before["yearly_quantity"]) == (1, "1000.000")
    capacity = build.capacity_of(made)
    assert capacity.declared == 1100
    assert capacity.signals == [Decimal(880), Decimal(1045)]
    assert "xinmi" in made.search_text
    assert broken(INVARIANTS) == []


def test_who_asked_never_decides_and_the_row_says_so_too(people: Cast) -> None:
    made = build.granted(people)
    change = ask(made, "1100", people)
    same = replace(people.reviewer("county"), user_id=people.by.user_id)
    with pytest.raises(OwnOrganisation):  # who asked is of the holder, whomever they act for
        scope.decide_scope_change(change.id, accept=True, opinion="属实", by=same, now=NOTICE_OVER)
    row = update(ScopeChange).where(ScopeChange.id == change.id)
    values = {"status": "refused", "decided_at": NOTICE_OVER, "decided_by_id": people.clerk.id}
    with pytest.raises(IntegrityError, match="ck_scope_change_author"), db.session.begin_nested():
        db.session.execute(row.values(**values))
    assert made.revision == 1
    assert made.yearly_quantity == 1000


def test_one_wish_at_a_time(client: Client, people: Cast) -> None:
    made = build.certificate(people.holder)
    path = f"/api/v1/certificates/{made.id}/scope-changes"
    body = {
        "product_name": "演示新米",
        "specification": "散装",
        "yearly_quantity": "1100.000",
        "reason": "增产",
    }
    token = registry.token_of(people.clerk)
    first = client.post(path, json=body, token=token)
    assert first.status_code == 201
    again = client.post(path, json=body, token=token)
    assert again.json is not None
    assert (again.status_code, again.json["code"]) == (409, "scope_request_open")


def test_a_wish_for_nothing_or_for_too_much_is_refused(people: Cast) -> None:
    made = build.granted(people)
    with pytest.raises(ScopeUnchanged):
        ask(made, "1000", people)
    with pytest.raises(ScopeTooWide) as caught:
        ask(made, "1200.001", people)
    assert caught.value.figures["most"] == 1200
    rescope(made, "1200", people)
    with pytest.raises(ScopeTooWide):
        ask(made, "1200.001", people)


def test_a_year_is_never_cut_below_what_is_held_and_sold(people: Cast) -> None:
    made = build.granted(people)
    held, sold = new_id(), new_id()
    wants = [
        CapacityWant(line, made.id, Decimal(quantity))
        for line, quantity in ((held, 40), (sold, 20))
    ]
    found = capacities.hold_capacity(wants, expires_at=None, now=NOTICE_OVER)
    capacities.post_capacity([CapacityMove(sold, found[sold])], now=NOTICE_OVER)
    change = ask(made, "59.999", people)
    with pytest.raises(ScopeBelowSold) as caught:
        decide(change, people)
    assert caught.value.figures["used"] == 60


def test_a_year_is_cut_to_what_is_held_and_sold(people: Cast) -> None:
    made = build.granted(people)
    line = new_id()
    want = CapacityWant(line, made.id, Decimal(60))
    capacities.hold_capacity([want], expires_at=None, now=NOTICE_OVER)
    rescope(made, "60", people)
    capacity = build.capacity_of(made)
    assert capacity.declared == capacity.held == 60
    assert broken(INVARIANTS) == []


def test_an_ended_certificates_scope_stays(people: Cast) -> None:
    made = build.granted(people)
    change = ask(made, "1100", people)
    over = NOTICE_OVER + timedelta(days=365)
    with pytest.raises(CertificateNotInForce):
        scope.decide_scope_change(
            change.id, accept=True, opinion="属实", by=people.reviewer("county"), now=over
        )


def test_an_increase_is_taken_from_the_production(people: Cast) -> None:
    production = produce(people, 1200)
    made = build.granted(people)
    assert certified(production) == 1000
    rescope(made, "1200", people)
    assert certified(production) == 1200
    assert broken(INVARIANTS) == []


def test_an_increase_beyond_the_production_is_refused_and_changes_nothing(people: Cast) -> None:
    production = produce(people, 1100)
    made = build.granted(people)
    change = ask(made, "1100.001", people)
    with pytest.raises(ProductionExceeded) as caught, db.session.begin_nested():
        decide(change, people)
    assert caught.value.figures == {
        "available": Decimal(100),
        "wanted": Decimal("100.001"),
        "unit": "kg",
    }
    db.session.refresh(made)
    assert made.yearly_quantity == 1000
    assert made.revision == 1
    assert build.capacity_of(made).declared == 1000
    assert certified(production) == 1000
    assert broken(INVARIANTS) == []


def test_what_was_taken_stays_taken_through_a_cut_and_is_not_taken_twice(people: Cast) -> None:
    production = produce(people, 1200)
    made = build.granted(people)
    for quantity, taken in (("800", 1000), ("1000", 1000), ("1150", 1150), ("900", 1150),
                            ("1200", 1200)):  # fmt: skip
        rescope(made, quantity, people)
        assert made.yearly_quantity == Decimal(quantity)
        assert certified(production) == taken
    assert broken(INVARIANTS) == []


def test_another_name_takes_nothing_of_a_production(people: Cast) -> None:
    made = build.granted(people)
    production = produce(people, 10)
    rescope(made, "1000", people, "演示新米")
    assert certified(production) == 0
    with pytest.raises(ProductionExceeded):
        rescope(made, "1001", people)


def test_where_nothing_was_declared_for_the_year_of_the_grant_nothing_is_counted(
    people: Cast,
) -> None:
    made = build.granted(people)
    production = produce(people, 1, year=2027)
    rescope(made, "1200", people)
    assert made.yearly_quantity == 1200
    assert certified(production) == 0
