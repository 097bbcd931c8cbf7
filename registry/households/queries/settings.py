"""Which figures and income lines are in force for a place on a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from registry.errors.households import SettingMissing
from registry.households.models.settings import IncomeLine, RegisterSetting, SettingName
from registry.regions.rules import NATION, ancestor_codes


def list_settings(actor: Actor, *, region_code: str) -> list[RegisterSetting]:
    """List the dated figures of a place and the regions around it, by name and first day."""
    del actor  # rules are public
    return list(
        db.session.execute(
            select(RegisterSetting)
            .where(RegisterSetting.region_code.in_(_around(region_code)))
            .order_by(RegisterSetting.name, RegisterSetting.in_force_from_on)
        ).scalars()
    )


def find_setting(
    actor: Actor, name: SettingName, *, region_code: str, on: date
) -> RegisterSetting | None:
    """Find the figure of the smallest region around a place that holds on a day, the newest."""
    found = [
        one
        for one in list_settings(actor, region_code=region_code)
        if one.name is name
        and one.in_force_from_on <= on
        and (one.in_force_until_on is None or on < one.in_force_until_on)
    ]
    nearest = {code: place for place, code in enumerate(_around(region_code))}
    return min(
        found,
        key=lambda one: (nearest[one.region_code], -one.in_force_from_on.toordinal()),
        default=None,
    )


def get_setting(actor: Actor, name: SettingName, *, region_code: str, on: date) -> RegisterSetting:
    """Give the figure in force, or refuse: without it nothing is counted (SettingMissing)."""
    setting = find_setting(actor, name, region_code=region_code, on=on)
    if setting is None:
        raise SettingMissing(region_code=region_code, name=name)
    return setting


def find_income_line(actor: Actor, *, region_code: str, year: int) -> IncomeLine | None:
    """Find the line of the smallest region around a place for a year; None where none is."""
    del actor  # rules are public
    lines = db.session.execute(
        select(IncomeLine).where(
            IncomeLine.region_code.in_(_around(region_code)), IncomeLine.year == year
        )
    ).scalars()
    nearest = {code: place for place, code in enumerate(_around(region_code))}
    return min(lines, key=lambda line: nearest[line.region_code], default=None)


def _around(region_code: str) -> list[str]:
    return [*dict.fromkeys((*ancestor_codes(region_code), NATION))]
