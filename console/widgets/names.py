"""What organisations, regions and categories are called; names are no secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from flask import g
from marshmallow import ValidationError

from certification.criteria.queries import list_categories, list_schemes
from console.widgets.words import N_, _, is_english
from kernel import clock
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from registry.organisations.queries import list_names_of
from registry.regions.queries import list_regions_named, list_regions_of

NATION, COUNTY = "000000", 6
"""The code of all there is, and how many digits name a county."""
PAPER_KINDS = {
    "business_licence": N_("营业执照"),
    "test_report": N_("检验报告"),
    "food_production_licence": N_("食品生产许可证"),
    "small_workshop_record": N_("小作坊登记"),
    "pledge_certificate": N_("承诺达标合格证"),
    "breeding_record": N_("养殖档案"),
    "animal_quarantine_certificate": N_("动物检疫证明"),
    "slaughter_licence": N_("屠宰许可证"),
    "after_sale_pledge": N_("售后承诺书"),
    "payment_proof": N_("付款凭证"),
    "signature_photo": N_("签收照片"),
    "household_agreement": N_("联结协议"),
    "rectification_photo": N_("整改照片"),
    "meeting_minutes": N_("会议纪要"),
    "approval_document": N_("批准文件"),
    "other": N_("其他材料"),
}
"""The kinds of papers that forms offer; schemes may want others, which stand for themselves."""

MOST_NAMESAKES = 10
CODE_OF_REGION = re.compile(r"( ?)(?<!\d)([1-9]\d{5}(?:\d{3}){0,2})(?!\d)( ?)")


def name_of(organisation_id: str | UUID | None) -> str:
    """Give the name of an organisation; asked once a page."""
    if organisation_id is None:
        return ""
    known: dict[UUID, str] = g.setdefault("organisation_names", {})
    key = UUID(str(organisation_id))
    if key not in known:
        learn_names([key])
    return known[key]


def learn_names(organisation_ids: list[str] | list[UUID]) -> None:
    """Ask for the names of many organisations at once, before a list is shown."""
    known: dict[UUID, str] = g.setdefault("organisation_names", {})
    wanted = {UUID(str(one)) for one in organisation_ids} - known.keys()
    if wanted:
        known.update(dict.fromkeys(wanted, "") | list_names_of(SYSTEM, wanted))


def region_of(code: str | None) -> str:
    """Give the name of a region, or its code where it is not known."""
    if not code:
        return ""
    if code == NATION:
        return _("全国")
    known: dict[str, str] = g.setdefault("region_names", {})
    if code not in known:
        learn_regions([code])
    return known[code]


def front_of(code: str) -> str:
    """Give which page of the shop a region has: its own, or the front page."""
    return _("首页") if code == NATION else region_of(code)


def learn_regions(codes: Iterable[str]) -> None:
    """Ask for the names of many regions at once, before a list is shown."""
    known: dict[str, str] = g.setdefault("region_names", {})
    wanted = set(codes) - known.keys()
    if wanted:
        found = list_regions_of(SYSTEM, wanted)
        known.update({code: found[code].name if code in found else code for code in wanted})


def regions_named(text: str) -> str:
    """Write a sentence with the names of the regions whose codes stand in it."""
    learn_regions(code for _before, code, _after in CODE_OF_REGION.findall(text))
    if is_english():
        return CODE_OF_REGION.sub(lambda found: found[1] + region_of(found[2]) + found[3], text)
    return CODE_OF_REGION.sub(lambda found: region_of(found[2]), text)


def code_of_region(written: str, *, field: str) -> str:
    """Give the code of a region that was written by its code or its name.

    Of several that bear the name it is the one in the own region; else ValidationError, which
    names them.
    """
    if written.isdigit():
        return written
    on = shanghai_day(clock.now())
    found = list_regions_named(SYSTEM, written, on=on, most=MOST_NAMESAKES)
    near = [one for one in found if one.code.startswith(g.actor.region_prefix)]
    if len(near) == 1:
        return near[0].code
    if not found:
        said = _("没有叫“%(name)s”的地区。请写全称，例如武江区，或填行政区划代码。", name=written)
    else:
        learn_regions({one.parent_code for one in found if one.parent_code})
        codes = _("、").join(
            one.code + _("（") + region_of(one.parent_code) + _("）") for one in near or found
        )
        said = _("有几个地区叫“%(name)s”，请填代码：%(codes)s", name=written, codes=codes)
    raise ValidationError({field: [said]})


def category_of(code: str | None) -> str:
    """Give the name of a category of goods, or its code where it is not known."""
    return _category_names().get(code, code) if code else ""


def categories() -> list[tuple[str, str]]:
    """Give the codes and names of all categories of goods, in the order they are shown in."""
    return list(_category_names().items())


def _category_names() -> dict[str, str]:
    known: dict[str, str] = g.setdefault("category_names", {})
    if not known:
        english = is_english()
        for one in list_categories(SYSTEM):
            known[one.code] = one.name_en if english else one.name_zh
    return known


def scheme_of(code: str) -> str:
    """Give the name of a certification scheme, or its code where it is not in force."""
    known: dict[str, str] = g.setdefault("scheme_names", {})
    if not known:
        english = is_english()
        for one in list_schemes(SYSTEM, on=shanghai_day(clock.now())):
            known[one.code] = one.name_en if english else one.name_zh
    return known.get(code, code)


def paper_kind_of(code: str) -> str:
    """Give what a kind of paper is called; a code nobody named stands for itself."""
    return _(PAPER_KINDS[code]) if code in PAPER_KINDS else code
