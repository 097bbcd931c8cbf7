"""Harvest lots and what each household put in."""
