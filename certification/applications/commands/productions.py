"""What a holder declares it produces, and what certificates take of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from certification.applications.models import (
    Production,
    ProductionEntry,
    ProductionHold,
    ProductionId,
)
from certification.applications.queries.productions import (
    ProductionKey,
    find_production,
    lock_production,
    sum_certified,
)
from certification.applications.rules.findings import in_production_unit, production_unit
from certification.criteria.queries import has_category
from certification.errors.applications import ProductionCertified, ProductionExceeded
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import Invalid, NotAllowed
from kernel.gates import Gate, Move, Want
from kernel.identity import new_id
from kernel.quantity import Unit, check_quantity
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.errors.regions import RegionUnknown
from registry.organisations.models import OrganisationId
from registry.regions.models import RegionLevel
from registry.regions.queries import find_region
from registry.regions.rules import level_of

SOURCE = "application"
INCREASE = "scope_change"

PRODUCTION_GATE = Gate(
    counter=Production,
    limit=Production.declared,
    held=Production.held,
    spent=Production.certified,
    hold=ProductionHold,
    entry=ProductionEntry,
)
"""What is certified of a category, county and year never passes what its holder declared."""


def declare_production(
    *,
    category_code: str,
    county_code: str,
    year: int,
    unit: Unit,
    quantity: Decimal,
    basis: str,
    by: Actor,
    now: datetime,
) -> Production:
    """Say what the actor's organisation produces of a category in a county in a year."""
    if by.organisation_id is None:
        raise NotAllowed
    check_quantity(quantity, unit, pointer="/quantity")
    check_clear_of_identity(basis, pointer="/basis")
    if not has_category(by, category_code):
        raise Invalid(pointer="/category_code", reason="没有此类别 / no such category")
    today = shanghai_day(now)
    is_county = level_of(county_code) is RegionLevel.COUNTY
    if not is_county or find_region(by, county_code, on=today) is None:
        raise RegionUnknown(pointer="/county_code", region_code=county_code)
    production = Production(
        id=ProductionId(new_id()),
        holder_id=OrganisationId(by.organisation_id),
        category_code=category_code,
        county_code=county_code,
        year=year,
        unit=production_unit(unit),
        declared=in_production_unit(quantity, unit),
        held=Decimal(),
        certified=Decimal(),
        basis=basis,
        declared_by_id=UserId(by.user_id),
        declared_at=now,
    )
    db.session.add(production)
    _trace("declare_production", production, by=by, now=now)
    return production


def change_production(
    production_id: UUID, *, quantity: Decimal, basis: str, by: Actor, now: datetime
) -> Production:
    """Say a production of the own organisation anew, never below what was certified under it."""
    check_clear_of_identity(basis, pointer="/basis")
    production = lock_production(by, ProductionId(production_id))
    if production.holder_id != by.organisation_id:
        raise NotAllowed
    check_quantity(quantity, production.unit, pointer="/quantity")
    if quantity < production.held + production.certified:
        raise ProductionCertified(
            pointer="/quantity", certified=production.certified, unit=production.unit
        )
    production.declared, production.basis = quantity, basis
    production.declared_by_id, production.declared_at = UserId(by.user_id), now
    _trace("change_production", production, by=by, now=now)
    return production


def certify_production(
    key: ProductionKey, *, application_id: UUID, quantity: Decimal, now: datetime
) -> None:
    """Take a quantity of what was declared for good, or refuse it (ProductionExceeded).

    Where nothing was declared nothing is counted: "no rule in force" is a legal state, and the
    reviewer was told.
    """
    production = find_production(SYSTEM, key)
    if production is not None:
        _certify(production, SOURCE, Want(production.id, application_id, quantity), now=now)


def certify_increase(
    key: ProductionKey,
    *,
    scope_change_id: UUID,
    quantity: Decimal,
    earlier: Collection[UUID],
    now: datetime,
) -> None:
    """Take what a certificate of a wider scope is for, or refuse it (ProductionExceeded).

    Only what the certificate did not take before: `earlier` are the application and the changes
    that took for it. Its caller holds the certificate's lock.
    """
    production = find_production(SYSTEM, key)
    if production is None:
        return
    more = quantity - sum_certified(SYSTEM, production.id, earlier)
    if more > 0:
        _certify(production, INCREASE, Want(production.id, scope_change_id, more), now=now)


def _certify(production: Production, source: str, want: Want, *, now: datetime) -> None:
    if PRODUCTION_GATE.take(source, [want], expires_at=None, now=now):
        db.session.refresh(production)
        raise ProductionExceeded(
            available=production.declared - production.held - production.certified,
            wanted=want.amount,
            unit=production.unit,
        )
    PRODUCTION_GATE.post(source, [Move(production.id, want.source_id)], now=now)


def _trace(action: str, production: Production, *, by: Actor, now: datetime) -> None:
    db.session.flush()
    audit.write(
        action,
        subject=("production", production.id),
        by=by,
        now=now,
        after={"declared": production.declared, "basis": production.basis},
    )
