"""Every refusal of certification.applications."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kernel.errors import (
    Conflict,
    Forbidden,
    OwnOrganisation,
    Refusal,
    SamePerson,
    Unacceptable,
    WrongState,
)


class HolderNotAdmitted(Forbidden):
    """This kind of organisation may not hold such a certificate."""

    zh = "该类主体（{kind}）不能申报此认定。"
    en = "An organisation of this kind ({kind}) cannot hold such a certificate."


class ObjectionUpheld(Conflict):
    """The notice found against the application: it can only be returned or rejected."""

    zh = "公示期间有异议成立，只能退回或驳回。"
    en = "An objection was upheld; the application can only be returned or rejected."


class OriginNotAdmitted(Unacceptable):
    """The place of origin is of no kind that the scheme admits."""

    zh = "产地 {region_code} 不在该认定办法的适用范围（{origin_kind}）。"
    en = "The scheme does not admit the origin {region_code} ({origin_kind})."


class OriginTooWide(Unacceptable):
    """The place of origin has no authority of the chain's first level."""

    zh = "产地 {region_code} 范围过大，请填写到 {level} 一级或以下。"
    en = "The origin {region_code} is too wide; name a place of level {level} or below."


class PapersMissing(Unacceptable):
    """Papers that the scheme requires are not among those given."""

    zh = "缺少必备材料：{kinds}。"
    en = "Required papers are missing: {kinds}."


class PaperLapsed(Unacceptable):
    """A paper's validity has ended."""

    zh = "材料已于 {valid_until_on} 到期。"
    en = "The paper lapsed on {valid_until_on}."


class BenefitLinkMissing(Unacceptable):
    """There is no benefit link in force between the holder and a household."""

    zh = "没有有效的联农带农利益联结。"
    en = "No benefit link in force supports the application."


class PledgeMissing(Unacceptable):
    """The holder did not pledge that the papers and benefits are true."""

    zh = "未作出真实性承诺。"
    en = "The pledge of truth was not given."


class GoodsValueLow(Unacceptable):
    """The goods are worth less a year than the scheme demands."""

    zh = "年商品价值量 {goods_value:yuan} 低于该认定办法要求的 {least:yuan}。"
    en = "The goods value {goods_value:yuan} is below the scheme's least of {least:yuan}."


class ComparisonsMissing(Unacceptable):
    """Fewer comparison prices than the scheme demands."""

    zh = "须提供至少 {wanted} 个比价，现有 {count} 个。"
    en = "At least {wanted} comparison prices are wanted; {count} were given."


class ProductionMissing(Unacceptable):
    """The scheme demands a declared production of the year."""

    zh = "请先申报该类产品本年度产量。"
    en = "Declare this year's production of the category first."


class ProductionExceeded(Conflict):
    """Certificates together may not pass what the holder declared for the year."""

    zh = "超出主体申报的年度产量：尚可认定 {available} {unit}，本次需要 {wanted} {unit}。"
    en = (
        "Over the holder's declared production: {available} {unit} left to certify,"
        " {wanted} {unit} wanted."
    )


class ProductionExists(Conflict):
    """The production of this category, county and year is declared already."""

    zh = "该主体本年度此类产品产量已申报，请修改原申报。"
    en = "The production of this category, county and year is declared already; change that."


class ProductionCertified(Conflict):
    """A declaration cannot fall below what was certified under it."""

    zh = "已按该申报认定 {certified} {unit}，不能低于此数。"
    en = "{certified} {unit} were certified under it already; it cannot fall below that."


class SchemeChanged(Unacceptable):
    """A running application stays under its scheme; another scheme is another application."""

    zh = "已提交的申报适用 {scheme_code}，改用其他办法请另行申报。"
    en = "A submitted application stays under {scheme_code}; apply anew under another scheme."


class ReasonUnfit(Unacceptable):
    """A reason names no field of an application, or comes with a decision other than a return."""

    zh = "退回理由须随退回决定，并指向申报中的字段（{field}）。"
    en = "Reasons come with a return and name a field of the application ({field})."


class BatchRefused(Conflict):
    """Some items of an all-or-nothing batch were refused, so none was decided."""

    zh = "{count} 项不能作出决定，整批未生效。"
    en = "{count} items cannot be decided; nothing of the batch took effect."

    def __init__(self, *, refused: Mapping[int, Refusal] = MappingProxyType({})) -> None:
        self.refused = refused
        super().__init__(count=len(refused))

    @property
    def field_errors(self) -> list[Mapping[str, Any]]:
        """Name each refused item, or the field of it at fault."""
        return [
            {"pointer": f"/items/{position}{refusal.pointer or ''}", "code": refusal.code}
            for position, refusal in self.refused.items()
        ]


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_application_review_level": WrongState,
        "uq_application_review_reviewer": SamePerson,
        "ck_application_review_author": SamePerson,
        "ck_application_review_own_organisation": OwnOrganisation,
        "uq_application_version_round": WrongState,
        "uq_production": ProductionExists,
        "ck_production_ceiling": ProductionExceeded,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
