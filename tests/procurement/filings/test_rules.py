"""What a promise must hold, and when it may be filed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kernel.identity import new_id
from kernel.money import Fen
from procurement.errors.filings import (
    BelowFloor,
    FilingClosed,
    NotAPurchaser,
    RepresentativeUnfit,
    ReservedAboveCeiling,
    TotalMissing,
    UnionFiguresUnfit,
    ZeroFilingOnly,
)
from procurement.errors.policies import NoPolicyInForce
from procurement.filings.models import FilingStatus, UnionSituation
from procurement.filings.rules import contents as rules
from procurement.filings.rules.contents import FilingContents
from procurement.policies.models import Denominator, SharePolicy, Situation
from procurement.policies.rules.resolutions import Resolution
from procurement.policies.rules.words import Words
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind

UNIT, OTHER = OrganisationId(new_id()), OrganisationId(new_id())
OWN = FilingContents(
    year=2026,
    situation=Situation.OWN,
    canteen_total_fen=Fen(1_000),
    reserved_fen=Fen(300),
    ceiling_fen=Fen(500),
)
POLICY = SharePolicy(denominator=Denominator.CANTEEN_FOOD_TOTAL, floor_bp=3000)


def contents(**fields: Any) -> FilingContents:
    return replace(OWN, **fields)


def resolution(deadline_on: date | None, policy: SharePolicy | None = POLICY) -> Resolution:
    return Resolution(
        region_code="440203",
        year=2026,
        policy=policy,
        carried=False,
        deadline_on=deadline_on,
        why=Words("", ""),
        losing=(),
    )


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        (OrganisationKind.BUDGET_UNIT, True),
        (OrganisationKind.TRADE_UNION, True),
        (OrganisationKind.STATE_ENTERPRISE, True),
        (OrganisationKind.CANTEEN_CONTRACTOR, False),
        (OrganisationKind.COOPERATIVE, False),
    ],
)
def test_buyers_file_and_their_contractors_do_not(kind: OrganisationKind, *, files: bool) -> None:
    if files:
        rules.check_filer(kind)
        return
    with pytest.raises(NotAPurchaser) as refusal:
        rules.check_filer(kind)
    assert refusal.value.figures == {"kind": kind}


@pytest.mark.parametrize("situation", [Situation.OWN, Situation.OUTSOURCED])
def test_a_unit_with_a_canteen_names_what_it_spends(situation: Situation) -> None:
    rules.check_contents(contents(situation=situation), unit_id=UNIT)
    with pytest.raises(TotalMissing) as refusal:
        rules.check_contents(contents(situation=situation, canteen_total_fen=Fen(0)), unit_id=UNIT)
    assert refusal.value.pointer == "/canteen_total_fen"


def test_the_representative_of_a_shared_canteen_files_for_all() -> None:
    own = contents(situation=Situation.SHARED, representative_unit_id=UNIT)
    rules.check_contents(own, unit_id=UNIT)
    with pytest.raises(ZeroFilingOnly):
        rules.check_contents(replace(own, representative_unit_id=OTHER), unit_id=UNIT)
    zero = replace(own, representative_unit_id=OTHER, canteen_total_fen=Fen(0), reserved_fen=Fen(0))
    rules.check_contents(zero, unit_id=UNIT)


@pytest.mark.parametrize(
    ("situation", "representative"),
    [(Situation.SHARED, None), (Situation.OWN, OTHER), (Situation.NONE, UNIT)],
)
def test_only_a_shared_canteen_has_a_representative(
    situation: Situation, representative: OrganisationId | None
) -> None:
    with pytest.raises(RepresentativeUnfit):
        rules.check_contents(
            contents(situation=situation, representative_unit_id=representative), unit_id=UNIT
        )


def test_a_representative_is_a_unit_that_files() -> None:
    rules.check_representative(Organisation(kind=OrganisationKind.BUDGET_UNIT))
    for wrong in (None, Organisation(kind=OrganisationKind.COOPERATIVE)):
        with pytest.raises(RepresentativeUnfit):
            rules.check_representative(wrong)


@pytest.mark.parametrize(
    ("total", "reserved", "pointer", "filed"),
    [(1, 0, "/canteen_total_fen", 1), (0, 2, "/reserved_fen", 2)],
)
def test_a_unit_without_canteen_files_zero(
    total: int, reserved: int, pointer: str, filed: int
) -> None:
    zero = contents(
        situation=Situation.NONE, canteen_total_fen=Fen(0), reserved_fen=Fen(0), ceiling_fen=Fen(0)
    )
    rules.check_contents(zero, unit_id=UNIT)
    assert rules.check_floor(resolution(None), zero) == 0
    with pytest.raises(ZeroFilingOnly) as refusal:
        rules.check_contents(
            replace(zero, canteen_total_fen=Fen(total), reserved_fen=Fen(reserved)), unit_id=UNIT
        )
    assert (refusal.value.pointer, refusal.value.figures) == (pointer, {"filed_fen": filed})


def test_a_unit_promises_at_most_what_it_may_spend() -> None:
    rules.check_contents(contents(reserved_fen=Fen(500)), unit_id=UNIT)
    with pytest.raises(ReservedAboveCeiling) as refusal:
        rules.check_contents(contents(reserved_fen=Fen(501)), unit_id=UNIT)
    assert refusal.value.figures == {"reserved_fen": 501, "ceiling_fen": 500}


@pytest.mark.parametrize(
    ("figures", "limit"),
    [
        ({"union_total_fen": Fen(100), "union_reserved_fen": Fen(100)}, 100),
        (
            {
                "union_total_fen": Fen(100),
                "union_ceiling_fen": Fen(40),
                "union_reserved_fen": Fen(40),
            },
            40,
        ),
        ({"union_total_fen": Fen(0), "union_reserved_fen": Fen(0)}, 0),
        ({"union_total_fen": Fen(7)}, 7),
    ],
)
def test_the_union_promises_up_to_its_ceiling_or_total(figures: dict[str, Fen], limit: int) -> None:
    filed = contents(**figures)
    rules.check_contents(filed, unit_id=UNIT)
    assert filed.union_limit_fen == limit
    if filed.union_reserved_fen is not None:
        over = replace(filed, union_reserved_fen=Fen(limit + 1))
        with pytest.raises(ReservedAboveCeiling) as refusal:
            rules.check_contents(over, unit_id=UNIT)
        assert refusal.value.pointer == "/union_reserved_fen"


def test_a_union_reservation_needs_a_total_or_ceiling() -> None:
    with pytest.raises(UnionFiguresUnfit) as refusal:
        rules.check_contents(contents(union_reserved_fen=Fen(1)), unit_id=UNIT)
    assert refusal.value.pointer == "/union_total_fen"


def test_without_union_funds_there_are_no_union_figures() -> None:
    without = contents(union_situation=UnionSituation.NO_UNION_FUNDS)
    rules.check_contents(without, unit_id=UNIT)
    for name in ("union_total_fen", "union_reserved_fen", "union_ceiling_fen"):
        figure: dict[str, Any] = {name: Fen(0)}
        with pytest.raises(UnionFiguresUnfit) as refusal:
            rules.check_contents(replace(without, **figure), unit_id=UNIT)
        assert refusal.value.pointer == f"/{name}"


def test_a_promise_at_the_floor_is_enough_and_a_fen_below_is_not() -> None:
    assert rules.check_floor(resolution(None), contents(reserved_fen=Fen(300))) == 300
    with pytest.raises(BelowFloor) as refusal:
        rules.check_floor(resolution(None), contents(reserved_fen=Fen(299)))
    assert refusal.value.pointer == "/reserved_fen"
    assert refusal.value.figures == {"reserved_fen": 299, "floor_fen": 300}
    assert "¥2.99" in refusal.value.message("zh")
    assert "¥3.00" in refusal.value.message("en")


def test_a_floor_on_union_money_looks_at_the_union_s_promise() -> None:
    union = SharePolicy(denominator=Denominator.UNION_TOTAL, floor_bp=2000)
    filed = contents(union_total_fen=Fen(100), union_reserved_fen=Fen(20))
    assert rules.check_floor(resolution(None, union), filed) == 20
    with pytest.raises(BelowFloor):
        rules.check_floor(resolution(None, union), replace(filed, union_reserved_fen=None))


def test_no_policy_in_force_is_said_as_such() -> None:
    assert rules.check_policy(resolution(None)) is POLICY
    with pytest.raises(NoPolicyInForce) as refusal:
        rules.check_policy(resolution(None, policy=None))
    assert refusal.value.figures == {"region_code": "440203", "year": 2026}


LAST_MOMENT = datetime(2026, 6, 30, 15, 59, 59, 999_999, tzinfo=UTC)
TOO_LATE = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai, at the end of 30 June."""


def test_a_filing_is_in_time_to_the_end_of_the_last_day_in_shanghai() -> None:
    closes = resolution(date(2026, 6, 30))
    rules.check_open(closes, status=FilingStatus.DRAFT, now=LAST_MOMENT)
    with pytest.raises(FilingClosed) as refusal:
        rules.check_open(closes, status=FilingStatus.DRAFT, now=TOO_LATE)
    assert refusal.value.figures == {"year": 2026, "deadline_on": date(2026, 6, 30)}


def test_what_was_sent_back_may_be_corrected_after_the_last_day() -> None:
    rules.check_open(resolution(date(2026, 6, 30)), status=FilingStatus.RETURNED, now=TOO_LATE)


def test_without_a_named_day_filing_stays_open() -> None:
    rules.check_open(resolution(None), status=FilingStatus.DRAFT, now=TOO_LATE)
