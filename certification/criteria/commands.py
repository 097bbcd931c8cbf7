"""Loading the schemes and categories that come with the program, and adopting new versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from certification.criteria import queries, rules
from certification.criteria.models import ProductCategory, ReviewLevel, Scheme, SchemeId
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from registry.accounts.models import UserId


@dataclass(frozen=True)
class NewScheme:
    """A version of a scheme as it is adopted; money in fen, the price band in basis points."""

    code: str
    name_zh: str
    name_en: str
    origin_kinds: Sequence[str]
    holder_kinds: Sequence[str]
    paper_kinds: Sequence[str]
    category_papers: Mapping[str, Sequence[Sequence[str]]]
    papers_source: str
    review_chain: Sequence[ReviewLevel]
    notice_working_days: int
    notice_levels: Sequence[str]
    notice_source: str
    validity_months: int
    validity_source: str
    comparison_prices: int
    comparison_required: bool
    price_low_bp: int
    price_high_bp: int
    price_source: str
    minimum_goods_value_fen: Fen | None
    goods_value_source: str
    production_required: bool
    review_working_days: Mapping[str, int]
    deadline_source: str
    in_force_from_on: date
    source: str


def adopt_scheme(new: NewScheme, *, by: Actor, now: datetime) -> Scheme:
    """Adopt a scheme, or its next version: the version before ends on the day this one begins.

    Nothing that exists is rewritten but that last day; what was submitted under the version
    before stays under it.
    """
    rules.check_adopter(by)
    rules.check_chain(new.review_chain)
    rules.check_price_band(new.price_low_bp, new.price_high_bp)
    known = [one.code for one in queries.list_categories(by)]
    rules.check_category_papers(list(new.category_papers), known)
    before = queries.lock_newest(by, new.code)
    rules.check_succession(before, from_on=new.in_force_from_on, today=shanghai_day(now))
    if before is not None and before.in_force_until_on is None:
        before.in_force_until_on = new.in_force_from_on
    scheme = Scheme(
        id=SchemeId(new_id()),
        version=1 if before is None else before.version + 1,
        in_force_until_on=None,
        adopted_by_id=UserId(by.user_id),
        **asdict(new),
    )
    db.session.add(scheme)
    db.session.flush()
    audit.write("adopt_scheme", subject=("scheme", scheme.id), by=by, now=now, after=asdict(new))
    return scheme


def load_criteria(now: datetime) -> None:
    """Load the categories and the scheme versions that are not there yet; change none."""
    _load_categories()
    known = {(code, version) for code, version in db.session.execute(_VERSIONS)}
    for row in _read("schemes.json"):
        if (row["code"], row["version"]) not in known:
            _add_scheme(row, now=now)
    db.session.flush()


_VERSIONS = select(Scheme.code, Scheme.version)


def _read(name: str) -> list[dict[str, Any]]:
    content = files("certification.criteria").joinpath(name).read_bytes()
    rows: list[dict[str, Any]] = orjson.loads(content)
    return rows


def _load_categories() -> None:
    rows = [{"position": i, **row} for i, row in enumerate(_read("categories.json"))]
    db.session.execute(insert(ProductCategory).values(rows).on_conflict_do_nothing())


def _add_scheme(row: dict[str, Any], *, now: datetime) -> None:
    until = row["in_force_until_on"]
    periods = {
        "in_force_from_on": date.fromisoformat(row["in_force_from_on"]),
        "in_force_until_on": None if until is None else date.fromisoformat(until),
    }
    scheme = Scheme(id=SchemeId(new_id()), **(row | periods))
    db.session.add(scheme)
    audit.write(
        "load_scheme",
        subject=("scheme", scheme.id),
        by=SYSTEM,
        now=now,
        after=row,
    )
