"""Who may stand under whom, and who takes the place of one that ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from uuid import UUID

from kernel.actor import Actor
from registry.errors.organisations import (
    CreditPeriodBackwards,
    EndingInFuture,
    NotACooperative,
    OrganisationEnded,
    SuccessionUnfit,
    SupervisionUnfit,
)
from registry.organisations.models import BUYERS, SELLERS, Organisation, OrganisationKind

_PUBLIC = frozenset({OrganisationKind.BUDGET_UNIT, OrganisationKind.AUTHORITY})

BUYS_FOR_ITS_PARENT = frozenset({OrganisationKind.CANTEEN_CONTRACTOR, OrganisationKind.TRADE_UNION})
"""Trading accounts whose orders count for the unit above them."""

SUPERVISORS: Mapping[OrganisationKind, frozenset[OrganisationKind]] = MappingProxyType(
    {
        OrganisationKind.BUDGET_UNIT: _PUBLIC,
        OrganisationKind.STATE_ENTERPRISE: _PUBLIC | {OrganisationKind.STATE_ENTERPRISE},
        OrganisationKind.TRADE_UNION: BUYERS | {OrganisationKind.AUTHORITY},
        OrganisationKind.PRIVATE_ENTERPRISE: frozenset({OrganisationKind.PRIVATE_ENTERPRISE}),
        OrganisationKind.SOCIAL_ORGANISATION: _PUBLIC | {OrganisationKind.SOCIAL_ORGANISATION},
        OrganisationKind.CANTEEN_CONTRACTOR: BUYERS,
        OrganisationKind.COOPERATIVE: frozenset({OrganisationKind.COOPERATIVE}),
        OrganisationKind.LEADING_ENTERPRISE: frozenset({OrganisationKind.LEADING_ENTERPRISE}),
        OrganisationKind.AUTHORITY: frozenset({OrganisationKind.AUTHORITY}),
        OrganisationKind.FINANCE_BUREAU: frozenset(
            {OrganisationKind.FINANCE_BUREAU, OrganisationKind.AUTHORITY}
        ),
    }
)
"""Which kinds may supervise a kind; a kind that is not named stands under nobody.

A contractor stands under the unit whose canteen it runs.
"""


def check_supervision(kind: OrganisationKind, *, supervisor: Organisation) -> None:
    """Refuse a supervising organisation of a kind that does not supervise this kind."""
    if supervisor.kind not in SUPERVISORS.get(kind, frozenset()):
        raise SupervisionUnfit(
            pointer="/supervising_id", kind=kind, supervisor_kind=supervisor.kind
        )


def lineage_of(organisation_id: UUID, *, supervisor: Organisation | None) -> str:
    """Give the path from the top of the tree, `/<id>/<id>/`; it ends with the own id."""
    return f"{supervisor.lineage if supervisor else '/'}{organisation_id}/"


def check_live(organisation: Organisation) -> None:
    """Refuse anything new for an organisation that was merged or abolished."""
    if organisation.ended_on is not None:
        raise OrganisationEnded(ended_on=organisation.ended_on)


def check_successor(organisation: Organisation, *, successor: Organisation) -> None:
    """Refuse a successor of another family of kinds, or one that stands below what ends."""
    families = (BUYERS, SELLERS, frozenset({organisation.kind}))
    family = next(one for one in families if organisation.kind in one)
    if successor.kind not in family or successor.lineage.startswith(organisation.lineage):
        raise SuccessionUnfit(
            pointer="/successor_id", kind=organisation.kind, successor_kind=successor.kind
        )


def check_happened(effective_on: date, *, today: date) -> None:
    """Refuse a change that is still to come."""
    if effective_on > today:
        raise EndingInFuture(pointer="/effective_on", effective_on=effective_on)


def check_cooperative(organisation: Organisation) -> None:
    """Refuse members and capital of anything but a cooperative."""
    if organisation.kind is not OrganisationKind.COOPERATIVE:
        raise NotACooperative(kind=organisation.kind)


def check_credit_period(*, since_on: date, until_on: date | None) -> None:
    """Refuse an entry that ends before it begins."""
    if until_on is not None and until_on <= since_on:
        raise CreditPeriodBackwards(pointer="/until_on")


def may_bind(actor: Actor, *, unit_id: UUID, unit_lineage: str) -> bool:
    """Say whether the actor may buy for a unit.

    For the own one and its subordinates; a contractor or union also for the unit above it.
    """
    below = bool(actor.lineage) and unit_lineage.startswith(actor.lineage)
    if below or actor.organisation_id == unit_id:
        return True
    in_parent = actor.lineage.endswith(f"/{unit_id}/{actor.organisation_id}/")
    return in_parent and actor.organisation_kind in BUYS_FOR_ITS_PARENT
