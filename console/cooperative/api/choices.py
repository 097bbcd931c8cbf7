"""What a cooperative's forms let choose among: its listings, papers, links, categories."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g

from console.widgets.asking import ask
from console.widgets.formats import instant
from console.widgets.names import COUNTY, paper_kind_of, region_of
from console.widgets.words import is_english

Options = list[tuple[str, str]]
MOST = "100"
TOWN = 9
"""So many digits of a region's code name its town, its county."""


def own_id() -> str:
    """Give the own organisation's id."""
    return str(g.actor.organisation_id)


def listings_of_own() -> Options:
    """Give the own listings, on sale or not."""
    found = ask("listings.search", query={"mine": "true", "limit": MOST})["items"]
    return [(one["id"], one["title"]) for one in found]


def papers_of_own() -> Options:
    """Give the own papers, the newest first."""
    found = ask("documents.list_documents", query={"limit": MOST})["items"]
    return [(one["id"], paper_text(one)) for one in found]


def paper_text(one: dict[str, Any]) -> str:
    """Say which paper it is: kind, number, the instant at which it was handed in."""
    parts = [paper_kind_of(one["kind"]), one["number"], instant(one["created_at"])]
    return " · ".join(part for part in parts if part)


def either(one: dict[str, Any]) -> str:
    """Give the name in the visitor's language of what has two."""
    return str(one["name_en"] if is_english() else one["name_zh"])


def schemes() -> Options:
    """Give the schemes of certification in force."""
    return [(one["code"], either(one)) for one in ask("criteria.list_schemes")["items"]]


def certificates_of_own() -> list[dict[str, Any]]:
    """Give the own certificates, the newest first."""
    query = {"holder_id": own_id(), "limit": MOST}
    found: list[dict[str, Any]] = ask("certificates.search", query=query)["items"]
    return found


def links_of_own() -> list[dict[str, Any]]:
    """Give the own links to households, each with its household's code."""
    query = {"organisation_id": own_id(), "limit": MOST}
    found: list[dict[str, Any]] = ask("benefit_links.list_links", query=query)["items"]
    known = {one["id"]: one for one in households()}
    for one in found:
        one["household"] = known.get(one["household_id"]) or ask(
            "households.get", household_id=UUID(one["household_id"])
        )
    return found


def households() -> list[dict[str, Any]]:
    """Give the households in sight, masked."""
    found: list[dict[str, Any]] = ask("households.list_households", query={"limit": MOST})["items"]
    return found


def provinces() -> Options:
    """Give the provinces."""
    found = ask("regions.list_regions", query={"limit": MOST})["items"]
    return [(one["code"], one["name"]) for one in found]


def cold_stores() -> Options:
    """Give the cold stores of the own city, each with the degrees that it keeps."""
    query = {"region": f"{g.actor.region_code[:4]}00", "limit": MOST}
    found = ask("places.list_facilities", query=query)["items"]
    return [
        (one["id"], f"{one['name']} · {one['region']} · {one['min_c']}–{one['max_c']} ℃")
        for one in found
    ]


def origins() -> Options:
    """Give where products may come from: the villages of linked households, and what is above."""
    villages = sorted({one["village_code"] for one in households()})
    towns = sorted({code[:TOWN] for code in villages})
    codes = [*villages, *towns, *sorted({code[:COUNTY] for code in towns} | {g.actor.region_code})]
    return [(code, region_of(code)) for code in codes]
