"""The numbers that flags are measured by: dated rows with their source, loaded and set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from kernel.actor import Actor
from kernel.terms import NewTerm, load_terms, set_term
from marketplace.oversight.models import FlagTerm, FlagTermCode
from marketplace.oversight.rules import limits_of
from registry.documents.rules import check_clear_of_identity

DEFAULTS: Mapping[FlagTermCode, int] = MappingProxyType(
    {
        FlagTermCode.WINDOW_DAYS: 366,
        FlagTermCode.PRICE_ABOVE_BP: 5_000,
        FlagTermCode.PRICE_BELOW_BP: 5_000,
        FlagTermCode.LIKE_SUPPLIERS: 5,
        FlagTermCode.PRICE_JUMP_BP: 3_000,
        FlagTermCode.PRICE_JUMP_DAYS: 30,
        FlagTermCode.SAME_PRICE_SUPPLIERS: 3,
        FlagTermCode.PLAIN_PRICE_FEN: 10,
        FlagTermCode.CAPACITY_OVER_BP: 0,
        FlagTermCode.NEAR_THRESHOLD_BP: 500,
        FlagTermCode.NEAR_THRESHOLD_ORDERS: 3,
        FlagTermCode.ROUND_FEN: 100_000,
        FlagTermCode.ROUND_ORDERS: 3,
        FlagTermCode.CONCENTRATION_BP: 8_000,
        FlagTermCode.CONCENTRATION_ORDERS: 5,
        FlagTermCode.CONCENTRATION_FEN: 1_000_000,
        FlagTermCode.NEW_SUPPLIER_FEN: 5_000_000,
        FlagTermCode.NEW_SUPPLIER_DAYS: 30,
        FlagTermCode.YEAR_END_BP: 5_000,
        FlagTermCode.YEAR_END_FEN: 1_000_000,
        FlagTermCode.ACCEPTED_MINUTES: 10,
        FlagTermCode.EXACT_RECEIPTS: 20,
        FlagTermCode.UNACCEPTED_DAYS: 30,
        FlagTermCode.INVOICE_FEN: 100,
        FlagTermCode.INVOICE_DAYS: 60,
    }
)
"""Defaults of this program, in basis points, fen, days, minutes and pieces; no law sets them."""


def set_flag_term(new: NewTerm, *, by: Actor, now: datetime) -> FlagTerm:
    """Set a number of a rule for the whole nation; the next search goes by it.

    Refuses TermUnfit, TermBackdated, TermTaken.
    """
    check_clear_of_identity(new.source, pointer="/source")
    return set_term(FlagTerm, new, limits=limits_of(new.code), by=by, now=now)


def load_flag_terms(now: datetime) -> None:
    """Load the numbers that are not there yet; changes nothing twice."""
    load_terms(FlagTerm, DEFAULTS, now=now)
