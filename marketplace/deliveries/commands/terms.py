"""What holds for deliveries: dated rows with their source, loaded and set."""

from __future__ import annotations

from datetime import datetime

from kernel.actor import Actor
from kernel.terms import NewTerm, load_terms, set_term
from marketplace.deliveries.models.goods import DeliveryTerm, TermCode
from registry.documents.rules import check_clear_of_identity

DEFAULTS = {TermCode.WEIGHT_TOLERANCE_BP: 100}
"""One part in a hundred: a default of this program, until the platform sets another."""
LIMITS = (0, 10_000)
"""Basis points, as in the table's own check."""


def set_delivery_term(new: NewTerm, *, by: Actor, now: datetime) -> DeliveryTerm:
    """Set a number for all deliveries from a day on; what was weighed before keeps its own.

    Refuses TermUnfit, TermBackdated, TermTaken.
    """
    check_clear_of_identity(new.source, pointer="/source")
    return set_term(DeliveryTerm, new, limits=LIMITS, by=by, now=now)


def load_delivery_terms(now: datetime) -> None:
    """Load the tolerance of the scale where none is there yet; changes nothing twice."""
    load_terms(DeliveryTerm, DEFAULTS, now=now)
