"""Imports of lists: received, checked, previewed, and taken in whole or not at all."""
