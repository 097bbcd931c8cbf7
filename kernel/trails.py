"""Doors to the audit trail: who did what to which thing, and the proof that nothing was changed."""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from sqlalchemy import select

from kernel import seals, timers
from kernel.audit import AuditRow
from kernel.fields import Code, Flag, Instant, Key, Schema, Text
from kernel.http import Allowed, Blueprint, endpoint
from kernel.paging import Page, PageQuery, page, page_schema

trails = Blueprint("trails", __name__, url_prefix="/api/v1")
READS = Allowed({"auditor", "platform_admin"})
LONGEST_SUBJECT = 200


class TrailQuery(PageQuery):
    """Which acts to list: of a person, on a thing, of a kind, with an outcome."""

    user_id = Key(load_default=None)
    subject_kind = Code(load_default=None)
    subject_id = Text(load_default=None, max=LONGEST_SUBJECT)
    action = Text(load_default=None, max=LONGEST_SUBJECT)
    outcome = Code(load_default=None)
    request_id = Code(load_default=None)


class ActOut(Schema):
    """One act; what was written is known by its hash only."""

    id = Key(required=True)
    position = fields.Integer(required=True)
    at = Instant(required=True)
    user_id = Key(required=True)
    organisation_id = Key(required=True, allow_none=True)
    action = fields.String(required=True)
    outcome = fields.String(required=True)
    subject_kind = fields.String(required=True)
    subject_id = fields.String(required=True)
    request_id = fields.String(required=True)


class ProofOut(Schema):
    """What the proof of the chain found: rows, how many are sealed, and every fault."""

    holds = Flag(required=True)
    rows = fields.Integer(required=True)
    sealed = fields.Integer(required=True)
    faults = fields.List(fields.String(), required=True)


@trails.get("/audit")
@endpoint(trails, allow=READS, accepts=TrailQuery(), returns=page_schema(ActOut), location="query")
def index(query: dict[str, Any]) -> Page[AuditRow]:
    """List acts, the newest first; refused ones too."""
    limit, cursor = query.pop("limit"), query.pop("cursor")
    asked = {name: value for name, value in query.items() if value is not None}
    statement = select(AuditRow).filter_by(**asked)
    return page(statement, keys=[(AuditRow.id, True)], limit=limit, cursor=cursor, filters=asked)


@trails.get("/audit/proof")
@endpoint(trails, allow=READS, returns=ProofOut(), snapshot=True)
def prove() -> dict[str, Any]:
    """Prove the sealed part of the chain again, against the ends that are kept outside."""
    faults = [str(fault) for fault in seals.find_tampering(timers.read_heads())]
    rows, sealed = seals.count_rows()
    return {"holds": not faults, "rows": rows, "sealed": sealed, "faults": faults}
