"""Looking for flags, deciding on them, and the numbers they are measured by."""
