"""Pages of the monitor role."""
