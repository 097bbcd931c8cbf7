"""What can be done about accounts, by noun."""
