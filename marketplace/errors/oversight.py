"""Refusals of red flags."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Refusal, TermTaken

CONSTRAINTS: Mapping[str, type[Refusal]] = {"uq_flag_term_code_from_on": TermTaken}
