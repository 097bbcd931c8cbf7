"""Which terms of supervision and of payment hold on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select

from kernel.actor import Actor
from kernel.database import db
from procurement.supervision.models.terms import PaymentTerm, SupervisionRule
from registry.regions.rules import NATION, ancestor_codes, subtree_prefix


def find_supervision_rule(actor: Actor, region_code: str, *, on: date) -> SupervisionRule | None:
    """Find the terms of the nearest region around a place on a Shanghai day."""
    del actor
    until = SupervisionRule.in_force_until_on
    statement = select(SupervisionRule).where(
        SupervisionRule.region_code.in_([*ancestor_codes(region_code), NATION]),
        SupervisionRule.in_force_from_on <= on,
        or_(until.is_(None), until > on),
    )
    return max(
        db.session.scalars(statement),
        key=lambda one: (len(subtree_prefix(one.region_code)), one.in_force_from_on),
        default=None,
    )


def find_payment_term(actor: Actor, *, on: date) -> PaymentTerm | None:
    """Find when sellers must be paid for what is accepted on a Shanghai day."""
    del actor
    return db.session.scalars(_in_force(select(PaymentTerm), on)).first()


def payment_term_in_force(on: date | ColumnElement[date]) -> ScalarSelect[Any]:
    """Say, of a Shanghai day, `[standard days, longest days, source]` of the law in force."""
    said = PaymentTerm.standard_days, PaymentTerm.longest_days, PaymentTerm.source
    return _in_force(select(func.jsonb_build_array(*said)), on).scalar_subquery()


def _in_force(terms: Select[Any], on: date | ColumnElement[date]) -> Select[Any]:
    """Take the newest of the terms of payment that hold on a Shanghai day."""
    until = PaymentTerm.in_force_until_on
    return (
        terms.where(PaymentTerm.in_force_from_on <= on, or_(until.is_(None), until > on))
        .order_by(PaymentTerm.in_force_from_on.desc(), PaymentTerm.id)
        .limit(1)
    )


def list_payment_terms(actor: Actor) -> list[PaymentTerm]:
    """List all terms of payment, the oldest first."""
    del actor
    return list(db.session.scalars(select(PaymentTerm).order_by(PaymentTerm.in_force_from_on)))
