"""Pages of a cooperative: its day, orders, lots, listings, certification, households' money."""

from __future__ import annotations

from console.cooperative.api.applications import applications
from console.cooperative.api.certificates import certificates
from console.cooperative.api.displays import displays
from console.cooperative.api.documents import documents
from console.cooperative.api.listings import listings
from console.cooperative.api.lots import lots
from console.cooperative.api.marks import marks
from console.cooperative.api.members import members
from console.cooperative.api.orders import orders
from console.cooperative.api.payouts import payouts
from console.cooperative.api.surpluses import surpluses
from console.cooperative.api.today import today

COOPERATIVE = (
    today, orders, lots, listings, displays, applications, certificates, marks, documents, payouts,
    surpluses, members,
)  # fmt: skip
"""In the order of the menu."""
