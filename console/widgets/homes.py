"""Where each role is at home: the folders whose pages its menu shows, its own first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

BUYER = ("canteen",)
SELLER = ("cooperative",)
REVIEWER = ("reviewer", "village", "monitor")
WATCHER = ("monitor",)
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "canteen_buyer": BUYER,
    "contractor_buyer": BUYER,
    "union_officer": BUYER,
    "unit_admin": BUYER,
    "unit_approver": BUYER,
    "unit_finance": BUYER,
    "coop_clerk": SELLER,
    "coop_manager": SELLER,
    "village_cadre": ("village",),
    "town_checker": REVIEWER,
    "county_reviewer": REVIEWER,
    "city_reviewer": REVIEWER,
    "province_reviewer": REVIEWER,
    "finance_supervisor": ("monitor", "canteen"),
    "monitor": WATCHER,
    "auditor": (*WATCHER, "admin"),
    "platform_admin": ("admin",),
}
ALL = ("admin", "public")
"""Shown to everybody whom a door of theirs lets in, after one's own."""


def folders_of(roles: Iterable[str]) -> list[str]:
    """Give the folders whose pages stand in the menu of these roles, the own ones first."""
    own = [folder for role in sorted(roles) for folder in FOLDERS.get(str(role), ())]
    return list(dict.fromkeys([*own, *ALL]))
