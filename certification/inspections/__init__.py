"""Draws, findings and complaints about certified goods."""
