"""Register organisations and amend them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import check_version
from kernel.identity import new_id
from kernel.money import Fen
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.organisations.queries import get_organisation, lock_organisation, lock_tree
from registry.organisations.rules import (
    check_cooperative,
    check_live,
    check_supervision,
    lineage_of,
)
from registry.regions.queries import get_live_region
from registry.regions.rules import subtree_prefix


@dataclass(frozen=True)
class NewOrganisation:
    """An organisation to register; the credit code has been checked at the door."""

    credit_code: str
    name: str
    kind: OrganisationKind
    region_code: str
    supervising_id: OrganisationId | None = None


@dataclass(frozen=True)
class Amendment:
    """What to change of an organisation; what is None stays."""

    name: str | None = None
    region_code: str | None = None
    member_count: int | None = None
    capital_fen: Fen | None = None


def register_organisation(new: NewOrganisation, *, by: Actor, now: datetime) -> Organisation:
    """Register an organisation under its supervising one.

    Refuses RegionUnknown, SupervisionUnfit, NotFound and OrganisationEnded (supervising one),
    CreditCodeTaken. The tree stands still meanwhile, so that the lineage is the present one.
    A new organisation supervises nobody yet, so the tree cannot become a ring.
    """
    get_live_region(by, new.region_code, on=shanghai_day(now), pointer="/region_code")
    supervisor = None
    if new.supervising_id is not None:
        lock_tree(by, shared=True)
        supervisor = get_organisation(by, new.supervising_id)
        check_live(supervisor)
        check_supervision(new.kind, supervisor=supervisor)
    organisation_id = OrganisationId(new_id())
    organisation = Organisation(
        id=organisation_id,
        credit_code=new.credit_code,
        name=new.name,
        kind=new.kind,
        region_code=new.region_code,
        region_prefix=subtree_prefix(new.region_code),
        supervising_id=new.supervising_id,
        lineage=lineage_of(organisation_id, supervisor=supervisor),
        created_at=now,
    )
    db.session.add(organisation)
    db.session.flush()
    audit.write(
        "register_organisation",
        subject=("organisation", organisation.id),
        by=by,
        now=now,
        after=_contents(organisation),
    )
    return organisation


def amend_organisation(
    organisation_id: OrganisationId,
    *,
    changes: Amendment,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> Organisation:
    """Correct an organisation's name or region, or a cooperative's members and capital.

    A name that changed on a day is a renaming. Refuses VersionStale, OrganisationEnded,
    RegionUnknown, NotACooperative.
    """
    organisation = lock_organisation(by, organisation_id)
    check_version(organisation.version, expected_version)
    check_live(organisation)
    before = _contents(organisation)
    if changes.member_count is not None or changes.capital_fen is not None:
        check_cooperative(organisation)
        organisation.member_count = changes.member_count or organisation.member_count
        if changes.capital_fen is not None:
            organisation.capital_fen = changes.capital_fen
    if changes.name is not None:
        organisation.name = changes.name
    if changes.region_code is not None:
        get_live_region(by, changes.region_code, on=shanghai_day(now), pointer="/region_code")
        organisation.region_code = changes.region_code
        organisation.region_prefix = subtree_prefix(changes.region_code)
    db.session.flush()
    audit.write(
        "amend_organisation",
        subject=("organisation", organisation.id),
        by=by,
        now=now,
        before=before,
        after=_contents(organisation),
    )
    return organisation


def _contents(organisation: Organisation) -> dict[str, object]:
    return {
        "credit_code": organisation.credit_code,
        "name": organisation.name,
        "kind": organisation.kind,
        "region_code": organisation.region_code,
        "supervising_id": organisation.supervising_id,
        "member_count": organisation.member_count,
        "capital_fen": organisation.capital_fen,
    }
