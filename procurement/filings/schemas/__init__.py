"""Promises in JSON, and as sheets."""
