"""Organisations, their supervising tree and their life time."""
