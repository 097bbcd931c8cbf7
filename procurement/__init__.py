"""Who must buy how much."""
