"""Pages of a cooperative: its day, orders, lots, listings, certification, households' money."""
