"""Each constraint of share policies, union rules and waivers speaks by its own name."""

from __future__ import annotations

from typing import Any

from tests.builders import procurement
from tests.constraints import AGAIN, constraints_of, refused_by

BOTH = (
    ("", "uq_{}_code"),
    (", 'version', 0", "ck_{}_version"),
    (", 'region_code', '44'", "ck_{}_region_code"),
    (", 'year_until', year_from", "ck_{}_years"),
    (", 'carried_from', year_from", "ck_{}_carried"),
)
UNION = (
    (", 'floor_bp', -1, 'denominator', 'union_gift_goods'", "floor"),
    (", 'floor_bp', 2000, 'denominator', null", "denominator"),
    (", 'warn_once_fen', -1", "amounts"),
    (", 'head_floor_fen', 2, 'head_cap_fen', 1", "heads"),
    (", 'once_cap_fen', 1, 'once_until_on', null", "once"),
)
REVOKED = "UPDATE share_waiver SET revoked_on = {}, revoked_by = recorded_by, revoke_reason = {}"
BREAKS = (
    *(
        (AGAIN.format(table, change), name.format(table))
        for table in ("share_policy", "union_rule")
        for change, name in BOTH
    ),
    (AGAIN.format("share_policy", ", 'floor_bp', -1"), "ck_share_policy_floor"),
    (
        AGAIN.format("share_policy", ", 'encouraged_bp', floor_bp - 1"),
        "ck_share_policy_encouraged",
    ),
    *((AGAIN.format("union_rule", change), f"ck_union_rule_{name}") for change, name in UNION),
    ("UPDATE share_waiver SET until_on = since_on", "ck_share_waiver_period"),
    ("UPDATE share_waiver SET floor_bp = 10001", "ck_share_waiver_floor"),
    ("UPDATE share_waiver SET revoked_by = recorded_by", "ck_share_waiver_revoked"),
    ("UPDATE share_waiver SET revoke_reason = '已调整'", "ck_share_waiver_revoke_reason"),
    ("UPDATE share_waiver SET organisation_id = unit_id", "ck_share_waiver_own_organisation"),
    (REVOKED.format("until_on + 1", "'已调整'"), "ck_share_waiver_revoked_on"),
    (
        AGAIN.format("share_waiver", ", 'since_on', until_on, 'until_on', until_on + 1"),
        "uq_share_waiver_document",
    ),
    (AGAIN.format("share_waiver", ", 'document_number', 'X'"), "ex_share_waiver_period"),
)


def test_a_row_that_breaks_it_is_refused_by_name(db_session: Any) -> None:
    del db_session
    procurement.waive_something()
    for statement, name in BREAKS:
        assert refused_by(statement) == name, statement
    wanted = constraints_of(("share_policy", "union_rule", "share_waiver"))
    assert wanted == {name for _, name in BREAKS}
