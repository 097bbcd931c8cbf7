"""Listings of certified products."""
