"""Doors to the schemes and categories: public reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from certification.criteria import queries
from certification.criteria.models import ProductCategory, Scheme
from certification.criteria.schemas import CategoryListOut, SchemeListOut, SchemeOut
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint

criteria = Blueprint("criteria", __name__, url_prefix="/api/v1/certification")


@criteria.get("/schemes")
@endpoint(criteria, allow=PUBLIC, returns=SchemeListOut())
def list_schemes() -> Mapping[str, Sequence[Scheme]]:
    """List the certification schemes in force today."""
    today = shanghai_day(clock.now())
    return {"items": queries.list_schemes(current_actor(), on=today)}


@criteria.get("/schemes/<code>")
@endpoint(criteria, allow=PUBLIC, returns=SchemeOut())
def get_scheme(code: str) -> Scheme:
    """Get the version of a scheme in force today."""
    return queries.get_scheme(current_actor(), code, on=shanghai_day(clock.now()))


@criteria.get("/categories")
@endpoint(criteria, allow=PUBLIC, returns=CategoryListOut())
def list_categories() -> Mapping[str, Sequence[ProductCategory]]:
    """List the product categories that applications name."""
    return {"items": queries.list_categories(current_actor())}
