"""What a page's form sends and what a door reads of it: kernel.forms, on schemas of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields
from werkzeug.datastructures import FileStorage, MultiDict

from kernel.entries import NOT_PERCENT, NOT_WHOLE, NOT_YUAN, kind_of, written
from kernel.fields import (
    Day,
    EnumField,
    Flag,
    Instant,
    Money,
    QuantityField,
    Schema,
    Text,
    Upload,
    Year,
    flatten,
)
from kernel.forms import body_of, field_at, id_of, pointer_to_name, rows_of, shown


class Colour(StrEnum):
    """What a choice is made among."""

    RED = "red"
    BLUE = "blue"


class Row(Schema):
    """A row of a list."""

    name = Text(max=20, required=True)
    price_fen = Money()


class Delivery(Schema):
    """What is nested."""

    address = Text(required=True)
    note = Text(allow_none=True)


class Body(Schema):
    """One field of each kind."""

    price_fen = Money()
    limit_fen = Money(allow_none=True)
    share_bp = fields.Integer(strict=True)
    heads = fields.Integer(strict=True, allow_none=True)
    quantity = QuantityField()
    on = Day()
    at = Instant()
    year = Year()
    is_open = Flag()
    colour = EnumField(Colour)
    title = Text(max=30)
    tags = fields.List(Text())
    months = fields.List(fields.Integer(strict=True))
    odd = fields.Dict()
    named = Text(data_key="class")
    paper = Upload()
    delivery = fields.Nested(Delivery)
    rows = fields.List(fields.Nested(Row))
    wanted = fields.List(fields.Nested(Row), required=True)


SCHEMA = Body()


def sent(*pairs: tuple[str, str], **files: Any) -> dict[str, Any]:
    """Write a form as a body, without the list that is always there."""
    body = body_of(SCHEMA, MultiDict(pairs), files)
    assert body.pop("wanted") == []
    return body


def wrong(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """Give where a form is wrong, by the names of its fields, and the sentences."""
    with pytest.raises(ValidationError) as caught:
        sent(*pairs)
    messages: Any = caught.value.messages
    return [(pointer_to_name(one["pointer"]), one["detail"]) for one in flatten(messages)]


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12", 1200), ("12.5", 1250), ("12.05", 1205), ("¥1,234.50", 123450), (" 0 ", 0), ("0.01", 1)],
)
def test_yuan_become_fen(text: str, fen: int) -> None:
    assert sent(("price_fen", text)) == {"price_fen": fen}


@pytest.mark.parametrize("text", ["12.345", "1e3", "-1", "十元", "12.", "１２"])
def test_what_is_no_amount_of_yuan_is_said_at_its_field(text: str) -> None:
    assert wrong(("price_fen", text)) == [("price_fen", NOT_YUAN)]


@pytest.mark.parametrize(("text", "points"), [("15", 1500), ("12.34%", 1234), ("0.5", 50)])
def test_per_cent_become_basis_points(text: str, points: int) -> None:
    assert sent(("share_bp", text)) == {"share_bp": points}


def test_what_is_no_percentage_or_no_whole_number_is_said_at_its_field() -> None:
    assert wrong(("share_bp", "1.234"), ("heads", "2.5")) == [
        ("share_bp", NOT_PERCENT),
        ("heads", NOT_WHOLE),
    ]


def test_what_is_left_empty_is_null_where_the_schema_takes_it_and_else_missing() -> None:
    empty = ("price_fen", "limit_fen", "heads", "title", "on", "colour", "quantity")
    assert sent(*((name, "  ") for name in empty)) == {"limit_fen": None, "heads": None}
    assert sent() == {}


def test_a_flag_is_its_last_box_and_is_missing_where_it_was_not_shown() -> None:
    assert sent(("is_open", "false")) == {"is_open": False}
    assert sent(("is_open", "false"), ("is_open", "true")) == {"is_open": True}
    assert sent(("is_open", "on")) == {"is_open": False}


def test_an_instant_is_meant_in_shanghai_unless_it_says_otherwise() -> None:
    body = sent(("at", "2026-11-22T08:30"))
    assert body == {"at": "2026-11-22T08:30+08:00"}
    assert SCHEMA.fields["at"].deserialize(body["at"]) == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert written(SCHEMA.fields["at"], "2026-11-22T00:30:00+00:00") == "2026-11-22T08:30"
    assert sent(("at", "2026-11-22T08:30Z")) == {"at": "2026-11-22T08:30Z"}
    assert sent(("at", "2026-11-22T08:30+09:00")) == {"at": "2026-11-22T08:30+09:00"}


def test_a_kind_that_forms_do_not_know_stays_text_for_the_door_to_refuse() -> None:
    assert kind_of(SCHEMA.fields["odd"]) == "text"
    assert sent(("odd", "{}")) == {"odd": "{}"}
    assert sent(("colour", "green")) == {"colour": "green"}


def test_several_values_of_one_name_are_a_list_and_none_of_them_an_empty_one() -> None:
    assert sent(("tags", "a"), ("tags", " "), ("tags", "b")) == {"tags": ["a", "b"]}
    assert sent(("tags", "")) == {"tags": []}
    assert sent(("months", "3"), ("months", "11")) == {"months": [3, 11]}


def test_a_nested_thing_is_there_when_anything_of_it_is() -> None:
    both = sent(("delivery.address", "校门"), ("delivery.note", ""))
    assert both == {"delivery": {"address": "校门", "note": None}}
    assert sent(("delivery.address", " "), ("delivery.note", "")) == {}


def test_rows_with_gaps_are_counted_anew_in_their_order() -> None:
    pairs = [("rows.7.name", "乙"), ("rows.2.name", " "), ("rows.10.name", "丙"),
             ("rows.0.name", "甲"), ("rows.0.price_fen", "1.5"), ("rows.x.name", "丁")]  # fmt: skip
    assert rows_of(MultiDict(pairs), "rows") == ["rows.0", "rows.7", "rows.10"]
    assert sent(*pairs)["rows"] == [
        {"name": "甲", "price_fen": 150},
        {"name": "乙"},
        {"name": "丙"},
    ]


def test_what_is_wrong_in_a_row_is_said_at_its_place_in_the_body() -> None:
    pairs = [("rows.3.name", "甲"), ("rows.5.name", "乙"), ("rows.5.price_fen", "?")]
    assert wrong(*pairs) == [("rows.1.price_fen", NOT_YUAN)]


def test_a_pointer_and_a_name_mean_the_same_field() -> None:
    assert pointer_to_name("/lines/0/quantity") == "lines.0.quantity"
    assert field_at(SCHEMA, "rows.4.price_fen") is field_at(SCHEMA, "rows.price_fen")
    assert field_at(SCHEMA, "class").name == "named"
    assert sent(("class", "x")) == {"class": "x"}
    for name in ("nothing", "title.more", "delivery.nothing"):
        with pytest.raises(KeyError):
            field_at(SCHEMA, name)


def test_a_file_is_itself_and_an_empty_choice_of_a_file_is_none() -> None:
    paper = FileStorage(BytesIO(b"%PDF"), filename="a.pdf")
    assert sent(paper=paper) == {"paper": paper}
    assert sent(paper=FileStorage(BytesIO(), filename="")) == {}


def test_a_field_is_shown_with_what_it_starts_from_until_something_was_sent() -> None:
    start = {"price_fen": 1250, "rows": [{"name": "甲"}], "delivery": None}
    fresh = shown(SCHEMA, "price_fen", sent=None, start=start, errors={})
    assert (fresh.id, fresh.kind, fresh.value) == ("f-price_fen", "yuan", "12.50")
    assert shown(SCHEMA, "rows.0.name", sent=None, start=start, errors={}).value == "甲"
    assert shown(SCHEMA, "rows.1.name", sent=None, start=start, errors={}).value == ""
    assert shown(SCHEMA, "delivery.address", sent=None, start=start, errors={}).value == ""
    again = shown(
        SCHEMA, "rows.0.name", sent=MultiDict([("rows.0.name", "<乙>")]), start=start,
        errors={"rows.0.name": ("太短",)},
    )  # fmt: skip
    assert (again.value, again.errors) == ("<乙>", ("太短",))
    assert (again.id, again.is_required, again.longest) == ("f-rows-0-name", True, 20)
    other = shown(SCHEMA, "rows.0.name", sent=None, start={}, errors={}, part="return")
    assert other.id == id_of("rows.0.name", part="return") == "f-return-rows-0-name"
    assert shown(SCHEMA, "colour", sent=None, start={}, errors={}).choices == ("red", "blue")


AMOUNTS = st.integers(0, 10**12)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "price_fen": AMOUNTS,
        "limit_fen": st.none() | AMOUNTS,
        "share_bp": st.integers(0, 100_000),
        "heads": st.none() | st.integers(-(10**6), 10**6),
        "quantity": st.decimals(Decimal("0.001"), 10**6, places=3).map(str),
        "on": DAYS.map(date.isoformat),
        "at": st.integers(10**9, 4 * 10**9).map(
            lambda at: datetime.fromtimestamp(at, UTC).isoformat()
        ),
        "year": st.integers(2000, 2100),
        "is_open": st.booleans(),
        "colour": st.sampled_from(["red", "blue"]),
        "tags": st.lists(st.text("甲乙丙abc", min_size=1, max_size=5)),
    },
)


@given(ANSWERS)
def test_what_is_written_into_a_form_reads_back(answer: dict[str, Any]) -> None:
    form: MultiDict[str, str] = MultiDict()
    for name in answer:
        field = shown(SCHEMA, name, sent=None, start=answer, errors={})
        form.setlist(name, list(field.values) or [""])
    body = body_of(SCHEMA, form, {})
    read = SCHEMA.load({**body, "wanted": []})
    assert read == SCHEMA.load({**answer, "wanted": []})


@given(AMOUNTS)
def test_fen_are_written_as_yuan_with_two_places(fen: int) -> None:
    text = written(SCHEMA.fields["price_fen"], fen)
    assert Decimal(text) * 100 == fen
    assert text.partition(".")[2] == f"{fen % 100:02d}"
