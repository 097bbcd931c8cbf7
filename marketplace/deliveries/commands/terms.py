"""Loading what holds for deliveries: dated rows with their source."""

from __future__ import annotations

from datetime import datetime

from kernel.terms import load_terms
from marketplace.deliveries.models.goods import DeliveryTerm, TermCode

DEFAULTS = {TermCode.WEIGHT_TOLERANCE_BP: 100}
"""One part in a hundred: a default of this program, to be set by what the parties agree on."""


def load_delivery_terms(now: datetime) -> None:
    """Load the tolerance of the scale where none is there yet; changes nothing twice."""
    load_terms(DeliveryTerm, DEFAULTS, now=now)
