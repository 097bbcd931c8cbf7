"""Doors to inspections."""
