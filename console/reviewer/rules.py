"""What a reviewer's pages decide: whose turn it is, what a finding says, what days are left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from console.widgets.formats import basis_points, quantity, yuan
from console.widgets.words import N_, _
from kernel.calendar import is_working_day

LEVEL_OF_ROLE = {
    "town_checker": "town",
    "county_reviewer": "county",
    "city_reviewer": "city",
    "province_reviewer": "province",
}
FIELDS = {
    "/product_name": N_("产品名称"),
    "/category_code": N_("品类"),
    "/specification": N_("规格"),
    "/unit": N_("计量单位"),
    "/origin_region_code": N_("产地"),
    "/yearly_quantity": N_("年供应量"),
    "/goods_value_fen": N_("货值"),
    "/unit_price_fen": N_("单价"),
    "/document_ids": N_("材料"),
    "/benefit_link_ids": N_("联农带农"),
    "/household_quantities": N_("农户供货数量"),
    "/comparison_prices": N_("比价"),
    "/pledge": N_("承诺"),
}
"""What a return may name: the fields of an application."""
COMPARED = {
    "village_code": N_("村"),
    "head_name": N_("户主"),
    "members": N_("人口"),
    "able_labour": N_("劳动力"),
    "willing": N_("愿意参加产业帮扶"),
    "household_class": N_("类别"),
}
"""What a survey and the register are compared by."""
FINDINGS = {
    "comparisons_few": N_("比价有效 %(counted)s 条，应有 %(wanted)s 条。"),
    "other_specification": N_("有一条比价的规格与申报规格不同，未计入中位数。"),
    "price_outside_band": N_(
        "单价偏离中位数 %(deviation_bp)s，超出允许范围 %(low_bp)s 至 +%(high_bp)s。"
    ),
    "household_quantity_missing": N_("%(households)s 户未填写供货数量。"),
    "households_below_declared": N_("农户供货合计 %(linked)s，少于申报的 %(declared)s。"),
    "same_product": N_("该主体已有同名产品：%(numbers)s。"),
    "same_paper": N_("同一份材料也用于其他申请。"),
    "household_elsewhere": N_(
        "%(households)s 户同时计入其他主体，其中 %(same_quantity)s 户数量相同。"
    ),
    "production_undeclared": N_("该主体未申报本年产量。"),
    "production_exceeded": N_(
        "已认定 %(certified)s，加上本次 %(wanted)s，超过申报产量 %(declared)s。"
    ),
}
FIRST = "submitted"
NOTICE = "in_notice"
CHECKED = "_checked"


def compared(names: Iterable[str]) -> list[str]:
    """Give what the fields that differ are called, in the visitor's language."""
    return [_(COMPARED[name]) for name in names]


def field_options() -> list[tuple[str, str]]:
    """Give the fields that a return may name, in the visitor's language."""
    return [(pointer, _(name)) for pointer, name in FIELDS.items()]


def turn_of(application: Mapping[str, Any]) -> str | None:
    """Tell at which level an application waits; None where at none."""
    status, chain = application["status"], list(application["review_chain"])
    if status == FIRST:
        return str(chain[0])
    if status == NOTICE:
        return "notice"
    level = status.removesuffix(CHECKED)
    if not status.endswith(CHECKED) or level not in chain[:-1]:
        return None
    return str(chain[chain.index(level) + 1])


def decisions_of(application: Mapping[str, Any], roles: Iterable[str]) -> tuple[str, ...]:
    """Tell what who has these roles may decide: pass, return, reject, grant."""
    turn = turn_of(application)
    levels = {LEVEL_OF_ROLE[role] for role in roles if role in LEVEL_OF_ROLE}
    if turn == "notice":
        last = [one for one in application["review_chain"] if one != "notice"][-1]
        return ("grant", "return", "reject") if last in levels else ()
    return ("pass", "return", "reject") if turn in levels else ()


def sentence_of(finding: Mapping[str, Any]) -> str:
    """Say a finding of the checklist with its figures."""
    sentence = FINDINGS.get(finding["code"])
    if sentence is None:
        return str(finding["code"])
    return _(sentence, **{name: _figure(name, one) for name, one in finding["figures"].items()})


def _figure(name: str, value: Any) -> str:
    if value is None:
        return "—"
    if name.endswith("_bp"):
        return basis_points(int(value))
    if name.endswith("_fen"):
        return yuan(int(value))
    if isinstance(value, list):
        return _("、").join(str(one) for one in value)
    return quantity(value)


def field_of(pointer: str) -> str:
    """Name the field that a pointer into an application means."""
    name = "/" + pointer.removeprefix("/").split("/", maxsplit=1)[0]
    return _(FIELDS[name]) if name in FIELDS else pointer


def said_of(value: Any, name: str = "") -> str:
    """Write a value of a version so that people can compare it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return _("%(count)s 项", count=len(value))
    if isinstance(value, Mapping):
        return _("；").join(said_of(one, key) for key, one in value.items())
    return yuan(value) if name.endswith("_fen") and isinstance(value, int) else str(value)


def working_days_left(today: date, until: date, *, corrected: Sequence[Mapping[str, Any]]) -> int:
    """Count the working days of [today, until); `corrected` are rows of the calendar."""
    overrides = {date.fromisoformat(one["day_on"]): one["is_working"] for one in corrected}
    days = (today + timedelta(at) for at in range((until - today).days))
    return sum(is_working_day(one, overrides) for one in days)
