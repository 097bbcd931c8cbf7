"""Behind the doors too nothing is offered for a supplier that has ended, and news is heard once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.audit import AuditRow
from kernel.database import constraint_of, db
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.commands.following import block_supplier
from marketplace.catalogue.commands.listings import (
    NewListing,
    create_listing,
    delist_listing,
    publish_listing,
)
from marketplace.catalogue.models.listings import BlockReason, ListingStatus
from marketplace.lots.commands.stock import NewLot, record_lot
from marketplace.lots.models import Lot
from registry.errors.organisations import OrganisationEnded
from registry.organisations.models import Ending
from tests.builders import marketplace
from tests.builders.marketplace import NOW, TODAY, Scene, listing_of

S, B = ListingStatus, BlockReason


@pytest.fixture
def there(db_session: Session) -> Scene:
    del db_session  # it brings the transaction
    return marketplace.scene()


def end(there: Scene) -> None:
    there.cooperative.ended_on, there.cooperative.ending = TODAY, Ending.ABOLISHED
    db.session.flush()


def test_nothing_new_is_written_for_it(there: Scene) -> None:
    by = there.by("clerk")
    delist_listing(there.listing_id, expected_version=None, by=by, now=NOW)
    end(there)
    offered = NewListing(
        there.certificate.id, "演示脐橙", Unit.KG, Decimal(1), unit_price_fen=Fen(100)
    )
    gathered = NewLot(there.listing_id, date(2026, 5, 31), Unit.KG, own_quantity=Decimal(5))
    before = marketplace.counts(type(listing_of(there.listing_id)), Lot)
    with pytest.raises(OrganisationEnded) as refused:
        create_listing(offered, by=by, now=NOW)
    assert refused.value.figures == {"ended_on": TODAY}
    with pytest.raises(OrganisationEnded):
        publish_listing(there.listing_id, expected_version=None, by=by, now=NOW)
    with pytest.raises(OrganisationEnded):
        record_lot(gathered, by=by, now=NOW)
    assert marketplace.counts(type(listing_of(there.listing_id)), Lot) == before
    assert listing_of(there.listing_id).status is S.DELISTED


def test_what_is_on_sale_is_blocked_once_and_the_rest_stays(
    there: Scene, written: Callable[[], list[AuditRow]]
) -> None:
    by = there.by("clerk")
    delisted = marketplace.listing(there.certificate, by=by)
    delist_listing(delisted, expected_version=None, by=by, now=NOW)
    end(there)
    for _ in range(2):
        block_supplier(there.cooperative.id, now=NOW)
    made = listing_of(there.listing_id)
    assert (made.status, made.blocked_for) == (S.BLOCKED, B.SUPPLIER)
    assert listing_of(delisted).status is S.DELISTED
    rows = [row for row in written() if row.action == "listing_blocked"]
    assert [row.subject_id for row in rows] == [str(made.id)]


def test_a_supplier_may_take_down_what_is_blocked(there: Scene) -> None:
    block_supplier(there.cooperative.id, now=NOW)
    by = there.by("clerk")
    shown = delist_listing(there.listing_id, expected_version=None, by=by, now=NOW)
    assert (shown.status, shown.blocked_for) == (S.DELISTED, None)


@pytest.mark.parametrize(
    ("status", "reason"), [(S.BLOCKED, None), (S.LISTED, B.SUPPLIER), (S.DRAFT, B.CERTIFICATE)]
)
def test_what_is_blocked_has_a_reason_and_nothing_else_has_one(
    there: Scene, status: ListingStatus, reason: BlockReason | None
) -> None:
    made = listing_of(there.listing_id)
    made.status, made.blocked_for = status, reason
    with pytest.raises(IntegrityError) as caught:
        db.session.flush()
    assert constraint_of(caught.value) == "ck_listing_blocked_for"
