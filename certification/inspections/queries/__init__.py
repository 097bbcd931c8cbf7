"""What is asked of inspections."""
