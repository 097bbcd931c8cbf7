"""Every refusal of certification.criteria."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Refusal, Unacceptable


class SchemeOverlaps(Unacceptable):
    """A later version is adopted already; a new one begins after it."""

    zh = "第 {version} 版自 {in_force_from_on} 起施行，新版须晚于此日。"
    en = "Version {version} is in force from {in_force_from_on}; a new one begins after that day."


class SchemeVersionTaken(Conflict):
    """Somebody else adopted this version of the scheme first."""

    zh = "该办法的同一版本已由他人发布，请刷新后再试。"
    en = "Somebody else adopted this version first; reload and try again."


CONSTRAINTS: Mapping[str, type[Refusal]] = MappingProxyType(
    {
        "uq_scheme_code_version": SchemeVersionTaken,
    }
)
"""Which refusal a constraint speaks when two requests meet between rule and row."""
