"""Pages of the village role."""
