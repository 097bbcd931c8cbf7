"""Who is behind, and what is done about it."""
