"""Certificates with their history, capacities, scope, terms and keys."""
