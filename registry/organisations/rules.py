"""Who may stand under whom."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from registry.errors.organisations import SupervisionUnfit
from registry.organisations.models import BUYERS, Organisation, OrganisationKind

_PUBLIC = frozenset({OrganisationKind.BUDGET_UNIT, OrganisationKind.AUTHORITY})

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
