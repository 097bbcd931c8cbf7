"""Certificates, their capacity and their public verification."""
