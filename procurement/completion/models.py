"""Whose completion is meant, and what entries add up to: values, no table of their own."""

from dataclasses import dataclass

from kernel.money import Fen
from procurement.policies.models import OrderKind, PolicyId
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind


@dataclass(frozen=True, slots=True)
class Reach:
    """The units of a report: a unit with what stands under it, or all inside a region."""

    unit_id: OrganisationId | None
    lineage: str | None
    region_code: str
    region_prefix: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What entries of one policy, origin and order kind add up to (fen).

    `paid_fen` was paid inside the year, whatever year its quota is of; `paid_elsewhere_fen`
    was paid on quotas of the year, but outside it. Entries without an order have no kinds.
    """

    unit_id: OrganisationId | None
    policy_id: PolicyId | None
    origin_kind: OriginKind | None
    order_kind: OrderKind | None
    reserved_fen: Fen
    ordered_fen: Fen
    accepted_fen: Fen
    paid_fen: Fen
    paid_elsewhere_fen: Fen
