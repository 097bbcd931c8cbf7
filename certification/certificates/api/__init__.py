"""Doors to certificates."""
