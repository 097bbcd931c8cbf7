"""Who may stand under whom."""

from __future__ import annotations

from uuid import UUID

import pytest

from registry.errors.organisations import SupervisionUnfit
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.organisations.rules import check_supervision, lineage_of

ID = UUID("01900000-0000-7000-8000-000000000001")


def _organisation(kind: OrganisationKind) -> Organisation:
    return Organisation(id=OrganisationId(ID), kind=kind, lineage=f"/{ID}/")


@pytest.mark.parametrize(
    ("kind", "supervisor"),
    [
        (OrganisationKind.BUDGET_UNIT, OrganisationKind.BUDGET_UNIT),
        (OrganisationKind.BUDGET_UNIT, OrganisationKind.AUTHORITY),
        (OrganisationKind.CANTEEN_CONTRACTOR, OrganisationKind.BUDGET_UNIT),
        (OrganisationKind.TRADE_UNION, OrganisationKind.STATE_ENTERPRISE),
        (OrganisationKind.COOPERATIVE, OrganisationKind.COOPERATIVE),
        (OrganisationKind.FINANCE_BUREAU, OrganisationKind.AUTHORITY),
    ],
)
def test_a_kind_stands_under_what_supervises_it(
    kind: OrganisationKind, supervisor: OrganisationKind
) -> None:
    check_supervision(kind, supervisor=_organisation(supervisor))


@pytest.mark.parametrize(
    ("kind", "supervisor"),
    [
        (OrganisationKind.BUDGET_UNIT, OrganisationKind.COOPERATIVE),
        (OrganisationKind.COOPERATIVE, OrganisationKind.BUDGET_UNIT),
        (OrganisationKind.PLATFORM, OrganisationKind.AUTHORITY),
        (OrganisationKind.VILLAGE_COLLECTIVE, OrganisationKind.AUTHORITY),
    ],
)
def test_a_kind_does_not_stand_under_another(
    kind: OrganisationKind, supervisor: OrganisationKind
) -> None:
    with pytest.raises(SupervisionUnfit) as refusal:
        check_supervision(kind, supervisor=_organisation(supervisor))
    assert refusal.value.pointer == "/supervising_id"
    assert refusal.value.figures == {"kind": kind, "supervisor_kind": supervisor}


def test_a_lineage_runs_from_the_top_down_to_the_own_id() -> None:
    below = UUID("01900000-0000-7000-8000-000000000002")
    assert lineage_of(below, supervisor=None) == f"/{below}/"
    above = _organisation(OrganisationKind.AUTHORITY)
    assert lineage_of(below, supervisor=above) == f"/{ID}/{below}/"
