"""What the public and other systems may read."""
