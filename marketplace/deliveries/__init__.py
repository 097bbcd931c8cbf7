"""Shipments from lots and receipts at the door."""
