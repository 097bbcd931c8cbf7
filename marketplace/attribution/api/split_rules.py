"""Doors to the split rules of cooperatives."""

from __future__ import annotations

from typing import Any

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page
from marketplace.attribution.commands import split_rules as commands
from marketplace.attribution.commands.split_rules import NewSplitRule
from marketplace.attribution.models.split_rules import SplitRule
from marketplace.attribution.queries import split_rules as queries
from marketplace.attribution.queries.split_rules import RuleFilter
from marketplace.attribution.schemas.split_rules import (
    SPLIT_RULE_PAGE,
    SplitRuleIn,
    SplitRuleOut,
    SplitRuleQuery,
)
from registry.accounts.models import REVIEWERS, Role

AGREES = frozenset({Role.COOP_MANAGER})
READS_SHARES = REVIEWERS | {
    Role.COOP_CLERK,
    Role.COOP_MANAGER,
    Role.VILLAGE_CADRE,
    Role.MONITOR,
    Role.AUDITOR,
}

split_rules = Blueprint("split_rules", __name__, url_prefix="/api/v1/attribution")


@split_rules.post("/split-rules")
@endpoint(
    split_rules,
    allow=AGREES,
    accepts=SplitRuleIn(),
    returns=SplitRuleOut(),
    status=201,
    idempotent=True,
)
def record(body: NewSplitRule) -> SplitRule:
    """Record what households linked in a way get from a day on."""
    return commands.record_split_rule(body, by=current_actor(), now=clock.now())


@split_rules.get("/split-rules")
@endpoint(
    split_rules,
    allow=READS_SHARES,
    accepts=SplitRuleQuery(),
    location="query",
    returns=SPLIT_RULE_PAGE,
)
def list_rules(query: dict[str, Any]) -> Page[SplitRule]:
    """List all versions in sight, the newest first."""
    wanted = RuleFilter(query.pop("supplier_id"), query.pop("way"))
    return queries.list_split_rules(current_actor(), wanted, **query)
