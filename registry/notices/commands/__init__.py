"""What can be done about notices, by noun."""
