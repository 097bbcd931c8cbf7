"""Doors to the list of regions."""

from __future__ import annotations

from typing import Any

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.regions import commands, queries
from registry.regions.commands import NewDesignation, NewVillage
from registry.regions.models import Designation
from registry.regions.queries import RegionView
from registry.regions.schemas import (
    DesignationIn,
    DesignationOut,
    RegionOut,
    RegionsQuery,
    VillageIn,
)

ADDS_VILLAGES = frozenset({"village_cadre", "county_reviewer", "platform_admin"})
DESIGNATES = frozenset({"province_reviewer", "platform_admin"})
"""Roles by name: the enumeration belongs to accounts, a later feature."""

regions = Blueprint("regions", __name__, url_prefix="/api/v1")


@regions.get("/regions/<string:code>")
@endpoint(regions, allow=PUBLIC, returns=RegionOut())
def get_region(code: str) -> RegionView:
    """Give a region by its code, abolished ones too."""
    return queries.get_region_view(current_actor(), code, on=shanghai_day(clock.now()))


@regions.get("/regions")
@endpoint(
    regions,
    allow=PUBLIC,
    accepts=RegionsQuery(),
    location="query",
    returns=page_schema(RegionOut),
)
def list_regions(query: dict[str, Any]) -> Page[RegionView]:
    """List the regions directly inside one, by code."""
    return queries.list_regions(
        current_actor(),
        parent_code=query["parent"],
        on=shanghai_day(clock.now()),
        limit=query["limit"],
        cursor=query["cursor"],
    )


@regions.post("/regions")
@endpoint(regions, allow=ADDS_VILLAGES, accepts=VillageIn(), returns=RegionOut(), status=201)
def add_village(body: NewVillage) -> RegionView:
    """Add a village under its town, inside the own region."""
    now = clock.now()
    village = commands.add_village(body, by=current_actor(), now=now)
    return queries.get_region_view(current_actor(), village.code, on=shanghai_day(now))


@regions.post("/designations")
@endpoint(regions, allow=DESIGNATES, accepts=DesignationIn(), returns=DesignationOut(), status=201)
def designate(body: NewDesignation) -> Designation:
    """Put a region on a list of helped places, inside the own region."""
    return commands.designate_region(body, by=current_actor(), now=clock.now())
