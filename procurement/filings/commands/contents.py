"""Writing what a unit files, checked against everything that is known, and each act on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

import orjson

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed
from kernel.identity import new_id
from kernel.money import Fen
from procurement.filings import queries
from procurement.filings.models import Filing, FilingAct, FilingStep
from procurement.filings.rules import contents as rules
from procurement.filings.rules.contents import CONTENTS, FilingContents
from procurement.policies.commands import resolve_policy
from procurement.policies.queries import find_waiver
from procurement.policies.rules.resolutions import Resolution
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation


def contents_of(filing: Filing) -> FilingContents:
    """Read back what a unit filed."""
    return FilingContents(**{name: getattr(filing, name) for name in CONTENTS})


def written(contents: FilingContents) -> dict[str, Any]:
    """Give contents as they are kept with each act: JSON values by field."""
    kept: dict[str, Any] = orjson.loads(orjson.dumps(asdict(contents)))
    return kept


def own_unit(by: Actor) -> Organisation:
    """Give the unit that the actor files for."""
    if by.organisation_id is None:
        raise NotAllowed
    return get_organisation(by, OrganisationId(by.organisation_id))


def write_contents(
    filing: Filing, contents: FilingContents, *, unit: Organisation, now: datetime
) -> None:
    """Check a unit's figures against everything that is known, then write them."""
    rules.check_contents(contents, unit_id=unit.id)
    if contents.note is not None:
        check_clear_of_identity(contents.note, pointer="/note")
    if contents.representative_unit_id is not None:
        representative = queries.find_unit(SYSTEM, contents.representative_unit_id)
        rules.check_representative(representative)
    resolution = _resolve(contents, unit=unit, now=now)
    policy = rules.check_policy(resolution)
    revises = filing.supersedes_id is not None
    rules.check_open(resolution, status=filing.status, now=now, revises=revises)
    rules.check_terms(policy, contents, zero=rules.files_zero(contents, unit_id=unit.id))
    before = last_year_of(unit.id, year=contents.year)
    filing.floor_fen = rules.check_floor(resolution, contents, before=before)
    rules.check_union_share(resolution.union.winner, contents, before=before)
    filing.policy_id = policy.id
    filing.waiver_id = None if resolution.waiver is None else resolution.waiver.id
    for name in CONTENTS:
        setattr(filing, name, getattr(contents, name))


def last_year_of(unit_id: OrganisationId, *, year: int) -> FilingContents | None:
    """Give what was in force for a unit the year before, with what it took over, as one."""
    found = queries.list_in_force(SYSTEM, unit_id, year=year - 1)
    if not found:
        return None
    union = [one.union_reserved_fen for one in found if one.union_reserved_fen is not None]
    return replace(
        contents_of(found[0]),
        reserved_fen=Fen(sum(one.reserved_fen for one in found)),
        union_reserved_fen=Fen(sum(union)) if union else None,
    )


def leave_step(
    filing: Filing,
    act: FilingAct,
    *,
    by: Actor,
    now: datetime,
    before: FilingContents | None = None,
    reason: str | None = None,
    reasons: Sequence[Mapping[str, str]] = (),
) -> None:
    """Write the filing, the step and the audit row of one act."""
    db.session.flush()
    step = FilingStep(
        id=new_id(),
        filing_id=filing.id,
        act=act,
        by_user_id=UserId(by.user_id),
        by_organisation_id=by.organisation_id,
        canteen_total_fen=filing.canteen_total_fen,
        reserved_fen=filing.reserved_fen,
        ceiling_fen=filing.ceiling_fen,
        contents=written(contents_of(filing)),
        reasons=list(reasons),
        round=filing.round,
        reason=reason,
        at=now,
    )
    db.session.add(step)
    db.session.flush()
    audit.write(
        f"{act}_filing",
        subject=("filing", filing.id),
        by=by,
        now=now,
        before=None if before is None else asdict(before),
        after=asdict(contents_of(filing)) | {"status": filing.status, "reason": reason},
    )


def _resolve(contents: FilingContents, *, unit: Organisation, now: datetime) -> Resolution:
    """Resolve for the filing's year; a waiver counts by today's day, kept inside that year."""
    year = contents.year
    on = min(max(shanghai_day(now), date(year, 1, 1)), date(year, 12, 31))
    return resolve_policy(
        SYSTEM,
        region_code=unit.region_code,
        year=year,
        situation=contents.situation,
        facts=replace(contents.facts, kind=unit.kind),
        waiver=find_waiver(SYSTEM, unit.id, on=on),
    )
