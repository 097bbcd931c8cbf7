"""Pages of the public role."""
