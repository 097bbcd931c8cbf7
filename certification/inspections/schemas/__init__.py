"""Inspections in JSON."""
