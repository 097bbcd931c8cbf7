"""Doors to the register of households."""
