"""Which schemes there are, which is in force on a day, and the product categories."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from certification.criteria.models import ProductCategory, Scheme, SchemeId
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound


def _in_force(on: date) -> ColumnElement[bool]:
    until = Scheme.in_force_until_on
    return (Scheme.in_force_from_on <= on) & or_(until.is_(None), until > on)


def find_scheme(actor: Actor, code: str, *, on: date) -> Scheme | None:
    """Find the version of a scheme in force on a Shanghai day; the newest where two are."""
    del actor  # schemes are public
    query = select(Scheme).where(Scheme.code == code, _in_force(on))
    return db.session.scalar(query.order_by(Scheme.version.desc()).limit(1))


def get_scheme(actor: Actor, code: str, *, on: date) -> Scheme:
    """Get the version of a scheme in force on a Shanghai day (NotFound: none is)."""
    scheme = find_scheme(actor, code, on=on)
    if scheme is None:
        raise NotFound
    return scheme


def list_schemes(actor: Actor, *, on: date) -> list[Scheme]:
    """List the schemes in force on a Shanghai day, one version each, by code."""
    del actor  # schemes are public
    query = select(Scheme).where(_in_force(on)).ext(distinct_on(Scheme.code))
    return list(db.session.scalars(query.order_by(Scheme.code, Scheme.version.desc())))


def get_scheme_code(actor: Actor, scheme_id: SchemeId) -> str:
    """Give the code of the scheme of which this is a version, in force or not."""
    del actor
    return db.session.scalars(select(Scheme.code).where(Scheme.id == scheme_id)).one()


def list_versions(actor: Actor, code: str) -> list[Scheme]:
    """List all versions of a scheme, those to come and those that ended too, the newest first.

    NotFound where there is no such scheme.
    """
    del actor  # schemes are public
    query = select(Scheme).where(Scheme.code == code).order_by(Scheme.version.desc())
    versions = list(db.session.scalars(query))
    if not versions:
        raise NotFound
    return versions


def lock_newest(actor: Actor, code: str) -> Scheme | None:
    """Give the newest version of a scheme, locked, so that its successor is adopted once."""
    del actor  # schemes are public
    query = select(Scheme).where(Scheme.code == code).order_by(Scheme.version.desc()).limit(1)
    return db.session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


def list_categories(actor: Actor) -> list[ProductCategory]:
    """List the product categories in the order they are shown in."""
    del actor  # categories are public
    return list(db.session.scalars(select(ProductCategory).order_by(ProductCategory.position)))


def has_category(actor: Actor, code: str) -> bool:
    """Say whether there is a product category of this code."""
    del actor  # categories are public
    return db.session.get(ProductCategory, code) is not None
