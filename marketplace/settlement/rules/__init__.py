"""What is allowed with money, and how it is matched and spread."""
