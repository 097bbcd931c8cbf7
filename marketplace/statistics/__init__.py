"""Indicators in which one sale counts once."""
