"""What can be done about regions, by noun."""
