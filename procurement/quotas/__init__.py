"""Ceiling, floor, holds and entries of a unit's year."""
