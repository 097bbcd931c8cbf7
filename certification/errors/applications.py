"""Every refusal of certification.applications."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_application_review_level": WrongState,
        "uq_application_review_reviewer": SamePerson,
        "ck_application_review_author": SamePerson,
        "ck_application_review_own_organisation": OwnOrganisation,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
