"""What is done in inspections."""
