"""Refusals of deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import Conflict, Refusal, TermTaken, Unacceptable


class OverShipped(Unacceptable):
    """More than the line has left to ship."""

    zh = "超出未发货数量：剩余 {left}，本次 {wanted}。"
    en = "Over what is left to ship: {left} left, {wanted} given."


class OverReceived(Unacceptable):
    """More than was shipped and not yet received."""

    zh = "超出已发未收数量：剩余 {left}，本次 {wanted}。"
    en = "Over what was shipped and not yet received: {left} left, {wanted} given."


class ReasonMissing(Unacceptable):
    """A rejection says why."""

    zh = "拒收必须说明原因。"
    en = "A rejection needs a reason."


class OverTolerance(Unacceptable):
    """The scale is further off what was sent than is tolerated, and nobody says why."""

    zh = "称重 {weighed} 与发货 {sent} 相差超出允许误差，必须说明原因。"
    en = "The scale says {weighed} of {sent} sent, outside the tolerance: a reason is needed."


class NotWeighed(Unacceptable):
    """Goods that are counted have no weight to compare."""

    zh = "按 {unit} 计数的商品不能称重验收。"
    en = "Goods counted in {unit} are not taken in by weight."


class PhotoUnfit(Unacceptable):
    """No picture that was handed in about this order's delivery."""

    zh = "没有这张关于本订单交货的照片（JPEG、PNG）。"
    en = "There is no such picture (JPEG, PNG) about the delivery of this order."


class PhotoUsed(Conflict):
    """The picture shows another delivery's goods already."""

    zh = "该照片已用于其他验收。"
    en = "The picture is part of another receipt already."


class BandsApart(Unacceptable):
    """Goods of one storage band share no degree at which all of them keep."""

    zh = "同批发运的{band}商品没有共同的储运温度，请分开发货。"
    en = "The {band} goods share no temperature: ship them apart."


class NotCooled(Unacceptable):
    """No goods of the shipment travel cooled so."""

    zh = "该批发货没有需要记录温度的冷链商品。"
    en = "Nothing of the shipment travels cooled so."


class ReadingKnown(Conflict):
    """The thermometer said something for that instant already."""

    zh = "同一设备同一时刻的温度已记录，不能更改。"
    en = "The device's temperature at that instant is recorded already and stays."


class ReadingOutOfTime(Unacceptable):
    """A reading lies in the future, or long before the goods left."""

    zh = "读数时间不在发货之后至今的时段内。"
    en = "The reading is not of the time from the shipment until now."


class SubstituteUnlike(Unacceptable):
    """What is offered instead does not count as what it stands for."""

    zh = "替代商品须为同一供货单位、同一认定类别和产地类别、同一计量单位的其他商品。"
    en = "A substitute is another product of the supplier, alike in category, origin and unit."


class SubstituteDearer(Unacceptable):
    """What is offered instead costs more."""

    zh = "替代商品不得高于原价。"
    en = "A substitute never costs more."


class SubstituteOpen(Conflict):
    """Another proposal for the line waits for an answer."""

    zh = "该行已有待答复的替代方案。"
    en = "Another substitute for the line waits for an answer."


class NotHarvested(Conflict):
    """Of an adopted plot only what was harvested for it is shipped."""

    zh = "该地块已登记收成 {held} {unit}，不足发货数量 {wanted} {unit}。"
    en = "Of this plot {held} {unit} are harvested, not {wanted} {unit}."


class PlotAgreed(Conflict):
    """What an adopted plot brings instead is decided by its terms."""

    zh = "代耕代种订单失收时按约定退款或以同类产品替代，不另行换货。"
    en = "An adopted plot that fails is settled by its terms, not by other goods."


class PlaceEnded(Conflict):
    """What stands at a place ends once."""

    zh = "已于 {until_on} 停用。"
    en = "It ends on {until_on} already."


class PlaceKnown(Conflict):
    """Something of this name is there in these days."""

    zh = "同一时期已有同名的登记。"
    en = "There is one of this name in these days."


class FacilityUnknown(Unacceptable):
    """No cold store in use has this key."""

    zh = "没有这个在用的冷链设施。"
    en = "There is no such cold store in use."


class FacilityUnfit(Unacceptable):
    """The cold store keeps goods at other degrees than these need."""

    zh = (
        "冷链设施保持 {facility_min}～{facility_max} ℃（{facility_band}），"
        "不符合商品的储运温度 {min_c}～{max_c} ℃（{band}）。"
    )
    en = (
        "The cold store keeps {facility_min} to {facility_max} °C ({facility_band}),"
        " these goods need {min_c} to {max_c} °C ({band})."
    )


CONSTRAINTS: Mapping[str, type[Refusal]] = {
    "ck_order_line_shipped": OverShipped,
    "ck_order_line_received": OverReceived,
    "ck_receipt_line_reason": ReasonMissing,
    "ck_weighing_tolerance": OverTolerance,
    "uq_receipt_photo_document": PhotoUsed,
    "uq_temperature_reading_instant": ReadingKnown,
    "uq_substitution_open": SubstituteOpen,
    "uq_delivery_term_code_from_on": TermTaken,
    "ex_pick_up_point_period": PlaceKnown,
    "ex_delivery_route_period": PlaceKnown,
    "ex_cold_chain_facility_period": PlaceKnown,
}
