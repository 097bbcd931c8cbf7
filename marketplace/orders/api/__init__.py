"""Doors to orders, by what they are about."""
