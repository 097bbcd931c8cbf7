"""Which rules of the share hold, why, and what they demand and let count."""
