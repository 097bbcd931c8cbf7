"""Pages of the cooperative role."""
