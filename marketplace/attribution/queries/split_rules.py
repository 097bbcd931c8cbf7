"""Which split rules there are, and how households were linked when an order was placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from marketplace.attribution.models.split_rules import SplitRule
from registry.households.models.links import BenefitLink, BenefitWay
from registry.households.queries.links import link_in_force
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible


@dataclass(frozen=True)
class RuleFilter:
    """Which split rules to list; None leaves a side open."""

    supplier_id: OrganisationId | None = None
    way: BenefitWay | None = None


def list_split_rules(
    actor: Actor, wanted: RuleFilter, *, limit: int, cursor: str | None
) -> Page[SplitRule]:
    """List all versions of the split rules in the actor's sight, the newest first."""
    asked = {name: value for name, value in vars(wanted).items() if value is not None}
    sellers = select(Organisation.id).where(visible(actor))
    statement = select(SplitRule).where(SplitRule.supplier_id.in_(sellers)).filter_by(**asked)
    return page(
        statement,
        keys=[(SplitRule.id, True)],
        limit=limit,
        cursor=cursor,
        filters=asked,
    )


def list_versions(actor: Actor, supplier_id: OrganisationId) -> list[SplitRule]:
    """List all versions of a supplier's split rules."""
    del actor  # the order that asks was found in the actor's sight
    return list(db.session.scalars(select(SplitRule).where(SplitRule.supplier_id == supplier_id)))


def get_last_version(actor: Actor, supplier_id: OrganisationId, *, way: BenefitWay) -> int:
    """Give the number of the newest version of a rule; zero where there is none."""
    del actor  # the supplier is the actor's own
    newest = select(func.max(SplitRule.version)).where(
        SplitRule.supplier_id == supplier_id, SplitRule.way == way
    )
    return db.session.scalar(newest) or 0


def list_ways(
    actor: Actor,
    household_ids: Collection[UUID],
    *,
    organisation_id: OrganisationId,
    on: date,
) -> dict[UUID, list[BenefitWay]]:
    """List in which ways households were linked to an organisation on a day, in their order."""
    del actor  # the order that asks was found in the actor's sight
    rows = db.session.execute(
        select(BenefitLink.household_id, BenefitLink.way)
        .where(
            BenefitLink.household_id.in_(household_ids),
            BenefitLink.organisation_id == organisation_id,
            link_in_force(on),
        )
        .order_by(BenefitLink.way)
        .distinct()
    )
    found: dict[UUID, list[BenefitWay]] = defaultdict(list)
    for household_id, way in rows:
        found[household_id].append(way)
    return found
