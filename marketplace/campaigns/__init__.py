"""Purchases arranged for many at once."""
