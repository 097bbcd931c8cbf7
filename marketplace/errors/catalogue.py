"""Refusals of the catalogue."""

from __future__ import annotations

from kernel.errors import Conflict


class ListingNotListed(Conflict):
    """The product is not on sale."""

    zh = "商品“{title}”未上架（{status}）。"
    en = "“{title}” is not on sale ({status})."


class SupplierEnded(Conflict):
    """The supplier was merged or abolished: it takes no new orders."""

    zh = "商品“{title}”的供应商已于 {ended_on} 合并或撤销，不再接受新订单。"
    en = "The supplier of “{title}” ended on {ended_on} and takes no new orders."
