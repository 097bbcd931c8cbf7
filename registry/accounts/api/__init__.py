"""Doors to accounts: the administrators' and one's own."""
