"""Granting and changing certificates, and holding what may be sold under them."""
