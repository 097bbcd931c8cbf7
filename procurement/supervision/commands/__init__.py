"""What supervision writes."""
