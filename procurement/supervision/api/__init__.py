"""Doors of supervision."""
