"""Register an organisation as a list names it: what supervises it by its code, or by its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.actor import Actor
from registry.errors.organisations import SupervisorAmbiguous, SupervisorUnknown
from registry.organisations.commands.organisations import NewOrganisation, register_organisation
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.organisations.queries import (
    find_organisation_by_code,
    list_live_organisations_named,
)


@dataclass(frozen=True)
class ListedOrganisation:
    """An organisation as a clerk lists it; what supervises it may stand further up in the list.

    The credit code of the supervising one goes before its name. A name is looked for in the
    region given with it, else in the organisation's own.
    """

    credit_code: str
    name: str
    kind: OrganisationKind
    region_code: str
    supervising_credit_code: str | None = None
    supervising_name: str | None = None
    supervising_region_code: str | None = None
    supervising_id: OrganisationId | None = None


def register_listed(row: ListedOrganisation, *, by: Actor, now: datetime) -> Organisation:
    """Register an organisation of a list.

    Refuses SupervisorUnknown, SupervisorAmbiguous, and what `register_organisation` does.
    """
    new = NewOrganisation(
        credit_code=row.credit_code,
        name=row.name,
        kind=row.kind,
        region_code=row.region_code,
        supervising_id=_supervising_id(row, by=by),
    )
    return register_organisation(new, by=by, now=now)


def _supervising_id(row: ListedOrganisation, *, by: Actor) -> OrganisationId | None:
    if row.supervising_credit_code is not None:
        found = find_organisation_by_code(by, row.supervising_credit_code)
        if found is None:
            raise SupervisorUnknown(pointer="/supervising_credit_code")
        return found
    if row.supervising_name is None:
        return row.supervising_id
    region_code = row.supervising_region_code or row.region_code
    named = list_live_organisations_named(by, row.supervising_name, region_code=region_code)
    if not named:
        raise SupervisorUnknown(pointer="/supervising_name")
    if len(named) > 1:
        raise SupervisorAmbiguous(pointer="/supervising_name", count=len(named))
    return named[0].id
