"""Loading the share policies that come with the program, and resolving the one that holds."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from typing import Any, cast

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.identity import new_id
from procurement.policies.models import SharePolicy, Situation
from procurement.policies.queries import list_policies_of
from procurement.policies.rules import Resolution, reach_of, resolve


def load_policies(now: datetime) -> None:
    """Load the policies that are not there yet; change none."""
    rows: list[dict[str, Any]] = orjson.loads(
        files("procurement.policies").joinpath("policies.json").read_bytes()
    )
    statement = (
        insert(cast("Table", SharePolicy.__table__))
        .values([{"id": new_id(), **row} for row in rows])
        .on_conflict_do_nothing(constraint="uq_share_policy_code")
        .returning(SharePolicy.code)
    )
    added = sorted(db.session.execute(statement).scalars())
    if added:
        audit.write(
            "load_policies",
            subject=("share_policy", "all"),
            by=SYSTEM,
            now=now,
            after={"codes": added},
        )


def resolve_policy(
    actor: Actor, *, region_code: str, year: int, situation: Situation | None
) -> Resolution:
    """Tell which policy holds for a unit in a region and year, and why."""
    policies = list_policies_of(actor, reach_of(region_code))
    return resolve(policies, region_code=region_code, year=year, situation=situation)
