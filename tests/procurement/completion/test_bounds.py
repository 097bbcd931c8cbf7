"""What completion does not show, and what it never stores."""

from __future__ import annotations

import pytest
from sqlalchemy import Float, Numeric
from sqlalchemy.orm import Session

from kernel.database import Base
from tests.builders import procurement
from tests.builders.procurement import YEAR
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def test_what_is_out_of_sight_does_not_open(flow: Flow) -> None:
    elsewhere = Flow(flow.client, procurement.cast_of("440300"))
    for door in ("overview", "breakdown", "curve", "entries", "last-order"):
        query = {"year": YEAR, "region": "440203", "by": "fund", "figure": "paid"}
        if door == "overview":
            query["by"] = "rate"
        accepted = {
            "overview": ("year", "region", "by"),
            "breakdown": ("year", "region", "by"),
            "entries": ("year", "region", "figure"),
        }.get(door, ("year", "region"))
        refused = flow.get(
            f"/completion/{door}", elsewhere.finance, **{name: query[name] for name in accepted}
        )
        assert code_of(refused) == (404, "not_found"), door


def test_no_column_stores_a_rate(db_session: Session) -> None:
    """Ratios follow from amounts: no float anywhere, and what is in basis points is a rule."""
    del db_session
    numbers = {
        f"{table.name}.{column.name}": column.type
        for table in Base.metadata.sorted_tables
        for column in table.columns
    }
    assert [name for name, kind in numbers.items() if isinstance(kind, Float)] == []
    assert [
        name
        for name, kind in numbers.items()
        if isinstance(kind, Numeric) and not isinstance(kind, Float) and kind.scale != 3
    ] == []
    told = [name for name in numbers if any(part in name for part in ("rate", "ratio", "percent"))]
    agreed = {"split_rule.rate_bp"}  # what people agree on, nothing that is reckoned
    told = [name for name in told if "operat" not in name and "genera" not in name]
    assert [name for name in told if name not in agreed] == []
    assert [name for name in numbers if name.startswith("completion_") and "_bp" in name] == []
