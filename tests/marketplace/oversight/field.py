"""A field to plant trade in, and ordinary days in which nothing is odd."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from kernel.calendar import SHANGHAI
from kernel.identity import new_id
from tests.builders.planted import Rows
from tests.builders.registry import credit_code

NOW = datetime(2026, 11, 20, 3, tzinfo=SHANGHAI)
Plant = Callable[..., UUID]
"""Plants a case of a rule, or a near miss; gives what the flag must name."""


class Field:
    """A field to plant in: organisations, listings and orders with what hangs on them."""

    def __init__(self, seed: int) -> None:
        self.rows = Rows()
        self.dice = Random(seed)
        self.words = count(1)

    def word(self) -> str:
        """Give a word that was not given before."""
        return f"w{next(self.words)}"

    def organisation(self, *, at: datetime | None = None, region: str = "440203100") -> UUID:
        """Plant an organisation, registered long ago unless told when."""
        key = new_id()
        told = {} if at is None else {"created_at": at}
        return self.rows.add(
            "organisation", id=key, credit_code=credit_code(), lineage=f"/{key}/",
            region_code=region, region_prefix=region, kind="cooperative", name=key.hex, **told,
        )  # fmt: skip

    def certificate(self, holder: UUID, **values: Any) -> UUID:
        """Plant a certificate that is in force."""
        told = {"origin_region_code": "440203100", "status": "in_force", "unit": "kg",
                "valid_from_on": date(2026, 1, 1), "valid_until_on": date(2029, 1, 1),
                "yearly_quantity": Decimal(1000), "number": new_id().hex} | values  # fmt: skip
        return self.rows.add("certificate", holder_id=holder, **told)

    def listing(self, supplier: UUID, **values: Any) -> UUID:
        """Plant a listing of a certificate of its own."""
        told = {"unit": "kg", "step": Decimal(1), "status": "draft", "unit_price_fen": 613,
                "category_code": self.word()} | values  # fmt: skip
        if "certificate_id" not in told:
            told["certificate_id"] = self.certificate(supplier)
        return self.rows.add("listing", supplier_id=supplier, **told)

    def lot(self, listing: UUID, supplier: UUID, on: date, total: int = 100) -> UUID:
        """Plant a lot harvested on a day."""
        return self.rows.add(
            "lot", number=new_id().hex, listing_id=listing, supplier_id=supplier,
            harvested_on=on, unit="kg", own_quantity=Decimal(0), total=Decimal(total),
            held=Decimal(0), shipped=Decimal(0),
        )  # fmt: skip

    def order(self, unit: UUID, supplier: UUID, fen: int, *, at: datetime, **values: Any) -> UUID:
        """Plant an order that was placed at an instant, accepted and paid in full."""
        told = {
            "order_status": "confirmed", "fulfilment_status": "accepted", "payment_status": "paid",
            "kind": "reserved_share", "fund": "canteen", "pay_mode": "goods_first",
            "goods_fen": fen, "freight_fen": 0, "total_fen": fen, "accepted_fen": fen,
            "paid_fen": fen, "pending_fen": 0, "refunded_fen": 0, "year": at.year,
            "number": new_id().hex,
        } | values  # fmt: skip
        return self.rows.add(
            "purchase_order", bound_unit_id=unit, buyer_id=unit, supplier_id=supplier,
            placed_at=at, **told,
        )  # fmt: skip

    def line(self, order: UUID, listing: UUID, **values: Any) -> UUID:
        """Plant a line of an order."""
        told = {"unit": "kg", "certificate_unit": "kg", "quantity": Decimal(10),
                "unit_price_fen": 613, "amount_fen": 6130, "category_code": None,
                "accepted_quantity": Decimal(0), "rejected_quantity": Decimal(0),
                "shipped_quantity": Decimal(0), "accepted_fen": 0} | values  # fmt: skip
        return self.rows.add("order_line", order_id=order, listing_id=listing, **told)

    def receipt(self, order: UUID, line: UUID, *, shipped: datetime, received: datetime,
                off: bool = True) -> UUID:  # fmt: skip
        """Plant a shipment of a line and its receipt, with a difference on the scale or without."""
        shipment = self.rows.add("shipment", order_id=order, final=True, shipped_at=shipped)
        sent = self.rows.add("shipment_line", shipment_id=shipment, order_line_id=line)
        receipt = self.rows.add("receipt", order_id=order, received_at=received)
        self.rows.add(
            "receipt_line", receipt_id=receipt, order_line_id=line, shipment_line_id=sent,
            rejected_quantity=Decimal(0),
        )  # fmt: skip
        weighed = Decimal("99.5") if off else Decimal(100)
        self.rows.add(
            "weighing", receipt_id=receipt, order_line_id=line, sent_quantity=Decimal(100),
            weighed_quantity=weighed, tolerance_bp=100,
        )  # fmt: skip
        return receipt

    def day(self, *, least: int = 5, most: int = 300) -> datetime:
        """Throw the dice for an instant of the last year."""
        return NOW - timedelta(
            days=self.dice.randint(least, most), minutes=self.dice.randint(0, 600)
        )

    def fen(self) -> int:
        """Throw the dice for an amount that is not round."""
        return self.dice.randint(200, 2_000) * 100 + self.dice.randint(1, 99)

    def pair(self) -> tuple[UUID, UUID]:
        """Plant a unit and a supplier."""
        return self.organisation(), self.organisation()


def ordinary(field: Field, *, units: int, suppliers: int, orders: int) -> None:
    """Plant a year of trade in which nothing is odd."""
    sellers = [field.organisation() for _ in range(suppliers)]
    goods = [(one, field.listing(one, category_code="grain")) for one in sellers]
    buyers = [field.organisation() for _ in range(units)]
    for number in range(orders):
        at, fen = field.day(), field.fen()
        supplier, listing = goods[number % suppliers]
        buyer = buyers[(number // 7) % units]
        order = field.order(
            buyer, supplier, fen, at=at, order_status="completed",
            completed_at=at + timedelta(days=4),
        )  # fmt: skip
        price = field.dice.randint(500, 700)
        line = field.line(order, listing, unit_price_fen=price, category_code="grain")
        sent = at + timedelta(days=1)
        late = timedelta(minutes=field.dice.randint(60, 2_000))
        field.receipt(order, line, shipped=sent, received=sent + late, off=number % 3 == 0)
        field.rows.add(
            "invoice", kind="invoice", status="issued", order_id=order, seller_id=supplier,
            number=new_id().hex, amount_fen=fen, credited_fen=0, issued_on=at.date(),
        )  # fmt: skip
