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


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_organisation_credit_code": CreditCodeTaken,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
