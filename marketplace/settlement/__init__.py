"""Payments, refunds and who owes whom."""
