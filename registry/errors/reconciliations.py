"""Every refusal of registry.households about reconciliations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, Unacceptable


class ReconciliationOpen(Conflict):
    """A region is reconciled once at a time."""

    zh = "该地区已有未完成的比对。"
    en = "A reconciliation of this region is still open."


class ReconciliationClosed(Conflict):
    """Nothing is decided after the run has closed."""

    zh = "该比对已办结。"
    en = "This reconciliation is closed."


class DifferencesUndecided(Conflict):
    """Every difference needs its decision before the run closes."""

    zh = "尚有 {count} 项差异未处理，不能办结。"
    en = "{count} differences have no decision yet."


class DifferenceDecided(Conflict):
    """A difference is decided once."""

    zh = "该差异已处理。"
    en = "This difference has already been decided."


class DecisionUnfit(Unacceptable):
    """A decision fits the kind of difference."""

    zh = "{kind} 类差异不能作出 {decision} 处理。"
    en = "A difference {kind} cannot be decided as {decision}."


class DecisionReasonMissing(Unacceptable):
    """A decision has its reason."""

    zh = "作出处理须填写理由。"
    en = "A decision needs its reason."


class SurveyTaken(Conflict):
    """A run is compared with one survey."""

    zh = "该比对已导入调查表。"
    en = "This reconciliation has its survey already."


class SurveyHouseholdTwice(Conflict):
    """A survey names each household once."""

    zh = "调查表中有重复的证件号码。"
    en = "The survey names a household twice."


class SurveyOutside(Unacceptable):
    """A surveyed household lies in the region of the run."""

    zh = "村 {village_code} 不在本次比对的地区内。"
    en = "Village {village_code} lies outside the region of this reconciliation."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_reconciliation_open": ReconciliationOpen,
        "uq_reconciliation_difference_household": SurveyHouseholdTwice,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
