"""What a field is refused with is Chinese for who asks in Chinese, marshmallow's own words too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from marshmallow import ValidationError, fields, validate

from kernel.problems import sentence_in

NOTHING = object()
FIELDS: tuple[fields.Field[Any], ...] = (
    fields.String(required=True), fields.Integer(), fields.Float(), fields.Boolean(),
    fields.UUID(), fields.Url(), fields.Email(), fields.Date(), fields.DateTime(),
    fields.AwareDateTime(), fields.Time(), fields.TimeDelta(), fields.Dict(), fields.Decimal(),
    fields.List(fields.String()), fields.Tuple((fields.String(),)),
)  # fmt: skip
JUDGED: tuple[tuple[Callable[[Any], object], object], ...] = (
    (validate.Regexp("a"), "b"), (validate.Length(min=2), "b"), (validate.Length(max=2), "bbb"),
    (validate.Length(min=2, max=3), "b"), (validate.Length(equal=2), "b"),
    (validate.Range(min=2), 1), (validate.Range(max=2), 3), (validate.Range(min=2, max=3), 1),
    (validate.Range(min=2, min_inclusive=False), 2), (validate.OneOf(["a1"]), "b"),
    (validate.NoneOf(["b"]), "b"), (validate.Equal(2), 1), (validate.ContainsOnly([1]), [2]),
    (validate.ContainsNoneOf([2]), [2]), (validate.Predicate("isdigit"), "b"),
    (validate.URL(), "b"), (validate.Email(), "b"),
)  # fmt: skip


def _said() -> list[str]:
    said = ["Missing data for required field.", "Field may not be null.", "Invalid value.",
            "Invalid type.", "Invalid input type.", "Unknown field.", "unknown_field"]  # fmt: skip
    for field in FIELDS:
        with pytest.raises(ValidationError) as wrong:
            field.deserialize(NOTHING)
        said += [str(one) for one in wrong.value.messages]
    for judge, value in JUDGED:
        with pytest.raises(ValidationError) as wrong:
            judge(value)
        said += [str(one) for one in wrong.value.messages]
    return said


def test_no_english_is_said_to_who_asks_in_chinese() -> None:
    kept = {"true", "false"}
    wrong = {
        one: chinese
        for one in _said()
        if set(re.findall("[A-Za-z]{3,}", chinese := sentence_in(one, english=False))) - kept
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("String does not match expected pattern.", "格式不对"),
        ("Must be greater than or equal to 1 and less than or equal to 365.",
         "必须不小于 1，不大于 365"),
        ("Length must be between 3 and 64.", "长度应为 3 到 64"),
        ("Not a valid aware datetime.", "必须是有效时间"),
        ("写成元 / in yuan", "写成元"),
    ],
)  # fmt: skip
def test_a_sentence_keeps_its_figures(english: str, chinese: str) -> None:
    assert sentence_in(english, english=False) == chinese
