"""Pages of the admin role."""
