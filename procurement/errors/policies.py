"""Refusals of rules of the share."""

from __future__ import annotations

from kernel.errors import Conflict


class NoPolicyInForce(Conflict):
    """No share rule holds there and then; that is a state of its own, not a floor of zero."""

    zh = "{region_code} 地区 {year} 年没有生效的预留份额政策。"
    en = "No reserved-share policy is in force for {region_code} in {year}."
