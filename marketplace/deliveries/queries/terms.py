"""Which numbers hold for deliveries, held and will hold."""

from __future__ import annotations

from kernel import terms
from kernel.actor import Actor
from kernel.paging import Page
from marketplace.deliveries.models.goods import DeliveryTerm


def list_terms(actor: Actor, *, limit: int, cursor: str | None) -> Page[DeliveryTerm]:
    """List all numbers, those to come and those of the past as well, the last to begin first."""
    del actor  # they are the same for everybody
    return terms.list_terms(DeliveryTerm, limit=limit, cursor=cursor)
