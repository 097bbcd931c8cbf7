"""Adopted plots: held before the season, paid and split by milestone, harvested or made good."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.actor import SYSTEM
from kernel.database import db
from kernel.errors import NotFound, WrongState
from kernel.money import Fen
from marketplace.attribution.commands.posting import post_attribution
from marketplace.attribution.models.postings import AttributionStatus
from marketplace.attribution.queries.splits import get_order_split
from marketplace.campaigns.commands.commissions import Proof, rebind_commission
from marketplace.campaigns.models.commissions import FailureRule, FarmingCommissionId
from marketplace.catalogue.models.listings import Listing
from marketplace.deliveries.commands.substituting import propose_substitute
from marketplace.deliveries.rules.substituting import NewSubstitute
from marketplace.errors.campaigns import EvidenceUnfit, GrowerUnknown, TermsMoved
from marketplace.errors.deliveries import NotHarvested, PlotAgreed
from marketplace.errors.lots import StockShort
from marketplace.errors.settlement import AmountExceedsDue
from marketplace.orders.commands.commissions import report_failure, settle_failure
from marketplace.orders.commands.deciding import cancel_order
from marketplace.orders.commands.milestones import show_milestone
from marketplace.orders.models.orders import OrderId
from marketplace.orders.queries.contracts import get_contract
from marketplace.orders.schemas.contracts import print_contract, terms_of
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.wiring import MARKETPLACE
from registry.accounts.models import Role
from tests.builders import registry
from tests.builders.plots import (
    PART,
    PREPAID,
    PROOF,
    WHOLE,
    accepted,
    adopted,
    harvested,
    milestones_of,
    offered,
    plot_of,
)
from tests.builders.settlement import (
    NOW,
    Market,
    lines_of,
    market,
    order_of,
    ordered,
    paid,
    quota_of,
    received,
    shipped,
)
from tests.promises import broken

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def there() -> Market:
    return market()


def shares(there: Market, order_id: OrderId) -> list[int]:
    """Bring the split up to date; give the parts of two households and the cooperative."""
    post_attribution(order_id, now=NOW)
    [line] = get_order_split(SYSTEM, order_id).lines
    net = {share.party_id: share.amount_fen for share in line.shares}
    first, second, _ = there.households
    return [net.get(one, 0) for one in (first.id, second.id, there.cooperative.id)]


def failed(there: Market, plot: FarmingCommissionId) -> str:
    return report_failure(plot, PROOF, by=there.by("clerk"), now=NOW).commission.status


def settled(there: Market, plot: FarmingCommissionId, outcome: FailureRule) -> str:
    by = there.by("buyer")
    view = settle_failure(plot, outcome, expected_version=None, by=by, now=NOW)
    return view.commission.status


def test_the_contract_says_what_is_paid_for_which_work(there: Market) -> None:
    plot = offered(there)
    contract = get_contract(there.by("buyer"), adopted(there, plot))
    assert contract.said["farming"] == {
        "number": plot_of(plot).number,
        "village_code": registry.VILLAGE,
        "area_mu": "0.500",
        "harvest_by_on": "2026-10-01",
        "on_failure": "refund",
        "prepaid_fen": PREPAID,
        "milestones": [
            {"title": "播种", "due_on": "2026-06-20", "amount_fen": PART},
            {"title": "田间管护", "due_on": "2026-08-20", "amount_fen": PART},
        ],
    }
    terms = terms_of(contract)
    assert [one for one in terms if "节点" in one or "失收" in one] == [
        "失收时退还货款。",
        "节点 1：播种，最迟 2026-06-20，600.00 元",
        "节点 2：田间管护，最迟 2026-08-20，600.00 元",
    ]
    assert print_contract(contract).startswith(b"%PDF-")
    plain = get_contract(there.by("buyer"), ordered(there, "1"))
    assert "farming" not in plain.said


def test_a_plot_is_paid_and_split_by_milestone_and_ends_as_any_order(there: Market) -> None:
    plot = offered(there)
    order_id = adopted(there, plot)
    assert quota_of(there) == (WHOLE, 0)
    with pytest.raises(AmountExceedsDue):
        paid(there, order_id, PREPAID + 1)
    paid(there, order_id, PREPAID)
    assert shares(there, order_id) == [0, 0, 0]
    assert accepted(there, plot).amount_fen == PART
    with pytest.raises(AmountExceedsDue):
        paid(there, order_id, PART + 1)
    paid(there, order_id, PART)
    # a fifth of 30 and of 40 kg at 1,800
    assert shares(there, order_id) == [10_800, 14_400, 34_800]
    assert get_order_split(SYSTEM, order_id).status is AttributionStatus.POSTED
    assert quota_of(there) == (WHOLE - PREPAID - PART, PREPAID + PART)
    harvested(there, plot, [30, 40], own=30)
    shipped(there, order_id, (100, None))
    received(there, order_id, "100")
    assert shares(there, order_id) == [36_514, 48_686, 34_800]
    paid(there, order_id, WHOLE - PREPAID - PART)
    assert shares(there, order_id) == [54_000, 72_000, 174_000]
    assert (order_of(order_id).order_status, plot_of(plot).status) == ("completed", "harvested")
    assert broken(MARKETPLACE.invariants) == []


def test_a_poor_harvest_is_paid_for_as_taken_in_and_the_rest_goes_back(there: Market) -> None:
    plot = offered(there)
    order_id = adopted(there, plot)
    payment = paid(there, order_id, PREPAID)
    accepted(there, plot)
    paid(there, order_id, PART)
    harvested(there, plot, [10, 20])
    with pytest.raises(NotHarvested):
        shipped(there, order_id, (31, None))
    with pytest.raises(NotHarvested):
        shipped(there, order_id, (10, there.lots[0]))
    shipped(there, order_id, (30, None), final=True)
    received(there, order_id, "30")
    assert shares(there, order_id) == [18_000, 36_000, 36_000]
    back = NewRefund(Fen(30_000), "收成不足")
    refund_payment(back, payment_id=payment.id, by=there.by("manager"), now=NOW)
    assert quota_of(there) == (0, 90_000)
    assert sum(shares(there, order_id)) == 90_000
    assert broken(MARKETPLACE.invariants) == []


def test_a_failed_harvest_gives_all_money_back(there: Market) -> None:
    plot = offered(there)
    order_id = adopted(there, plot)
    payments = [paid(there, order_id, PREPAID)]
    accepted(there, plot)
    payments.append(paid(there, order_id, PART))
    assert sum(shares(there, order_id)) == PART
    assert failed(there, plot) == "failed"
    with pytest.raises(AmountExceedsDue):
        paid(there, order_id, 1)
    for payment in payments:
        back = NewRefund(payment.amount_fen, "绝收退款")
        refund_payment(back, payment_id=payment.id, by=there.by("manager"), now=NOW)
    assert shares(there, order_id) == [0, 0, 0]
    cancel_order(order_id, reason="绝收", expected_version=None, by=there.by("buyer"), now=NOW)
    assert (quota_of(there), plot_of(plot).status) == ((0, 0), "failed")
    assert broken(MARKETPLACE.invariants) == []


def test_by_consent_like_goods_of_others_take_the_place(there: Market) -> None:
    plot = offered(there, on_failure=FailureRule.SUBSTITUTE)
    order_id = adopted(there, plot)
    paid(there, order_id, PREPAID)
    assert failed(there, plot) == "failing"
    assert settled(there, plot, FailureRule.SUBSTITUTE) == "substituted"
    shipped(there, order_id, (100, None))
    received(there, order_id, "100")
    paid(there, order_id, WHOLE - PREPAID)
    assert sum(shares(there, order_id)) < WHOLE  # the third household grew of it, too
    assert broken(MARKETPLACE.invariants) == []


def test_what_is_not_there_takes_no_place(there: Market) -> None:
    plot = offered(there, on_failure=FailureRule.SUBSTITUTE, quantity=Decimal(121))
    adopted(there, plot)
    failed(there, plot)
    with pytest.raises(StockShort):
        settled(there, plot, FailureRule.SUBSTITUTE)
    assert settled(there, plot, FailureRule.REFUND) == "failed"


def test_an_order_that_is_called_off_ends_its_plot_and_holds_nothing(there: Market) -> None:
    plot = offered(there)
    order_id = adopted(there, plot)
    harvested(there, plot, [30])
    cancel_order(order_id, reason="", expected_version=None, by=there.by("clerk"), now=NOW)
    assert (plot_of(plot).status, quota_of(there)) == ("lapsed", (0, 0))
    assert broken(MARKETPLACE.invariants) == []


def test_an_order_has_the_price_of_its_terms(there: Market) -> None:
    plot = offered(there)
    db.session.get_one(Listing, there.listing_id).unit_price_fen = Fen(3_001)
    db.session.flush()
    with pytest.raises(TermsMoved):
        adopted(there, plot)


def test_only_who_farms_the_plot_harvests_it_and_proof_is_about_it(there: Market) -> None:
    plot = offered(there)
    adopted(there, plot)
    with pytest.raises(GrowerUnknown):
        harvested(there, plot, [30, 40, 1])
    paper = registry.document(there.cooperative, there.clerk, "photo")
    milestone, by = milestones_of(plot)[0], there.by("clerk")
    with pytest.raises(EvidenceUnfit):
        show_milestone(milestone.id, Proof("已播种", [paper.id]), by=by, now=NOW)


def test_goods_of_a_plot_are_not_swapped(there: Market) -> None:
    order_id = adopted(there, offered(there))
    new = NewSubstitute(lines_of(order_id)[0].id, there.listing_id, Decimal(1), Fen(1), "缺货")
    with pytest.raises(PlotAgreed):
        propose_substitute(new, order_id=order_id, by=there.by("clerk"), now=NOW)


def test_a_plot_follows_its_order_to_another_unit(there: Market) -> None:
    plot = offered(there)
    order_id = adopted(there, plot)
    rebind_commission(order_id, to=there.cooperative.id)
    db.session.flush()
    assert plot_of(plot).bound_unit_id == there.cooperative.id


def test_nobody_works_on_what_is_only_offered(there: Market) -> None:
    plot = offered(there)
    with pytest.raises(WrongState):
        failed(there, plot)
    stranger = replace(there, clerk=registry.user(registry.organisation(), [Role.COOP_CLERK]))
    with pytest.raises(NotFound):
        failed(stranger, plot)
