"""Every value of an enumeration that a door takes or gives has a name in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

import pytest
from flask import Flask, g
from marshmallow import Schema, fields

from console.widgets.formats import quantity, yuan
from console.widgets.words import TONES, Term, _, terms
from kernel.doors import Door
from kernel.fields import EnumField

CHINESE = re.compile(r"[\u3400-\u9fff]")
WIDE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
TOLD_BY_THE_TRAIL = frozenset({"audit_act", "audit_subject"})
"""Texts of the audit trail, no enumerations; `test_trail_words.py` keeps them."""
SYMBOLS = frozenset({"kg", "g", "t"})
"""What needs no Chinese: people write it so."""


def _enums_of_field(field: fields.Field[object], above: frozenset[type]) -> Iterator[type[StrEnum]]:
    if isinstance(field, EnumField):
        yield field.enum
    elif isinstance(field, fields.Nested):
        yield from _enums_of(field.schema, above)
    elif isinstance(field, fields.List):
        yield from _enums_of_field(field.inner, above)
    elif isinstance(field, fields.Dict):
        for inner in (field.key_field, field.value_field):
            if inner is not None:
                yield from _enums_of_field(inner, above)


def _enums_of(schema: Schema | None, above: frozenset[type]) -> Iterator[type[StrEnum]]:
    if schema is None or type(schema) in above:
        return
    for field in schema.fields.values():
        yield from _enums_of_field(field, above | {type(schema)})


def _name(enum: type[StrEnum]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", enum.__name__).lower()


@pytest.fixture(scope="module")
def asked(app: Flask) -> set[tuple[str, str]]:
    """Give what pages may have to name: kind and value; classes of one name share a table."""
    found: set[tuple[str, str]] = set()
    for view in app.view_functions.values():
        door: Door | None = getattr(view, "door", None)
        for schema in (door.accepts, door.returns) if door else ():
            for enum in _enums_of(schema, frozenset()):
                found.update((_name(enum), one.value) for one in enum)
    return found


def _said() -> dict[tuple[str, str], Term]:
    return {(kind, value): one for kind, values in terms().items() for value, one in values.items()}


def test_every_value_that_a_door_names_has_a_term(asked: set[tuple[str, str]]) -> None:
    assert len(asked) > 500, "the doors were not read"
    assert asked - _said().keys() == set()


def test_no_term_is_of_a_value_that_is_gone(asked: set[tuple[str, str]]) -> None:
    assert {key for key in _said() if key[0] not in TOLD_BY_THE_TRAIL} - asked == set()
    assert {kind for kind, values in terms().items() if not values} == set()


def test_every_tone_is_known() -> None:
    assert {key: one.tone for key, one in _said().items() if one.tone not in TONES} == {}


def test_every_term_is_chinese_in_chinese_and_english_in_english() -> None:
    said = _said()
    bare = {key: one.zh for key, one in said.items() if not CHINESE.search(one.zh)}
    assert {key: zh for key, zh in bare.items() if zh not in SYMBOLS} == {}
    assert {
        key: one.en for key, one in said.items() if not one.en.strip() or WIDE.search(one.en)
    } == {}


@pytest.mark.parametrize(
    ("number", "days", "amount"),
    [("0", "0 days left", "0 bottles"), ("1", "1 day left", "1 bottle"),
     ("2", "2 days left", "2 bottles")],
)  # fmt: skip
def test_english_knows_one_from_several_and_chinese_does_not(
    app: Flask, number: str, days: str, amount: str
) -> None:
    with app.app_context():
        assert _("还剩 %(days)s 天", days=number) == f"还剩 {number} 天"
        assert quantity(number, "bottle") == f"{number} 瓶"
        g.language = "en"
        assert (_("还剩 %(days)s 天", days=number), quantity(number, "bottle")) == (days, amount)


def test_less_than_nothing_has_its_sign_before_the_currency(app: Flask) -> None:
    with app.app_context():
        assert yuan(-1984) == "-19.84 元"
        g.language = "en"
        assert yuan(-1984) == "-¥19.84"
