"""Refusals of standing orders and campaigns."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


class KindNotStanding(Unacceptable):
    """Orders of this kind say more than what is eaten every week."""

    zh = "此类订单（{kind}）不能设为周期订单。"
    en = "Orders of this kind ({kind}) cannot be placed every week."


class PieceWeightMissing(Unacceptable):
    """What is sold by the piece needs its weight to be ordered by grams per head."""

    zh = "商品“{title}”按件销售且未注明单件重量，无法按人均克数计算。"
    en = "“{title}” is sold by the piece and does not say what one weighs."


class MenuListingUnknown(Unacceptable):
    """The menu names a listing that does not exist."""

    zh = "菜单中的商品不存在。"
    en = "The menu names a listing that does not exist."


class AuthorGone(Conflict):
    """Whoever set the standing order up may no longer buy for the unit."""

    zh = "周期订单的设立人已不能为该单位采购，请由现任采购人员重新设立。"
    en = "Whoever set this standing order up may no longer buy for the unit; set it up anew."


class WeekNotOrdered(Conflict):
    """A defect of ours kept a week from being ordered; operators see its trace."""

    zh = "本周周期订单因系统故障未能生成，请手工下单；故障已记录。"
    en = "A fault of ours kept this week from being ordered; please order by hand. It is recorded."


class BelowMarket(Unacceptable):
    """Who buys instead of donating pays the market's price or more."""

    zh = "以购代捐价格 {asked_fen:yuan} 不得低于市场价 {market_fen:yuan}。"
    en = "The price {asked_fen:yuan} must not be below the market's {market_fen:yuan}."


class ProductTwice(Unacceptable):
    """A price list names a product once."""

    zh = "价目表中同一商品只能出现一次。"
    en = "A price list names a product once."


class ProductNotAsked(Unacceptable):
    """The campaign's price list does not have this product."""

    zh = "活动价目表中没有这个商品。"
    en = "The campaign's price list does not have this product."


class WindowShut(Conflict):
    """Wishes are taken while the campaign's window is open."""

    zh = "认购时间为 {opens_at} 至 {closes_at}。"
    en = "Wishes are taken from {opens_at} to {closes_at}."


class WindowOpen(Conflict):
    """Wishes are gathered once no more are taken."""

    zh = "认购于 {closes_at} 截止后方可汇总下单。"
    en = "Wishes are gathered after {closes_at}."


class NothingWished(Conflict):
    """Nobody wants anything of the campaign."""

    zh = "活动没有任何认购。"
    en = "Nobody wishes for anything in this campaign."


class PriceMoved(Conflict):
    """The product costs more than the price list says, or less than the market pays."""

    zh = "商品现价 {price_fen:yuan} 高于价目表 {listed_fen:yuan} 或低于市场价 {market_fen:yuan}。"
    en = (
        "The product costs {price_fen:yuan} now: above the list's {listed_fen:yuan}"
        " or below the market's {market_fen:yuan}."
    )


class WeekOrderedBefore(Conflict):
    """A week of a standing order is ordered once."""

    zh = "该周已生成订单。"
    en = "This week was ordered already."


class MilestonesUneven(Unacceptable):
    """Something is paid before the season, something by milestone, and the rest last."""

    zh = "预付与各节点比例之和须小于 100%，余款在收成验收后支付。"
    en = "Prepayment and milestones stay below 100 %: the rest is paid once the harvest is in."


class YieldUneven(Unacceptable):
    """Households cannot be expected to grow more than the plot yields."""

    zh = "各户预计产量之和 {grown} 超过地块预计产量 {quantity}。"
    en = "The households' expected yields, {grown}, are more than the plot's, {quantity}."


class SeasonTooShort(Unacceptable):
    """Milestones come in their order, after today and before the harvest is due."""

    zh = "各节点日期须依次在今天之后、最迟收成日 {harvest_by_on} 之前。"
    en = "Milestones come in their order, after today and by {harvest_by_on}."


class TermsMoved(Conflict):
    """The product costs something else now than the terms of the plot say."""

    zh = "商品现价 {price_fen:yuan} 与地块约定单价 {agreed_fen:yuan} 不符，请合作社重新发布地块。"
    en = "The product costs {price_fen:yuan} now, the plot's terms say {agreed_fen:yuan}."


class EvidenceUnfit(Unacceptable):
    """Proof is a paper that was handed in about this plot."""

    zh = "佐证材料须为针对该地块上传的材料。"
    en = "Proof is a paper that was handed in about this plot."


class GrowerUnknown(Unacceptable):
    """The harvest of a plot is of the households that its terms name."""

    zh = "该农户不在地块约定的种养户之列。"
    en = "The household is not among those who farm the plot."


class AdoptedBefore(Conflict):
    """A plot is adopted once."""

    zh = "该地块已被认养。"
    en = "This plot was adopted already."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_standing_week_week": WeekOrderedBefore,
    "ck_campaign_price_market": BelowMarket,
    "uq_campaign_price_listing": ProductTwice,
    "uq_farming_commission_order": AdoptedBefore,
    "ck_farming_milestone_hands": SamePerson,
}
