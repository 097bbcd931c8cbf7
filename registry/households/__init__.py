"""Households with encrypted persons and their benefit links."""
