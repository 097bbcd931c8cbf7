"""Refusals of rules of the share, and of waivers of it."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, OwnOrganisation, Refusal, Unacceptable


class NoPolicyInForce(Conflict):
    """No share rule holds there and then; that is a state of its own, not a floor of zero."""

    zh = "{region_code} 地区 {year} 年没有生效的预留份额政策。"
    en = "No reserved-share policy is in force for {region_code} in {year}."


class PolicyVersionTaken(Conflict):
    """The version that was to be replaced is not the newest, or the code is taken."""

    zh = "该政策的最新版本是第 {newest} 版，请以其为基础修订。"
    en = "The newest version of that policy is {newest}; name it as the one replaced."


class PolicyRegionFixed(Unacceptable):
    """A new version holds where the former did."""

    zh = "该政策属于 {region_code} 地区，新版本不能改变地区。"
    en = "The policy belongs to {region_code}; a new version stays there."


class WaiverNotLower(Unacceptable):
    """A waiver that does not lower the share is none."""

    zh = "批准的比例（{floor_bp} 基点）不低于现行比例（{policy_bp} 基点）。"
    en = "The waiver's share ({floor_bp} bp) is not below the one in force ({policy_bp} bp)."


class WaiverLevelLow(Unacceptable):
    """A lower share needs a higher office's approval."""

    zh = "该比例须由更高一级批准：现为 {level}，需要 {wanted}。"
    en = "Such a share needs a higher approval: {wanted}, not {level}."


class WaiverDocumentUsed(Conflict):
    """The document has been written down for the unit."""

    zh = "该单位已登记此批准文号。"
    en = "That document has been recorded for the unit."


class WaiverOverlaps(Conflict):
    """A unit has one waiver at a time."""

    zh = "该单位在此期间已有降低比例的批准。"
    en = "The unit has a waiver in those days."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_share_policy_code": PolicyVersionTaken,
    "uq_union_rule_code": PolicyVersionTaken,
    "uq_share_waiver_document": WaiverDocumentUsed,
    "ex_share_waiver_period": WaiverOverlaps,
    "ck_share_waiver_own_organisation": OwnOrganisation,
}
