"""Doors to the list of regions."""

from __future__ import annotations

from typing import Any

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.imports.trying import row_by_row
from kernel.paging import Page, page_schema
from kernel.sheets.importing import ListImport
from registry.regions import queries
from registry.regions.commands import regions as commands
from registry.regions.commands.lists import DesignationImport
from registry.regions.commands.regions import NewDesignation, NewSuccessor, NewVillage
from registry.regions.models import Designation, RegionSuccessor
from registry.regions.queries import RegionView
from registry.regions.schemas import (
    DESIGNATIONS,
    REGIONS,
    VILLAGES,
    DayQuery,
    DesignationIn,
    DesignationOut,
    RegionOut,
    RegionResolutionOut,
    RegionsQuery,
    SuccessorIn,
    SuccessorOut,
    VillageIn,
)

ADDS_VILLAGES = frozenset({"village_cadre", "county_reviewer", "platform_admin"})
DESIGNATES = frozenset({"province_reviewer", "platform_admin"})
"""Roles by name: the enumeration belongs to accounts, a later feature."""

KEEPS_LISTS = frozenset({"platform_admin"})

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


export_door(regions, "/regions/export", of=list_regions, sheet=REGIONS)


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


@regions.get("/regions/<string:code>/resolution")
@endpoint(
    regions, allow=PUBLIC, accepts=DayQuery(), location="query", returns=RegionResolutionOut()
)
def resolve(query: dict[str, Any], code: str) -> dict[str, Any]:
    """Say what a code stands for on a day: itself, its successor, or the several it went into."""
    on = query["on"] or shanghai_day(clock.now())
    known = queries.get_region(current_actor(), code)
    live = queries.list_successors(current_actor(), known.code, on=on)
    in_force = [one.code for one in live] == [known.code]
    return {"code": known.code, "on": on, "in_force": in_force, "items": live}


@regions.post("/region-successors")
@endpoint(regions, allow=KEEPS_LISTS, accepts=SuccessorIn(), returns=SuccessorOut(), status=201)
def add_successor(body: NewSuccessor) -> RegionSuccessor:
    """Say that an abolished code went into another, one of several."""
    return commands.add_successor(body, by=current_actor(), now=clock.now())


VILLAGE_IMPORT = ListImport(VILLAGES, ADDS_VILLAGES, row_by_row(commands.add_village))
DESIGNATION_IMPORT = ListImport(DESIGNATIONS, DESIGNATES, DesignationImport)
