"""Pages of the reviewer role."""
