"""Refusals of approvals."""

from __future__ import annotations

from kernel.errors import Unacceptable


class ThresholdBackdated(Unacceptable):
    """A threshold begins today or later; what was decided under the old one stands."""

    zh = "审批限额不能早于今日（{today}）生效。"
    en = "An approval threshold cannot begin before today ({today})."
