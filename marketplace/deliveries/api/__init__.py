"""Doors of deliveries."""
