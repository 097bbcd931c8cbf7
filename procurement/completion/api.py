"""The door to the completion report."""

from __future__ import annotations

from typing import Any

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from procurement.completion import commands
from procurement.completion.commands import Question, Report
from procurement.completion.schemas import CompletionOut, CompletionQuery

completion = Blueprint("completion", __name__, url_prefix="/api/v1/procurement")


@completion.get("/completion")
@endpoint(
    completion,
    allow=SIGNED_IN,
    accepts=CompletionQuery(),
    location="query",
    returns=CompletionOut(),
    report=True,
)
def report(query: dict[str, Any]) -> Report:
    """Tell what was reserved, ordered, accepted, paid and counted, as of an instant."""
    question = Question(
        year=query["year"],
        unit_id=query["unit_id"],
        region_code=query["region"],
        as_of=query["as_of"],
    )
    return commands.report_completion(
        current_actor(), question, now=clock.now(), limit=query["limit"], cursor=query["cursor"]
    )
