"""Which quotas a confirmed promise opens, and how the parts of an order are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from kernel.money import Fen
from procurement.filings.models import FilingStatus
from procurement.filings.rules import FilingContents
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.regions.models import OriginKind


@dataclass(frozen=True, slots=True)
class QuotaTerms:
    """What a quota begins with, in fen."""

    fund: Fund
    ceiling_fen: Fen
    floor_fen: Fen


@dataclass(frozen=True, slots=True)
class QuotaPart:
    """What an order wants for its goods of one origin kind, in fen."""

    origin_kind: OriginKind
    order_kind: OrderKind
    amount_fen: Fen


def terms_of(status: FilingStatus, contents: FilingContents) -> list[QuotaTerms]:
    """Give the quotas that a promise opens: none before the last confirmation.

    The canteen's always, a zero filing's too; the union's where a reservation was filed, up to
    its ceiling or, without one, its whole total.
    """
    if status is not FilingStatus.CONFIRMED:
        return []
    terms = [QuotaTerms(Fund.CANTEEN, contents.ceiling_fen, contents.reserved_fen)]
    limit, reserved = contents.union_limit_fen, contents.union_reserved_fen
    if limit is not None and reserved is not None:
        terms.append(QuotaTerms(Fund.UNION, limit, reserved))
    return terms


def hold_key(order_id: UUID, origin_kind: OriginKind) -> UUID:
    """Give the key under which an order holds money for one origin kind."""
    return uuid5(order_id, origin_kind)


def merge_parts(parts: Sequence[QuotaPart]) -> list[QuotaPart]:
    """Make one part of several of one origin kind; parts of nothing fall away.

    An order has one kind, so parts of one origin share theirs.
    """
    merged: dict[OriginKind, QuotaPart] = {}
    for part in parts:
        before = merged.get(part.origin_kind)
        amount = part.amount_fen + (before.amount_fen if before else 0)
        merged[part.origin_kind] = QuotaPart(part.origin_kind, part.order_kind, Fen(amount))
    return [part for part in merged.values() if part.amount_fen > 0]
