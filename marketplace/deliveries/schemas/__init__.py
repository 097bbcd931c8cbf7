"""Deliveries as JSON and on paper."""
