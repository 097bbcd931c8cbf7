"""What supervision decides, from values alone."""
