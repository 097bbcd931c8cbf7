"""Loading the rules that come with the program, adopting new versions, resolving, waiving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import Table, insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import OwnOrganisation
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from procurement.events import ShareRuleAdopted, WaiverEnded
from procurement.policies import queries
from procurement.policies.models import (
    Denominator,
    SharePolicy,
    Situation,
    Standing,
    UnionDenominator,
    UnionRule,
    Waiver,
    WaiverId,
    WaiverLevel,
)
from procurement.policies.rules import resolutions, versions, waivers
from procurement.policies.rules.resolutions import Question, Resolution, UnitFacts, reach_of
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.organisations.queries import get_organisation
from registry.regions.queries import get_region
from registry.regions.rules import NATION, check_reach

BEGINNING = datetime(2019, 1, 1, tzinfo=UTC)
"""When the rules that a new installation comes with count as known: it has no past answers."""
FILES = (
    (SharePolicy, "policies.json", "load_policies"),
    (UnionRule, "union_rules.json", "load_union_rules"),
)


@dataclass(frozen=True, kw_only=True)
class NewRule:
    """What every adopted version says; years are half-open, `replaces_version` is the newest."""

    code: str
    region_code: str
    year_from: int
    source: str
    note_zh: str
    note_en: str
    situations: Sequence[Situation]
    replaces_version: int | None = None
    year_until: int | None = None
    buyer_kinds: Sequence[OrganisationKind] = ()
    central: bool | None = None
    subsidised: bool | None = None
    document_number: str | None = None
    source_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewPolicy(NewRule):
    """A version of a share policy; shares in basis points, days as `{year: day}`."""

    denominator: Denominator
    floor_bp: int
    counting_origin_kinds: Sequence[str]
    counting_order_kinds: Sequence[str]
    counting_purchases: Sequence[str]
    filing_deadlines: Mapping[str, str]
    reminder_days: Sequence[int]
    encouraged_bp: int | None = None
    not_below_last_year: bool = False
    contract_clause_required: bool = False
    zero_filing: bool = True


@dataclass(frozen=True, kw_only=True)
class NewUnionRule(NewRule):
    """A version of a rule of the union; amounts in fen a member."""

    denominator: UnionDenominator | None = None
    floor_bp: int | None = None
    head_floor_fen: Fen | None = None
    head_cap_fen: Fen | None = None
    once_cap_fen: Fen | None = None
    once_until_on: date | None = None
    warn_once_fen: Fen | None = None
    not_below_last_year: bool = False


@dataclass(frozen=True)
class NewWaiver:
    """A lower share of a unit, the document that allows it, and its days, [since, until)."""

    unit_id: OrganisationId
    floor_bp: int
    document_number: str
    approved_by_level: WaiverLevel
    reason: str
    since_on: date
    until_on: date
    document_id: UUID | None = None


def load_policies(now: datetime) -> None:
    """Load the policies and rules of the union that are not there yet; change none.

    What the first load brings counts as known from the beginning; what a later one adds, from
    then on, so that past questions keep their answers.
    """
    for model, name, act in FILES:
        content = files("procurement.policies").joinpath(name).read_bytes()
        known = queries.list_versions_known(SYSTEM, model)
        rows: list[dict[str, Any]] = [
            {"id": new_id(), "version": 1, "recorded_at": now if known else BEGINNING} | row
            for row in orjson.loads(content)
        ]
        added = [one for one in rows if (one["code"], one["version"]) not in known]
        for one in added:
            db.session.execute(insert(cast("Table", model.__table__)).values(one))
        if added:
            codes = sorted(one["code"] for one in added)
            table = str(model.__tablename__)
            audit.write(act, subject=(table, "all"), by=SYSTEM, now=now, after={"codes": codes})


def adopt_policy(new: NewPolicy, *, by: Actor, now: datetime) -> SharePolicy:
    """Adopt a share policy or its next version; the one before ends where this one begins.

    Nothing that exists is rewritten: filings keep the version they were checked against, and a
    question as of an earlier instant keeps its answer. Refuses NotAllowed out of the actor's
    region, PolicyVersionTaken, PolicyRegionFixed, Invalid years.
    """
    adopted: SharePolicy = _adopt(SharePolicy, new, by=by, now=now)
    return adopted


def adopt_union_rule(new: NewUnionRule, *, by: Actor, now: datetime) -> UnionRule:
    """Adopt a rule of the union or its next version; refuses as `adopt_policy` does."""
    adopted: UnionRule = _adopt(UnionRule, new, by=by, now=now)
    return adopted


def resolve_policy(
    actor: Actor,
    *,
    region_code: str,
    year: int,
    situation: Situation | None,
    facts: UnitFacts | None = None,
    as_of: datetime | None = None,
    waiver: Waiver | None = None,
) -> Resolution:
    """Tell which policy holds for a unit in a region and year, and why.

    `facts` says more than the situation; `as_of` asks what was known at an earlier instant.
    """
    reach = reach_of(region_code)
    return resolutions.resolve(
        queries.list_policies_of(actor, reach, as_of=as_of),
        region_code=region_code,
        year=year,
        facts=facts or UnitFacts(situation=situation),
        union_rules=queries.list_union_rules_of(actor, reach, as_of=as_of),
        waiver=waiver,
    )


def answer(question: Question, *, actor: Actor, today: date) -> Resolution:
    """Answer which policy holds: for a place, or for a unit in sight with its waiver of the day.

    Refuses NotFound for a unit out of sight.
    """
    year, on = question.day(today=today)
    region_code, facts, waiver = question.region or NATION, question.facts, None
    if question.unit_id is not None:
        unit = get_organisation(actor, question.unit_id)
        region_code, facts = unit.region_code, replace(facts, kind=unit.kind)
        waiver = queries.find_waiver(actor, unit.id, on=on, as_of=question.as_of)
    return resolve_policy(
        actor,
        region_code=region_code,
        year=year,
        situation=facts.situation,
        facts=facts,
        as_of=question.as_of,
        waiver=waiver,
    )


def grant_waiver(new: NewWaiver, *, by: Actor, now: datetime) -> Waiver:
    """Write down a lower share that was approved for a unit, from a day to a day.

    Refuses NotFound, OwnOrganisation, NotAllowed out of the actor's region, NoPolicyInForce,
    WaiverNotLower, WaiverLevelLow, WaiverDocumentUsed, WaiverOverlaps, Invalid days.
    """
    check_clear_of_identity(new.reason, pointer="/reason")
    unit = get_organisation(by, new.unit_id)
    if unit.id == by.organisation_id:
        raise OwnOrganisation
    check_reach(unit.region_code, by=by)
    if new.document_id is not None:
        get_document(by, DocumentId(new.document_id))
    waivers.check_days(since_on=new.since_on, until_on=new.until_on, today=shanghai_day(now))
    year = new.since_on.year
    own, nation = (
        resolve_policy(SYSTEM, region_code=code, year=year, situation=None).policy
        for code in (unit.region_code, NATION)
    )
    waivers.check_lower(new.floor_bp, policy=own, region_code=unit.region_code, year=year)
    waivers.check_level(new.approved_by_level, floor_bp=new.floor_bp, policy=own, nation=nation)
    waiver = Waiver(
        id=WaiverId(new_id()),
        organisation_id=by.organisation_id,
        recorded_by=UserId(by.user_id),
        recorded_at=now,
        **asdict(new),
    )
    db.session.add(waiver)
    db.session.flush()
    subject = ("share_waiver", waiver.id)
    audit.write("grant_waiver", subject=subject, by=by, now=now, after=asdict(new))
    return waiver


def revoke_waiver(waiver_id: WaiverId, *, reason: str, by: Actor, now: datetime) -> Waiver:
    """End a waiver before its last day, with a reason; refuses WrongState once it is over."""
    check_clear_of_identity(reason, pointer="/reason")
    waiver = queries.lock_waiver(by, waiver_id)
    if waiver.unit_id == by.organisation_id:
        raise OwnOrganisation
    check_reach(get_organisation(by, waiver.unit_id).region_code, by=by)
    today = shanghai_day(now)
    waivers.check_running(waiver, today=today)
    waiver.revoked_on = max(today, waiver.since_on)
    waiver.revoked_by, waiver.revoke_reason = UserId(by.user_id), reason
    _tell_end(waiver, by=by, now=now)
    return waiver


def end_waivers(*, now: datetime, limit: int = 500) -> int:
    """Tell of waivers whose last day is over; give how many. They ended without it."""
    due = queries.lock_due_waivers(SYSTEM, today=shanghai_day(now), limit=limit)
    for waiver in due:
        _tell_end(waiver, by=SYSTEM, now=now)
    return len(due)


def _tell_end(waiver: Waiver, *, by: Actor, now: datetime) -> None:
    waiver.ended_at = now
    db.session.flush()
    record(WaiverEnded(waiver_id=waiver.id, unit_id=waiver.unit_id), now=now)
    after = {"until_on": waiver.until_on, "revoked_on": waiver.revoked_on}
    audit.write("end_waiver", subject=("share_waiver", waiver.id), by=by, now=now, after=after)


def _adopt(model: Any, new: NewRule, *, by: Actor, now: datetime) -> Any:
    check_reach(new.region_code, by=by)
    get_region(by, new.region_code)
    former = queries.lock_newest(by, model, new.code)
    versions.check_version_named(new.replaces_version, former=former)
    versions.check_region_kept(new.region_code, former=former)
    versions.check_years(year_from=new.year_from, year_until=new.year_until)
    values = asdict(new)
    values.pop("replaces_version")
    version = 1 if former is None else former.version + 1
    adopted = model(
        id=new_id(),
        version=version,
        standing=Standing.ADOPTED,
        recorded_at=now,
        recorded_by=by.user_id,
        **values,
    )
    db.session.add(adopted)
    db.session.flush()
    after = values | {"version": version}
    subject = (str(model.__tablename__), adopted.id)
    audit.write("adopt_share_rule", subject=subject, by=by, now=now, after=after)
    record(ShareRuleAdopted(rule_id=adopted.id), now=now)
    return adopted
