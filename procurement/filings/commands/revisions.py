"""Revising what is in force, copying from last year, and telling what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.errors import NotFound
from procurement.filings import queries
from procurement.filings.commands.contents import (
    contents_of,
    last_year_of,
    leave_step,
    own_unit,
    write_contents,
    written,
)
from procurement.filings.commands.filings import add_filing, draft_filing, new_filing
from procurement.filings.models import Filing, FilingAct, FilingId, FilingStep
from procurement.filings.rules import chain
from procurement.filings.rules.contents import CONTENTS
from procurement.filings.rules.differences import Difference, differences, unanswered
from registry.documents.rules import check_clear_of_identity


@dataclass(frozen=True, slots=True)
class Round:
    """What was handed in for a round, and what it changed against the round before."""

    step: FilingStep
    changes: Sequence[Difference]
    unanswered: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A promise beside its own rounds, the one it revises, and last year's; None: there is none."""

    filing: Filing
    rounds: Sequence[Round]
    revised: Sequence[Difference] | None
    last_year: Sequence[Difference] | None


def revise_filing(
    filing_id: FilingId,
    *,
    reason: str,
    changes: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> Filing:
    """Begin a revision of what is in force; that stays in force until this one is confirmed.

    Refuses WrongState, RevisionOpen, FilingYearOver, and what `draft_filing` refuses.
    """
    check_clear_of_identity(reason, pointer="/reason")
    former = queries.lock_filing(by, filing_id)
    chain.check_own(former, by=by)
    opened = queries.find_open(SYSTEM, former.unit_id, year=former.year)
    chain.check_revisable(former.status, opened=opened, year=former.year, this=shanghai_year(now))
    unit = own_unit(by)
    filing = new_filing(unit, year=former.year, by=by, now=now)
    filing.supersedes_id, filing.revision_reason = former.id, reason
    before = contents_of(former)
    write_contents(filing, replace(before, **changes), unit=unit, now=now)
    add_filing(filing, unit=unit, now=now)
    leave_step(filing, FilingAct.DRAFT, by=by, now=now, before=before, reason=reason)
    return filing


def copy_filing(*, year: int, changes: Mapping[str, Any], by: Actor, now: datetime) -> Filing:
    """Begin a year's promise from what was in force the year before, with some changes.

    Refuses NotFound where nothing was in force, and what `draft_filing` refuses.
    """
    found = queries.list_in_force(SYSTEM, own_unit(by).id, year=year - 1)
    if not found:
        raise NotFound
    contents = replace(contents_of(found[0]), year=year, note=None)
    return draft_filing(replace(contents, **changes), by=by, now=now)


def compare_filing(filing_id: FilingId, *, by: Actor) -> Comparison:
    """Lay a promise beside its rounds, what it revises, and last year's in force."""
    filing = queries.get_filing_with_steps(by, filing_id)
    now = written(contents_of(filing))
    last = last_year_of(filing.unit_id, year=filing.year)
    revised = None
    if filing.supersedes_id is not None:
        revised = differences(
            written(contents_of(queries.get_filing(SYSTEM, filing.supersedes_id))), now
        )
    last_year = None
    if last is not None:
        last_year = differences(written(replace(last, year=filing.year)), now)
    return Comparison(filing, _rounds(filing.steps), revised, last_year)


def _rounds(steps: Sequence[FilingStep]) -> list[Round]:
    rounds: list[Round] = []
    reasons: Sequence[Mapping[str, str]] = ()
    for step in steps:
        if step.act is FilingAct.RETURN:
            reasons = step.reasons
        if step.act is FilingAct.SUBMIT:
            former = rounds[-1].step if rounds else step
            changes = differences(_in_order(former), _in_order(step), reasons=reasons)
            left = unanswered(changes, reasons=reasons) if rounds else ()
            rounds.append(Round(step, changes, left))
            reasons = ()
    return rounds


def _in_order(step: FilingStep) -> dict[str, Any]:
    """Give the contents of a step in the order of the form, which the database does not keep."""
    return {name: step.contents.get(name) for name in CONTENTS}
