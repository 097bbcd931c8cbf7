"""Pages of the canteen role."""
