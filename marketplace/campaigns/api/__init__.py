"""Doors to purchases arranged for many, and to plots."""
