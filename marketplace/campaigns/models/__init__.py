"""Tables of purchases that are arranged for many, and of plots."""
