"""A column handed over as a literal comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ARRAY, LargeBinary, Numeric, Text, Uuid, cast, literal, select
from sqlalchemy.orm import Session

from kernel.arrays import array

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def _returned(session: Session, values: list[Any], kind: Any) -> list[Any]:
    given_back = session.scalar(select(cast(literal(array(values), Text), ARRAY(kind))))
    assert given_back is not None
    return list(given_back)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.lists(st.none() | WORDS))
def test_any_text_comes_back(db_session: Session, words: list[str | None]) -> None:
    assert _returned(db_session, words, Text()) == words


@pytest.mark.parametrize("text", ['"', "\\", '\\"', "{,}", "NULL", "", " ", "𠮷", "'; --", "\n"])
def test_text_that_means_something_to_a_literal_comes_back(db_session: Session, text: str) -> None:
    assert _returned(db_session, [text, None], Text()) == [text, None]


def test_other_kinds_come_back(db_session: Session) -> None:
    assert _returned(db_session, [UUID(int=7)], Uuid()) == [UUID(int=7)]
    assert _returned(db_session, [Decimal("0.500")], Numeric(14, 3)) == [Decimal("0.500")]
    assert _returned(db_session, [b"\x00\xff\\"], LargeBinary()) == [b"\x00\xff\\"]
    moment = datetime(2026, 5, 4, 8, tzinfo=UTC)
    kept = db_session.scalar(select(cast(literal(array([moment])), ARRAY(Text))))
    assert kept == [moment.isoformat()]
