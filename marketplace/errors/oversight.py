"""Refusals of red flags."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, Unacceptable


class FlagTermBackdated(Unacceptable):
    """A number of a rule begins today or later; what was found under the old one stands."""

    zh = "疑点规则数值不能早于今日（{today}）生效。"
    en = "A number of a red flag cannot begin before today ({today})."


class FlagTermUnfit(Unacceptable):
    """A number of a rule lies within what its search can be asked with."""

    zh = "数值须在 {least} 至 {most} 之间。"
    en = "The number lies between {least} and {most}."


class FlagTermTaken(Conflict):
    """One number of a rule begins on one day; another takes another day."""

    zh = "该数值当日已有登记，请另选生效日期。"
    en = "A number already begins on that day; choose another."


CONSTRAINTS: Mapping[str, type[Refusal]] = {"uq_flag_term_code_from_on": FlagTermTaken}
