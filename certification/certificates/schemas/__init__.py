"""Certificates in JSON, on paper, and as codes to scan."""
