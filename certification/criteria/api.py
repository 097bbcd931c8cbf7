"""Doors to the schemes and categories: public reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from certification.criteria import commands, queries
from certification.criteria.commands import NewScheme
from certification.criteria.models import ProductCategory, Scheme
from certification.criteria.schemas import CategoryListOut, SchemeIn, SchemeListOut, SchemeOut
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from registry.accounts.models import Role

criteria = Blueprint("criteria", __name__, url_prefix="/api/v1/certification")
ADOPTERS = frozenset({Role.PLATFORM_ADMIN, Role.PROVINCE_REVIEWER})


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


@criteria.get("/schemes/<code>/versions")
@endpoint(criteria, allow=PUBLIC, returns=SchemeListOut())
def list_versions(code: str) -> Mapping[str, Sequence[Scheme]]:
    """List all versions of a scheme, the newest first."""
    return {"items": queries.list_versions(current_actor(), code)}


@criteria.post("/schemes")
@endpoint(criteria, allow=ADOPTERS, accepts=SchemeIn(), returns=SchemeOut(), status=201)
def adopt(body: NewScheme) -> Scheme:
    """Adopt a scheme or its next version; running applications keep theirs."""
    return commands.adopt_scheme(body, by=current_actor(), now=clock.now())


@criteria.get("/categories")
@endpoint(criteria, allow=PUBLIC, returns=CategoryListOut())
def list_categories() -> Mapping[str, Sequence[ProductCategory]]:
    """List the product categories that applications name."""
    return {"items": queries.list_categories(current_actor())}
