"""Typed builders of rows for tests."""
