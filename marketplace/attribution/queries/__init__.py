"""What can be asked of attribution: the split of one order, and statements for a party."""
