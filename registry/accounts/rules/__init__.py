"""What is allowed to accounts, by noun."""
