"""What can be done with standing orders and campaigns."""
