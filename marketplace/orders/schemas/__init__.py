"""Orders, their approvals and re-bindings as JSON."""
