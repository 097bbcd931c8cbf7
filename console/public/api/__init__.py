"""Pages that anyone may open, and those to one's own account."""
