"""What counts, the rate, what is owed, and where the year may end."""

from __future__ import annotations

import pytest

from kernel.actor import SYSTEM, Actor, Sight
from kernel.errors import NotFound
from kernel.identity import new_id
from kernel.money import Fen
from procurement.completion.models import Sum, UnitRow
from procurement.completion.rules import figures as rules
from procurement.completion.rules.figures import completion_rate, figures_of
from procurement.policies.models import OrderKind, PolicyId, Purchase, SharePolicy, Situation
from procurement.policies.rules.floors import NotCounted
from procurement.policies.rules.words import Words
from registry.organisations.models import Ending, Organisation
from registry.regions.models import OriginKind

RULE = SharePolicy(
    id=PolicyId(new_id()),
    counting_origin_kinds=[OriginKind.NATIONAL_832],
    counting_order_kinds=[OrderKind.RESERVED_SHARE, OrderKind.PRIORITY],
    counting_purchases=[Purchase.CANTEEN, Purchase.CONTRACTOR, Purchase.NO_CANTEEN],
)
POLICIES = {RULE.id: RULE}


def one(
    paid: int = 0,
    origin_kind: OriginKind | None = OriginKind.NATIONAL_832,
    order_kind: OrderKind = OrderKind.RESERVED_SHARE,
    reserved: int = 0,
    policy_id: PolicyId | None = RULE.id,
    *,
    purchase: Purchase = Purchase.CANTEEN,
) -> Sum:
    return Sum(
        unit_id=None,
        policy_id=policy_id,
        origin_kind=origin_kind,
        order_kind=order_kind if origin_kind else None,
        purchase=purchase,
        reserved_fen=Fen(reserved),
        ordered_fen=Fen(paid * 2),
        accepted_fen=Fen(paid),
        paid_fen=Fen(paid),
        paid_elsewhere_fen=Fen(1),
    )


def figures(*sums: Sum) -> rules.Figures:
    return figures_of(sums, policies=POLICIES)


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


def unit(ending: Ending | None = None, situation: Situation | None = None) -> UnitRow:
    successor = "韶关市第二小学" if ending is Ending.MERGED else None
    return UnitRow(Organisation(), "韶关市第一小学", situation, ending, successor)


@pytest.mark.parametrize(
    ("row", "policy_id", "reserved", "zh", "en"),
    [
        (unit(), RULE.id, 0, "无预留任务", "no duty"),
        (
            unit(situation=Situation.NONE),
            RULE.id,
            0,
            "无食堂，无预留任务",
            "no canteen, so no duty",
        ),
        (
            unit(situation=Situation.SHARED),
            RULE.id,
            0,
            "共用食堂，由代表单位填报",
            "a shared canteen; its representative files for it",
        ),
        (
            unit(Ending.MERGED),
            RULE.id,
            9,
            "单位已并入韶关市第二小学，完成情况由其承接",
            "the unit was merged into 韶关市第二小学, which carries its completion on",
        ),
        (
            unit(Ending.ABOLISHED, Situation.NONE),
            RULE.id,
            9,
            "单位已撤销，不计算完成率",
            "the unit was abolished, so there is no rate",
        ),
        (
            unit(),
            None,
            9,
            "没有生效的份额政策，不计算完成率",
            "no share policy is in force, so there is no rate",
        ),
    ],
)
@pytest.mark.parametrize("paid", [0, 9])
def test_words_stand_where_a_rate_would_mislead(
    row: UnitRow, policy_id: PolicyId | None, reserved: int, zh: str, en: str, *, paid: int
) -> None:
    sums = [one(0, None, reserved=reserved, policy_id=policy_id), one(paid, policy_id=policy_id)]
    found = figures_of(sums, policies=POLICIES, unit=row)
    assert (found.rate, found.reserved_fen, found.paid_fen) == (None, reserved, paid)
    assert found.rate_note == Words(zh, en)


def test_nothing_at_all_is_no_duty() -> None:
    found = figures()
    assert (found.reserved_fen, found.paid_fen, found.counted_fen) == (0, 0, 0)
    assert (found.rate, found.not_counted) == (None, ())


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
    )
    assert [(part.amount_fen, part.reason) for part in found.not_counted] == [
        (11, NotCounted.ORIGIN_KIND)
    ]


def test_purchases_that_the_policy_does_not_name_are_told_apart() -> None:
    found = figures(
        one(5, purchase=Purchase.UNION),
        one(6, purchase=Purchase.STAFF),
        one(7, purchase=Purchase.CONTRACTOR),
        one(8, OriginKind.OTHER, purchase=Purchase.CONTRACTOR),
        one(9, OriginKind.OTHER, purchase=Purchase.STAFF),
    )
    assert (found.paid_fen, found.counted_fen) == (35, 7)
    told = [(part.purchase, part.amount_fen, part.reason) for part in found.not_counted]
    assert told == [
        (Purchase.STAFF, 6, NotCounted.PURCHASE),
        (Purchase.UNION, 5, NotCounted.PURCHASE),
        (None, 17, NotCounted.ORIGIN_KIND),
    ]
    assert [part.why.zh for part in found.not_counted[:2]] == [
        "生效政策不计入职工个人采购",
        "生效政策不计入工会采购",
    ]


def test_nothing_is_owed_beyond_the_promise() -> None:
    assert figures(one(1_000, reserved=999)).owed_fen == 0
    assert figures(one(1_000, reserved=1_000)).owed_fen == 0
    assert figures(one(1_000, reserved=1_001)).owed_fen == 1


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
