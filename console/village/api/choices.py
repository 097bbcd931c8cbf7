"""What a village's forms let choose among: villages, households, helpers, cooperatives."""

from __future__ import annotations

from typing import Any

from flask import g

from console.widgets.asking import ask
from console.widgets.names import region_of

Options = list[tuple[str, str]]
MOST = "100"
TOWN = 9
"""So many digits of a region's code name its town."""


def own_region() -> str:
    """Give the code of the own region."""
    return str(g.actor.region_code)


def villages() -> Options:
    """Give the villages of the own town; of a county its towns, each with its villages."""
    own = own_region()
    if len(own) > TOWN:
        return [(own, region_of(own))]
    found = ask("regions.list_regions", query={"parent": own, "limit": MOST})["items"]
    if len(own) == TOWN:
        return [(one["code"], one["name"]) for one in found]
    places: Options = []
    for town in found:
        query = {"parent": town["code"], "limit": MOST}
        below = ask("regions.list_regions", query=query)["items"]
        places += [(one["code"], f"{town['name']} {one['name']}") for one in below]
    return places


def households() -> Options:
    """Give the households in sight by their code, names masked."""
    found = ask("households.list_households", query={"limit": MOST})["items"]
    return [(one["id"], f"{one['code']} {one['head_name']}") for one in found]


def organisations(kind: str | None = None) -> Options:
    """Give organisations by name."""
    query: dict[str, Any] = {"limit": MOST, "kind": kind}
    found = ask("organisations.list_organisations", query=query)["items"]
    return [(one["id"], one["name"]) for one in found]
