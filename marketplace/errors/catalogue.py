"""Refusals of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, SamePerson, Unacceptable


class ListingNotListed(Conflict):
    """The product is not on sale."""

    zh = "商品“{title}”未上架（{status}）。"
    en = "“{title}” is not on sale ({status})."


class SupplierEnded(Conflict):
    """The supplier was merged or abolished: it takes no new orders."""

    zh = "商品“{title}”的供应商已于 {ended_on} 合并或撤销，不再接受新订单。"
    en = "The supplier of “{title}” ended on {ended_on} and takes no new orders."


class PayModeNotOffered(Unacceptable):
    """The product is not sold with this way of paying."""

    zh = "商品“{title}”不支持此付款方式（{pay_mode}）。"
    en = "“{title}” is not sold with this way of paying ({pay_mode})."


class ChannelNotUsed(Unacceptable):
    """The product is not sold through this channel now."""

    zh = "商品“{title}”目前未通过此渠道销售（{channel}）。"
    en = "“{title}” is not sold through this channel now ({channel})."


class DeliveryOutsideWindow(Unacceptable):
    """The wished day is before the first or after the last on which the product is delivered."""

    zh = "商品“{title}”可送达日期为 {first_on} 至 {latest_on}。"
    en = "“{title}” can be delivered from {first_on} to {latest_on}."


class OutOfSeason(Unacceptable):
    """The product is not delivered in this month."""

    zh = "商品“{title}”{month} 月不供货，供货月份：{months}。"
    en = "“{title}” is not delivered in month {month}, only in {months}."


class NotDeliveredThere(Unacceptable):
    """The supplier does not deliver to the unit's region."""

    zh = "商品“{title}”不配送至该地区（{region_code}）。"
    en = "“{title}” is not delivered to this region ({region_code})."


class WeightMissing(Conflict):
    """Freight goes by weight, and nobody said what one of the product weighs."""

    zh = "商品“{title}”按重量计运费，但供应商未注明单件重量。"
    en = "The freight of “{title}” goes by weight, but its supplier did not say what one weighs."


class FreightPlanKnown(Conflict):
    """The supplier has a freight plan of this name."""

    zh = "已有同名的运费规则。"
    en = "There is a freight plan of this name."


class PictureKnown(Conflict):
    """The listing shows this picture already."""

    zh = "该商品已有这张图片。"
    en = "The listing shows this picture already."


class TooManyPictures(Conflict):
    """A listing shows so many pictures and no more."""

    zh = "每个商品最多 {most} 张图片。"
    en = "A listing shows at most {most} pictures."


class NotYetAccepted(Conflict):
    """Goods are rated once they were taken in."""

    zh = "验收合格后方可评价。"
    en = "Goods are rated once they were accepted."


class RatedAlready(Conflict):
    """Each order line is rated once."""

    zh = "该订单行已评价。"
    en = "This order line was rated already."


class RatingClosed(Conflict):
    """The days in which a rating may be changed are over."""

    zh = "评价已于 {until} 起不可修改。"
    en = "The rating could be changed until {until}."


class RatingAnswered(Conflict):
    """The supplier has answered: neither side says more."""

    zh = "供应商已回复，评价和回复均不可再改。"
    en = "The supplier has answered; neither rating nor answer changes any more."


class FeeResolved(Conflict):
    """It was written down what became of the charge."""

    zh = "该收费已处理。"
    en = "The charge was settled already."


class DisplayFull(Conflict):
    """All seats of a place are given on some of these days."""

    zh = "该页面在此期间的展示位（{most} 个）已满。"
    en = "All {most} seats of this page are given in these days."


class DisplayAsked(Conflict):
    """The listing is shown there in these days, or waits to be."""

    zh = "该商品在此页面同一时期已有申请或展示。"
    en = "The listing is shown on this page in these days, or was asked to be."


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "uq_freight_plan_supplier_name": FreightPlanKnown,
    "uq_listing_picture_listing_sha256": PictureKnown,
    "uq_listing_rating_source": RatedAlready,
    "ck_display_slot_author": SamePerson,
    "ex_display_slot_seat": DisplayFull,
    "ex_display_slot_listing": DisplayAsked,
}
