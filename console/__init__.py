"""Pages for people, by role."""
