"""Signals over trade facts."""
