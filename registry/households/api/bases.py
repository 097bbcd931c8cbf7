"""Doors to the bases of cities."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from registry.accounts.models import Role
from registry.households.commands import bases as commands
from registry.households.commands.bases import BaseCoverage, NewBase
from registry.households.models.bases import AssistanceBase, AssistanceBaseId
from registry.households.queries import bases as queries
from registry.households.schemas.bases import (
    BaseCoverageOut,
    BaseCoverageQuery,
    BaseEndIn,
    BaseIn,
    BaseOut,
)
from registry.households.schemas.members import RegionPageQuery
from registry.regions.rules import subtree_prefix

KEEPS_BASES = frozenset({Role.CITY_REVIEWER, Role.PROVINCE_REVIEWER})

assistance_bases = Blueprint("assistance_bases", __name__, url_prefix="/api/v1")


@assistance_bases.post("/assistance-bases")
@endpoint(assistance_bases, allow=KEEPS_BASES, accepts=BaseIn(), returns=BaseOut(), status=201)
def open_base(body: NewBase) -> AssistanceBase:
    """Register a base of a city of the own region."""
    return commands.open_base(body, by=current_actor(), now=clock.now())


@assistance_bases.get("/assistance-bases")
@endpoint(
    assistance_bases,
    allow=SIGNED_IN,
    accepts=RegionPageQuery(),
    location="query",
    returns=page_schema(BaseOut),
)
def list_bases(query: dict[str, Any]) -> Page[AssistanceBase]:
    """List the bases of a region, by city."""
    prefix = subtree_prefix(query.pop("region"))
    return queries.list_bases(current_actor(), region_prefix=prefix, **query)


@assistance_bases.get("/assistance-bases/coverage")
@endpoint(
    assistance_bases,
    allow=SIGNED_IN,
    accepts=BaseCoverageQuery(),
    location="query",
    returns=BaseCoverageOut(),
    report=True,
)
def report_bases(query: dict[str, Any]) -> BaseCoverage:
    """Report which cities of a province have a base, and which lack one."""
    on = query["on"] or shanghai_day(clock.now())
    return commands.report_bases(current_actor(), province=query["province"], on=on)


@assistance_bases.post("/assistance-bases/<uuid:base_id>/end")
@endpoint(assistance_bases, allow=KEEPS_BASES, accepts=BaseEndIn(), returns=BaseOut(), etag=True)
def end(body: dict[str, Any], base_id: UUID) -> AssistanceBase:
    """Close a base of the own region."""
    return commands.close_base(
        AssistanceBaseId(base_id),
        until_on=body["until_on"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
