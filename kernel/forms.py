"""What a page's form sends, as the body that a door reads: yuan to fen, boxes to flags, rows.

Names are paths of the body: `quantity`, `delivery.address`, `lines.0.quantity`. What is left empty
is not sent, or is null where the schema takes it. The door's schema judges the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from marshmallow import ValidationError, fields
from marshmallow import missing as MISSING  # noqa: N812 - a constant under its own name
from marshmallow.validate import Length
from werkzeug.datastructures import FileStorage, MultiDict

from kernel.entries import kind_of, read_text, written
from kernel.fields import EnumField, Schema, Upload

STEP = "."


@dataclass(frozen=True)
class FormField:
    """A field as a page shows it: its name, what stands in it, and what is wrong with it."""

    name: str
    kind: str
    value: str
    values: tuple[str, ...]
    errors: tuple[str, ...]
    is_required: bool
    longest: int | None
    choices: tuple[str, ...]
    part: str = ""
    """Which of several forms of a page it stands in."""

    @property
    def id(self) -> str:
        """Give the id of its element; no two forms of a page share one."""
        return id_of(self.name, part=self.part)


def id_of(name: str, *, part: str = "") -> str:
    """Give the id of the element of a field, in this of several forms of a page."""
    return "-".join(filter(None, ["f", part, name.replace(STEP, "-")]))


def body_of(schema: Schema, form: MultiDict[str, str], files: Mapping[str, Any]) -> dict[str, Any]:
    """Write what a form sent as a body; raises ValidationError for what no body can say."""
    wrong: dict[str, Any] = {}
    body = _object(schema, form, files, path="", wrong=wrong)
    if wrong:
        raise ValidationError(wrong)
    return body


def rows_of(form: MultiDict[str, str], name: str) -> list[str]:
    """Give the paths of the rows of a list that hold something, in their order."""
    begin = name + STEP
    numbers = {
        key[len(begin) :].partition(STEP)[0]
        for key, value in form.items(multi=True)
        if key.startswith(begin) and value.strip()
    }
    return [f"{name}{STEP}{one}" for one in sorted((n for n in numbers if n.isdecimal()), key=int)]


def pointer_to_name(pointer: str) -> str:
    """Give the name of the field that a JSON pointer means."""
    return pointer.strip("/").replace("/", STEP)


def field_at(schema: Schema, name: str) -> fields.Field[Any]:
    """Give the field of a path; raises KeyError where the schema has none."""
    found: fields.Field[Any] | None = None
    inside: Schema | None = schema
    for step in name.split(STEP):
        if step.isdecimal():
            continue
        if inside is None:
            raise KeyError(name)
        found = _by_key(inside)[step]
        inside = _inner(found)
    if found is None:
        raise KeyError(name)
    return found


def shown(
    schema: Schema,
    name: str,
    *,
    sent: MultiDict[str, str] | None,
    start: Mapping[str, Any],
    errors: Mapping[str, tuple[str, ...]],
    part: str = "",
) -> FormField:
    """Describe a field for a page, with what was sent, else with what it starts from."""
    field = field_at(schema, name)
    one = field.inner if isinstance(field, fields.List) else field
    if sent is None:
        begun = _at(start, name)
        values = tuple(
            written(field, one) for one in (begun if isinstance(begun, list) else [begun])
        )
    else:
        values = tuple(sent.getlist(name))
    return FormField(
        name=name,
        kind=kind_of(field),
        value=values[-1] if values else "",
        values=values,
        errors=errors.get(name, ()),
        is_required=field.required,
        longest=_longest(one),
        choices=_choices(one),
        part=part,
    )


def _object(
    schema: Schema,
    form: MultiDict[str, str],
    files: Mapping[str, Any],
    *,
    path: str,
    wrong: dict[str, Any],
) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for key, field in _by_key(schema).items():
        found: dict[str, Any] = {}
        value = _read(field, path + key, form, files, wrong=found)
        if found:
            wrong[key] = found.get("", found)
        if value is not MISSING:
            body[key] = value
    return body


def _read(
    field: fields.Field[Any],
    name: str,
    form: MultiDict[str, str],
    files: Mapping[str, Any],
    *,
    wrong: dict[str, Any],
) -> Any:
    inside = _inner(field)
    if inside is not None:
        return _nested(field, inside, name, form, files, wrong=wrong)
    if isinstance(field, Upload):
        file = files.get(name)
        return file if isinstance(file, FileStorage) and file.filename else MISSING
    texts = [text.strip() for text in form.getlist(name)]
    if isinstance(field, fields.List):
        given = [_scalar(field.inner, text, wrong) for text in texts if text]
        return given if name in form else MISSING
    if texts and texts[-1]:
        return _scalar(field, texts[-1], wrong)
    return None if texts and field.allow_none and not field.required else MISSING


def _nested(
    field: fields.Field[Any],
    inside: Schema,
    name: str,
    form: MultiDict[str, str],
    files: Mapping[str, Any],
    *,
    wrong: dict[str, Any],
) -> Any:
    if isinstance(field, fields.List):
        rows = _rows(inside, name, form, files, wrong=wrong)
        return rows if rows or field.required else MISSING
    if not any(key.startswith(name + STEP) and form[key].strip() for key in form):
        return MISSING
    return _object(inside, form, files, path=name + STEP, wrong=wrong)


def _rows(
    inside: Schema,
    name: str,
    form: MultiDict[str, str],
    files: Mapping[str, Any],
    *,
    wrong: dict[str, Any],
) -> list[dict[str, Any]]:
    rows = []
    for at, path in enumerate(rows_of(form, name)):
        found: dict[str, Any] = {}
        rows.append(_object(inside, form, files, path=path + STEP, wrong=found))
        if found:
            wrong[str(at)] = found
    return rows


def _scalar(field: fields.Field[Any], text: str, wrong: dict[str, Any]) -> Any:
    """Give one value as the schema reads it; what cannot be written so stays and is noted."""
    try:
        return read_text(field, text)
    except ValueError as error:
        wrong[""] = [str(error)]
        return text


def _by_key(schema: Schema) -> dict[str, fields.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.load_fields.items()}


def _inner(field: fields.Field[Any]) -> Schema | None:
    one = field.inner if isinstance(field, fields.List) else field
    if not isinstance(one, fields.Nested):
        return None
    return cast("Schema", one.schema)


def _at(start: Mapping[str, Any], name: str) -> Any:
    found: Any = start
    for step in name.split(STEP):
        if isinstance(found, list) and step.isdecimal():
            found = found[int(step)] if int(step) < len(found) else None
        elif isinstance(found, Mapping):
            found = found.get(step)
        else:
            return None
    return found


def _longest(field: fields.Field[Any]) -> int | None:
    return next((one.max for one in field.validators if isinstance(one, Length)), None)


def _choices(field: fields.Field[Any]) -> tuple[str, ...]:
    return tuple(one.value for one in field.enum) if isinstance(field, EnumField) else ()
