"""What can be done about organisations, by noun."""
