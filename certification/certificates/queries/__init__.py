"""What is asked of certificates."""
