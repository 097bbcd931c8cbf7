"""Every refusal of registry.households."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, Unacceptable


class IdNumberTaken(Conflict):
    """A household under this identity number stands in the register."""

    zh = "该身份证件号码已登记。"
    en = "A household under this identity number is already registered."


class BenefitLinkInForce(Conflict):
    """Household and organisation are linked in this way already."""

    zh = "该户与该单位以此方式的利益联结仍在有效期内。"
    en = "The household and the organisation are already linked in this way."


class BenefitLinkEnded(Conflict):
    """A benefit link ends once."""

    zh = "该利益联结已于 {until_on} 终止。"
    en = "This benefit link ended on {until_on}."


class LinkPartyUnfit(Unacceptable):
    """An organisation of this kind does not link households."""

    zh = "{kind} 类单位不能与农户建立利益联结。"
    en = "An organisation of kind {kind} does not link households."


class LabourAboveMembers(Unacceptable):
    """There are more able workers than members."""

    zh = "劳动力人数 {able_labour} 不能超过家庭人口 {members}。"
    en = "{able_labour} able workers in a household of {members}."


class PeriodBackwards(Unacceptable):
    """A period ends before it begins, or begins after today."""

    zh = "日期先后有误：{from_on} 至 {until_on}。"
    en = "The dates are out of order: {from_on} to {until_on}."


class PairingOverlaps(Conflict):
    """The same two are paired already in these days."""

    zh = "该结对关系在此期间已存在。"
    en = "The same two are paired already in these days."


class PairingEnded(Conflict):
    """The pairing has its end."""

    zh = "该结对关系已于 {until_on} 结束。"
    en = "The pairing ended on {until_on}."


class PairingPartiesUnfit(Unacceptable):
    """The action does not pair these two, or the household is not of the village."""

    zh = "{kind} 行动不适用于此类帮扶单位（{helper_kind}）与该对象。"
    en = "The action {kind} does not pair such a helper ({helper_kind}) with this."


class HelperUnknown(Unacceptable):
    """There is no such helper, or the person is not of the helping organisation."""

    zh = "帮扶单位不存在、已撤并，或责任人不属于该单位。"
    en = "There is no such helper, or the person is not of the helping organisation."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "ex_pairing_period": PairingOverlaps,
        "ex_industry_pairing_period": PairingOverlaps,
        "uq_household_id_number_index": IdNumberTaken,
        "uq_benefit_link_in_force": BenefitLinkInForce,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
