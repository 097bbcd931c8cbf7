"""Every refusal of registry.organisations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, Unacceptable


class CreditCodeTaken(Conflict):
    """An organisation with this credit code stands in the register."""

    zh = "该统一社会信用代码已登记。"
    en = "An organisation with this credit code is already registered."


class SupervisionUnfit(Unacceptable):
    """An organisation of this kind does not stand under one of that kind."""

    zh = "{kind} 类单位不能隶属于 {supervisor_kind} 类单位。"
    en = "An organisation of kind {kind} does not stand under one of kind {supervisor_kind}."


class OrganisationEnded(Conflict):
    """The organisation was merged or abolished: nothing new is written for it."""

    zh = "该单位已于 {ended_on} 合并或撤销，不再受理新业务。"
    en = "The organisation ended on {ended_on}; nothing new is written for it."


class SupervisorUnknown(Unacceptable):
    """The supervising organisation that a list names is registered."""

    zh = "主管单位未登记，或不在所给地区。"
    en = "The supervising organisation is not registered, or not in that region."


class SupervisorAmbiguous(Unacceptable):
    """Several organisations of a region have the name of the supervising one."""

    zh = "该地区有 {count} 个同名单位，请填写主管单位的统一社会信用代码。"
    en = "{count} organisations of the region have this name; give the credit code."


class SuccessionUnfit(Unacceptable):
    """This organisation cannot take the place of that one."""

    zh = "{successor_kind} 类单位或其下属单位不能承接 {kind} 类单位。"
    en = "An organisation of kind {successor_kind}, or one below it, cannot take over a {kind}."


class EndingInFuture(Unacceptable):
    """A change of an organisation is recorded when it has happened."""

    zh = "生效日期 {effective_on} 尚未到来。"
    en = "The day {effective_on} has not come yet."


class SubordinatesLeft(Conflict):
    """Organisations stand under it: something must take its place."""

    zh = "该单位尚有下属单位，须指定承接单位。"
    en = "Organisations stand under it; name the one that takes its place."


class NameUnchanged(Unacceptable):
    """The new name is the present one."""

    zh = "新名称与现名称相同。"
    en = "The new name is the present one."


class NameDateTaken(Conflict):
    """The organisation was renamed on this day or later."""

    zh = "该日期或其后已有更名记录。"
    en = "The organisation was renamed on this day or later."


class NotACooperative(Unacceptable):
    """Members and capital are recorded of cooperatives."""

    zh = "仅合作社登记成员数和出资额，该单位为 {kind}。"
    en = "Members and capital are recorded of cooperatives, not of a {kind}."


class CreditPeriodBackwards(Unacceptable):
    """An entry of the credit record ends after it begins."""

    zh = "信用记录的截止日期须晚于起始日期。"
    en = "An entry of the credit record ends after it begins."


class CreditEntryWithdrawn(Conflict):
    """The entry was withdrawn."""

    zh = "该信用记录已撤回。"
    en = "The entry was withdrawn."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_organisation_credit_code": CreditCodeTaken,
        "ex_organisation_name_period": NameDateTaken,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
