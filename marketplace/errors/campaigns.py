"""Refusals of standing orders and campaigns."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, Unacceptable


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


class WeekOrderedBefore(Conflict):
    """A week of a standing order is ordered once."""

    zh = "该周已生成订单。"
    en = "This week was ordered already."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_standing_week_week": WeekOrderedBefore,
}
