"""The yearly promise of a budget unit."""
