"""What counts, the rate, what is owed, and where the year may end."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kernel.actor import SYSTEM, Actor, Sight
from kernel.errors import NotFound
from kernel.identity import new_id
from kernel.money import Fen
from procurement.completion import rules
from procurement.completion.models import Sum
from procurement.completion.rules import Forecast, completion_rate, figures_of, forecast
from procurement.policies.models import OrderKind, PolicyId, SharePolicy
from procurement.policies.rules import NotCounted
from registry.regions.models import OriginKind

RULE = SharePolicy(
    id=PolicyId(new_id()),
    counting_origin_kinds=[OriginKind.NATIONAL_832],
    counting_order_kinds=[OrderKind.RESERVED_SHARE, OrderKind.PRIORITY],
)
POLICIES = {RULE.id: RULE}
NOON = datetime(2026, 7, 2, 4, tzinfo=UTC)
"""The 183rd day of 2026 in Shanghai."""


def one(
    paid: int = 0,
    origin_kind: OriginKind | None = OriginKind.NATIONAL_832,
    order_kind: OrderKind = OrderKind.RESERVED_SHARE,
    reserved: int = 0,
    policy_id: PolicyId | None = RULE.id,
) -> Sum:
    return Sum(
        unit_id=None,
        policy_id=policy_id,
        origin_kind=origin_kind,
        order_kind=order_kind if origin_kind else None,
        reserved_fen=Fen(reserved),
        ordered_fen=Fen(paid * 2),
        accepted_fen=Fen(paid),
        paid_fen=Fen(paid),
        paid_elsewhere_fen=Fen(1),
    )


def figures(*sums: Sum) -> rules.Figures:
    return figures_of(sums, policies=POLICIES, year=2026, as_of=NOON)


@pytest.mark.parametrize(
    ("counted", "reserved", "rate"),
    [
        (8_253_86, 7_875_75, "1.0480"),  # P-1: stated 104.8 %
        (59_999_02, 45_763_35, "1.3111"),  # P-2: stated 131.13 %, which does not follow
        (201, 3_623, "0.0555"),  # P-3: 5.55 %
        (2_089, 7_095, "0.2944"),  # P-3: 29.44 % activated
        (27_136, 27_186, "0.9982"),  # P-4
        (28_514, 29_496, "0.9667"),  # P-4
        (11_082 - 5_138, 5_138, "1.1569"),  # P-5: +115.69 %
        (0, 1, "0.0000"),
        (1, 20_000, "0.0001"),
        (1, 20_001, "0.0000"),
        (-300, 1_000, "-0.3000"),
    ],
)
def test_a_rate_follows_from_the_amounts(counted: int, reserved: int, rate: str) -> None:
    assert str(completion_rate(Fen(counted), Fen(reserved))) == rate


def test_the_rate_of_guangdong_2021_is_computed_and_not_the_one_that_was_printed() -> None:
    rate = completion_rate(Fen(59_999_02), Fen(45_763_35))
    assert rate is not None
    assert f"{rate * 100:.2f} %" == "131.11 %"
    assert f"{rate * 100:.2f} %" != "131.13 %"


def test_without_a_promise_there_is_no_rate_but_words() -> None:
    assert completion_rate(Fen(5), Fen(0)) is None
    found = figures(one(5))
    assert (found.rate, found.owed_fen) == (None, 0)
    assert found.rate_note is not None
    assert (found.rate_note.zh, found.rate_note.en) == ("无预留任务", "no duty")


def test_nothing_at_all_is_no_duty() -> None:
    found = figures()
    assert (found.reserved_fen, found.paid_fen, found.counted_fen) == (0, 0, 0)
    assert (found.rate, found.forecast, found.not_counted) == (None, None, ())


def test_paid_less_counted_is_what_is_explained() -> None:
    found = figures(
        one(reserved=1_000, origin_kind=None),
        one(400),
        one(100, order_kind=OrderKind.PRIORITY),
        one(70, OriginKind.PROVINCIAL_VILLAGE),
        one(30, order_kind=OrderKind.PURCHASE_INSTEAD_OF_DONATION),
        one(7, policy_id=None),
        one(0, OriginKind.OTHER),
    )
    assert (found.reserved_fen, found.paid_fen, found.counted_fen) == (1_000, 607, 500)
    assert (found.ordered_fen, found.accepted_fen) == (1_214, 607)
    assert (found.owed_fen, found.paid_elsewhere_fen) == (500, 7)
    assert (str(found.rate), found.rate_note) == ("0.5000", None)
    assert [(part.origin_kind, part.amount_fen, part.reason) for part in found.not_counted] == [
        (OriginKind.NATIONAL_832, 30, NotCounted.ORDER_KIND),
        (OriginKind.NATIONAL_832, 7, NotCounted.NO_POLICY),
        (OriginKind.PROVINCIAL_VILLAGE, 70, NotCounted.ORIGIN_KIND),
    ]
    assert [part.why.zh for part in found.not_counted] == [
        "生效政策未将以购代捐列入预留份额",
        "没有生效的份额政策",
        "省级贫困村产品不计入生效政策的预留份额",
    ]
    assert sum(part.amount_fen for part in found.not_counted) == 607 - 500


def test_like_money_under_two_policies_is_explained_once() -> None:
    other = SharePolicy(id=PolicyId(new_id()), counting_origin_kinds=[], counting_order_kinds=[])
    found = figures_of(
        [one(5, OriginKind.OTHER), one(6, OriginKind.OTHER, policy_id=other.id), one(9)],
        policies=POLICIES | {other.id: other},
        year=2026,
        as_of=NOON,
    )
    assert [(part.amount_fen, part.reason) for part in found.not_counted] == [
        (11, NotCounted.ORIGIN_KIND)
    ]


def test_nothing_is_owed_beyond_the_promise() -> None:
    assert figures(one(1_000, reserved=999)).owed_fen == 0
    assert figures(one(1_000, reserved=1_000)).owed_fen == 0
    assert figures(one(1_000, reserved=1_001)).owed_fen == 1


def test_the_forecast_carries_the_pace_on() -> None:
    """183 of 365 days are gone: 183 fen become 365."""
    found = forecast(counted=Fen(183), paid=Fen(183), reserved=Fen(365), year=2026, as_of=NOON)
    assert found == Forecast(Fen(365), Decimal("1.0000"), reaches=True)
    short = forecast(counted=Fen(183), paid=Fen(200), reserved=Fen(366), year=2026, as_of=NOON)
    assert short == Forecast(Fen(365), Decimal("0.9973"), reaches=False)


def test_the_forecast_rounds_half_a_fen_up() -> None:
    """On the second of January 2 days of 365 are gone: 1 fen becomes 182.5."""
    second = datetime(2026, 1, 2, 4, tzinfo=UTC)
    found = forecast(counted=Fen(1), paid=Fen(1), reserved=Fen(0), year=2026, as_of=second)
    assert found == Forecast(Fen(183), None, reaches=True)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), None),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), 365_00),
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), 100),
        (datetime(2027, 5, 1, tzinfo=UTC), 100),
    ],
    ids=["before the year", "its first day in Shanghai", "its last day", "after it"],
)
def test_the_forecast_knows_shanghai_s_days(as_of: datetime, expected: int | None) -> None:
    found = forecast(counted=Fen(100), paid=Fen(100), reserved=Fen(1), year=2026, as_of=as_of)
    assert (found and found.counted_fen) == expected


def test_a_leap_year_has_its_day() -> None:
    first = datetime(2028, 1, 1, 4, tzinfo=UTC)
    found = forecast(counted=Fen(1), paid=Fen(1), reserved=Fen(1), year=2028, as_of=first)
    assert found is not None
    assert found.counted_fen == 366


def test_before_any_payment_there_is_no_forecast() -> None:
    assert forecast(counted=Fen(0), paid=Fen(0), reserved=Fen(9), year=2026, as_of=NOON) is None
    paid = forecast(counted=Fen(0), paid=Fen(1), reserved=Fen(9), year=2026, as_of=NOON)
    assert paid == Forecast(Fen(0), Decimal("0.0000"), reaches=False)


@pytest.mark.parametrize(
    ("sight", "prefix", "region", "seen"),
    [
        (Sight.REGION, "4402", "440200", True),
        (Sight.REGION, "4402", "440203", True),
        (Sight.REGION, "4402", "440000", False),
        (Sight.REGION, "4402", "440300", False),
        (Sight.REGION, "", "000000", True),
        (Sight.ORGANISATION, "4402", "440203", False),
        (Sight.NONE, "", "440203", False),
    ],
)
def test_a_region_s_figures_are_for_those_who_see_it_whole(
    sight: Sight, prefix: str, region: str, *, seen: bool
) -> None:
    by = Actor(user_id=new_id(), region_prefix=prefix, sight=sight)
    if seen:
        rules.check_region_reach(region, by=by)
    else:
        with pytest.raises(NotFound):
            rules.check_region_reach(region, by=by)
    rules.check_region_reach(region, by=SYSTEM)
