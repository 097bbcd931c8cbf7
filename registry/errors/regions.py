"""Every refusal of registry.regions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, Unacceptable


class RegionCodeTaken(Conflict):
    """A region with this code stands in the register."""

    zh = "该区划代码已登记。"
    en = "A region with this code is already registered."


class RegionSuccessorTaken(Conflict):
    """This successor of the code stands in the register."""

    zh = "该承接关系已登记。"
    en = "This successor of the code is already registered."


class DesignationExists(Conflict):
    """The same designation stands in the register."""

    zh = "该地区已有相同的认定名称。"
    en = "The region already has this designation."


class RegionUnknown(Unacceptable):
    """No region in force has this code."""

    zh = "区划代码 {region_code} 不存在或已停用。"
    en = "There is no region {region_code} in force."


class RegionUnfit(Unacceptable):
    """The region is of another level than this needs."""

    zh = "此处需要 {wanted} 级区划，所给为 {level} 级。"
    en = "A region of level {wanted} is needed here, not {level}."


class RegionAmbiguous(Unacceptable):
    """A code was abolished, and what took its place is not one place."""

    zh = "区划代码 {region_code} 已撤销，现行承接者：{candidates}，不能确定所指。"
    en = "The code {region_code} was abolished; it may mean {candidates}."


class RegionNameDiffers(Unacceptable):
    """A code is of a place with another name: renamed since, or a wrong code."""

    zh = "区划代码 {region_code} 为{region_name}，与所列名称不符；核对无误后在“名称已核对”填“是”。"
    en = "The code {region_code} is of {region_name}; confirm the name where it is right."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "pk_region": RegionCodeTaken,
        "pk_region_successor": RegionSuccessorTaken,
        "uq_designation_member": DesignationExists,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
