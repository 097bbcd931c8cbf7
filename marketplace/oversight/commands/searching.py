"""Looking for the flags of a rule: what is new is added, what is open follows the facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM
from kernel.arrays import array
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from marketplace.oversight.models import FlagRule, FlagSearch, FlagStatus, RedFlag, Side
from marketplace.oversight.queries import flags as queries
from marketplace.oversight.queries.searches import Finding, list_findings, list_terms_in_force
from marketplace.oversight.rules import window

MOST_ROWS = 100
"""How many rows a flag keeps; the rest are counted."""
HOUR = timedelta(hours=1)
"""How long a rule rests after it was looked through."""
AT_ONCE = 500
"""How many flags one statement writes."""
_FOLLOWS = ("measured", "against", "rows", "row_count")
_PARTIES = text("""
WITH wanted AS (SELECT * FROM unnest(CAST(:flags AS uuid[]), CAST(:organisations AS uuid[]),
    CAST(:sides AS text[])) w (flag_id, organisation_id, side)),
gone AS (DELETE FROM red_flag_party p WHERE p.flag_id = ANY(CAST(:flags AS uuid[]))
  AND (p.flag_id, p.organisation_id, p.side) NOT IN (SELECT * FROM wanted))
INSERT INTO red_flag_party (flag_id, organisation_id, side) SELECT * FROM wanted
ON CONFLICT DO NOTHING""")


def look_for(rule: FlagRule, *, now: datetime) -> int:
    """Look for the flags of a rule as of now and write them down; give how many stand.

    Two who look at once take turns; a flag that was decided on is left as it was.
    """
    return _look(queries.lock_search(SYSTEM, rule), now=now)


def look_next(*, now: datetime) -> int:
    """Look one rule through whose hour is over and that nobody looks through; 0 if none is."""
    search = queries.find_due_search(SYSTEM, before=now - HOUR)
    if search is None:
        return 0
    _look(search, now=now)
    return 1


def load_flag_searches(now: datetime) -> None:
    """Give every rule its row, so that there is one to lock; changes nothing twice."""
    del now
    rows = [{"id": new_id(), "rule": rule, "found": 0} for rule in FlagRule]
    adding = insert(cast("Table", FlagSearch.__table__)).values(rows)
    db.session.execute(adding.on_conflict_do_nothing(constraint="uq_flag_search_rule"))


def _look(search: FlagSearch, *, now: datetime) -> int:
    terms = {
        code: one.value for code, one in list_terms_in_force(SYSTEM, on=shanghai_day(now)).items()
    }
    found = list_findings(SYSTEM, search.rule, asked=window(terms, now=now))
    for start in range(0, len(found), AT_ONCE):
        _keep(search.rule, found[start : start + AT_ONCE], now=now)
    search.looked_at, search.found = now, len(found)
    db.session.flush()
    after = {"rule": search.rule, "found": len(found)}
    subject = ("flag_search", search.id)
    audit.write("look_for_flags", subject=subject, by=SYSTEM, now=now, after=after)
    return len(found)


def _keep(rule: FlagRule, found: list[Finding], *, now: datetime) -> None:
    rows = [_row(rule, one, now=now) for one in found]
    table = cast("Table", RedFlag.__table__)
    adding = insert(table).values(rows)
    new, kept = adding.excluded, table.c
    values: dict[str, Any] = {name: new[name] for name in _FOLLOWS} | {"seen_at": now}
    upsert = adding.on_conflict_do_update(
        constraint="uq_red_flag_rule_key",
        set_=values | {"version": kept.version + 1},
        where=kept.status == FlagStatus.OPEN,
    )
    returned = db.session.execute(upsert.returning(kept.key, kept.id))
    written: dict[str, UUID] = {key: flag_id for key, flag_id in returned}  # noqa: C416 - rows
    parties = [
        (written[one.key], organisation_id, side.value)
        for one in found
        if one.key in written
        for side, organisation_ids in (
            (Side.BUYER, one.buyer_ids), (Side.SUPPLIER, one.supplier_ids),
        )
        for organisation_id in organisation_ids
    ]  # fmt: skip
    flags, organisations, sides = zip(*parties, strict=True) if parties else ((), (), ())
    given = {"flags": array(flags), "organisations": array(organisations), "sides": array(sides)}
    db.session.execute(_PARTIES, given)


def _row(rule: FlagRule, one: Finding, *, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "rule": rule,
        "key": one.key,
        "measured": one.measured,
        "against": one.against,
        "rows": one.rows[:MOST_ROWS],
        "row_count": len(one.rows),
        "found_at": now,
        "seen_at": now,
        "status": FlagStatus.OPEN,
        "version": 1,
    }
