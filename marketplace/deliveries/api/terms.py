"""Doors to the numbers that hold for deliveries."""

from __future__ import annotations

from typing import Any

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery
from kernel.terms import NewTerm
from marketplace.deliveries.commands.terms import set_delivery_term
from marketplace.deliveries.models.goods import DeliveryTerm
from marketplace.deliveries.queries import terms as queries
from marketplace.deliveries.schemas.terms import (
    DELIVERY_TERM_PAGE,
    DeliveryTermIn,
    DeliveryTermOut,
)
from registry.accounts.models import Role

SETS = frozenset({Role.PLATFORM_ADMIN})

delivery_terms = Blueprint("delivery_terms", __name__, url_prefix="/api/v1")


@delivery_terms.get("/delivery-terms")
@endpoint(
    delivery_terms,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    location="query",
    returns=DELIVERY_TERM_PAGE,
)
def list_terms(query: dict[str, Any]) -> Page[DeliveryTerm]:
    """List the numbers of deliveries, those to come and those of the past as well."""
    return queries.list_terms(current_actor(), **query)


@delivery_terms.post("/delivery-terms")
@endpoint(
    delivery_terms, allow=SETS, accepts=DeliveryTermIn(), returns=DeliveryTermOut(), status=201
)
def set_term(body: NewTerm) -> DeliveryTerm:
    """Set a number for all deliveries, for the whole nation, from a day on."""
    return set_delivery_term(body, by=current_actor(), now=clock.now())
