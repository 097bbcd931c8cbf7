"""Imports and exports with outside channels."""
